import { expect, test } from 'vitest'
import fc from '../../../test/property.ts'
import { boundsOf, curvesOf, distanceTo, pointOn } from './wire-shape.ts'

const point = fc.record({ x: fc.integer({ min: -3000, max: 3000 }), y: fc.integer({ min: -3000, max: 3000 }) })

test('a wire begins at its output and ends at its input, in one piece, wherever they are', () => {
  fc.assert(
    fc.property(point, point, (from, to) => {
      const curves = curvesOf(from, to)
      expect(curves[0]?.[0]).toEqual(from)
      expect(curves.at(-1)?.[3]).toEqual(to)
      if (curves.length === 2) expect(curves[0]?.[3]).toEqual(curves[1]?.[0])
    }),
  )
})

test('it leaves to the right and arrives from the left', () => {
  fc.assert(
    fc.property(point, point, (from, to) => {
      const curves = curvesOf(from, to)
      expect(curves[0]![1].x).toBeGreaterThan(from.x)
      expect(curves.at(-1)![2].x).toBeLessThan(to.x)
    }),
  )
})

test('every point of it is in its box and at no distance from it', () => {
  fc.assert(
    fc.property(point, point, fc.double({ min: 0, max: 1, noNaN: true }), (from, to, t) => {
      const curves = curvesOf(from, to)
      const box = boundsOf(curves)
      for (const curve of curves) {
        const at = pointOn(curve, t)
        expect(at.x).toBeGreaterThanOrEqual(box.left - 1e-6)
        expect(at.x).toBeLessThanOrEqual(box.right + 1e-6)
        expect(at.y).toBeGreaterThanOrEqual(box.top - 1e-6)
        expect(at.y).toBeLessThanOrEqual(box.bottom + 1e-6)
        // the curve is followed in straight pieces: near enough for a pointer
        expect(distanceTo(curves, at)).toBeLessThan(8)
      }
    }),
  )
})

test('a point beside a straight wire is as far from it as it looks', () => {
  expect(distanceTo(curvesOf({ x: 0, y: 0 }, { x: 200, y: 0 }), { x: 100, y: 12 })).toBeCloseTo(12, 5)
})
