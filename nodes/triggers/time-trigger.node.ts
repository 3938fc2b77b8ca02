import { DateTime } from 'luxon'
import { Type } from 'typebox'
import { Choice, ConfigNode, defineNode, MessageValue, Quantity, Text } from '../define-node/index.ts'
import calendar from './calendar.node.ts'
import { triggerMessage } from './message.ts'
import { type CalendarConfig, SCHEDULES, type ScheduleChoice, scheduleOf, settingOf, type TimeConfig } from './time/from-config.ts'
import { nextTime, type Schedule, scheduleProblems } from './time/schedule.ts'
import { zoneOf } from './time/zone.ts'

const LABELS: Record<ScheduleChoice, string> = {
  cron: 'by a cron pattern',
  interval: 'every so often',
  once: 'once',
  'shift-start': 'when a shift starts',
  'shift-end': 'when a shift ends',
  'working-time': 'every so many minutes while people work',
  'working-day': 'every working day',
  'first-working-day': 'first working day of the month',
  'last-working-day': 'last working day of the month',
}
const LIMITED = ['cron', 'interval'] as const
const ofShifts = { field: 'schedule', is: ['shift-start', 'shift-end'] }
const ofDays = { field: 'schedule', is: ['working-day', 'first-working-day', 'last-working-day'] }

/** A timer of Node holds 24.8 days. */
const LONGEST_TIMER_MS = 2 ** 31 - 1

export default defineNode({
  type: 'cw-time-trigger',
  family: 'triggers',
  label: 'time trigger',
  summary: 'Starts a flow by the clock: cron, interval, once, or by shifts and working days.',
  icon: 'time-trigger',
  inputs: 0,
  outputs: ['fired'],
  config: Type.Object({
    schedule: Choice(SCHEDULES, { title: 'When', labels: LABELS, default: 'cron' }),
    pattern: Type.Optional(
      Text({
        title: 'Cron pattern',
        help: 'minute hour day month weekday; with seconds in front if wanted. 0 6 * * MON-FRI is 06:00 from Monday to Friday.',
        placeholder: '0 6 * * MON-FRI',
        default: '0 6 * * MON-FRI',
        when: { field: 'schedule', is: ['cron'] },
      }),
    ),
    every: Type.Optional(Quantity({ title: 'Every', minimum: 0.001, maximum: 1_000_000, default: 15, when: { field: 'schedule', is: ['interval'] } })),
    unit: Choice(['seconds', 'minutes', 'hours', 'days', 'weeks'], {
      title: 'Unit',
      labels: { seconds: 'seconds', minutes: 'minutes', hours: 'hours', days: 'days', weeks: 'weeks' },
      default: 'minutes',
      when: { field: 'schedule', is: ['interval'] },
    }),
    from: Type.Optional(
      Text({
        title: 'Counted from',
        help: 'For example 2026-01-31 06:00. Empty: from midnight, so that 15 minutes are :00, :15, :30 and :45.',
        placeholder: '2026-01-31 06:00',
        when: { field: 'schedule', is: ['interval'] },
      }),
    ),
    at: Type.Optional(
      Text({ title: 'At', help: 'Date and time, for example 2026-01-31 06:00.', placeholder: '2026-01-31 06:00', when: { field: 'schedule', is: ['once'] } }),
    ),
    calendar: Type.Optional(
      ConfigNode(calendar, {
        title: 'Works calendar',
        help: 'Shifts and holidays.',
        when: { field: 'schedule', is: SCHEDULES.filter((one) => one !== 'once') },
      }),
    ),
    shift: Type.Optional(Text({ title: 'Only the shift', help: 'Its name in the calendar. Empty: every shift.', when: ofShifts })),
    offset: Quantity({ title: 'Offset', unit: 'min', help: 'After it; before it when negative.', minimum: -1440, maximum: 1440, default: 0, when: ofShifts }),
    time: Type.Optional(Text({ title: 'Time of day', placeholder: '06:00', default: '06:00', when: ofDays })),
    everyMinutes: Type.Optional(
      Quantity({
        title: 'Every',
        unit: 'min',
        help: 'Counted from the start of each shift.',
        minimum: 0.1,
        maximum: 1440,
        default: 60,
        when: { field: 'schedule', is: ['working-time'] },
      }),
    ),
    only: Choice(['always', 'working-time', 'working-days'], {
      title: 'Limit to',
      labels: { always: 'no limit', 'working-time': 'while people work (calendar)', 'working-days': 'working days (calendar)' },
      default: 'always',
      when: { field: 'schedule', is: LIMITED },
    }),
    zone: Type.Optional(
      Text({ title: 'Time zone', help: 'Empty: the one of the calendar, else of this server.', placeholder: 'Europe/Berlin', maxLength: 60 }),
    ),
    missed: Choice(['skip', 'once', 'all'], {
      title: 'Missed times',
      help: 'Times that passed while the server or the flows were not running.',
      labels: { skip: 'leave out', once: 'run once for all of them', all: 'run each of them (the newest 1000)' },
      default: 'skip',
    }),
    late: Quantity({ title: 'Counts as missed after', unit: 's', minimum: 1, maximum: 86_400, default: 30 }),
    overlap: Choice(['start', 'skip'], {
      title: 'While the run before is still at work',
      labels: { start: 'start another', skip: 'leave it out' },
      default: 'start',
    }),
    topic: Type.Optional(Text({ title: 'Topic' })),
    payload: MessageValue(Type.Unknown(), { title: 'Payload', default: { type: 'msg', value: 'trigger.dueAt' } }),
  }),
  check: (config) =>
    // what the calendar says is checked where it is set up; here only that there is one
    scheduleProblems(scheduleOf(config as TimeConfig, config.calendar === undefined ? undefined : EMPTY))
      .filter(({ field }) => field !== 'shift')
      .map(({ field, message }) => ({ path: `/${settingOf(field)}`, message })),
  setup(context) {
    const { config, services } = context
    const schedule = scheduleOf(config as TimeConfig, config.calendar === undefined ? undefined : (context.referenced('calendar') as CalendarConfig))
    let timer: NodeJS.Timeout | undefined
    let isOn = true

    const show = () => {
      clearTimeout(timer)
      const now = Date.now()
      const next = isOn ? nextTime(schedule, now) : undefined
      if (!isOn) context.status({ off: 'switched off' })
      else if (next === undefined) context.status({ off: 'no more times' })
      else {
        context.status({ waiting: `next ${inWords(next, now, schedule)}` })
        timer = setTimeout(show, Math.min(next - now + 50, LONGEST_TIMER_MS))
      }
    }
    show()
    const remove = services.triggers.register({
      face: {
        nodeId: context.id,
        kind: 'time',
        name: context.name,
        schedule,
        missed: config.missed,
        lateMs: config.late * 1000,
        overlap: config.overlap,
      },
      async onFire(firing) {
        const message = triggerMessage(firing, { topic: config.topic })
        context.send(0, { ...message, payload: await context.value('payload', message) })
      },
      onSwitch(next) {
        isOn = next
        show()
      },
    })
    return {
      close() {
        clearTimeout(timer)
        remove()
      },
    }
  },
})

const EMPTY: CalendarConfig = { zone: '', shifts: [], holidays: [], exceptions: [] }

function inWords(at: number, now: number, { zone }: Schedule): string {
  const time = DateTime.fromMillis(at, { zone: zoneOf(zone).name })
  const clock = time.toFormat(time.second ? 'HH:mm:ss' : 'HH:mm')
  return time.hasSame(DateTime.fromMillis(now, { zone: zoneOf(zone).name }), 'day') ? clock : `${time.toFormat('ccc yyyy-MM-dd')} ${clock}`
}
