import { describe, expect, it } from 'vitest'
import fc from '../../../test/property.ts'
import { digitsOf, feedOf, moreAxes, SPEEDS, STEPS, stepBy, unitOfStep } from './jog-choices.ts'

const mill = { state: { abilities: { axes: ['X', 'Y', 'Z', 'A'], maxRateMmPerMin: [5000, 5000, 800, 3600] } } } as never

describe('the choices of the jog pad', () => {
  it('takes the speed from the slowest axis of the direction', () => {
    expect(feedOf(mill, 'fast', { X: 1 })).toBe(5000)
    expect(feedOf(mill, 'fast', { X: 1, Z: 1 })).toBe(800)
    expect(feedOf(mill, 'slow', { X: 1 })).toBe(250)
    expect(feedOf(mill, 'medium', { Z: -1 })).toBe(200)
  })

  it('stays below the limit of the machine, and moves carefully where nothing is known', () => {
    expect(feedOf({ ...(mill as object), guarding: { maxFeedMmPerMin: 2000 } } as never, 'fast', { X: 1 })).toBe(2000)
    expect(feedOf({} as never, 'fast', { X: 1 })).toBe(1000)
    expect(feedOf({ state: { abilities: { axes: ['X'], maxRateMmPerMin: [3] } } } as never, 'slow', { X: 1 })).toBe(1)
  })

  it('offers rotary axes only where there are some', () => {
    expect(moreAxes(mill)).toEqual(['A'])
    expect(moreAxes({} as never)).toEqual([])
  })

  it('steps along both axes of a diagonal', () => {
    expect(stepBy({ X: 1, Y: -1 }, 0.1, 'mm')).toEqual({ X: 0.1, Y: -0.1 })
  })

  it('steps whole parts of an inch, to the last digit, and as many degrees of what turns', () => {
    const steps = STEPS.in.filter((step) => step !== 'hold')
    expect(steps.map((step) => stepBy({ X: -1 }, step, 'in').X)).toEqual([-25.4, -2.54, -0.254, -0.0254, -0.00254])
    expect(stepBy({ A: 1 }, 0.1, 'in')).toEqual({ A: 0.1 })
    expect([unitOfStep({ X: 1, Y: 1 }, 'in'), unitOfStep({ A: 1 }, 'in'), unitOfStep({ Z: 1 }, 'mm')]).toEqual(['in', '°', 'mm'])
    expect([10, 1, 0.1, 0.01, 0.001, 0.0001].map(digitsOf)).toEqual([0, 0, 1, 2, 3, 4])
  })

  it('shows round speeds in inches, and degrees a minute as they are', () => {
    expect(feedOf(mill, 'slow', { X: 1 }, 'in') / 25.4).toBeCloseTo(9.8, 9)
    // 200 in/min would be more than the axis can
    expect(feedOf(mill, 'fast', { X: 1 }, 'in') / 25.4).toBeCloseTo(190, 9)
    expect(feedOf(mill, 'fast', { A: 1 }, 'in')).toBe(3600)
  })

  it('is never faster than the machine may be, however it is rounded', () => {
    const rate = fc.double({ min: 0.5, max: 60_000, noNaN: true })
    fc.assert(
      fc.property(rate, rate, fc.constantFrom(...SPEEDS), fc.constantFrom('mm' as const, 'in' as const), (axis, limit, speed, unit) => {
        const machine = { state: { abilities: { axes: ['X'], maxRateMmPerMin: [axis] } }, guarding: { maxFeedMmPerMin: limit } } as never
        const feed = feedOf(machine, speed, { X: 1 }, unit)
        expect(feed).toBeGreaterThan(0)
        expect(feed).toBeLessThanOrEqual(Math.min(axis, limit))
      }),
    )
  })
})
