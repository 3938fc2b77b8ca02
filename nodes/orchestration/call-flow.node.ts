import { Type } from 'typebox'
import { defineNode, type Message, MessageValue, Quantity } from '../define-node/index.ts'
import { afterRestart, openScope, type ScopeData, sendFailed } from './scope.ts'
import type { Step, Turn } from './services.ts'
import { into } from './stack.ts'
import { spanInWords } from './words.ts'

interface Data extends ScopeData {
  flow: string
}

export default defineNode({
  type: 'cw-call-flow',
  family: 'orchestration',
  label: 'call flow',
  summary: 'Hands a message to another flow by its name and waits for its answer.',
  icon: 'call-flow',
  inputs: 1,
  outputs: ['answer', 'failed'],
  config: Type.Object({
    flow: MessageValue(Type.String({ minLength: 1, maxLength: 100 }), {
      title: 'Flow',
      help: 'The name of its "flow begin".',
      default: { type: 'str', value: '' },
    }),
    timeout: Quantity({ title: 'Answer within', unit: 's', help: '0 waits for ever.', minimum: 0, maximum: 31_536_000, default: 0 }),
    afterRestart: afterRestart('the call'),
  }),
  setup(context) {
    const { timeout } = context.config
    const { steps } = context.services
    const fail = (step: Step<Data>, outcome: 'failed' | 'timed-out', text: string): Turn<Data> => ({
      end: { outcome, text },
      after: () => sendFailed(context, 1, step.message, text, { flow: step.data.flow }),
    })
    const call = (step: Pick<Step<Data>, 'id'>, flow: string, message: Message) => {
      const inside = into(message, { id: step.id, nodeId: context.id, part: 0 })
      try {
        steps.callFlow(flow, inside)
      } catch (error) {
        steps.giveBack(inside, error instanceof Error ? error.message : String(error)).catch((later) => context.fail(later, message))
      }
    }
    const scope = openScope<Data>(context, {
      afterRestart: context.config.afterRestart,
      partInWords: (step) => `the call of "${step.data.flow}"`,
      back(step, { message, failure }) {
        if (failure !== undefined) return fail(step, 'failed', `"${step.data.flow}" failed: ${failure}`)
        return { end: { outcome: 'done', text: `"${step.data.flow}" answered` }, after: () => context.send(0, message) }
      },
      again: (step) => ({ data: { ...step.data, out: [0] }, isOut: true, after: () => call(step, step.data.flow, step.message) }),
      onWake: (step, wake) => (wake.kind === 'due' ? fail(step, 'timed-out', `"${step.data.flow}" did not answer within ${spanInWords(timeout)}`) : undefined),
      idle: 'no call under way',
    })
    return {
      async input(message) {
        if (await scope.takesBack(message)) return
        const flow = await context.value('flow', message)
        await scope.handle.open({
          message,
          kind: 'scope',
          data: { out: [0], flow },
          text: `the answer of "${flow}"`,
          isOut: true,
          ...(timeout ? { dueAt: Date.now() + timeout * 1000, isElapsed: true } : {}),
          after: (step) => call(step, flow, step.message),
        })
      },
      close: () => scope.close(),
    }
  },
})
