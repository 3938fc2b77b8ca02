/** How a wire runs between two points: one curve, or two round a corner when its target lies behind its source. */
import type { Rect } from './grid.ts'

export interface Point {
  x: number
  y: number
}
/** A cubic Bézier curve. */
export type Curve = readonly [Point, Point, Point, Point]

const REACH_MIN = 20
const REACH_MAX = 160

export function curvesOf(from: Point, to: Point): Curve[] {
  const dx = to.x - from.x
  const dy = to.y - from.y
  if (dx >= REACH_MIN * 2 || (dx >= 0 && Math.abs(dy) < 1)) {
    const reach = Math.min(Math.max(dx / 2, REACH_MIN), REACH_MAX)
    return [[from, { x: from.x + reach, y: from.y }, { x: to.x - reach, y: to.y }, to]]
  }
  // backwards: leave to the right, cross at half height (or below both, when they are level), arrive from the left
  const reach = Math.min(50 + Math.abs(dx) / 6, REACH_MAX)
  const middleY = Math.abs(dy) < 40 ? Math.max(from.y, to.y) + 45 : (from.y + to.y) / 2
  const middle = { x: (from.x + to.x) / 2, y: middleY }
  const bend = Math.min(Math.abs(dx) / 2 + 20, REACH_MAX)
  return [
    [from, { x: from.x + reach, y: from.y }, { x: middle.x + bend + reach / 2, y: middleY }, middle],
    [middle, { x: middle.x - bend - reach / 2, y: middleY }, { x: to.x - reach, y: to.y }, to],
  ]
}

/** The box of a wire; a Bézier curve never leaves the box of its four points. */
export function boundsOf(curves: readonly Curve[]): Rect {
  const points = curves.flat()
  return {
    left: Math.min(...points.map((point) => point.x)),
    top: Math.min(...points.map((point) => point.y)),
    right: Math.max(...points.map((point) => point.x)),
    bottom: Math.max(...points.map((point) => point.y)),
  }
}

const STEPS = 24

/** How far a point is from a wire. */
export function distanceTo(curves: readonly Curve[], point: Point): number {
  let best = Number.POSITIVE_INFINITY
  for (const curve of curves) {
    let before = curve[0]
    for (let step = 1; step <= STEPS; step += 1) {
      const at = pointOn(curve, step / STEPS)
      best = Math.min(best, distanceToLine(before, at, point))
      before = at
    }
  }
  return best
}

export function pointOn([a, b, c, d]: Curve, t: number): Point {
  const s = 1 - t
  const [wa, wb, wc, wd] = [s * s * s, 3 * s * s * t, 3 * s * t * t, t * t * t]
  return { x: a.x * wa + b.x * wb + c.x * wc + d.x * wd, y: a.y * wa + b.y * wb + c.y * wc + d.y * wd }
}

function distanceToLine(a: Point, b: Point, point: Point): number {
  const dx = b.x - a.x
  const dy = b.y - a.y
  const length = dx * dx + dy * dy
  const t = length === 0 ? 0 : Math.min(1, Math.max(0, ((point.x - a.x) * dx + (point.y - a.y) * dy) / length))
  return Math.hypot(a.x + t * dx - point.x, a.y + t * dy - point.y)
}
