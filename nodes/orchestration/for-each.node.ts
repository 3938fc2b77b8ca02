import { Type } from 'typebox'
import { UserError } from '../../base/errors.ts'
import { Choice, defineNode, type Message, MessageValue, Quantity } from '../define-node/index.ts'
import { afterRestart, openScope, type ScopeData, sendFailed } from './scope.ts'
import type { Step, Turn } from './services.ts'
import { timeInWords } from './words.ts'

const MOST_ITEMS = 10_000

interface Data extends ScopeData {
  items: unknown[]
  /** The next one to give out. */
  next: number
  /** What came back, by item. */
  results: unknown[]
  failures: { index: number; text: string }[]
  /** When each that is out was given, epoch ms. */
  since: Record<number, number>
}

export default defineNode({
  type: 'cw-for-each',
  family: 'orchestration',
  label: 'for each',
  summary: 'Sends each item of a list through the nodes behind it, one or several at a time, and collects what comes back.',
  icon: 'for-each',
  inputs: 1,
  outputs: ['each item', 'all done', 'failed'],
  config: Type.Object({
    list: MessageValue(Type.Array(Type.Unknown(), { maxItems: MOST_ITEMS }), { title: 'List', default: { type: 'msg', value: 'payload' } }),
    concurrency: Quantity({
      title: 'At a time',
      help: '1: the next item begins when the one before is back.',
      minimum: 1,
      maximum: 50,
      isWhole: true,
      default: 1,
    }),
    onFailure: Choice(['stop', 'go-on'], {
      title: 'When an item fails',
      labels: { stop: 'begin no more, and fail', 'go-on': 'go on with the others' },
      default: 'stop',
    }),
    timeout: Quantity({
      title: 'An item may take',
      unit: 's',
      help: '0: as long as it likes. Later it counts as failed.',
      minimum: 0,
      maximum: 2_592_000,
      default: 0,
    }),
    afterRestart: afterRestart('an item'),
  }),
  setup(context) {
    const { concurrency, onFailure, timeout } = context.config
    const itemOf = (message: Message, data: Data, index: number): Message => ({
      ...message,
      payload: data.items[index],
      each: { index, number: index + 1, count: data.items.length },
    })

    /** Gives out what may be, or ends. */
    function onward(step: Step<Data>, more: readonly number[] = []): Turn<Data> {
      const data = { ...step.data, since: { ...step.data.since } }
      const last = data.failures.at(-1)
      if (last && onFailure === 'stop') {
        const text = `item ${last.index + 1} of ${data.items.length} failed: ${last.text}`
        const message = { ...step.message, payload: data.results, failures: data.failures }
        return { data, end: { outcome: 'failed', text }, after: () => sendFailed(context, 2, message, text, { index: last.index }) }
      }
      const give = [...more]
      while (data.out.length + give.length < concurrency && data.next < data.items.length) give.push(data.next++)
      const now = Date.now()
      for (const index of give) data.since[index] = now
      data.out = [...data.out, ...give]
      if (!data.out.length) {
        const text = data.failures.length ? `${data.items.length} items, ${data.failures.length} failed` : `${data.items.length} items done`
        const message = { ...step.message, payload: data.results, failures: data.failures }
        return { data, end: { outcome: 'done', text }, after: () => context.send(1, message) }
      }
      for (const key of Object.keys(data.since)) if (!data.out.includes(Number(key))) delete data.since[Number(key)]
      return {
        data,
        isOut: true,
        text: inWords(data),
        dueAt: timeout ? Math.min(...Object.values(data.since)) + timeout * 1000 : null,
        isElapsed: true,
        after() {
          for (const index of give) scope.give(step, 0, index, itemOf(step.message, data, index))
        },
      }
    }

    const inWords = ({ items, out }: Data) =>
      `item${out.length > 1 ? 's' : ''} ${out
        .slice(0, 5)
        .map((index) => index + 1)
        .join(', ')}${out.length > 5 ? ', …' : ''} of ${items.length}`
    const miss = (data: Data, indices: readonly number[], text: string): Data => ({
      ...data,
      out: data.out.filter((index) => !indices.includes(index)),
      failures: [...data.failures, ...indices.map((index) => ({ index, text }))],
      results: data.results.map((result, index) => (indices.includes(index) ? null : result)),
    })

    const scope = openScope<Data>(context, {
      afterRestart: context.config.afterRestart,
      partInWords: (step, index) => `item ${index + 1} of ${step.data.items.length}`,
      back(step, { part, message, failure }) {
        if (failure !== undefined) return onward({ ...step, data: miss(step.data, [part], failure) })
        const results = [...step.data.results]
        results[part] = message.payload ?? null
        return onward({ ...step, data: { ...step.data, results } })
      },
      again: (step, parts) => onward({ ...step, data: { ...step.data, out: step.data.out.filter((index) => !parts.includes(index)) } }, parts),
      givenUp: (step, parts, why) => onward({ ...step, data: miss(step.data, parts, why) }),
      onWake(step, wake) {
        if (wake.kind !== 'due') return undefined
        const overdue = step.data.out.filter((index) => (step.data.since[index] ?? 0) + timeout * 1000 <= (step.dueAt ?? 0))
        // a clock that was set back moved the due time with it
        const late = overdue.length ? overdue : step.data.out.slice(0, 1)
        const began = step.data.since[late[0] ?? -1]
        return onward({ ...step, data: miss(step.data, late, `not back within ${timeout} s (begun ${began === undefined ? 'earlier' : timeInWords(began)})`) })
      },
    })

    return {
      async input(message) {
        if (await scope.takesBack(message)) return
        const items = await context.value('list', message)
        if (items.length > MOST_ITEMS) throw new UserError({ code: 'value-invalid', message: `The list has ${items.length} items, ${MOST_ITEMS} is the most.` })
        const { payload, ...rest } = message
        // the list is kept once: as items
        const base: Message = items === payload ? rest : message
        if (!items.length) return context.send(1, { ...message, payload: [], failures: [] })
        const give = [...Array(Math.min(concurrency, items.length)).keys()]
        const now = Date.now()
        const data: Data = {
          items,
          next: give.length,
          out: give,
          results: items.map(() => null),
          failures: [],
          since: Object.fromEntries(give.map((index) => [index, now])),
        }
        await scope.handle.open({
          message: base,
          kind: 'scope',
          data,
          text: inWords(data),
          isOut: true,
          ...(timeout ? { dueAt: now + timeout * 1000, isElapsed: true } : {}),
          after(step) {
            for (const index of give) scope.give(step, 0, index, itemOf(step.message, step.data, index))
          },
        })
      },
      close: () => scope.close(),
    }
  },
})
