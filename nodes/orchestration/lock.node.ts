import { Type } from 'typebox'
import { defineNode, MessageValue, Quantity } from '../define-node/index.ts'
import { afterRestart, openScope, type ScopeData, sendFailed } from './scope.ts'
import type { Step, Turn } from './services.ts'
import { spanInWords, timeInWords } from './words.ts'

const [WITH_IT, RETURNED, FAILED, NOT_IN_TIME] = [0, 1, 2, 3]

interface Data extends ScopeData {
  name: string
  /** Of this holding: later ones have greater ones. */
  token?: number
}

export default defineNode({
  type: 'cw-lock',
  family: 'orchestration',
  label: 'lock',
  summary: 'Waits until a shared robot, fixture, tool or person is free, and keeps it for the nodes behind until they return.',
  icon: 'lock',
  inputs: 1,
  outputs: ['with it', 'returned', 'failed', 'not in time'],
  config: Type.Object({
    resource: MessageValue(Type.String({ minLength: 1, maxLength: 200 }), {
      title: 'Resource',
      help: 'The same name in any flow is the same thing.',
      default: { type: 'str', value: 'fixture 1' },
    }),
    waitAtMost: Quantity({ title: 'Wait at most', unit: 's', help: '0 waits for ever.', minimum: 0, maximum: 31_536_000, default: 0 }),
    lease: Quantity({
      title: 'Keep at most',
      unit: 's',
      help: 'Then the next one gets it, and this branch counts as failed. 0: until it returns.',
      minimum: 0,
      maximum: 31_536_000,
      default: 0,
    }),
    afterRestart: afterRestart('the branch'),
  }),
  setup(context) {
    const { waitAtMost, lease } = context.config
    const leave = (step: Step<Data>, output: number, outcome: 'failed' | 'timed-out', text: string): Turn<Data> => ({
      end: { outcome, text },
      after: () => sendFailed(context, output, step.message, text, { resource: step.data.name }),
    })
    const give = (step: Step<Data>, token: number): Turn<Data> => {
      const until = lease ? Date.now() + lease * 1000 : undefined
      return {
        data: { ...step.data, token, out: [token] },
        isOut: true,
        dueAt: until ?? null,
        isElapsed: true,
        text: `its branch to give "${step.data.name}" back${until === undefined ? '' : `, until ${timeInWords(until)} at most`}`,
        after: () => scope.give(step, WITH_IT, token, { ...step.message, lock: { resource: step.data.name, token } }),
      }
    }
    const scope = openScope<Data>(context, {
      afterRestart: context.config.afterRestart,
      partInWords: (step) => `the branch with "${step.data.name}"`,
      back(step, { message, failure }) {
        if (failure !== undefined) return leave(step, FAILED, 'failed', failure)
        const { lock: _lock, ...rest } = message
        return { end: { outcome: 'done', text: `gave "${step.data.name}" back` }, after: () => context.send(RETURNED, rest) }
      },
      again: (step, parts) => give(step, step.data.token ?? parts[0] ?? 0),
      onWake(step, wake) {
        if (wake.kind === 'granted') return give(step, wake.token)
        if (wake.kind !== 'due') return undefined
        if (step.data.out.length) return leave(step, FAILED, 'timed-out', `"${step.data.name}" was kept longer than ${spanInWords(lease)}: the next one has it`)
        return leave(step, NOT_IN_TIME, 'timed-out', `"${step.data.name}" was not free within ${spanInWords(waitAtMost)}`)
      },
    })
    return {
      async input(message) {
        if (await scope.takesBack(message)) return
        const name = await context.value('resource', message)
        await scope.handle.open({
          message,
          kind: 'lock',
          data: { name, out: [] },
          key: name,
          text: `"${name}" to be free`,
          ...(waitAtMost ? { dueAt: Date.now() + waitAtMost * 1000, isElapsed: true } : {}),
        })
      },
      close: () => scope.close(),
    }
  },
})
