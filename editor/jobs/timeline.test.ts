import { describe, expect, it } from 'vitest'
import type { JobQueue, QueuedJob } from '../../server/api/jobs.ts'
import type { Job } from '../../server/api/work.ts'
import { axisOf, fittingHorizon, laneOf, ticksOf } from './timeline.ts'

const now = Date.parse('2026-11-23T10:07:00Z')
const at = (minutes: number) => new Date(now + minutes * 60_000).toISOString()
const queue = (more: Partial<JobQueue> = {}) => ({ queue: 'machine-m', waiting: 2, active: [], ...more }) as unknown as JobQueue
const waiting = (id: string, from: number, to: number, more: Partial<QueuedJob> = {}) =>
  ({ id, startAt: at(from), endAt: at(to), isLate: false, ...more }) as QueuedJob

describe('the timeline of a machine', () => {
  it('has a bar for what runs and what is next, one after the other', () => {
    const active = { id: 'a', startedAt: at(-10), progress: { done: 1, total: 4 } } as Job
    const { bars, beyond } = laneOf(queue({ active: [active], activeEndAt: at(20) }), [waiting('b', 20, 30), waiting('c', 30, 50)], { now, horizon: 'h1' })
    expect(bars.map(({ job }) => job.id)).toEqual(['a', 'b', 'c'])
    expect(bars[0]).toMatchObject({ from: 0, isActive: true, done: 0.25 })
    expect(bars[1]?.from).toBeCloseTo(bars[0]?.to ?? 0)
    expect(bars[2]?.from).toBeCloseTo(bars[1]?.to ?? 0)
    expect(beyond).toBe(0)
  })
  it('cuts what goes on beyond the edge, and counts what stands on no bar', () => {
    const { bars, beyond } = laneOf(queue({ waiting: 4 }), [waiting('a', 50, 90), waiting('b', 90, 95), { id: 'c' } as QueuedJob], { now, horizon: 'h1' })
    expect(bars).toMatchObject([{ job: { id: 'a' }, to: 1, isCut: true }])
    expect(beyond).toBe(3)
  })
  it('marks what is late, and where it is due', () => {
    const { bars } = laneOf(queue(), [waiting('a', 0, 30, { dueAt: at(20), isLate: true })], { now, horizon: 'h1' })
    expect(bars[0]?.isLate).toBe(true)
    expect(bars[0]?.dueAt).toBeGreaterThan(bars[0]?.from ?? 1)
    expect(bars[0]?.dueAt).toBeLessThan(bars[0]?.to ?? 0)
  })
  it('shows as much time as the next few of every machine need, and a shift while nothing is known', () => {
    const next = (...ends: number[]) => new Map([['machine-m', ends.map((end, index) => waiting(String(index), 0, end))]])
    expect(fittingHorizon([], new Map(), now)).toBe('h8')
    expect(fittingHorizon([queue()], next(10, 20), now)).toBe('h1')
    expect(fittingHorizon([queue({ activeEndAt: at(300) })], next(10, 20), now)).toBe('h8')
    expect(fittingHorizon([queue()], next(...Array.from({ length: 100 }, (_, index) => index * 5)), now)).toBe('h1')
    expect(fittingHorizon([queue()], next(60 * 24 * 30), now)).toBe('h24')
  })
  it('has round times on its axis', () => {
    const ticks = ticksOf(axisOf(now, 'h1'))
    expect(ticks.length).toBeGreaterThan(3)
    expect(ticks.every((tick) => tick % 600_000 === 0)).toBe(true)
    expect(ticksOf(axisOf(now, 'd7')).length).toBeLessThan(10)
  })
})
