/** A machine's queue as bars on a time axis. No DOM. */
import type { JobQueue, QueuedJob } from '../../server/api/jobs.ts'
import type { Job } from '../../server/api/work.ts'

const HOUR = 3_600_000
export const HORIZONS = { h1: HOUR, h8: 8 * HOUR, h24: 24 * HOUR, d7: 168 * HOUR } as const
export type Horizon = keyof typeof HORIZONS
/** How much of the past stands left of now. */
const PAST = 0.06

export interface Bar {
  job: Job
  /** Part of the axis, 0 to 1. */
  from: number
  to: number
  isActive: boolean
  isLate: boolean
  /** It goes on beyond the edge. */
  isCut: boolean
  /** 0 to 1, of an active one. */
  done?: number
  /** Where it is due, if that is on the axis. */
  dueAt?: number
}

export interface Lane {
  bars: Bar[]
  /** Jobs that stand on no bar: too far away, or nobody knows when. */
  beyond: number
}

/** The axis: from a little before now to the horizon. */
export const axisOf = (now: number, horizon: Horizon): { begin: number; end: number } => {
  const length = HORIZONS[horizon]
  return { begin: now - (length * PAST) / (1 - PAST), end: now + length }
}

/** Jobs of each machine that should have a bar one can see. */
const FITTED = 8

/** The shortest horizon that shows what runs and the next few of every machine; a shift while nothing is known, a day at most. */
export function fittingHorizon(queues: readonly JobQueue[], next: ReadonlyMap<string, readonly QueuedJob[]>, now: number): Horizon {
  const ends = queues
    .flatMap(({ queue, activeEndAt }) => [activeEndAt, ...(next.get(queue) ?? []).slice(0, FITTED).map(({ endAt }) => endAt)])
    .flatMap((iso) => (iso === undefined ? [] : [Date.parse(iso)]))
  if (!ends.length) return 'h8'
  const length = Math.max(...ends) - now
  return (['h1', 'h8'] as const).find((each) => HORIZONS[each] >= length) ?? 'h24'
}

/** Round times on an axis, about `wanted` of them. */
export function ticksOf({ begin, end }: { begin: number; end: number }, wanted = 8): number[] {
  const steps = [5, 10, 15, 30, 60, 120, 180, 360, 720, 1440].map((minutes) => minutes * 60_000)
  const step = steps.find((each) => (end - begin) / each <= wanted) ?? 1440 * 60_000
  const zone = new Date(begin).getTimezoneOffset() * 60_000
  const ticks: number[] = []
  for (let at = Math.ceil((begin - zone) / step) * step + zone; at <= end; at += step) ticks.push(at)
  return ticks
}

/** @param next the first jobs that wait, in their order */
export function laneOf(queue: JobQueue, next: readonly QueuedJob[], { now, horizon }: { now: number; horizon: Horizon }): Lane {
  const { begin, end } = axisOf(now, horizon)
  const at = (time: number) => (time - begin) / (end - begin)
  const bars: Bar[] = []
  const add = (job: Job, from: number, to: number, more: Pick<Bar, 'isActive' | 'isLate'> & { done?: number }) => {
    if (from >= end || to <= begin) return
    const due = job.dueAt === undefined ? undefined : Date.parse(job.dueAt)
    bars.push({
      job,
      from: Math.max(0, at(from)),
      to: Math.min(1, at(to)),
      isCut: to > end,
      ...more,
      ...(due !== undefined && due > begin && due < end ? { dueAt: at(due) } : {}),
    })
  }
  const active = queue.active[0]
  if (active?.startedAt !== undefined) {
    const to = queue.activeEndAt === undefined ? now : Math.max(now, Date.parse(queue.activeEndAt))
    const isLate = active.dueAt !== undefined && Date.parse(active.dueAt) < to
    const { progress } = active
    add(active, Date.parse(active.startedAt), to, { isActive: true, isLate, ...(progress ? { done: Math.min(1, progress.done / progress.total) } : {}) })
  }
  for (const job of next) {
    if (job.startAt === undefined || job.endAt === undefined) continue
    add(job, Date.parse(job.startAt), Date.parse(job.endAt), { isActive: false, isLate: job.isLate })
  }
  return { bars, beyond: queue.waiting - bars.filter(({ isActive }) => !isActive).length }
}
