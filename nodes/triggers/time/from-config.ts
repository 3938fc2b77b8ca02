/** From what the nodes `cw-time-trigger` and `cw-calendar` are set to, to a schedule. The preview in the form uses the same. */
import type { Calendar } from './calendar.ts'
import type { Schedule } from './schedule.ts'

/** The settings of `cw-calendar`. */
export interface CalendarConfig {
  zone: string
  shifts: readonly { label: string; days: string; from: string; to: string }[]
  holidays: readonly { date: string; label?: string }[]
  exceptions: readonly { date: string; from?: string; to?: string; label?: string }[]
}

/** The settings of `cw-time-trigger` that make its times. */
export interface TimeConfig {
  schedule: ScheduleChoice
  pattern?: string
  every?: number
  unit?: 'seconds' | 'minutes' | 'hours' | 'days' | 'weeks'
  from?: string
  at?: string
  shift?: string
  offset?: number
  time?: string
  everyMinutes?: number
  only?: 'always' | 'working-time' | 'working-days'
  zone?: string
}

export const SCHEDULES = [
  'cron',
  'interval',
  'once',
  'shift-start',
  'shift-end',
  'working-time',
  'working-day',
  'first-working-day',
  'last-working-day',
] as const
export type ScheduleChoice = (typeof SCHEDULES)[number]

const named = (label: string | undefined) => (label === undefined || label === '' ? {} : { name: label })

export function calendarOf({ shifts, holidays, exceptions }: CalendarConfig): Calendar {
  return {
    shifts: shifts.map(({ label, days, from, to }) => ({ name: label, days, from, to })),
    holidays: holidays.map(({ date, label }) => ({ date, ...named(label) })),
    exceptions: exceptions.map(({ date, from, to, label }) => ({ date, ...(from ? { from } : {}), ...(to ? { to } : {}), ...named(label) })),
  }
}

/** @param calendar the works calendar that the node refers to */
export function scheduleOf(config: TimeConfig, calendar: CalendarConfig | undefined): Schedule {
  const { only } = config
  const canBeLimited = config.schedule === 'cron' || config.schedule === 'interval'
  return {
    zone: config.zone || calendar?.zone || '',
    ...(calendar ? { calendar: calendarOf(calendar) } : {}),
    ...(canBeLimited && only && only !== 'always' ? { only } : {}),
    when: whenOf(config),
  }
}

function whenOf({ schedule, pattern = '', every = 1, unit = 'minutes', from, at = '', shift, offset = 0, time, everyMinutes }: TimeConfig): Schedule['when'] {
  switch (schedule) {
    case 'cron':
      return { kind: 'cron', pattern }
    case 'interval':
      return { kind: 'interval', every, unit, ...(from ? { from: local(from) } : {}) }
    case 'once':
      return { kind: 'once', at: local(at) }
    case 'shift-start':
    case 'shift-end':
      return { kind: 'calendar', moment: schedule, offsetMin: offset, ...(shift ? { shift } : {}) }
    case 'working-time':
      return { kind: 'calendar', moment: schedule, offsetMin: 0, ...(everyMinutes ? { everyMin: everyMinutes } : {}) }
    case 'working-day':
    case 'first-working-day':
    case 'last-working-day':
      return { kind: 'calendar', moment: schedule, offsetMin: 0, ...(time ? { time } : {}) }
    default:
      return schedule satisfies never
  }
}

const local = (text: string): string => text.trim().replace(' ', 'T')

/** The setting that a problem of a schedule is about. */
export const settingOf = (field: string): string => ({ shifts: 'calendar', holidays: 'calendar', exceptions: 'calendar' })[field] ?? field
