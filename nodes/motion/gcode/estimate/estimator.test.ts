import { describe, expect, it } from 'vitest'
import type { ProgramEvent } from '../contract.ts'
import { createEstimator, type EstimatorOptions, remainingAt, secondsUntilDone } from './index.ts'
import { model, moves, type Way } from './test/motions.ts'

function secondsOf(ways: Way[], options: EstimatorOptions & Parameters<typeof model>[0] = {}): number {
  const estimator = createEstimator(model(options), options)
  moves(ways, (motion) => estimator.motion(motion))
  return estimator.end().seconds
}

/** From standing to standing over `length` mm at most at `speed` mm/s. */
function trapezoid(length: number, speed: number, acceleration: number): number {
  const peak = Math.min(speed, Math.sqrt(acceleration * length))
  return (2 * peak) / acceleration + (length - (peak * peak) / acceleration) / peak
}

describe('the estimate of a program', () => {
  it('takes a long move as speeding up, cruising and braking', () => {
    expect(secondsOf([{ to: [100, 0, 0], feed: 600 }])).toBeCloseTo(trapezoid(100, 10, 100), 9)
  })
  it('takes a short move as speeding up and braking only', () => {
    expect(secondsOf([{ to: [0.5, 0, 0], feed: 3000 }])).toBeCloseTo(2 * Math.sqrt(0.5 / 100), 9)
  })
  it('limits acceleration and rate by the axis that is least able along the way', () => {
    // along (1, 0, 1)/√2: Z allows 50·√2 mm/s² and 50·√2 mm/s
    expect(secondsOf([{ kind: 'rapid', to: [300, 0, 300] }])).toBeCloseTo(trapezoid(300 * Math.SQRT2, 50 * Math.SQRT2, 50 * Math.SQRT2), 9)
  })
  it('goes through a straight joint without slowing', () => {
    expect(secondsOf([{ to: [40, 0, 0] }, { to: [100, 0, 0] }])).toBeCloseTo(trapezoid(100, 10, 100), 9)
  })
  it('slows in a square corner to what the junction deviation allows', () => {
    const sineHalf = Math.SQRT1_2
    // the change of direction is along (-1, 1)/√2: each axis may give 100, together 100·√2
    const corner = Math.sqrt((100 * Math.SQRT2 * 0.01 * sineHalf) / (1 - sineHalf))
    const leg = (corner - 0) / 100
    const half = (10 - corner) / 100 + 10 / 100 + (50 - (100 - corner ** 2) / 200 - 100 / 200) / 10
    expect(secondsOf([{ to: [50, 0, 0] }, { to: [50, 50, 0] }])).toBeCloseTo(2 * half, 9)
    expect(leg).toBeLessThan(half)
  })
  it('comes to a stand where the way turns back', () => {
    expect(secondsOf([{ to: [50, 0, 0] }, { to: [0, 0, 0] }])).toBeCloseTo(2 * trapezoid(50, 10, 100), 9)
  })
  it('takes a joint between two feeds with the slower one', () => {
    const fast = 20
    const slow = 5
    const first = fast / 100 + (fast - slow) / 100 + (100 - fast ** 2 / 200 - (fast ** 2 - slow ** 2) / 200) / fast
    const second = slow / 100 + (10 - slow ** 2 / 200) / slow
    expect(
      secondsOf([
        { to: [100, 0, 0], feed: 1200 },
        { to: [110, 0, 0], feed: 300 },
      ]),
    ).toBeCloseTo(first + second, 9)
  })
  it('looks no farther ahead than the planner has blocks', () => {
    // 0.1 mm blocks: with two blocks it must be able to stop within the one that follows
    const ways = Array.from({ length: 1000 }, (_, i): Way => ({ to: [(i + 1) / 10, 0, 0], feed: 6000 }))
    const slowest = 100 / Math.sqrt(2 * 100 * 0.1)
    const fastest = 100 / Math.sqrt(2 * 100 * 0.1 + 100 * 0.1)
    const short = secondsOf(ways, { plannerBlocks: 2 })
    expect(short).toBeGreaterThan(fastest)
    expect(short).toBeLessThan(slowest)
    expect(secondsOf(ways, { plannerBlocks: 2000 })).toBeCloseTo(trapezoid(100, 100, 100), 6)
    expect(secondsOf(ways, { plannerBlocks: 15 })).toBeLessThan(short)
    expect(secondsOf(ways, { plannerBlocks: 15 })).toBeGreaterThan(trapezoid(100, Math.sqrt(2 * 100 * 1.5), 100) * 0.98)
  })
  it('gives the same speeds as a plan computed backwards over the whole queue', () => {
    let seed = 7
    const random = () => {
      seed = (seed * 1103515245 + 12345) % 2 ** 31
      return seed / 2 ** 31
    }
    const at = [0, 0, 0]
    const ways = Array.from({ length: 3000 }, (): Way => {
      const size = 10 ** (random() * 3 - 2)
      at[0] = (at[0] as number) + (random() - 0.3) * size
      at[1] = (at[1] as number) + (random() - 0.5) * size
      at[2] = (at[2] as number) + (random() < 0.8 ? 0 : (random() - 0.5) * size)
      return { to: [...at], feed: 300 + random() * 5000, kind: random() < 0.1 ? 'rapid' : 'feed' }
    })
    for (const plannerBlocks of [2, 5, 15, 64]) expect(secondsOf(ways, { plannerBlocks })).toBeCloseTo(secondsBackwards(ways, plannerBlocks), 6)
  })
  it('waits for the planner at a dwell, a change of the spindle, of coolant or tool, a stop and a probe', () => {
    const through = secondsOf([{ to: [10, 0, 0] }, { to: [20, 0, 0] }])
    const stopped = 2 * trapezoid(10, 10, 100)
    const events: ProgramEvent[] = [
      { kind: 'dwell', line: 1, seconds: 0 },
      { kind: 'spindle', line: 1, turn: 3, rpm: 1000 },
      { kind: 'coolant', line: 1, isFloodOn: true, isMistOn: false },
      { kind: 'tool-change', line: 1, tool: 2, previous: 1 },
      { kind: 'stop', line: 1, isOptional: false },
    ]
    for (const event of events) {
      const estimator = createEstimator(model())
      moves([{ to: [10, 0, 0] }, { to: [20, 0, 0] }], (motion) => {
        estimator.motion(motion)
        if (motion.line === 1) estimator.event(event)
      })
      expect(estimator.end().seconds, event.kind).toBeCloseTo(stopped, 9)
    }
    expect(secondsOf([{ to: [10, 0, 0] }, { kind: 'probe', to: [20, 0, 0] }])).toBeCloseTo(stopped, 9)
    expect(through).toBeLessThan(stopped)
  })
  it('does not wait where a spindle or coolant word changes nothing', () => {
    const estimator = createEstimator(model())
    moves([{ to: [10, 0, 0] }, { to: [20, 0, 0] }], (motion) => {
      estimator.motion(motion)
      estimator.event({ kind: 'spindle', line: 1, turn: 5, rpm: 500 })
      estimator.event({ kind: 'coolant', line: 1, isFloodOn: false, isMistOn: false })
    })
    expect(estimator.end().seconds).toBeCloseTo(trapezoid(20, 10, 100), 9)
  })
  it('adds dwells', () => {
    const estimator = createEstimator(model())
    estimator.event({ kind: 'dwell', line: 1, seconds: 2.5 })
    moves([{ to: [10, 0, 0] }], (motion) => estimator.motion(motion))
    estimator.event({ kind: 'dwell', line: 2, seconds: 1.5 })
    expect(estimator.end().seconds).toBeCloseTo(4 + trapezoid(10, 10, 100), 9)
  })
  it('follows overrides, but not beyond the rate of the axes and not while probing', () => {
    expect(secondsOf([{ to: [100, 0, 0], feed: 600 }], { feedOverride: 2 })).toBeCloseTo(trapezoid(100, 20, 100), 9)
    expect(secondsOf([{ to: [900, 0, 0], feed: 5000 }], { feedOverride: 2 })).toBeCloseTo(trapezoid(900, 100, 100), 9)
    expect(secondsOf([{ to: [100, 0, 0], kind: 'rapid' }], { rapidOverride: 0.25 })).toBeCloseTo(trapezoid(100, 25, 100), 9)
    expect(secondsOf([{ to: [100, 0, 0], kind: 'probe', feed: 600 }], { feedOverride: 2 })).toBeCloseTo(trapezoid(100, 10, 100), 9)
  })
  it('takes an arc as its chords, and many chords together as if they were single', () => {
    const circle: Way = { kind: 'arc', to: [0, 0, 0], centre: [30, 0], sweep: 2 * Math.PI, feed: 3000 }
    const chords = (tolerance: number, radius: number) => Math.floor((Math.PI * radius) / Math.sqrt(tolerance * (2 * radius - tolerance)))
    for (const [tolerance, acceleration] of [
      [0.02, 100],
      [0.002, 100],
      [0.002, 10],
      [0.0001, 100],
    ] as const) {
      const options = { arcToleranceMm: tolerance, accelerationMmPerS2: [acceleration, acceleration, acceleration] }
      const count = chords(tolerance, 30)
      const lines = Array.from({ length: count }, (_, i): Way => {
        const angle = (2 * Math.PI * (i + 1)) / count
        return { to: [30 - 30 * Math.cos(angle), -30 * Math.sin(angle), 0], feed: 3000 }
      })
      const exact = secondsOf(lines, options)
      expect(Math.abs(secondsOf([circle], options) / exact - 1), `${count} chords`).toBeLessThan(0.01)
    }
  })
  it('never slower than a crawl, never endless', () => {
    expect(secondsOf([{ to: [1, 0, 0], feed: 0 }])).toBeCloseTo(60, 1)
    expect(secondsOf([{ to: [0, 0, 0] }])).toBe(0)
  })
})

describe('the time left', () => {
  it('is known by line, to the program end', () => {
    const estimator = createEstimator(model())
    moves(
      Array.from({ length: 20 }, (_, i): Way => ({ to: [10 * (i + 1), 0, 0], line: 5 * (i + 1) })),
      (motion) => estimator.motion(motion),
    )
    const { bySourceLine, seconds } = estimator.end(110)
    expect(remainingAt(bySourceLine, 0)).toBeCloseTo(seconds, 4)
    expect(remainingAt(bySourceLine, 100)).toBeCloseTo(0, 4)
    expect(remainingAt(bySourceLine, 110)).toBe(0)
    expect(remainingAt(bySourceLine, 5000)).toBe(0)
    // half the way at an even speed
    expect(remainingAt(bySourceLine, 50)).toBeCloseTo(seconds / 2, 1)
    // a line without a move is done with the one before it
    expect(secondsUntilDone(bySourceLine, 53)).toBeCloseTo(secondsUntilDone(bySourceLine, 50), 6)
    let last = Number.POSITIVE_INFINITY
    for (let line = 0; line <= 110; line += 1) {
      expect(remainingAt(bySourceLine, line)).toBeLessThanOrEqual(last)
      last = remainingAt(bySourceLine, line)
    }
  })
  it('costs a bounded table however long the program is', () => {
    const estimator = createEstimator(model())
    const lines = 1_000_000
    moves([{ to: [0, 0, 0] }], (motion) => {
      for (let line = 1; line <= lines; line += 1) {
        motion.line = line
        motion.from[0] = line % 2
        motion.to[0] = 1 - motion.from[0]
        estimator.motion(motion)
      }
    })
    const { bySourceLine, seconds } = estimator.end(lines)
    expect(bySourceLine.secondsAt.length).toBeLessThanOrEqual(65_536)
    for (const share of [0.1, 0.25, 0.5, 0.9]) expect(remainingAt(bySourceLine, share * lines) / seconds).toBeCloseTo(1 - share, 3)
  })
})

/** The planner as GRBL has it: for every block the whole queue backwards. Slow and plain. */
function secondsBackwards(ways: Way[], window: number): number {
  const acceleration = [100, 100, 50]
  const rate = [100, 100, 50]
  let from = [0, 0, 0]
  const blocks = ways.map((way) => {
    const delta = way.to.map((value, axis) => value - (from[axis] as number))
    from = way.to
    const length = Math.hypot(...delta)
    const unit = delta.map((value) => value / length)
    const along = (limits: number[], direction: number[]) =>
      Math.min(...direction.map((part, axis) => (part === 0 ? Infinity : (limits[axis] as number) / Math.abs(part))))
    const nominal = way.kind === 'rapid' ? along(rate, unit) : Math.min((way.feed as number) / 60, along(rate, unit))
    return { length, unit, a: along(acceleration, unit), nominal, along }
  })
  const limits = blocks.map((block, i) => {
    const before = blocks[i - 1]
    if (!before) return 0
    const cosine = block.unit.reduce((sum, part, axis) => sum + part * (before.unit[axis] as number), 0)
    const slower = Math.min(block.nominal, before.nominal) ** 2
    if (cosine > 0.999999) return slower
    if (cosine < -0.999999) return 0
    const turn = block.unit.map((part, axis) => part - (before.unit[axis] as number))
    const size = Math.hypot(...turn)
    const sineHalf = Math.sqrt((1 + cosine) / 2)
    const a = block.along(
      acceleration,
      turn.map((part) => part / size),
    )
    return Math.min(slower, (a * 0.01 * sineHalf) / (1 - sineHalf))
  })
  let entry = 0
  let seconds = 0
  blocks.forEach((block, i) => {
    let exit = 0
    for (let k = Math.min(i + window, blocks.length) - 1; k > i; k -= 1) {
      const later = blocks[k]!
      exit = Math.min(limits[k]!, exit + 2 * later.a * later.length)
    }
    exit = Math.min(exit, entry + 2 * block.a * block.length)
    const peak = Math.min(block.nominal, Math.sqrt((entry + exit + 2 * block.a * block.length) / 2))
    const ramps = (2 * peak - Math.sqrt(entry) - Math.sqrt(exit)) / block.a
    seconds += ramps + (block.length - (2 * peak * peak - entry - exit) / (2 * block.a)) / peak
    entry = exit
  })
  return seconds
}
