import { describe, expect, it } from 'vitest'
import { feedOf, moreAxes, stepBy } from './jog-choices.ts'

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
    expect(stepBy({ X: 1, Y: -1 }, 0.1)).toEqual({ X: 0.1, Y: -0.1 })
  })
})
