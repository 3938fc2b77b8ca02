import { describe, expect, it } from 'vitest'
import fc from '../../../../test/property.ts'
import { rounds } from '../../../../test/rounds.ts'
import { Motion, type PlannedLine } from './motion.ts'
import { defaultSettings } from './settings.ts'
import { vectorOf } from './vector.ts'

const settings = defaultSettings([400, 300, 100])
const line = (target: readonly number[], feed: number, rest: Partial<PlannedLine> = {}): PlannedLine => ({
  target: vectorOf(target),
  feed,
  isRapid: false,
  isInverseTime: false,
  ignoresFeedOverride: false,
  lineNumber: 0,
  spindleRpm: 0,
  ...rest,
})
const motionOf = (...lines: PlannedLine[]) => {
  const motion = new Motion({ settings, findContact: () => Number.POSITIVE_INFINITY })
  for (const each of lines) motion.add(each)
  motion.start()
  return motion
}
/** Runs to the end and returns the seconds it took. */
function finish(motion: Motion): number {
  let seconds = 0
  while (Number.isFinite(motion.secondsToEvent())) {
    const step = motion.secondsToEvent()
    seconds += step
    motion.elapse(step)
  }
  return seconds
}

describe('one line', () => {
  it('takes the time of its trapezoid', () => {
    // 100 mm at 50 mm/s with 400 mm/s²: 0.125 s up and down over 3.125 mm each
    expect(finish(motionOf(line([100, 0, 0], 3000)))).toBeCloseTo(0.25 + 93.75 / 50, 6)
  })

  it('too short for its feed is a triangle', () => {
    expect(finish(motionOf(line([1, 0, 0], 5000)))).toBeCloseTo(2 * Math.sqrt(1 / 400), 6)
  })

  it('is no faster than its slowest axis allows', () => {
    const motion = motionOf(line([0, 0, -50], 0, { isRapid: true }))
    motion.elapse(1)
    expect(motion.feedMmPerMin).toBeCloseTo(2000, 6)
    const diagonal = motionOf(line([100, 0, -100], 0, { isRapid: true }))
    diagonal.elapse(1)
    expect(diagonal.feedMmPerMin).toBeCloseTo(2000 * Math.SQRT2, 3)
  })

  it('in inverse time takes its minutes, whatever its length', () => {
    expect(finish(motionOf(line([100, 0, 0], 6, { isInverseTime: true })))).toBeCloseTo(10, 0)
  })

  it('shorter than a step is dropped', () => {
    const motion = new Motion({ settings, findContact: () => Number.POSITIVE_INFINITY })
    expect(motion.add(line([0.001, 0, 0], 100))).toBe(false)
    expect(motion.isEmpty).toBe(true)
  })

  it('tells where it is touched', () => {
    const motion = new Motion({ settings, findContact: () => 30 })
    motion.add(line([100, 0, 0], 3000))
    motion.start()
    const seconds = motion.secondsToEvent()
    expect(motion.elapse(seconds)).toBe('contact')
    expect(motion.position[0]).toBeCloseTo(30, 2)
  })
})

describe('many lines', () => {
  it.each([
    [10, 10],
    [15, 0.5],
  ])('in one direction are driven through without stopping: %i of %f mm', (times, mm) => {
    const parts = Array.from({ length: times }, (_, i) => line([mm * (i + 1), 0, 0], 3000))
    expect(finish(motionOf(...parts))).toBeCloseTo(finish(motionOf(line([mm * times, 0, 0], 3000))), 6)
  })

  it('there and back stop in between', () => {
    const there = finish(motionOf(line([50, 0, 0], 3000)))
    expect(finish(motionOf(line([50, 0, 0], 3000), line([0, 0, 0], 3000)))).toBeCloseTo(2 * there, 6)
  })

  it('slow down for a corner, the more the sharper', () => {
    const atCorner = (second: readonly number[]) => {
      const motion = motionOf(line([50, 0, 0], 3000), line(second, 3000))
      motion.elapse(motion.secondsToEvent())
      return motion.feedMmPerMin
    }
    const gentle = atCorner([100, 5, 0])
    const right = atCorner([50, 50, 0])
    const sharp = atCorner([10, 10, 0])
    expect(gentle).toBeGreaterThan(right)
    expect(right).toBeGreaterThan(sharp)
    expect(sharp).toBeGreaterThan(0)
  })
})

it('ends at its target, never over speed, never jumping, never harder on the brakes than allowed, with any lines, overrides, holds and time slices', () => {
  // long ways and, as in real programs, runs of short ones straight on
  const step = fc.oneof(fc.integer({ min: -400, max: 400 }), fc.integer({ min: -4, max: 8 })).map((n) => n / 4)
  const run = fc.record({ way: fc.tuple(step, step, step), times: fc.constantFrom(1, 1, 5), feed: fc.integer({ min: 60, max: 9000 }), isRapid: fc.boolean() })
  const lines = fc
    .array(run, { minLength: 1, maxLength: 8 })
    .map((runs) => runs.flatMap(({ times, ...each }) => Array.from({ length: times }, () => each)).slice(0, 15))
  const slices = fc.array(
    fc.record({ seconds: fc.double({ min: 0.001, max: 0.4, noNaN: true }), what: fc.constantFrom('go', 'go', 'go', 'hold', 'slow', 'fast') }),
    {
      maxLength: 60,
    },
  )
  fc.assert(
    fc.property(lines, slices, (program, script) => {
      const last: number[] = [0, 0, 0]
      const targets = program.map(({ way }) => {
        way.forEach((mm, axis) => {
          last[axis]! += mm
        })
        return [...last]
      })
      const motion = motionOf(...program.map(({ feed, isRapid }, i) => line(targets[i]!, feed, { isRapid })))
      const fastest = Math.hypot(5000, 5000, 2000)
      const hardest = Math.hypot(400, 400, 200)
      let before = motion.position
      let speedBefore = 0
      const pass = (seconds: number) => {
        for (let left = seconds; left > 0; ) {
          const step = Math.min(left, motion.secondsToEvent(), 0.05)
          const event = motion.elapse(step)
          const after = motion.position
          expect(motion.feedMmPerMin).toBeLessThanOrEqual(fastest + 1)
          // one step of the motors of play
          expect(Math.hypot(after[0] - before[0], after[1] - before[1], after[2] - before[2])).toBeLessThanOrEqual((fastest / 60) * step + 0.01)
          before = after
          const speed = motion.feedMmPerMin / 60
          expect(Math.abs(speed - speedBefore)).toBeLessThanOrEqual(hardest * step + 1e-3)
          speedBefore = speed
          if (step === 0 && !event) break
          left -= step
          if (!Number.isFinite(motion.secondsToEvent())) break
        }
      }
      for (const { seconds, what } of script) {
        if (what === 'hold') motion.hold()
        if (what === 'slow') motion.setOverrides({ feed: 10, rapid: 25 })
        if (what === 'fast') motion.setOverrides({ feed: 200, rapid: 100 })
        pass(seconds)
        if (what === 'go') motion.start()
      }
      motion.setOverrides({ feed: 100, rapid: 100 })
      for (let i = 0; i < 100 && !motion.isEmpty; i++) {
        motion.start()
        finish(motion)
      }
      expect(motion.isEmpty).toBe(true)
      motion.position.slice(0, 3).forEach((mm, axis) => {
        expect(mm).toBeCloseTo(last[axis]!, 2)
      })
    }),
    { numRuns: rounds(200) },
  )
})
