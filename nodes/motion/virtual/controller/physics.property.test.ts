/** What no machine can do, whatever it is told: looked at from outside, with the limits worked out anew. */

import { expect, it } from 'vitest'
import fc from '../../../../test/property.ts'
import { rounds } from '../../../../test/rounds.ts'
import { Motion } from './motion.ts'
import { defaultSettings, perAxis } from './settings.ts'
import { lengthOf, type Vector, vectorOf } from './vector.ts'

const settings = { ...defaultSettings([400, 300, 100]), 110: 6000, 111: 4000, 112: 1500, 120: 500, 121: 300, 122: 120 }
const RATE = perAxis(settings, 110)
const ACCELERATION = perAxis(settings, 120)
const AXES = [0, 1, 2] as const

const mm = fc.oneof({ weight: 3, arbitrary: fc.integer({ min: -40, max: 40 }).map((n) => n / 8) }, fc.integer({ min: -120, max: 120 }), {
  weight: 2,
  arbitrary: fc.constant(0),
})
const line = fc.record({ way: fc.tuple(mm, mm, mm), feed: fc.integer({ min: 30, max: 9000 }), isRapid: fc.boolean() })
const event = fc.record({
  afterS: fc.double({ min: 0.001, max: 0.5, noNaN: true }),
  what: fc.constantFrom('nothing', 'nothing', 'hold', 'slow', 'slower', 'fast', 'rapids 25 %'),
})
const OVERRIDES = {
  slow: { feed: 40, rapid: 100 },
  slower: { feed: 10, rapid: 50 },
  fast: { feed: 200, rapid: 100 },
  'rapids 25 %': { feed: 100, rapid: 25 },
} as const

/** The most that a corner from one direction into another may be taken at, mm/s: junction deviation as grbl's planner.c explains it. */
function cornerLimit(before: Vector, after: Vector): number {
  const cosine = AXES.reduce<number>((sum, axis) => sum + before[axis] * after[axis], 0)
  if (cosine > 0.999999) return Number.POSITIVE_INFINITY
  if (cosine < -0.999999) return 0
  const turn = vectorOf(AXES.map((axis) => after[axis] - before[axis]))
  const size = lengthOf(turn)
  const acceleration = Math.min(...AXES.map((axis) => (turn[axis] === 0 ? Number.POSITIVE_INFINITY : ACCELERATION[axis] / Math.abs(turn[axis] / size))))
  const sine = Math.sqrt((1 + cosine) / 2)
  return Math.sqrt((acceleration * settings[11] * sine) / (1 - sine))
}

const allowed = (limits: Vector, unit: Vector) =>
  Math.min(...AXES.map((axis) => (unit[axis] === 0 ? Number.POSITIVE_INFINITY : limits[axis] / Math.abs(unit[axis]))))

it('no axis exceeds its rate or acceleration, corners are taken within the junction deviation, nothing jumps, a hold stands where braking ends', {
  timeout: rounds(120_000),
}, () => {
  fc.assert(
    fc.property(fc.array(line, { minLength: 1, maxLength: 40 }), fc.array(event, { maxLength: 12 }), (program, script) => {
      const motion = new Motion({ settings, findContact: () => Number.POSITIVE_INFINITY })
      const waiting = [...program]
      const target: number[] = [0, 0, 0]
      const refill = () => {
        while (!motion.isFull && waiting.length) {
          const { way, feed, isRapid } = waiting.shift()!
          way.forEach((step, axis) => {
            target[axis]! += step
          })
          motion.add({ target: vectorOf(target), feed, isRapid, isInverseTime: false, ignoresFeedOverride: false, lineNumber: 0, spindleRpm: 0 })
        }
      }
      refill()
      motion.start()
      let heldFrom: { speed: number; at: Vector; least: number; most: number; way: number } | undefined
      let before = { unit: motion.current?.unit, speed: 0, at: motion.position }

      const look = (seconds: number) => {
        const unit = motion.current?.unit
        const speed = motion.feedMmPerMin / 60
        const at = motion.position
        const moved = lengthOf(vectorOf(AXES.map((axis) => at[axis] - before.at[axis])))
        // three axes on whole steps of 1/320 mm
        expect(moved).toBeLessThanOrEqual((Math.max(speed, before.speed) + 500 * seconds) * seconds + 0.012)
        if (unit) {
          expect(speed).toBeLessThanOrEqual(allowed(RATE, unit) / 60 + 0.02)
          if (before.unit === unit) expect(Math.abs(speed - before.speed)).toBeLessThanOrEqual(allowed(ACCELERATION, unit) * seconds + 1e-6)
        }
        if (heldFrom && unit) {
          heldFrom.least = Math.min(heldFrom.least, allowed(ACCELERATION, unit))
          heldFrom.most = Math.max(heldFrom.most, allowed(ACCELERATION, unit))
          heldFrom.way += moved
        }
        before = { unit, speed, at }
      }

      const run = (seconds: number) => {
        for (let left = seconds; left > 1e-12; ) {
          const step = Math.min(left, motion.secondsToEvent(), 0.004)
          if (!Number.isFinite(motion.secondsToEvent())) return
          const unitBefore = motion.current?.unit
          const entered = motion.feedMmPerMin / 60
          const happened = motion.elapse(step)
          look(step)
          if (happened === 'line-done') {
            const unitAfter = motion.current?.unit
            // braking from a speed that an override has just forbidden goes on over the corner
            if (unitBefore && unitAfter && !wasOverridden) expect(before.speed).toBeLessThanOrEqual(cornerLimit(unitBefore, unitAfter) + 0.02)
            before = { ...before, unit: unitAfter }
          }
          if (happened === 'held') {
            expect(motion.feedMmPerMin).toBe(0)
            if (heldFrom && heldFrom.speed > 1) {
              expect(heldFrom.way).toBeLessThanOrEqual(heldFrom.speed ** 2 / (2 * heldFrom.least) + 0.05)
              expect(heldFrom.way).toBeGreaterThanOrEqual(heldFrom.speed ** 2 / (2 * heldFrom.most) - 0.05)
            }
            heldFrom = undefined
          }
          refill()
          left -= step
          if (entered === 0 && step === 0 && !happened) return
        }
      }
      let wasOverridden = false
      for (const { afterS, what } of script) {
        run(afterS)
        if (what === 'hold' && motion.feedMmPerMin > 0) {
          const unit = motion.current?.unit
          const limit = unit ? allowed(ACCELERATION, unit) : 1
          heldFrom = { speed: motion.feedMmPerMin / 60, at: motion.position, least: limit, most: limit, way: 0 }
          motion.hold()
          run(30)
          heldFrom = undefined
          motion.start()
          before = { unit: motion.current?.unit, speed: 0, at: motion.position }
        } else if (what !== 'nothing' && what !== 'hold') {
          motion.setOverrides(OVERRIDES[what as keyof typeof OVERRIDES])
          wasOverridden = true
        }
      }
      motion.setOverrides({ feed: 200, rapid: 100 })
      for (let i = 0; i < 400 && !motion.isEmpty; i++) {
        motion.start()
        run(1000)
        refill()
      }
      expect(motion.isEmpty).toBe(true)
      for (const axis of AXES) expect(motion.position[axis]).toBeCloseTo(target[axis]!, 2)
    }),
    { numRuns: rounds(60) },
  )
})
