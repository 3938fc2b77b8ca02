import { Type } from 'typebox'
import { defineNode, type Message } from '../define-node/index.ts'

/** How the `cw-try` around finds the node again. */
export const undoFlow = (nodeId: string): string => `undo\n${nodeId}`

export default defineNode({
  type: 'cw-undo',
  family: 'orchestration',
  label: 'undo',
  summary: 'Remembers how to undo what was just done: when the "try" around it fails later, the message comes out of "undo".',
  icon: 'undo',
  inputs: 1,
  outputs: ['go on', 'undo'],
  config: Type.Object({}),
  setup(context) {
    const remove = context.services.steps.registerFlow({
      nodeId: context.id,
      name: undoFlow(context.id),
      onCall(message) {
        context.status({ info: 'undoing' })
        context.send(1, message as Message)
      },
    })
    return {
      async input(message) {
        const isNoted = await context.services.steps.canUndo(message, context.id)
        context.status({ info: isNoted ? 'can undo' : 'the "try" had ended' })
        if (isNoted) context.send(0, message)
      },
      close: () => remove(),
    }
  },
})
