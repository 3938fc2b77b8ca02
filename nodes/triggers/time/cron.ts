/**
 * Cron patterns: five fields (minute, hour, day of month, month, day of week), or six with seconds in front. Names
 * (`MON`, `JAN`), lists, ranges, steps, `L` (last day of the month), `5L` (last Friday), `MON#1` (first Monday) and
 * `@hourly` and its like are understood. Day of month and day of week both given: either of them counts, as in
 * Vixie cron (crontab(5)).
 */
import { momentOf, nextShift, wallAt, type Zone } from './zone.ts'

export interface Cron {
  seconds: readonly number[]
  minutes: readonly number[]
  hours: readonly number[]
  months: ReadonlySet<number>
  days: Days
  /** The hour is `*` or a step of it: then it follows real time through the nights when clocks are shifted. */
  isEveryHour: boolean
}

interface Days {
  ofMonth: ReadonlySet<number> | undefined
  isLastOfMonth: boolean
  ofWeek: ReadonlySet<number> | undefined
  /** Weekday and which one in the month; 0: the last. */
  nth: readonly { day: number; nth: number }[]
}

const MONTHS = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC']
const WEEKDAYS = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT']
const MACROS: Readonly<Record<string, string>> = {
  '@yearly': '0 0 1 1 *',
  '@annually': '0 0 1 1 *',
  '@monthly': '0 0 1 * *',
  '@weekly': '0 0 * * 0',
  '@daily': '0 0 * * *',
  '@midnight': '0 0 * * *',
  '@hourly': '0 * * * *',
}

interface Range {
  name: string
  min: number
  max: number
  names?: readonly string[]
}
const SECOND: Range = { name: 'The second', min: 0, max: 59 }
const MINUTE: Range = { name: 'The minute', min: 0, max: 59 }
const HOUR: Range = { name: 'The hour', min: 0, max: 23 }
const DAY: Range = { name: 'The day of the month', min: 1, max: 31 }
const MONTH: Range = { name: 'The month', min: 1, max: 12, names: MONTHS }
const WEEKDAY: Range = { name: 'The day of the week', min: 0, max: 7, names: WEEKDAYS }

/** @throws RangeError saying which field is wrong and what it may be */
export function parseCron(pattern: string): Cron {
  const text = MACROS[pattern.trim().toLowerCase()] ?? pattern.trim()
  const fields = text.split(/\s+/)
  if (fields.length !== 5 && fields.length !== 6)
    throw new RangeError(`A cron pattern has 5 fields (minute hour day month weekday), or 6 with seconds in front; this one has ${text ? fields.length : 0}.`)
  const [second = '0', minute = '', hour = '', day = '', month = '', weekday = ''] = fields.length === 6 ? fields : ['0', ...fields]
  return {
    seconds: sorted(numbers(second, SECOND)),
    minutes: sorted(numbers(minute, MINUTE)),
    hours: sorted(numbers(hour, HOUR)),
    months: numbers(month, MONTH),
    days: parseDays(day.toUpperCase(), weekday.toUpperCase()),
    isEveryHour: hour.startsWith('*'),
  }
}

function parseDays(day: string, weekday: string): Days {
  const isAnyDay = day === '*' || day === '?'
  const isAnyWeekday = weekday === '*' || weekday === '?'
  const plainDays = day.split(',').filter((part) => part !== 'L')
  const nth: { day: number; nth: number }[] = []
  const plainWeekdays = weekday.split(',').filter((part) => {
    const last = /^([0-7]|[A-Z]{3})L$/.exec(part)
    const counted = /^([0-7]|[A-Z]{3})#([1-5])$/.exec(part)
    const found = last ?? counted
    if (!found) return true
    nth.push({ day: number(found[1] ?? '', WEEKDAY) % 7, nth: counted ? Number(counted[2]) : 0 })
    return false
  })
  return {
    ofMonth: isAnyDay ? undefined : plainDays.length ? numbers(plainDays.join(','), DAY) : new Set(),
    isLastOfMonth: day.split(',').includes('L'),
    ofWeek: isAnyWeekday ? undefined : plainWeekdays.length ? new Set([...numbers(plainWeekdays.join(','), WEEKDAY)].map((at) => at % 7)) : new Set(),
    nth,
  }
}

const sorted = (set: ReadonlySet<number>): number[] => [...set].sort((a, b) => a - b)

function number(text: string, { name, min, max, names }: Range): number {
  const named = names?.indexOf(text.toUpperCase()) ?? -1
  if (named >= 0) return named + min
  const value = /^\d{1,3}$/.test(text) ? Number(text) : Number.NaN
  if (Number.isNaN(value) || value < min || value > max)
    throw new RangeError(`${name} is "${text}"; it may be ${min} to ${max}${names ? ` or ${names[0]} to ${names.at(-1)}` : ''}, or *.`)
  return value
}

function numbers(field: string, range: Range): Set<number> {
  const found = new Set<number>()
  for (const part of field.split(',')) {
    const [span = '', step, ...more] = part.split('/')
    const by = step === undefined ? 1 : /^\d{1,3}$/.test(step) ? Number(step) : 0
    if (by < 1 || more.length) throw new RangeError(`${range.name} is "${part}"; behind the / stands one whole number, 1 or more.`)
    const [first = '', last, ...rest] = span.split('-')
    if (rest.length) throw new RangeError(`${range.name} is "${part}"; a range is two values with one - between them.`)
    const isAll = span === '*' || span === '?'
    const from = isAll ? range.min : number(first, range)
    const end = isAll ? range.max : last !== undefined ? number(last, range) : step === undefined ? from : range.max
    // FRI-SUN: Sunday is 0 and 7
    const to = range === WEEKDAY && from > 0 && end === 0 ? 7 : end
    if (to < from) throw new RangeError(`${range.name} is "${part}"; the range ends before it begins.`)
    for (let at = from; at <= to; at += by) found.add(at)
  }
  return found
}

const DAY_MS = 86_400_000
/** Feb 29 on a given weekday comes back after 40 years at the latest (1900 and 2100 have none). */
const MAX_DAYS = 366 * 41

/** The first time of the pattern after a wall time, in days without shifted clocks. Undefined: never. */
function nextWall(cron: Cron, after: number): number | undefined {
  const from = after + 1
  let day = Math.floor(from / DAY_MS) * DAY_MS
  for (let count = 0; count < MAX_DAYS; count += 1, day += DAY_MS) {
    if (!isDay(cron, day)) continue
    const inDay = timeInDay(cron, day < from ? from - day : 0)
    if (inDay !== undefined) return day + inDay
  }
  return undefined
}

function isDay({ months, days }: Cron, day: number): boolean {
  const date = new Date(day)
  if (!months.has(date.getUTCMonth() + 1)) return false
  const { ofMonth, isLastOfMonth, ofWeek, nth } = days
  if (ofMonth === undefined && ofWeek === undefined) return true
  const ofDate = date.getUTCDate()
  const isLast = () => new Date(day + DAY_MS).getUTCDate() === 1
  const weekday = date.getUTCDay()
  const isOfMonth = ofMonth !== undefined && (ofMonth.has(ofDate) || (isLastOfMonth && isLast()))
  const isOfWeek =
    ofWeek !== undefined &&
    (ofWeek.has(weekday) ||
      nth.some((one) => one.day === weekday && (one.nth ? Math.ceil(ofDate / 7) === one.nth : new Date(day + 7 * DAY_MS).getUTCDate() <= 7)))
  return isOfMonth || isOfWeek
}

/** The first time of a day at or after so many milliseconds of it. */
function timeInDay({ hours, minutes, seconds }: Cron, from: number): number | undefined {
  const second = Math.ceil(from / 1000)
  for (const hour of hours) {
    if (hour * 3600 + 3599 < second) continue
    for (const minute of minutes) {
      const start = hour * 3600 + minute * 60
      if (start + 59 < second) continue
      const found = seconds.find((one) => start + one >= second)
      if (found !== undefined) return (start + found) * 1000
    }
  }
  return undefined
}

/**
 * The first moment of the pattern after a moment, by the clocks of a zone. An hour that is named (`30 2 * * *`) keeps
 * the rule of zone.ts: once on every day. Every hour (`30 * * * *`) follows real time: a missing hour is left out,
 * one that comes twice counts twice.
 */
export function nextOfCron(cron: Cron, zone: Zone, after: number): number | undefined {
  if (cron.isEveryHour) return nextInRealTime(cron, zone, after)
  for (let wall = wallAt(zone, after); ; ) {
    const next = nextWall(cron, wall)
    if (next === undefined) return undefined
    const at = momentOf(zone, next)
    if (at > after) return at
    wall = next
  }
}

function nextInRealTime(cron: Cron, zone: Zone, after: number): number | undefined {
  for (let from = after; ; ) {
    const offset = zone.offsetAt(from)
    const next = nextWall(cron, from + offset)
    if (next === undefined) return undefined
    const at = next - offset
    // day by day: a shift and its counterpart half a year later must not cancel out
    const shift = firstShift(zone, from, at)
    if (shift === undefined) return at
    if (at < shift) return at
    // the first moment with the new offset is looked at as well
    const there = shift + zone.offsetAt(shift)
    if (isTime(cron, there)) return shift
    from = shift
  }
}

function firstShift(zone: Zone, from: number, to: number): number | undefined {
  for (let at = from; at < to; at += 30 * DAY_MS) {
    const shift = nextShift(zone, at, Math.min(at + 30 * DAY_MS, to))
    if (shift !== undefined) return shift
  }
  return undefined
}

const isTime = (cron: Cron, wall: number): boolean => nextWall(cron, wall - 1) === wall
