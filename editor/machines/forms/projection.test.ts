import { describe, expect, it } from 'vitest'
import { type Box3, corners, EDGES, fitOf, project, VIEWS } from './projection.ts'

const box: Box3 = { min: [-400, -300, -80], max: [0, 0, 0] }

describe('the drawing of the travel', () => {
  it.each(VIEWS)('keeps every corner inside the drawing, seen from %s', (view) => {
    const seen = { view, aroundZ: -35, tilt: 28 }
    const place = fitOf([box], seen, { width: 560, height: 380 })
    for (const corner of corners(box)) {
      const [x, y] = place(project(corner, seen))
      expect(x).toBeGreaterThanOrEqual(0)
      expect(x).toBeLessThanOrEqual(560)
      expect(y).toBeGreaterThanOrEqual(0)
      expect(y).toBeLessThanOrEqual(380)
    }
  })

  it('draws up as up and right as right', () => {
    for (const view of VIEWS) {
      const seen = { view, aroundZ: -35, tilt: 28 }
      const [, low] = project([0, 0, 0], seen)
      const [, high] = project(view === 'top' ? [0, 10, 0] : [0, 0, 10], seen)
      expect(high).toBeGreaterThan(low)
    }
    expect(project([10, 0, 0], { view: 'front', aroundZ: 0, tilt: 0 })[0]).toBe(10)
  })

  it('joins corners that differ in one axis only', () => {
    const all = corners(box)
    for (const [a, b] of EDGES) expect(all[a]?.filter((value, axis) => value !== all[b]?.[axis])).toHaveLength(1)
    expect(EDGES).toHaveLength(12)
  })
})
