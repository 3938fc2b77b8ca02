import { Type } from 'typebox'
import { defineNode, type Message, MessageValue, Quantity, Text } from '../define-node/index.ts'
import type { CellwrightServices } from '../services.ts'
import { failed } from './scope.ts'
import type { StepServices } from './services.ts'
import { spanInWords, waitingStatus } from './words.ts'

/** How a step names what it waits for; the gateway looks for just this (server/orchestration). */
const eventKey = (name: string, key?: string): string => (key === undefined ? `${name}\n` : `${name}\n${key}`)

export default defineNode({
  type: 'cw-wait-event',
  family: 'orchestration',
  label: 'wait for event',
  summary: 'Holds a message until an event happens: an "emit" of a flow, or a call of the API, with the right key.',
  icon: 'wait-event',
  inputs: 1,
  outputs: ['happened', 'timed out'],
  labelFrom: 'event',
  config: Type.Object({
    event: Text({ title: 'Event', help: 'As in "emit", or in POST /api/events/<name>.', minLength: 1, maxLength: 100, default: '' }),
    key: Type.Optional(
      MessageValue(Type.String({ maxLength: 200 }), {
        title: 'Only with the key',
        help: 'So that each message waits for its own event, e.g. by the number of its work order. Empty: any.',
        default: { type: 'msg', value: '' },
      }),
    ),
    timeout: Quantity({ title: 'At most', unit: 's', help: '0 waits for ever.', minimum: 0, maximum: 31_536_000, default: 0 }),
  }),
  setup(context) {
    const { event, timeout } = context.config
    const { steps } = context.services
    const stopListening = listen(context.services, event)
    const handle = steps.register<null>({
      nodeId: context.id,
      nodeType: context.type,
      name: context.name,
      onWake({ message }, wake) {
        if (wake.kind === 'event') {
          const { name, key, payload, at } = wake
          const happened = { name, at: new Date(at).toISOString(), ...(key === undefined ? {} : { key }), ...(payload === undefined ? {} : { payload }) }
          return { end: { outcome: 'done', text: `"${name}" happened` }, after: () => context.send(0, { ...message, event: happened }) }
        }
        if (wake.kind !== 'due') return undefined
        const text = `"${event}" did not happen within ${spanInWords(timeout)}`
        return { end: { outcome: 'timed-out', text }, after: () => context.send(1, failed(message, text, context)) }
      },
      onChange: (open) => context.status(waitingStatus(open)),
    })
    return {
      async input(message) {
        const key = await context.value('key', message)
        await handle.open({
          message,
          kind: 'event',
          data: null,
          key: eventKey(event, key),
          text: `event "${event}"${key === undefined ? '' : ` of ${key}`}`,
          ...(timeout ? { dueAt: Date.now() + timeout * 1000, isElapsed: true } : {}),
        })
      },
      close() {
        stopListening()
        handle.close()
      },
    }
  },
})

/** Several nodes wait for one event: an emit is told to the gateway once. */
const listening = new WeakMap<StepServices, Map<string, { count: number; remove: () => void }>>()

function listen(services: CellwrightServices, name: string): () => void {
  const { steps, triggers } = services
  const all = listening.get(steps) ?? new Map<string, { count: number; remove: () => void }>()
  listening.set(steps, all)
  const entry = all.get(name) ?? {
    count: 0,
    remove: triggers.onEmit(name, (message: Message) => {
      // repeated until the gateway has it
      void steps.raiseEvent({
        name,
        payload: message.payload,
        ...(typeof message.key === 'string' || typeof message.key === 'number' ? { key: String(message.key) } : {}),
      })
    }),
  }
  entry.count += 1
  all.set(name, entry)
  let isOver = false
  return () => {
    if (isOver) return
    isOver = true
    entry.count -= 1
    if (entry.count) return
    entry.remove()
    if (all.get(name) === entry) all.delete(name)
  }
}
