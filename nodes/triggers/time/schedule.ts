/**
 * Schedules: a cron pattern, an interval, one moment, or times of a works calendar; each by the clocks of a time
 * zone, and if wanted only while people work. Pure: everything here is reckoned from what is given.
 */
import { type Static, Type } from 'typebox'
import { Calendar, isDate, isWorkingDay, isWorkingTime, minutesOf, nextWorkingDay, readDays, workAfter, workingDays } from './calendar.ts'
import { type Cron, nextOfCron, parseCron } from './cron.ts'
import { isZone, momentOf, wallAt, type Zone, zoneOf } from './zone.ts'

const closed = { additionalProperties: false }
/** `2026-12-24T06:00`, with seconds if wanted: by the clocks of the zone. */
const LOCAL = '^\\d{4}-\\d{2}-\\d{2}[T ]\\d{2}:\\d{2}(:\\d{2})?$'

const UNITS = ['seconds', 'minutes', 'hours', 'days', 'weeks'] as const
const MOMENTS = ['shift-start', 'shift-end', 'working-day', 'first-working-day', 'last-working-day', 'working-time'] as const
const ONLY = ['always', 'working-time', 'working-days'] as const

const When = Type.Union([
  Type.Object({ kind: Type.Literal('cron'), pattern: Type.String({ maxLength: 200 }) }, closed),
  Type.Object(
    {
      kind: Type.Literal('interval'),
      every: Type.Number({ exclusiveMinimum: 0 }),
      unit: Type.Enum([...UNITS]),
      /** Counted from here. @defaultValue midnight of 1 January 2000 */
      from: Type.Optional(Type.String({ pattern: LOCAL })),
    },
    closed,
  ),
  Type.Object({ kind: Type.Literal('once'), at: Type.String({ pattern: LOCAL }) }, closed),
  Type.Object(
    {
      kind: Type.Literal('calendar'),
      moment: Type.Enum([...MOMENTS]),
      /** Only this shift, for starts and ends. */
      shift: Type.Optional(Type.String({ maxLength: 40 })),
      /** Minutes after it, or before it when negative: for starts and ends of shifts. */
      offsetMin: Type.Number({ default: 0 }),
      /** `06:00`: for days. */
      time: Type.Optional(Type.String()),
      /** Minutes: for working time, from the start of each shift on. */
      everyMin: Type.Optional(Type.Number({ exclusiveMinimum: 0 })),
    },
    closed,
  ),
])
export const Schedule = Type.Object(
  { zone: Type.String({ maxLength: 60 }), calendar: Type.Optional(Calendar), only: Type.Optional(Type.Enum([...ONLY])), when: When },
  closed,
)
export type Schedule = Static<typeof Schedule>
type Interval = Extract<Schedule['when'], { kind: 'interval' }>
type OfCalendar = Extract<Schedule['when'], { kind: 'calendar' }>

const UNIT_MS: Record<Interval['unit'], number> = { seconds: 1000, minutes: 60_000, hours: 3_600_000, days: 86_400_000, weeks: 604_800_000 }
const DAY_MS = 86_400_000
const FAR_MS = 100 * 366 * DAY_MS
/** Times outside working hours that are passed over before a schedule counts as never. */
const MAX_PASSED_OVER = 20_000

/** The first moment after a moment; undefined: never again. @throws RangeError for a schedule that {@link scheduleProblems} would refuse */
export function nextTime(schedule: Schedule, after: number): number | undefined {
  const zone = zoneOf(schedule.zone)
  const { calendar, only = 'always' } = schedule
  let from = after
  for (let passed = 0; passed < MAX_PASSED_OVER; passed += 1) {
    const at = anyTime(schedule, zone, from)
    if (at === undefined || at - after > FAR_MS) return undefined
    if (!calendar || only === 'always') return at
    if (only === 'working-days') {
      if (isWorkingDay(calendar, zone, at)) return at
      const day = nextWorkingDay(calendar, zone, at)
      if (day === undefined) return undefined
      from = Math.max(at, day - 1)
    } else {
      if (isWorkingTime(calendar, zone, at)) return at
      const [stretch] = workAfter(calendar, zone, at)
      if (!stretch) return undefined
      from = Math.max(at, stretch.from - 1)
    }
  }
  return undefined
}

/** The next few moments after a moment. */
export function nextTimes(schedule: Schedule, after: number, count: number): number[] {
  const times: number[] = []
  for (let at: number | undefined = after; times.length < count; times.push(at)) {
    at = nextTime(schedule, at)
    if (at === undefined) break
  }
  return times
}

/** Windows that are looked at, from the end backwards, each much longer than the one before. */
const WINDOWS = [60_000, 3_600_000, DAY_MS, 7 * DAY_MS, 31 * DAY_MS, 366 * DAY_MS, 4 * 366 * DAY_MS]

/**
 * The newest moments after `after` and up to `until`, oldest first, at most `limit`; `isCut` when there are older ones.
 */
export function timesBetween(
  schedule: Schedule,
  { after, until, limit }: { after: number; until: number; limit: number },
): { times: number[]; isCut: boolean } {
  for (const window of [...WINDOWS, Number.POSITIVE_INFINITY]) {
    const from = Math.max(after, until - window)
    const times: number[] = []
    let count = 0
    for (let at = nextTime(schedule, from); at !== undefined && at <= until; at = nextTime(schedule, at)) {
      count += 1
      times.push(at)
      if (times.length > limit) times.shift()
    }
    if (from === after) return { times, isCut: count > limit }
    if (count > limit) return { times, isCut: true }
  }
  return { times: [], isCut: false }
}

function anyTime(schedule: Schedule, zone: Zone, after: number): number | undefined {
  const { when, calendar } = schedule
  switch (when.kind) {
    case 'cron':
      return nextOfCron(cronOf(when.pattern), zone, after)
    case 'interval':
      return nextOfInterval(when, zone, after)
    case 'once': {
      const at = momentOf(zone, wallOf(when.at))
      return at > after ? at : undefined
    }
    case 'calendar':
      return calendar && nextOfCalendar(when, calendar, zone, after)
    default:
      return when satisfies never
  }
}

const crons = new Map<string, Cron>()
function cronOf(pattern: string): Cron {
  let cron = crons.get(pattern)
  if (!cron) {
    cron = parseCron(pattern)
    if (crons.size > 5000) crons.clear()
    crons.set(pattern, cron)
  }
  return cron
}

/** A local time as it would be in UTC. */
const wallOf = (local: string): number => Date.parse(`${local.replace(' ', 'T').slice(0, 16)}:${local.slice(17, 19) || '00'}Z`)
const DEFAULT_FROM = '2000-01-01T00:00'

/** Seconds, minutes and hours are real time; days and weeks keep the time of day through the nights when clocks are shifted. */
function nextOfInterval({ every, unit, from = DEFAULT_FROM }: Interval, zone: Zone, after: number): number {
  const step = every * UNIT_MS[unit]
  const start = wallOf(from)
  if (unit !== 'days' && unit !== 'weeks') {
    const begin = momentOf(zone, start)
    return after < begin ? begin : begin + (Math.floor((after - begin) / step) + 1) * step
  }
  for (let count = Math.max(0, Math.floor((wallAt(zone, after) - start) / step)); ; count += 1) {
    const at = momentOf(zone, start + count * step)
    if (at > after) return at
  }
}

function nextOfCalendar(when: OfCalendar, calendar: Calendar, zone: Zone, after: number): number | undefined {
  switch (when.moment) {
    case 'shift-start':
    case 'shift-end': {
      const offset = when.offsetMin * 60_000
      const found: number[] = []
      for (const stretch of workAfter(calendar, zone, after - offset - 2 * DAY_MS)) {
        // begun later than the first that was found ends: nothing earlier can follow
        if (found[0] !== undefined && stretch.from + offset > found[0]) break
        if (when.shift && stretch.name !== when.shift) {
          if (stretch.from - after > FAR_MS) break
          continue
        }
        const at = (when.moment === 'shift-start' ? stretch.from : stretch.to) + offset
        if (at > after && (found[0] === undefined || at < found[0])) found[0] = at
      }
      return found[0]
    }
    case 'working-time':
      for (const { from, to } of workAfter(calendar, zone, after)) {
        const step = (when.everyMin ?? 60) * 60_000
        const at = after < from ? from : from + (Math.floor((after - from) / step) + 1) * step
        if (at < to) return at
      }
      return undefined
    case 'working-day':
    case 'first-working-day':
    case 'last-working-day': {
      const inDay = minutesOf(when.time ?? '00:00') * 60_000
      let month = monthOf(wallAt(zone, after))
      // from the first of the month on, to know which is the first and the last
      const begin = when.moment === 'working-day' ? after : momentOf(zone, firstOfMonth(wallAt(zone, after)))
      let last: number | undefined
      let isFirst = true
      for (const { day } of workingDays(calendar, zone, begin)) {
        const at = momentOf(zone, day + inDay)
        if (when.moment === 'working-day') {
          if (at > after) return at
          continue
        }
        if (monthOf(day) !== month) {
          if (when.moment === 'last-working-day' && last !== undefined && last > after) return last
          month = monthOf(day)
          isFirst = true
        }
        if (when.moment === 'first-working-day' && isFirst && at > after) return at
        isFirst = false
        last = at
      }
      return when.moment === 'last-working-day' && last !== undefined && last > after ? last : undefined
    }
    default:
      return when.moment satisfies never
  }
}

const monthOf = (wall: number): string => new Date(wall).toISOString().slice(0, 7)
const firstOfMonth = (wall: number): number => Date.parse(`${monthOf(wall)}-01T00:00:00Z`)

export interface ScheduleProblem {
  /** Which part of it, as the node's settings name it. */
  field: 'pattern' | 'every' | 'from' | 'at' | 'zone' | 'calendar' | 'shifts' | 'holidays' | 'exceptions' | 'time' | 'shift'
  message: string
}

/** The shortest interval and the shortest distance that a cron pattern can have. */
const SHORTEST_MS = 1000

/** What is wrong with a schedule, in words. Empty: {@link nextTime} does not throw. */
export function scheduleProblems(schedule: Schedule): ScheduleProblem[] {
  const { when, zone, calendar, only = 'always' } = schedule
  const problems: ScheduleProblem[] = []
  const say = (field: ScheduleProblem['field'], message: string) => void problems.push({ field, message })
  if (zone && !isZone(zone)) say('zone', `There is no time zone "${zone}": write for example Europe/Berlin.`)
  if (calendar) problems.push(...calendarProblems(calendar))
  if (only !== 'always' && !calendar) say('calendar', 'Choose a calendar: it says when people work.')
  switch (when.kind) {
    case 'cron':
      tryIt(
        () => parseCron(when.pattern),
        (message) => say('pattern', message),
      )
      break
    case 'interval':
      if (when.every * UNIT_MS[when.unit] < SHORTEST_MS) say('every', 'The shortest interval is one second.')
      if ((when.unit === 'days' || when.unit === 'weeks') && !Number.isInteger(when.every)) say('every', 'Days and weeks are whole numbers.')
      if (when.from !== undefined && !isLocal(when.from)) say('from', `"${when.from}" is not a time: write for example 2026-01-31 06:00.`)
      break
    case 'once':
      if (!isLocal(when.at)) say('at', `"${when.at}" is not a time: write for example 2026-01-31 06:00.`)
      break
    case 'calendar':
      if (!calendar) say('calendar', 'Choose a calendar: it says when people work.')
      else if (when.shift && !calendar.shifts.some(({ name }) => name === when.shift)) say('shift', `The calendar has no shift "${when.shift}".`)
      if (when.time !== undefined && !isTimeOfDay(when.time)) say('time', `"${when.time}" is not a time of day: write for example 06:00.`)
      break
    default:
      when satisfies never
  }
  return problems
}

/** What is wrong with a calendar, in words. */
export function calendarProblems({ shifts, holidays, exceptions }: Calendar): ScheduleProblem[] {
  const problems: ScheduleProblem[] = []
  shifts.forEach(({ days, from, to }, index) => {
    tryIt(
      () => readDays(days),
      (message) => problems.push({ field: 'shifts', message: `Shift ${index + 1}: ${message}` }),
    )
    if (!isTimeOfDay(from) || !isTimeOfDay(to)) problems.push({ field: 'shifts', message: `Shift ${index + 1}: write times as 06:00.` })
  })
  for (const [field, dates] of [
    ['holidays', holidays],
    ['exceptions', exceptions],
  ] as const)
    for (const { date } of dates) if (!isDate(date)) problems.push({ field, message: `"${date}" is not a date: write 2026-12-25, or 12-25 for every year.` })
  exceptions.forEach(({ from, to }, index) => {
    if (Boolean(from) !== Boolean(to))
      problems.push({ field: 'exceptions', message: `Exception ${index + 1}: give both times, or neither for a day without work.` })
    else if (from && to && !(isTimeOfDay(from) && isTimeOfDay(to)))
      problems.push({ field: 'exceptions', message: `Exception ${index + 1}: write times as 06:00.` })
  })
  return problems
}

const isTimeOfDay = (text: string): boolean => /^([01]\d|2[0-3]):[0-5]\d$/.test(text)
const isLocal = (text: string): boolean =>
  /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2})?$/.test(text) && isDate(text.slice(0, 10)) && isTimeOfDay(text.slice(11, 16)) && Number(text.slice(17, 19)) < 60

function tryIt(attempt: () => unknown, refused: (message: string) => void): void {
  try {
    attempt()
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    refused(error.message)
  }
}
