/**
 * The way of a wire round the nodes between its ends. A wire that meets none keeps its plain shape; otherwise a shortest way
 * with few corners is searched along the edges of the nodes around it (A* over the lines that touch their edges).
 */
import type { Rect } from './grid.ts'
import { type Curve, curvesOf, type Point, pointOn } from './wire-shape.ts'

/** `curved`: plain, over everything. `smooth` and `square`: round the nodes, with wide or tight corners. */
export type WireStyle = 'curved' | 'smooth' | 'square'

export interface Way {
  from: Point
  to: Point
  /** The nodes that touch an area, the ends' own among them. */
  obstacles: (area: Rect) => Rect[]
  style: WireStyle
  /** Wires with different numbers keep a little apart where they go side by side. */
  lane: number
}

/** How far a wire keeps from nodes, and how far it goes straight out of a port. */
const GAP = 8
const STUB = 18
/** How far around the straight way is looked for a way round. */
const AROUND = 220
const OBSTACLES_MAX = 70
const STEPS_MAX = 4_000
const BEND_COST = 40
const RADIUS = { smooth: 30, square: 6 } as const

/** @returns the wire's shape; the plain one where there is no way round */
export function routed({ from, to, obstacles, style, lane }: Way): Curve[] {
  const plain = curvesOf(from, to)
  if (style === 'curved') return plain
  if (style === 'smooth' && !isBlocked(plain, obstacles)) return plain
  const simple = style === 'square' ? simpleWay(from, to, obstacles) : undefined
  const points = simple ?? search(from, to, obstacles, GAP + (lane % 3) * 3)
  if (!points) return style === 'smooth' ? plain : rounded(fallback(from, to), RADIUS.square)
  return rounded(points, RADIUS[style])
}

function isBlocked(curves: readonly Curve[], obstacles: Way['obstacles']): boolean {
  const points = curves.flatMap((curve) => Array.from({ length: 17 }, (_, step) => pointOn(curve, step / 16)))
  const [first, last] = [points[0], points.at(-1)]
  if (!first || !last) return false
  const boxes = obstacles(boxAround(points, 0))
  return points.some((point) => {
    // at its own ports a wire touches its nodes
    if (Math.hypot(point.x - first.x, point.y - first.y) < STUB || Math.hypot(point.x - last.x, point.y - last.y) < STUB) return false
    return boxes.some((box) => point.x > box.left - 3 && point.x < box.right + 3 && point.y > box.top - 3 && point.y < box.bottom + 3)
  })
}

/** Straight across, or one step up or down somewhere between the ends. */
function simpleWay(from: Point, to: Point, obstacles: Way['obstacles']): Point[] | undefined {
  if (to.x - from.x < STUB * 2) return undefined
  const boxes = obstacles(boxAround([from, to], GAP))
  const isFree = (a: Point, b: Point) => !boxes.some((box) => crosses(a, b, box, 2))
  const inner = { from: { x: from.x + GAP, y: from.y }, to: { x: to.x - GAP, y: to.y } }
  if (Math.abs(from.y - to.y) < 1) return isFree(inner.from, inner.to) ? [from, to] : undefined
  for (const share of [0.5, 0.25, 0.75]) {
    const x = from.x + STUB + (to.x - from.x - STUB * 2) * share
    const [up, down] = [
      { x, y: from.y },
      { x, y: to.y },
    ]
    if (isFree(inner.from, up) && isFree(up, down) && isFree(down, inner.to)) return [from, up, down, to]
  }
  return undefined
}

function fallback(from: Point, to: Point): Point[] {
  if (to.x - from.x >= STUB * 2) {
    const x = (from.x + to.x) / 2
    return [from, { x, y: from.y }, { x, y: to.y }, to]
  }
  const y = Math.abs(to.y - from.y) < 60 ? Math.max(from.y, to.y) + 45 : (from.y + to.y) / 2
  return [from, { x: from.x + STUB, y: from.y }, { x: from.x + STUB, y }, { x: to.x - STUB, y }, { x: to.x - STUB, y: to.y }, to]
}

/** Whether a level or upright line goes through a box made larger by `by`. */
function crosses(a: Point, b: Point, box: Rect, by: number): boolean {
  return Math.max(a.x, b.x) > box.left - by && Math.min(a.x, b.x) < box.right + by && Math.max(a.y, b.y) > box.top - by && Math.min(a.y, b.y) < box.bottom + by
}

interface Step {
  x: number
  y: number
  isLevel: boolean
  cost: number
  hope: number
  before: Step | undefined
}

function search(from: Point, to: Point, obstacles: Way['obstacles'], gap: number): Point[] | undefined {
  const start = { x: from.x + STUB, y: from.y }
  const end = { x: to.x - STUB, y: to.y }
  const area = boxAround([start, end], AROUND)
  const boxes = nearest(obstacles(area), start, end)
  const xs = sorted([start.x, end.x, ...boxes.flatMap((box) => [box.left - gap, box.right + gap])], area.left, area.right)
  const ys = sorted([start.y, end.y, ...boxes.flatMap((box) => [box.top - gap, box.bottom + gap])], area.top, area.bottom)
  const [endX, endY] = [xs.indexOf(end.x), ys.indexOf(end.y)]
  const hope = (x: number, y: number) => Math.abs((xs[x] as number) - end.x) + Math.abs((ys[y] as number) - end.y)
  const at = (step: { x: number; y: number }): Point => ({ x: xs[step.x] as number, y: ys[step.y] as number })
  const best = new Map<number, number>()
  const open = new Heap()
  const first = { x: xs.indexOf(start.x), y: ys.indexOf(start.y) }
  open.push({ ...first, isLevel: true, cost: 0, hope: hope(first.x, first.y), before: undefined })
  for (let steps = 0; steps < STEPS_MAX; steps += 1) {
    const step = open.pop()
    if (!step) return undefined
    if (step.x === endX && step.y === endY) return corners(from, to, step, at)
    for (const [dx, dy] of DIRECTIONS) {
      const [x, y] = [step.x + dx, step.y + dy]
      if (x < 0 || y < 0 || x >= xs.length || y >= ys.length) continue
      const isLevel = dy === 0
      const [here, there] = [at(step), at({ x, y })]
      if (boxes.some((box) => crosses(here, there, box, GAP - 2))) continue
      // it must come in level, from the left
      const lastBend = x === endX && y === endY && !isLevel ? BEND_COST : 0
      const cost = step.cost + Math.abs(there.x - here.x) + Math.abs(there.y - here.y) + (isLevel === step.isLevel ? 0 : BEND_COST) + lastBend
      const key = (x * 4096 + y) * 2 + (isLevel ? 1 : 0)
      if (cost >= (best.get(key) ?? Number.POSITIVE_INFINITY)) continue
      best.set(key, cost)
      open.push({ x, y, isLevel, cost, hope: cost + hope(x, y), before: step })
    }
  }
  return undefined
}

const DIRECTIONS = [
  [1, 0],
  [0, 1],
  [0, -1],
  [-1, 0],
] as const

function corners(from: Point, to: Point, last: Step, at: (step: Step) => Point): Point[] {
  const points: Point[] = [to]
  for (let step: Step | undefined = last; step; step = step.before) points.push(at(step))
  points.push(from)
  points.reverse()
  // points along a straight line are none
  return points.filter((point, index) => {
    const [before, after] = [points[index - 1], points[index + 1]]
    return !before || !after || !((before.x === point.x && point.x === after.x) || (before.y === point.y && point.y === after.y))
  })
}

/** The boxes that matter most when there are too many. */
function nearest(boxes: Rect[], from: Point, to: Point): Rect[] {
  if (boxes.length <= OBSTACLES_MAX) return boxes
  const middle = { x: (from.x + to.x) / 2, y: (from.y + to.y) / 2 }
  const far = (box: Rect) =>
    Math.min(...[from, middle, to].map((point) => Math.abs((box.left + box.right) / 2 - point.x) / 3 + Math.abs((box.top + box.bottom) / 2 - point.y)))
  return boxes
    .map((box) => ({ box, far: far(box) }))
    .sort((a, b) => a.far - b.far)
    .slice(0, OBSTACLES_MAX)
    .map(({ box }) => box)
}

function sorted(values: number[], low: number, high: number): number[] {
  return [...new Set(values)].filter((value) => value >= low && value <= high).sort((a, b) => a - b)
}

function boxAround(points: readonly Point[], by: number): Rect {
  const [xs, ys] = [points.map((point) => point.x), points.map((point) => point.y)]
  return { left: Math.min(...xs) - by, top: Math.min(...ys) - by, right: Math.max(...xs) + by, bottom: Math.max(...ys) + by }
}

/** A way of straight pieces with rounded corners. */
function rounded(points: readonly Point[], radius: number): Curve[] {
  const curves: Curve[] = []
  let here = points[0]
  if (!here) return curves
  for (let index = 1; index < points.length; index += 1) {
    const corner = points[index] as Point
    const next = points[index + 1]
    if (!next) {
      curves.push(line(here, corner))
      break
    }
    const before = points[index - 1] as Point
    const r = Math.min(radius, distance(before, corner) / (index === 1 ? 1.2 : 2), distance(corner, next) / (index === points.length - 2 ? 1.2 : 2))
    const into = towards(corner, before, r)
    const out = towards(corner, next, r)
    const isApart = distance(here, into) > 0.5
    if (isApart) curves.push(line(here, into))
    // 0.55: the handle of a quarter of a circle
    curves.push([isApart ? into : here, towards(into, corner, r * 0.55), towards(out, corner, r * 0.55), out])
    here = out
  }
  return curves
}

const distance = (a: Point, b: Point) => Math.hypot(a.x - b.x, a.y - b.y)

function towards(from: Point, to: Point, by: number): Point {
  const length = distance(from, to) || 1
  return { x: from.x + ((to.x - from.x) / length) * by, y: from.y + ((to.y - from.y) / length) * by }
}

const line = (a: Point, b: Point): Curve => [a, towards(a, b, distance(a, b) / 3), towards(b, a, distance(a, b) / 3), b]

/** The most hopeful step first. */
class Heap {
  readonly #steps: Step[] = []

  push(step: Step): void {
    const steps = this.#steps
    let at = steps.push(step) - 1
    while (at > 0) {
      const above = (at - 1) >> 1
      if ((steps[above] as Step).hope <= step.hope) break
      steps[at] = steps[above] as Step
      at = above
    }
    steps[at] = step
  }

  pop(): Step | undefined {
    const steps = this.#steps
    const top = steps[0]
    const last = steps.pop()
    if (!top || !last || steps.length === 0) return top
    let at = 0
    for (;;) {
      let child = at * 2 + 1
      if (child >= steps.length) break
      if (child + 1 < steps.length && (steps[child + 1] as Step).hope < (steps[child] as Step).hope) child += 1
      if ((steps[child] as Step).hope >= last.hope) break
      steps[at] = steps[child] as Step
      at = child
    }
    steps[at] = last
    return top
  }
}
