import { Type } from 'typebox'
import { Choice, defineNode, MessageValue } from '../define-node/index.ts'

export default defineNode({
  type: 'cw-return',
  family: 'orchestration',
  label: 'return',
  summary: 'Ends a branch: gives its message back to the step around it (for each, parallel, try, lock, call flow, …).',
  icon: 'return',
  inputs: 1,
  outputs: [],
  config: Type.Object({
    as: Choice(['done', 'failed'], { title: 'The branch has', labels: { done: 'done its work', failed: 'failed' }, default: 'done' }),
    reason: Type.Optional(
      MessageValue(Type.String(), {
        title: 'Why it failed',
        help: 'Behind a Catch node: msg.error.message.',
        default: { type: 'msg', value: 'error.message' },
        when: { field: 'as', is: ['failed'] },
      }),
    ),
  }),
  setup(context) {
    return {
      async input(message) {
        const failure = context.config.as === 'failed' ? ((await context.value('reason', message)) ?? 'the flow said so') : undefined
        const isTaken = await context.services.steps.giveBack(message, failure)
        context.status(
          isTaken ? { info: failure === undefined ? 'gave back' : `gave back a failure: ${failure}` } : { info: 'the step had gone on without it' },
        )
      },
    }
  },
})
