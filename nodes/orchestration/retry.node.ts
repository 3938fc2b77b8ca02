import { Type } from 'typebox'
import { defineNode, Quantity } from '../define-node/index.ts'
import { afterRestart, openScope, type ScopeData, sendFailed } from './scope.ts'
import type { Step, Turn } from './services.ts'
import { spanInWords, timeInWords } from './words.ts'

interface Data extends ScopeData {
  /** Tries begun. */
  attempt: number
  why?: string
}

export default defineNode({
  type: 'cw-retry',
  family: 'orchestration',
  label: 'retry',
  summary: 'Tries the nodes behind it again when they fail, with growing pauses, so many times at most.',
  icon: 'retry',
  inputs: 1,
  outputs: ['try', 'done', 'gave up'],
  config: Type.Object({
    attempts: Quantity({ title: 'Tries at most', minimum: 1, maximum: 1000, isWhole: true, default: 5 }),
    pause: Quantity({ title: 'First pause', unit: 's', minimum: 0, maximum: 86_400, default: 2 }),
    factor: Quantity({ title: 'Each pause longer by', help: '2: twice as long each time.', unit: '×', minimum: 1, maximum: 10, default: 2 }),
    longest: Quantity({ title: 'Longest pause', unit: 's', minimum: 0, maximum: 604_800, default: 300 }),
    timeout: Quantity({
      title: 'A try may take',
      unit: 's',
      help: '0: as long as it likes. Later it counts as failed.',
      minimum: 0,
      maximum: 2_592_000,
      default: 0,
    }),
    afterRestart: afterRestart('a try'),
  }),
  setup(context) {
    const { attempts, pause, factor, longest, timeout } = context.config
    const words = (attempt: number) => `try ${attempt} of ${attempts}`
    const begin = (step: Step<Data>, attempt: number): Turn<Data> => ({
      data: { ...step.data, out: [attempt], attempt },
      isOut: true,
      text: words(attempt),
      dueAt: timeout ? Date.now() + timeout * 1000 : null,
      isElapsed: true,
      after: () => scope.give(step, 0, attempt, { ...step.message, retry: { attempt, attempts } }),
    })
    const giveUp = (step: Step<Data>, why: string): Turn<Data> => {
      const text = `given up at ${words(step.data.attempt)}: ${why}`
      return { end: { outcome: 'failed', text }, after: () => sendFailed(context, 2, step.message, why, { attempt: step.data.attempt }) }
    }

    async function afterFailure(step: Step<Data>, why: string): Promise<Turn<Data>> {
      const { attempt } = step.data
      if (attempt >= attempts) return giveUp(step, why)
      const data: Data = { ...step.data, out: [], why }
      if (await context.services.steps.motionBehind(context.id))
        return {
          data,
          isOut: false,
          dueAt: null,
          text: `a person has to say whether ${words(attempt + 1)} is made: ${why}`,
          ask: {
            title: `${context.name}: try again?`,
            text: `${words(attempt)} failed: ${why}. A node behind this one acts on a machine, so nothing is repeated by itself. Look at the machine first.`,
            fields: [],
            choices: [
              { key: 'retry', label: 'Try again', kind: 'other' },
              { key: 'give-up', label: 'Give up', kind: 'no' },
            ],
            who: 'machines.operate',
          },
        }
      const dueAt = Date.now() + Math.min(pause * factor ** (attempt - 1), longest) * 1000
      return { data, isOut: false, dueAt: Math.round(dueAt), isElapsed: true, text: `${words(attempt + 1)} at ${timeInWords(dueAt)}, since: ${why}` }
    }

    const scope = openScope<Data>(context, {
      afterRestart: context.config.afterRestart,
      partInWords: (_step, attempt) => words(attempt),
      back(step, { part, message, failure }) {
        if (failure !== undefined) return afterFailure(step, failure)
        return { end: { outcome: 'done', text: `done at ${words(part)}` }, after: () => context.send(1, message) }
      },
      again: (step) => begin(step, step.data.attempt),
      // what may have been done already is not tried again by itself
      givenUp: (step, _parts, why) => giveUp(step, why),
      onWake(step, wake) {
        if (wake.kind === 'answer')
          return {
            ask: null,
            ...(wake.choice === 'retry' ? begin(step, step.data.attempt + 1) : giveUp(step, `${step.data.why ?? 'failed'}; given up by ${wake.by}`)),
          }
        if (wake.kind !== 'due') return undefined
        if (!step.data.out.length) return begin(step, step.data.attempt + 1)
        return afterFailure({ ...step, data: { ...step.data, out: [] } }, `not back within ${spanInWords(timeout)}`)
      },
    })
    return {
      async input(message) {
        if (await scope.takesBack(message)) return
        await scope.handle.open({
          message,
          kind: 'scope',
          data: { out: [1], attempt: 1 },
          text: words(1),
          isOut: true,
          ...(timeout ? { dueAt: Date.now() + timeout * 1000, isElapsed: true } : {}),
          after: (step) => scope.give(step, 0, 1, { ...step.message, retry: { attempt: 1, attempts } }),
        })
      },
      close: () => scope.close(),
    }
  },
})
