/** The works calendars in flows. A flow may come from anywhere: what is not as it should be is left out. */
import type { FlowNode } from '../../../server/api/flows.ts'

export interface CalendarFacts {
  id: string
  name: string
  /** Empty: the one of the server. */
  zone: string
  shifts: { label: string; days: string; from: string; to: string }[]
  holidays: { date: string; label?: string; hours?: string }[]
  exceptions: { date: string; label?: string; hours?: string }[]
  /** The nodes that follow it. */
  users: { id: string; name: string }[]
}

const text = (value: unknown): string => (typeof value === 'string' ? value : '')
const rows = (value: unknown): Record<string, unknown>[] =>
  Array.isArray(value) ? value.filter((row): row is Record<string, unknown> => typeof row === 'object' && row !== null) : []
const dated = (value: unknown): CalendarFacts['exceptions'] =>
  rows(value).map((row) => {
    const [label, from, to] = [text(row.label), text(row.from), text(row.to)]
    return { date: text(row.date), ...(label ? { label } : {}), ...(from && to ? { hours: `${from} – ${to}` } : {}) }
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
