/** Boxes nothing may enter: exact for lines, and for arcs as exact as they are drawn. Machine coordinates, mm. */
import { arcExtremes, PLANE_AXES, type PlannedArc } from './arc.ts'
import type { Box } from './contract.ts'

/** Touching a face is not entering it. */
const SKIN = 0.001
/** Pieces of an arc with less bulge than this are taken for lines, mm. */
const LEAST_BULGE = 0.0005

interface KeepOutHit {
  name: string
  at: readonly [number, number, number]
}

export interface KeepOut {
  /** @returns the first box met on the straight way, and where */
  line(from: ArrayLike<number>, to: ArrayLike<number>): KeepOutHit | undefined
  arc(from: ArrayLike<number>, to: ArrayLike<number>, arc: PlannedArc): KeepOutHit | undefined
  /** Anything between two corners. */
  box(low: ArrayLike<number>, high: ArrayLike<number>): KeepOutHit | undefined
}

interface Solid {
  name: string
  min: readonly number[]
  max: readonly number[]
}

export function createKeepOut(boxes: readonly (Box & { name: string })[]): KeepOut {
  const solids: Solid[] = boxes.map(({ name, min, max }) => ({
    name,
    min: [0, 1, 2].map((axis) => (min[axis] ?? Number.NEGATIVE_INFINITY) + SKIN),
    max: [0, 1, 2].map((axis) => (max[axis] ?? Number.POSITIVE_INFINITY) - SKIN),
  }))
  return {
    line(from, to) {
      let first: KeepOutHit | undefined
      let earliest = Number.POSITIVE_INFINITY
      for (const solid of solids) {
        const at = entry(solid, from, to, 0)
        if (at === undefined || at >= earliest) continue
        earliest = at
        first = { name: solid.name, at: pointAt(from, to, at) }
      }
      return first
    },
    arc(from, to, arc) {
      for (const solid of solids) {
        const at = arcEntry(solid, from, to, arc)
        if (at) return { name: solid.name, at }
      }
      return undefined
    },
    box(low, high) {
      for (const { name, min, max } of solids) {
        const isApart = [0, 1, 2].some((axis) => (high[axis] as number) <= (min[axis] as number) || (low[axis] as number) >= (max[axis] as number))
        const at = (axis: number) => Math.max(low[axis] as number, min[axis] as number)
        if (!isApart) return { name, at: [at(0), at(1), at(2)] }
      }
      return undefined
    },
  }
}

const pointAt = (from: ArrayLike<number>, to: ArrayLike<number>, t: number): readonly [number, number, number] => {
  const on = (axis: number) => (from[axis] as number) + ((to[axis] as number) - (from[axis] as number)) * t
  return [on(0), on(1), on(2)]
}

/** How far along the line (0 to 1) it enters the solid, grown by `slack`; undefined when it misses it (slab test). */
function entry(solid: Solid, from: ArrayLike<number>, to: ArrayLike<number>, slack: number): number | undefined {
  let enter = 0
  let leave = 1
  for (let axis = 0; axis < 3; axis += 1) {
    const start = from[axis] as number
    const way = (to[axis] as number) - start
    const low = (solid.min[axis] as number) - slack
    const high = (solid.max[axis] as number) + slack
    if (way === 0) {
      if (start <= low || start >= high) return undefined
      continue
    }
    const a = (low - start) / way
    const b = (high - start) / way
    enter = Math.max(enter, Math.min(a, b))
    leave = Math.min(leave, Math.max(a, b))
    if (enter >= leave) return undefined
  }
  return enter
}

/** Halves the arc until a piece misses the solid or is as good as straight. */
function arcEntry(solid: Solid, from: ArrayLike<number>, to: ArrayLike<number>, arc: PlannedArc): readonly [number, number, number] | undefined {
  const [a, b, across] = PLANE_AXES[arc.plane] as readonly [number, number, number]
  const startAngle = Math.atan2((from[b] as number) - arc.centreB, (from[a] as number) - arc.centreA)
  const box = new Float64Array(4)
  const point = (t: number): [number, number, number] => {
    const made: [number, number, number] = [0, 0, 0]
    if (t === 0 || t === 1) {
      const end = t === 0 ? from : to
      return [end[0] as number, end[1] as number, end[2] as number]
    }
    const angle = startAngle + arc.sweep * t
    made[a as 0 | 1 | 2] = arc.centreA + arc.radius * Math.cos(angle)
    made[b as 0 | 1 | 2] = arc.centreB + arc.radius * Math.sin(angle)
    made[across as 0 | 1 | 2] = (from[across] as number) + ((to[across] as number) - (from[across] as number)) * t
    return made
  }
  const search = (t0: number, t1: number): readonly [number, number, number] | undefined => {
    const start = point(t0)
    const end = point(t1)
    const sweep = arc.sweep * (t1 - t0)
    arcExtremes(box, {
      startA: start[a as 0 | 1 | 2],
      startB: start[b as 0 | 1 | 2],
      endA: end[a as 0 | 1 | 2],
      endB: end[b as 0 | 1 | 2],
      centreA: arc.centreA,
      centreB: arc.centreB,
      radius: arc.radius,
      sweep,
    })
    const low = Math.min(start[across as 0 | 1 | 2], end[across as 0 | 1 | 2])
    const high = Math.max(start[across as 0 | 1 | 2], end[across as 0 | 1 | 2])
    const isApart =
      (box[1] as number) <= (solid.min[a] as number) ||
      (box[0] as number) >= (solid.max[a] as number) ||
      (box[3] as number) <= (solid.min[b] as number) ||
      (box[2] as number) >= (solid.max[b] as number) ||
      high <= (solid.min[across] as number) ||
      low >= (solid.max[across] as number)
    if (isApart) return undefined
    const bulge = arc.radius * (1 - Math.cos(Math.min(Math.PI, Math.abs(sweep)) / 2))
    if (bulge < LEAST_BULGE) {
      const at = entry(solid, start, end, bulge)
      return at === undefined ? undefined : pointAt(start, end, at)
    }
    const middle = (t0 + t1) / 2
    return search(t0, middle) ?? search(middle, t1)
  }
  return search(0, 1)
}
