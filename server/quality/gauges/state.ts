/** How the calibration of a gauge stands: by its newest one. */
import type { Gauge } from '../../api/index.ts'

const DAY_MS = 86_400_000
/** So long before it is due it is due soon; of a short interval, its last quarter. */
const SOON_DAYS = 14

/** @param newest undefined: none was noted yet */
export function calibrationState(newest: { calibratedAt: Date; dueAt: Date; passed: boolean } | undefined, nowMs: number): Gauge['state'] {
  if (!newest) return 'never'
  if (!newest.passed) return 'failed'
  const leftMs = newest.dueAt.getTime() - nowMs
  if (leftMs <= 0) return 'overdue'
  const soonMs = Math.min(SOON_DAYS * DAY_MS, (newest.dueAt.getTime() - newest.calibratedAt.getTime()) / 4)
  return leftMs <= soonMs ? 'due-soon' : 'good'
}

/** Calendar days later, at the same time of day by the clock of the server: an interval of a year is not one of 8,760 hours. */
export function daysLater(at: Date, days: number): Date {
  const later = new Date(at)
  later.setDate(later.getDate() + days)
  return later
}
