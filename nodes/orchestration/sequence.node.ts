import { Type } from 'typebox'
import { UserError } from '../../base/errors.ts'
import { defineNode, type Message, Quantity } from '../define-node/index.ts'
import { afterRestart, openScope, type ScopeData, sendFailed } from './scope.ts'
import type { Step, Turn } from './services.ts'
import { spanInWords } from './words.ts'

const STEPS = 6

interface Data extends ScopeData {
  /** The outputs that are wired, in order. */
  outputs: number[]
  at: number
}

export default defineNode({
  type: 'cw-sequence',
  family: 'orchestration',
  label: 'sequence',
  summary: 'Runs its branches one after the other: each begins when the one before is back.',
  icon: 'sequence',
  inputs: 1,
  outputs: ['step 1', 'step 2', 'step 3', 'step 4', 'step 5', 'step 6', 'done', 'failed'],
  config: Type.Object({
    timeout: Quantity({ title: 'A step may take', unit: 's', help: '0: as long as it likes.', minimum: 0, maximum: 31_536_000, default: 0 }),
    afterRestart: afterRestart('a step'),
  }),
  setup(context) {
    const { timeout } = context.config
    const nameOf = (data: Data, at: number) => `step ${(data.outputs[at] ?? 0) + 1} of ${data.outputs.length}`
    const fail = (step: Step<Data>, message: Message, outcome: 'failed' | 'timed-out', text: string): Turn<Data> => ({
      end: { outcome, text },
      after: () => sendFailed(context, STEPS + 1, { ...message, sequence: { step: (step.data.outputs[step.data.at] ?? 0) + 1 } }, text),
    })
    const begin = (step: Step<Data>, message: Message, at: number): Turn<Data> => {
      const data = { ...step.data, at, out: [at] }
      return {
        message,
        data,
        isOut: true,
        text: nameOf(data, at),
        dueAt: timeout ? Date.now() + timeout * 1000 : null,
        isElapsed: true,
        after: () => scope.give(step, data.outputs[at] ?? 0, at, message),
      }
    }
    const scope = openScope<Data>(context, {
      afterRestart: context.config.afterRestart,
      partInWords: (step, at) => nameOf(step.data, at),
      back(step, { part, message, failure }) {
        if (failure !== undefined) return fail(step, step.message, 'failed', `${nameOf(step.data, part)} failed: ${failure}`)
        if (part + 1 < step.data.outputs.length) return begin(step, message, part + 1)
        return { end: { outcome: 'done', text: `${step.data.outputs.length} steps done` }, after: () => context.send(STEPS, message) }
      },
      again: (step, parts) => begin(step, step.message, parts[0] ?? step.data.at),
      onWake: (step, wake) =>
        wake.kind === 'due'
          ? fail(step, step.message, 'timed-out', `${nameOf(step.data, step.data.at)} was not back within ${spanInWords(timeout)}`)
          : undefined,
    })
    return {
      async input(message) {
        if (await scope.takesBack(message)) return
        const outputs = [...Array(STEPS).keys()].filter((output) => context.hasOutputWire(output))
        if (!outputs.length) throw new UserError({ code: 'not-wired', message: 'Nothing is wired to the steps of this node.' })
        const data: Data = { outputs, at: 0, out: [0] }
        await scope.handle.open({
          message,
          kind: 'scope',
          data,
          text: nameOf(data, 0),
          isOut: true,
          ...(timeout ? { dueAt: Date.now() + timeout * 1000, isElapsed: true } : {}),
          after: (step) => scope.give(step, outputs[0] ?? 0, 0, step.message),
        })
      },
      close: () => scope.close(),
    }
  },
})
