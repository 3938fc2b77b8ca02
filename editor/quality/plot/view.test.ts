import { describe, expect, it } from 'vitest'
import fc from '../../../test/property.ts'
import { isWhole, newestView, panned, showing, wholeView, within, zoomed } from './view.ts'

describe('the part of a chart that is seen', () => {
  it('shows the newest, and all of them where there are fewer', () => {
    expect(newestView(1_000, 100)).toEqual({ from: 899.5, to: 999.5 })
    expect(newestView(30, 100)).toEqual(wholeView(30))
  })

  it('keeps what is under the pointer where it is', () => {
    const view = zoomed({ from: 100, to: 200 }, 0.5, 125, 1_000)
    expect(view).toEqual({ from: 112.5, to: 162.5 })
    expect((125 - view.from) / (view.to - view.from)).toBe(0.25)
  })

  it('goes no closer than a few points and no further than all', () => {
    expect(zoomed({ from: 100, to: 110 }, 0.01, 105, 1_000)).toEqual({ from: 101, to: 109 })
    expect(isWhole(zoomed({ from: 100, to: 110 }, 1_000, 105, 1_000), 1_000)).toBe(true)
  })

  it('brings a point into sight and does not move for one that is', () => {
    expect(showing({ from: 0, to: 100 }, 50, 1_000)).toEqual({ from: 0, to: 100 })
    expect(showing({ from: 0, to: 100 }, 200, 1_000)).toEqual({ from: 108, to: 208 })
  })

  it('never shows what is not there, and panning keeps the width', () => {
    const place = fc.double({ min: -200, max: 1_200, noNaN: true })
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1_000 }), place, fc.double({ min: 0.1, max: 500, noNaN: true }), place, (count, from, width, by) => {
        const view = within({ from, to: from + width }, count)
        const moved = panned(view, by, count)
        const whole = wholeView(count)
        expect(moved.from).toBeGreaterThanOrEqual(whole.from)
        expect(moved.to).toBeLessThanOrEqual(whole.to + 1e-9)
        expect(moved.to - moved.from).toBeCloseTo(view.to - view.from, 9)
      }),
    )
  })
})
