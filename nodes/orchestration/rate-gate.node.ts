import { Type } from 'typebox'
import { Choice, defineNode, Quantity, Text } from '../define-node/index.ts'
import { failed } from './scope.ts'
import { spanInWords, timeInWords, waitingStatus } from './words.ts'

export default defineNode({
  type: 'cw-rate-gate',
  family: 'orchestration',
  label: 'rate gate',
  summary: 'Lets so many messages through in a period, in order; the others wait, or go another way.',
  icon: 'rate-gate',
  inputs: 1,
  outputs: ['passes', 'too many'],
  config: Type.Object({
    count: Quantity({ title: 'Messages', minimum: 1, maximum: 1000, isWhole: true, default: 10 }),
    period: Quantity({ title: 'In a period of', unit: 's', minimum: 0.1, maximum: 2_592_000, default: 60 }),
    whenFull: Choice(['wait', 'turn-away'], {
      title: 'Beyond that',
      labels: { wait: 'wait for their turn', 'turn-away': 'go out at "too many"' },
      default: 'wait',
    }),
    waitAtMost: Quantity({
      title: 'Wait at most',
      unit: 's',
      help: 'Those that would wait longer go out at "too many" at once. 0: as long as it takes.',
      minimum: 0,
      maximum: 31_536_000,
      default: 0,
      when: { field: 'whenFull', is: ['wait'] },
    }),
    shared: Text({ title: 'Shared as', help: 'Gates of one name, in any flow, count together. Empty: this node alone.', maxLength: 100, default: '' }),
  }),
  setup(context) {
    const { count, period, whenFull, waitAtMost, shared } = context.config
    const { steps } = context.services
    const limit = `${count} in ${spanInWords(period)}`
    const handle = steps.register<null>({
      nodeId: context.id,
      nodeType: context.type,
      name: context.name,
      onWake: ({ message }) => ({ end: { outcome: 'done', text: 'passed' }, after: () => context.send(0, message) }),
      onChange: (open) => context.status(waitingStatus(open, { info: `${limit}: nothing waits` })),
    })
    const withinMs = whenFull === 'turn-away' ? 0 : waitAtMost ? Math.round(waitAtMost * 1000) : undefined
    return {
      async input(message) {
        const at = await steps.rateSlot({
          name: shared ? `shared:${shared}` : `node:${context.id}`,
          count,
          periodMs: Math.round(period * 1000),
          ...(withinMs === undefined ? {} : { withinMs }),
        })
        if (at === undefined) return context.send(1, failed(message, `more than ${limit}`, context))
        if (at <= Date.now()) return context.send(0, message)
        await handle.open({ message, kind: 'time', data: null, text: `its turn at ${timeInWords(at)} (${limit})`, dueAt: at, isElapsed: true })
      },
      close: () => handle.close(),
    }
  },
})
