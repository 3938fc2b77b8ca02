/** A move as it is asked for: what the program made must do, up to the tolerance. Machine coordinates, mm. */
import type { KeptMotion } from './reading.ts'

/** Rapids stay rapids, cuts stay cuts (straight or round), probing stays probing. */
type MoveClass = 'rapid' | 'cut' | 'probe'

export interface Arc {
  plane: number
  centreA: number
  centreB: number
  radius: number
  /** Radians, counter-clockwise positive. */
  sweep: number
}

export type MoveShape =
  | { kind: 'line' }
  | ({ kind: 'arc' } & Arc)
  /** The picture of an arc that is no arc any more. `at(0)` is its start, `at(1)` its end. */
  | { kind: 'curve'; at: (share: number) => [number, number, number]; pieces: number }

export interface AskedMove {
  class: MoveClass
  from: number[]
  to: number[]
  shape: MoveShape
  feed: number
  isInverseTime: boolean
  tool: number
  spindle: 3 | 4 | 5
  spindleRpm: number
  workOffset: number
  /** Goes straight whatever the surface (level): to or from a place that is not known in work coordinates. */
  isDirect: boolean
}

/** Axis numbers of a plane: first, second, and the one across. */
export function planeAxes(plane: number): [number, number, number] {
  return plane === 170 ? [0, 1, 2] : plane === 180 ? [2, 0, 1] : [1, 2, 0]
}

function classOf(kind: KeptMotion['kind']): MoveClass {
  return kind === 'arc' || kind === 'feed' ? 'cut' : kind
}

/** A move like this motion, between other places. */
export function askedLike(
  motion: KeptMotion,
  facts: { from: number[]; to: number[]; shape: MoveShape; isInverseTime: boolean; isDirect?: boolean },
): AskedMove {
  return {
    class: classOf(motion.kind),
    from: facts.from,
    to: facts.to,
    shape: facts.shape,
    feed: motion.feedMmPerMin,
    isInverseTime: facts.isInverseTime,
    tool: motion.tool,
    spindle: motion.spindle,
    spindleRpm: motion.spindleRpm,
    workOffset: motion.workOffset,
    isDirect: facts.isDirect ?? false,
  }
}

/** The motion's own shape. */
export function shapeOf(motion: KeptMotion): MoveShape {
  if (motion.kind !== 'arc') return { kind: 'line' }
  const { plane, centreA, centreB, radius, sweep } = motion
  return { kind: 'arc', plane, centreA, centreB, radius, sweep }
}

/**
 * A point of a move.
 * @param share from 0, its start, to 1, its end
 */
export function pointAt(move: Pick<AskedMove, 'from' | 'to' | 'shape'>, share: number): [number, number, number] {
  const { from, to, shape } = move
  if (shape.kind === 'curve') return shape.at(share)
  const point: [number, number, number] = [0, 0, 0]
  for (let axis = 0; axis < 3; axis += 1) point[axis] = (from[axis] as number) + ((to[axis] as number) - (from[axis] as number)) * share
  if (shape.kind === 'line' || share <= 0) return point
  if (share >= 1) return [to[0] as number, to[1] as number, to[2] as number]
  const [a, b] = planeAxes(shape.plane)
  const startA = (from[a] as number) - shape.centreA
  const startB = (from[b] as number) - shape.centreB
  const cosine = Math.cos(shape.sweep * share)
  const sine = Math.sin(shape.sweep * share)
  point[a] = shape.centreA + startA * cosine - startB * sine
  point[b] = shape.centreB + startA * sine + startB * cosine
  return point
}

/** Length of the path, mm; of a curve that of its pieces. */
export function lengthOf(move: Pick<AskedMove, 'from' | 'to' | 'shape'>): number {
  const { from, to, shape } = move
  if (shape.kind === 'line') return distance(from, to)
  if (shape.kind === 'arc') {
    const across = planeAxes(shape.plane)[2]
    return Math.hypot(shape.radius * shape.sweep, (to[across] as number) - (from[across] as number))
  }
  let length = 0
  let last = shape.at(0)
  for (let i = 1; i <= shape.pieces; i += 1) {
    const next = shape.at(i / shape.pieces)
    length += distance(last, next)
    last = next
  }
  return length
}

/** Between two places in X, Y and Z. */
export function distance(one: readonly number[], other: readonly number[]): number {
  return Math.hypot((one[0] as number) - (other[0] as number), (one[1] as number) - (other[1] as number), (one[2] as number) - (other[2] as number))
}

/** Goes anywhere in any axis, rotary ones included. */
export function isMoving(motion: KeptMotion): boolean {
  return motion.to.some((value, axis) => value !== motion.from[axis])
}
