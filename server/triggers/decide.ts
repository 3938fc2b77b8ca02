/** What is due, and what to do about what was missed. Pure. */
import { nextTime, type Schedule, timesBetween } from '../../nodes/triggers/time/schedule.ts'

export type Missed = 'skip' | 'once' | 'all'

/** The newest missed times that `all` makes up for. */
const MOST_MADE_UP = 1000
/** A firing counts as missed when it is older than this. */
export const LATE_MS = 30_000

export interface Decision {
  fire: { at: number; isLate: boolean /** Due times that this firing stands for. */; missed?: number }[]
  /** Times that are left out, as one entry: the newest, and how many (`isMore`: at least). */
  skip?: { at: number; count: number; isMore: boolean }
  next: number | undefined
}

/**
 * @param upTo times up to here are dealt with
 * @param lateMs what is older counts as missed
 */
export function decide(options: { schedule: Schedule; missed: Missed; lateMs: number; upTo: number; now: number }): Decision {
  const { schedule, missed, lateMs, upTo, now } = options
  const { times, isCut } = timesBetween(schedule, { after: upTo, until: now, limit: MOST_MADE_UP })
  const next = nextTime(schedule, Math.max(now, upTo))
  const late = times.filter((at) => now - at > lateMs)
  const onTime = times.filter((at) => now - at <= lateMs).map((at) => ({ at, isLate: false }))
  const newest = late.at(-1)
  if (newest === undefined) return { fire: onTime, next }
  switch (missed) {
    case 'skip':
      return { fire: onTime, skip: { at: newest, count: late.length, isMore: isCut }, next }
    case 'once':
      // one that is due just now is that one run
      if (onTime.length) return { fire: onTime, skip: { at: newest, count: late.length, isMore: isCut }, next }
      return { fire: [{ at: newest, isLate: true, missed: late.length }], next }
    case 'all':
      return {
        fire: [...late.map((at) => ({ at, isLate: true })), ...onTime],
        ...(isCut && times[0] !== undefined ? { skip: { at: times[0] - 1, count: 1, isMore: true } } : {}),
        next,
      }
    default:
      return missed satisfies never
  }
}
