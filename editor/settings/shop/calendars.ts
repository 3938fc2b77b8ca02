/** The works calendars in flows, read and written. A flow may come from anywhere: what is not as it should be is left out. */
import type { FlowNode } from '../../../server/api/flows.ts'

export interface CalendarDay {
  /** `2026-12-25`, or `12-25` for every year. */
  date: string
  label?: string
  /** Of a day on which people work otherwise; none: nobody works. */
  from?: string
  to?: string
}

export interface CalendarFacts {
  id: string
  name: string
  /** Empty: the one of the server. */
  zone: string
  shifts: { label: string; days: string; from: string; to: string }[]
  holidays: CalendarDay[]
  exceptions: CalendarDay[]
  /** The nodes that follow it. */
  users: { id: string; name: string }[]
}

const text = (value: unknown): string => (typeof value === 'string' ? value : '')
const rows = (value: unknown): Record<string, unknown>[] =>
  Array.isArray(value) ? value.filter((row): row is Record<string, unknown> => typeof row === 'object' && row !== null) : []
const dated = (value: unknown): CalendarDay[] =>
  rows(value).map((row) => {
    const [label, from, to] = [text(row.label), text(row.from), text(row.to)]
    return { date: text(row.date), ...(label ? { label } : {}), ...(from && to ? { from, to } : {}) }
  })
const byDate = (a: { date: string }, b: { date: string }) => a.date.localeCompare(b.date)

/** In the order of their names. */
export function calendarsIn(flows: readonly FlowNode[]): CalendarFacts[] {
  return flows
    .filter(({ type }) => type === 'cw-calendar')
    .map((node): CalendarFacts => {
      const users = flows.filter((other) => other.calendar === node.id)
      return {
        id: node.id,
        name: text(node.name),
        zone: text(node.zone),
        shifts: rows(node.shifts).map((row) => ({ label: text(row.label), days: text(row.days), from: text(row.from), to: text(row.to) })),
        holidays: dated(node.holidays).sort(byDate),
        exceptions: dated(node.exceptions).sort(byDate),
        users: users.map(({ id, name, type }) => ({ id, name: text(name) || type })),
      }
    })
    .sort((a, b) => a.name.localeCompare(b.name))
}

/** Sunday first, as the nodes count them. */
export const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'] as const
export type Day = (typeof DAYS)[number]
/** As the week is worked. */
export const WEEK: readonly Day[] = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun']
/** German and short names, which the nodes take as well (nodes/triggers/time/calendar.ts). */
const NAMES: Record<string, Day> = {
  ...{ su: 'Sun', so: 'Sun', mo: 'Mon', tu: 'Tue', di: 'Tue', we: 'Wed', mi: 'Wed', th: 'Thu', do: 'Thu', fr: 'Fri', sa: 'Sat' },
  ...Object.fromEntries(DAYS.map((day) => [day.toLowerCase(), day])),
}

/** The days of `Mon-Fri, Sun`, in the order of the week; undefined where it is no such text. */
export function daysIn(written: string): Day[] | undefined {
  const found = new Set<Day>()
  for (const part of written.split(',').filter((word) => word.trim())) {
    const [first, last = first, ...rest] = part.split('-').map((word) => NAMES[word.trim().toLowerCase()])
    if (!first || !last || rest.length) return undefined
    for (let at = DAYS.indexOf(first); ; at = (at + 1) % DAYS.length) {
      const day = DAYS[at]
      if (day) found.add(day)
      if (day === last) break
    }
  }
  return WEEK.filter((day) => found.has(day))
}

/** Days as the nodes read them: `Mon-Fri, Sun`. */
export function daysText(days: readonly Day[]): string {
  const parts: string[] = []
  for (let at = 0; at < WEEK.length; at += 1) {
    const from = WEEK[at]
    if (!from || !days.includes(from)) continue
    let to = at
    while (days.includes(WEEK[to + 1] as Day)) to += 1
    parts.push(to === at ? from : to === at + 1 ? `${from}, ${WEEK[to]}` : `${from}-${WEEK[to]}`)
    at = to
  }
  return parts.join(', ')
}

/** What the form makes of a calendar: its node, with what is not on the form as it was. */
export function nodeFor(calendar: Omit<CalendarFacts, 'users'>, before?: FlowNode): FlowNode {
  const { id, name, zone, shifts, holidays, exceptions } = calendar
  return {
    ...before,
    id,
    type: 'cw-calendar',
    name,
    zone,
    shifts,
    holidays: holidays.map(({ date, label }) => ({ date, ...(label ? { label } : {}) })),
    exceptions,
  }
}
