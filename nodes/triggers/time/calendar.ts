/** When people work: shifts by weekday, holidays, and days that are otherwise than usual. */
import { type Static, Type } from 'typebox'
import { momentOf, wallAt, type Zone } from './zone.ts'

const TIME = '^([01][0-9]|2[0-3]):[0-5][0-9]$'
const closed = { additionalProperties: false }

const Shift = Type.Object(
  {
    name: Type.String({ maxLength: 40, default: '' }),
    /** `Mon-Fri`, `Sat, Sun`. */
    days: Type.String({ minLength: 1, maxLength: 60 }),
    from: Type.String({ pattern: TIME }),
    /** Not after `from`: it ends on the next day. */
    to: Type.String({ pattern: TIME }),
  },
  closed,
)
const Holiday = Type.Object({ /** `2026-12-25`, or `12-25` in every year. */ date: Type.String(), name: Type.Optional(Type.String({ maxLength: 60 })) }, closed)
const Exception = Type.Object(
  {
    date: Type.String(),
    /** Work from and to; neither: nobody works on that day. */
    from: Type.Optional(Type.String({ pattern: TIME })),
    to: Type.Optional(Type.String({ pattern: TIME })),
    name: Type.Optional(Type.String({ maxLength: 60 })),
  },
  closed,
)
export const Calendar = Type.Object({ shifts: Type.Array(Shift), holidays: Type.Array(Holiday), exceptions: Type.Array(Exception) }, closed)
export type Calendar = Static<typeof Calendar>

/** One stretch of work: moments, from and up to. */
export interface Stretch {
  name: string
  from: number
  to: number
}

const DAY_MS = 86_400_000
/** A calendar without work for longer than this has none. */
const MAX_DAYS = 366 * 3
const WEEKDAYS: readonly (readonly string[])[] = [
  ['sun', 'su', 'so'],
  ['mon', 'mo'],
  ['tue', 'tu', 'di'],
  ['wed', 'we', 'mi'],
  ['thu', 'th', 'do'],
  ['fri', 'fr'],
  ['sat', 'sa'],
]

/** Weekdays of `Mon-Fri, Sun`, counted from Sunday = 0. @throws RangeError */
export function readDays(text: string): ReadonlySet<number> {
  const days = new Set<number>()
  const day = (word: string): number => {
    const found = WEEKDAYS.findIndex((names) => names.includes(word.trim().toLowerCase()))
    if (found < 0) throw new RangeError(`"${word.trim()}" is not a day: write Mon, Tue, Wed, Thu, Fri, Sat, Sun, for example Mon-Fri, Sat.`)
    return found
  }
  for (const part of text.split(',').filter((word) => word.trim())) {
    const [first = '', last, ...rest] = part.split('-')
    if (rest.length) throw new RangeError(`"${part.trim()}" is not a range of days: write Mon-Fri.`)
    const from = day(first)
    const to = last === undefined ? from : day(last)
    for (let at = from; ; at = (at + 1) % 7) {
      days.add(at)
      if (at === to) break
    }
  }
  if (!days.size) throw new RangeError('There is no day: write for example Mon-Fri.')
  return days
}

/** Is it a date, with (`2026-12-25`) or without a year (`12-25`)? */
export function isDate(text: string): boolean {
  const found = /^(?:(\d{4})-)?(\d{2})-(\d{2})$/.exec(text)
  if (!found) return false
  const [year, month, day] = [Number(found[1] ?? 2024), Number(found[2]), Number(found[3])]
  const date = new Date(Date.UTC(year, month - 1, day))
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day
}

export const minutesOf = (time: string): number => Number(time.slice(0, 2)) * 60 + Number(time.slice(3, 5))

interface Read {
  shifts: { name: string; days: ReadonlySet<number>; from: number; to: number }[]
  holidays: ReadonlySet<string>
  exceptions: ReadonlyMap<string, { name: string; from: number; to: number } | undefined>
}
const reads = new WeakMap<Calendar, Read>()

function read(calendar: Calendar): Read {
  const known = reads.get(calendar)
  if (known) return known
  const hours = (from: string, to: string) => {
    const [begin, end] = [minutesOf(from), minutesOf(to)]
    return { from: begin * 60_000, to: (end > begin ? end : end + 1440) * 60_000 }
  }
  const made: Read = {
    shifts: calendar.shifts.map(({ name, days, from, to }) => ({ name, days: readDays(days), ...hours(from, to) })),
    holidays: new Set(calendar.holidays.map(({ date }) => date)),
    exceptions: new Map(calendar.exceptions.map(({ date, from, to, name = '' }) => [date, from && to ? { name, ...hours(from, to) } : undefined])),
  }
  reads.set(calendar, made)
  return made
}

/** What is worked on a date (wall time of its midnight), in the order in which it begins. */
function workOn(calendar: Calendar, zone: Zone, day: number): Stretch[] {
  const { shifts, holidays, exceptions } = read(calendar)
  const date = new Date(day).toISOString().slice(0, 10)
  const place = ({ name, from, to }: { name: string; from: number; to: number }): Stretch => ({
    name,
    from: momentOf(zone, day + from),
    to: momentOf(zone, day + to),
  })
  for (const key of [date, date.slice(5)]) {
    if (!exceptions.has(key)) continue
    const work = exceptions.get(key)
    return work ? [place(work)] : []
  }
  if (holidays.has(date) || holidays.has(date.slice(5))) return []
  const weekday = new Date(day).getUTCDay()
  return shifts
    .filter(({ days }) => days.has(weekday))
    .map(place)
    .sort((a, b) => a.from - b.from)
}

const dayOf = (zone: Zone, at: number): number => Math.floor(wallAt(zone, at) / DAY_MS) * DAY_MS

/** Dates with work, as wall times of their midnights, from the one of a moment on. */
export function* workingDays(calendar: Calendar, zone: Zone, from: number): Generator<{ day: number; work: Stretch[] }> {
  let day = dayOf(zone, from)
  for (let empty = 0; empty < MAX_DAYS; day += DAY_MS) {
    const work = workOn(calendar, zone, day)
    if (work.length) {
      empty = 0
      yield { day, work }
    } else empty += 1
  }
}

/** Stretches of work that end after a moment, in the order in which they begin: the one that runs is the first. */
export function* workAfter(calendar: Calendar, zone: Zone, at: number): Generator<Stretch> {
  // a night shift of the day before may still run
  for (const { work } of workingDays(calendar, zone, at - DAY_MS)) for (const stretch of work) if (stretch.to > at) yield stretch
}

/** Is somebody at work then? */
export function isWorkingTime(calendar: Calendar, zone: Zone, at: number): boolean {
  for (const { from } of workAfter(calendar, zone, at)) return from <= at
  return false
}

/** Is that moment on a date with work? */
export const isWorkingDay = (calendar: Calendar, zone: Zone, at: number): boolean => workOn(calendar, zone, dayOf(zone, at)).length > 0

/** The next midnight with work after a moment. */
export function nextWorkingDay(calendar: Calendar, zone: Zone, at: number): number | undefined {
  for (const { day } of workingDays(calendar, zone, at)) {
    const begins = momentOf(zone, day)
    if (begins > at) return begins
  }
  return undefined
}
