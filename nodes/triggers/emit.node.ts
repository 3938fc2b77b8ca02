import { Type } from 'typebox'
import { defineNode, Text } from '../define-node/index.ts'

export default defineNode({
  type: 'cw-emit',
  family: 'triggers',
  label: 'emit',
  summary: 'Tells of an event: every event trigger of that name starts its flow, in a run of its own.',
  icon: 'emit',
  inputs: 1,
  outputs: ['told'],
  labelFrom: 'event',
  config: Type.Object({
    event: Text({ title: 'Name of the event', help: 'Event triggers listen to it by this name.', minLength: 1, maxLength: 120, default: '' }),
  }),
  setup(context) {
    const { event } = context.config
    return {
      input(message) {
        // each listener gets a message of its own, in a run of its own
        const { _msgid, _run, ...rest } = message
        const count = context.services.triggers.emit(event, structuredCloneOr(rest))
        context.status(count ? { info: `${count} listened` } : { waiting: 'nobody listens' })
        context.send(0, message)
      },
    }
  },
})

/** What cannot be copied (a request that waits for its answer) goes along as it is. */
function structuredCloneOr(message: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(message).map(([key, value]) => {
      try {
        return [key, structuredClone(value)]
      } catch {
        // functions and sockets: DataCloneError
        return [key, value]
      }
    }),
  )
}
