/** Times on the board. */
import type { formats } from '../shared/text/index.ts'

/** A clock time today, with its date on other days. */
export function shortTime(iso: string, format: ReturnType<typeof formats>): string {
  const isToday = new Date(iso).toDateString() === new Date().toDateString()
  return isToday ? format.time(iso).slice(0, 5) : format.dateTime(iso).slice(0, -3)
}
