import { Type } from 'typebox'
import { UserError } from '../../base/errors.ts'
import { Choice, defineNode, type Message, MessageValue, Text } from '../define-node/index.ts'
import type { Turn } from './services.ts'
import { spanInWords, timeInWords, waitingStatus } from './words.ts'

/** Ten years: further away is a mistake in a unit. */
const LONGEST_MS = 3_660 * 86_400_000

export default defineNode({
  type: 'cw-wait-until',
  family: 'orchestration',
  label: 'wait until',
  summary: 'Holds a message until a time, or for a while; a restart does not forget it.',
  icon: 'wait-until',
  inputs: 1,
  outputs: ['due'],
  config: Type.Object({
    mode: Choice(['for', 'until', 'clock'], {
      title: 'Wait',
      labels: { for: 'for a while', until: 'until a date and time', clock: 'until the next time of day' },
      default: 'for',
    }),
    duration: MessageValue(Type.Number({ minimum: 0 }), {
      title: 'How long',
      unit: 's',
      help: 'A clock that is set does not change it.',
      default: { type: 'num', value: '60' },
      when: { field: 'mode', is: ['for'] },
    }),
    until: MessageValue(Type.Unknown(), {
      title: 'Date and time',
      help: 'ISO text (2026-11-30T06:00) or milliseconds since 1970. In the past: goes on at once.',
      default: { type: 'msg', value: 'due' },
      when: { field: 'mode', is: ['until'] },
    }),
    clock: Text({
      title: 'Time of day',
      help: 'Hours and minutes in the time of this server, as 06:00.',
      pattern: '^([01]?\\d|2[0-3]):[0-5]\\d$',
      default: '06:00',
      when: { field: 'mode', is: ['clock'] },
    }),
  }),
  setup(context) {
    const { mode, clock } = context.config
    const { steps } = context.services
    const release = (message: Message): Turn<null> => ({
      end: { outcome: 'done', text: 'it was time' },
      after: () => context.send(0, message),
    })
    const handle = steps.register<null>({
      nodeId: context.id,
      nodeType: context.type,
      name: context.name,
      onWake: (step) => release(step.message),
      onChange: (open) => context.status(waitingStatus(open)),
    })

    async function dueAt(message: Message): Promise<{ at: number; text: string; isElapsed: boolean }> {
      const now = Date.now()
      switch (mode) {
        case 'for': {
          const seconds = await context.value('duration', message)
          return { at: now + seconds * 1000, text: `for ${spanInWords(seconds)}`, isElapsed: true }
        }
        case 'until': {
          const at = timeOf(await context.value('until', message))
          return { at, text: `until ${timeInWords(at, now)}`, isElapsed: false }
        }
        case 'clock': {
          const at = nextTimeOfDay(clock, now)
          return { at, text: `until ${timeInWords(at, now)}`, isElapsed: false }
        }
      }
    }

    return {
      async input(message) {
        const { at, text, isElapsed } = await dueAt(message)
        const now = Date.now()
        if (at <= now) return context.send(0, message)
        if (at - now > LONGEST_MS)
          throw new UserError({ code: 'value-invalid', message: `Waiting until ${timeInWords(at)} is more than ten years: is it given in milliseconds?` })
        await handle.open({ message, kind: 'time', data: null, text, dueAt: Math.round(at), isElapsed })
      },
      close: () => handle.close(),
    }
  },
})

function timeOf(value: unknown): number {
  const at = typeof value === 'number' ? value : typeof value === 'string' ? Date.parse(value) : Number.NaN
  if (Number.isFinite(at)) return at
  throw new UserError({
    code: 'value-invalid',
    message: 'Date and time must be ISO text such as 2026-11-30T06:00, or milliseconds since 1970.',
  })
}

/** The next time it is that late, today or tomorrow. In the night when clocks go forward, a time that does not exist is an hour later. */
function nextTimeOfDay(clock: string, now: number): number {
  const [hours = 0, minutes = 0] = clock.split(':').map(Number)
  const at = new Date(now)
  at.setHours(hours, minutes, 0, 0)
  if (at.getTime() <= now) {
    at.setDate(at.getDate() + 1)
    at.setHours(hours, minutes, 0, 0)
  }
  return at.getTime()
}
