import { Type } from 'typebox'
import { defineNode, type Message, MessageValue, Quantity } from '../define-node/index.ts'
import { afterRestart, openScope, type ScopeData, sendFailed } from './scope.ts'
import type { Step, Turn } from './services.ts'
import { spanInWords, timeInWords } from './words.ts'

interface Data extends ScopeData {
  /** Rounds begun. */
  round: number
}

export default defineNode({
  type: 'cw-loop',
  family: 'orchestration',
  label: 'loop',
  summary: 'Sends a message round and round as long as a condition holds, and never more often than you say.',
  icon: 'loop',
  inputs: 1,
  outputs: ['round', 'done', 'limit reached', 'failed'],
  config: Type.Object({
    again: MessageValue(Type.Boolean(), {
      title: 'Another round while',
      help: 'Read from the message that came back; true begins another round.',
      default: { type: 'msg', value: 'again' },
    }),
    most: Quantity({ title: 'Rounds at most', minimum: 1, maximum: 100_000, isWhole: true, default: 10 }),
    pause: Quantity({ title: 'Pause between', unit: 's', minimum: 0, maximum: 2_592_000, default: 0 }),
    timeout: Quantity({ title: 'A round may take', unit: 's', help: '0: as long as it likes.', minimum: 0, maximum: 2_592_000, default: 0 }),
    afterRestart: afterRestart('a round'),
  }),
  setup(context) {
    const { most, pause, timeout } = context.config
    const withRound = (message: Message, round: number): Message => ({ ...message, loop: { round, most } })
    const begin = (step: Step<Data>, message: Message, round: number): Turn<Data> => ({
      message,
      data: { out: [round], round },
      isOut: true,
      text: `round ${round} of at most ${most}`,
      dueAt: timeout ? Date.now() + timeout * 1000 : null,
      isElapsed: true,
      after: () => scope.give(step, 0, round, withRound(message, round)),
    })
    const fail = (step: Step<Data>, outcome: 'failed' | 'timed-out', text: string): Turn<Data> => ({
      end: { outcome, text },
      after: () => sendFailed(context, 3, withRound(step.message, step.data.round), text),
    })
    const scope = openScope<Data>(context, {
      afterRestart: context.config.afterRestart,
      partInWords: (_step, round) => `round ${round}`,
      async back(step, { part, message, failure }) {
        if (failure !== undefined) return fail(step, 'failed', `round ${part} failed: ${failure}`)
        let isAgain: boolean
        try {
          isAgain = await context.value('again', message)
        } catch (error) {
          return fail(step, 'failed', error instanceof Error ? error.message : String(error))
        }
        if (!isAgain) return { end: { outcome: 'done', text: `${part} rounds` }, after: () => context.send(1, withRound(message, part)) }
        if (part >= most) return { end: { outcome: 'done', text: `stopped after ${most} rounds` }, after: () => context.send(2, withRound(message, part)) }
        if (!pause) return begin(step, message, part + 1)
        const dueAt = Date.now() + pause * 1000
        return {
          message,
          data: { out: [], round: part },
          isOut: false,
          dueAt,
          isElapsed: true,
          text: `pauses before round ${part + 1} until ${timeInWords(dueAt)}`,
        }
      },
      again: (step, parts) => begin(step, step.message, parts[0] ?? 1),
      onWake(step, wake) {
        if (wake.kind !== 'due') return undefined
        if (!step.data.out.length) return begin(step, step.message, step.data.round + 1)
        return fail(step, 'timed-out', `round ${step.data.round} was not back within ${spanInWords(timeout)}`)
      },
    })
    return {
      async input(message) {
        if (await scope.takesBack(message)) return
        await scope.handle.open({
          message,
          kind: 'scope',
          data: { out: [1], round: 1 },
          text: `round 1 of at most ${most}`,
          isOut: true,
          ...(timeout ? { dueAt: Date.now() + timeout * 1000, isElapsed: true } : {}),
          after: (step) => scope.give(step, 0, 1, withRound(step.message, 1)),
        })
      },
      close: () => scope.close(),
    }
  },
})
