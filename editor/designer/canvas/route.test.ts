import { describe, expect, test } from 'vitest'
import fc from '../../../test/property.ts'
import type { Rect } from './grid.ts'
import { routed, type WireStyle } from './route.ts'
import { type Curve, curvesOf, pointOn } from './wire-shape.ts'

const box = (x: number, y: number, width = 100, height = 30): Rect => ({
  left: x - width / 2,
  top: y - height / 2,
  right: x + width / 2,
  bottom: y + height / 2,
})
const among = (boxes: Rect[]) => (area: Rect) =>
  boxes.filter((one) => one.left <= area.right && area.left <= one.right && one.top <= area.bottom && area.top <= one.bottom)
const points = (curves: readonly Curve[]) => curves.flatMap((curve) => Array.from({ length: 41 }, (_, step) => pointOn(curve, step / 40)))
const goesThrough = (curves: readonly Curve[], one: Rect) => points(curves).some(({ x, y }) => x > one.left && x < one.right && y > one.top && y < one.bottom)
const way = (style: WireStyle, boxes: Rect[], from = { x: 50, y: 0 }, to = { x: 450, y: 0 }) =>
  routed({ from, to, obstacles: among([box(from.x - 50, from.y), box(to.x + 50, to.y), ...boxes]), style, lane: 0 })

describe('a wire', () => {
  test('keeps its plain shape where nothing is in its way', () => {
    expect(way('smooth', [box(250, 200)])).toEqual(curvesOf({ x: 50, y: 0 }, { x: 450, y: 0 }))
  })

  test.each(['smooth', 'square'] as const)('goes round a node in its way: %s', (style) => {
    const one = box(250, 0)
    expect(goesThrough(way('curved', [one]), one)).toBe(true)
    expect(goesThrough(way(style, [one]), one)).toBe(false)
  })

  test.each(['smooth', 'square'] as const)('goes back round its own nodes: %s', (style) => {
    const [from, to] = [
      { x: 450, y: 0 },
      { x: 50, y: 0 },
    ]
    const between = box(250, 45)
    const curves = way(style, [between], from, to)
    expect(goesThrough(curves, between)).toBe(false)
    expect(goesThrough(curves, box(400, 0, 90, 28))).toBe(false)
    expect(goesThrough(curves, box(100, 0, 90, 28))).toBe(false)
  })

  test('with right angles has only level and upright pieces between its corners', () => {
    for (const [a, b, c, d] of way('square', [box(250, 0)], { x: 50, y: 0 }, { x: 450, y: 120 })) {
      const isStraight = (a.x === b.x && b.x === c.x && c.x === d.x) || (a.y === b.y && b.y === c.y && c.y === d.y)
      expect(isStraight || Math.hypot(d.x - a.x, d.y - a.y) <= 12).toBe(true)
    }
  })

  test('begins and ends at its ports and has no gaps, whatever stands around', () => {
    const place = fc.record({ x: fc.integer({ min: -300, max: 900 }), y: fc.integer({ min: -300, max: 300 }) })
    fc.assert(
      fc.property(place, place, fc.array(place, { maxLength: 30 }), fc.constantFrom<WireStyle>('curved', 'smooth', 'square'), (from, to, others, style) => {
        const curves = way(
          style,
          others.map(({ x, y }) => box(x, y)),
          from,
          to,
        )
        expect(curves[0]?.[0]).toEqual(from)
        expect(curves.at(-1)?.[3]).toEqual(to)
        for (let index = 1; index < curves.length; index += 1) expect(curves[index]?.[0]).toEqual(curves[index - 1]?.[3])
        for (const { x, y } of points(curves)) expect(Number.isFinite(x) && Number.isFinite(y)).toBe(true)
      }),
      // half a step between two corners
      { numRuns: 150, examples: [[{ x: 7, y: 0 }, { x: 7, y: 123 }, [{ x: -65, y: 77 }], 'smooth']] },
    )
  })
})
