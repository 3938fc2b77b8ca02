import { Type } from 'typebox'
import { UserError } from '../../base/errors.ts'
import { Choice, defineNode, type Message, Quantity } from '../define-node/index.ts'
import { afterRestart, openScope, type ScopeData, sendFailed } from './scope.ts'
import type { Step, Turn } from './services.ts'
import { spanInWords } from './words.ts'

const BRANCHES = 4

interface Data extends ScopeData {
  /** Every branch that was begun; counted from 0, as the outputs. */
  branches: number[]
  results: Record<number, unknown>
  failures: Record<number, string>
}

export default defineNode({
  type: 'cw-parallel',
  family: 'orchestration',
  label: 'parallel',
  summary: 'Sends a message down several branches at once and joins them again: all, the first, or so many.',
  icon: 'parallel',
  inputs: 1,
  outputs: ['branch 1', 'branch 2', 'branch 3', 'branch 4', 'joined', 'not joined'],
  config: Type.Object({
    join: Choice(['all', 'any', 'some'], {
      title: 'Join when',
      labels: { all: 'all branches are back', any: 'the first branch is back', some: 'so many branches are back' },
      default: 'all',
    }),
    count: Quantity({ title: 'How many', minimum: 1, maximum: BRANCHES, isWhole: true, default: 2, when: { field: 'join', is: ['some'] } }),
    timeout: Quantity({ title: 'At most', unit: 's', help: '0 waits for ever.', minimum: 0, maximum: 31_536_000, default: 0 }),
    afterRestart: afterRestart('a branch'),
  }),
  setup(context) {
    const { join, count, timeout } = context.config
    const wantedOf = ({ branches }: Data) => (join === 'all' ? branches.length : join === 'any' ? 1 : Math.min(count, branches.length))

    const gathered = (step: Step<Data>): Message => ({
      ...step.message,
      payload: step.data.branches.map((branch) => step.data.results[branch] ?? null),
      branches: step.data.branches.map((branch) => ({
        branch: branch + 1,
        ...(branch in step.data.results ? { payload: step.data.results[branch] } : {}),
        ...(branch in step.data.failures ? { failure: step.data.failures[branch] } : {}),
      })),
    })
    const giveUp = (step: Step<Data>, outcome: 'failed' | 'timed-out', text: string): Turn<Data> => ({
      data: step.data,
      end: { outcome, text },
      after: () => sendFailed(context, BRANCHES + 1, gathered(step), text),
    })
    const inWords = (data: Data) => {
      const wanted = wantedOf(data)
      const back = Object.keys(data.results).length
      return `${back} of ${wanted} branch${wanted > 1 ? 'es' : ''} back, out: ${data.out.map((branch) => branch + 1).join(', ') || 'none'}`
    }

    function judge(step: Step<Data>): Turn<Data> {
      const { data } = step
      const wanted = wantedOf(data)
      const back = Object.keys(data.results).length
      if (back >= wanted)
        return {
          data,
          end: { outcome: 'done', text: `${back} of ${data.branches.length} branches joined` },
          after: () => context.send(BRANCHES, gathered(step)),
        }
      if (back + data.out.length < wanted) {
        const why = Object.entries(data.failures).map(([branch, text]) => `branch ${Number(branch) + 1}: ${text}`)
        return giveUp(step, 'failed', why.join('; ') || 'too few branches came back')
      }
      return { data, isOut: data.out.length > 0, text: inWords(data) }
    }

    const scope = openScope<Data>(context, {
      afterRestart: context.config.afterRestart,
      partInWords: (_step, branch) => `branch ${branch + 1}`,
      back(step, { part, message, failure }) {
        const { data } = step
        if (failure !== undefined) return judge({ ...step, data: { ...data, failures: { ...data.failures, [part]: failure } } })
        return judge({ ...step, data: { ...data, results: { ...data.results, [part]: message.payload ?? null } } })
      },
      again: (step, parts) => ({
        data: step.data,
        isOut: true,
        text: inWords(step.data),
        after() {
          for (const branch of parts) scope.give(step, branch, branch, step.message)
        },
      }),
      givenUp: (step, parts, why) =>
        judge({ ...step, data: { ...step.data, failures: { ...step.data.failures, ...Object.fromEntries(parts.map((branch) => [branch, why])) } } }),
      onWake: (step, wake) => (wake.kind === 'due' ? giveUp(step, 'timed-out', `not joined within ${spanInWords(timeout)}: ${inWords(step.data)}`) : undefined),
    })

    return {
      async input(message) {
        if (await scope.takesBack(message)) return
        const branches = [...Array(BRANCHES).keys()].filter((branch) => context.hasOutputWire(branch))
        if (!branches.length) throw new UserError({ code: 'not-wired', message: 'Nothing is wired to the branches of this node.' })
        const data: Data = { branches, out: branches, results: {}, failures: {} }
        await scope.handle.open({
          message,
          kind: 'scope',
          data,
          text: inWords(data),
          isOut: true,
          ...(timeout ? { dueAt: Date.now() + timeout * 1000, isElapsed: true } : {}),
          after(step) {
            for (const branch of branches) scope.give(step, branch, branch, step.message)
          },
        })
      },
      close: () => scope.close(),
    }
  },
})
