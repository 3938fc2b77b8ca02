/** Arcs: their centre from `R` or `I J K`, and the short lines they become (RS274/NGC; grbl 1.1: gcode.c, motion_control.c). */
import { ERROR, LineError } from './errors.ts'
import { sameVector, type Vector, zero } from './vector.ts'

type LinearAxis = 0 | 1 | 2

/** The two axes of an arc's plane and the one it may rise along. */
export interface PlaneAxes {
  first: LinearAxis
  second: LinearAxis
  linear: LinearAxis
}

/** Vector from the start to the centre, and the radius, in mm. */
export interface ArcShape {
  offset: Vector
  radius: number
}

/** @throws LineError 33 start and end are the same point, 34 the radius is too short */
export function arcFromRadius(options: { from: Vector; target: Vector; radius: number; isClockwise: boolean; axes: PlaneAxes }): ArcShape {
  const { from, target, radius, isClockwise, axes } = options
  if (sameVector(from, target)) throw new LineError(ERROR.badTarget)
  const x = target[axes.first] - from[axes.first]
  const y = target[axes.second] - from[axes.second]
  const chord = Math.hypot(x, y)
  const heightSquared = radius * radius - (chord / 2) ** 2
  if (heightSquared < 0) throw new LineError(ERROR.arcRadius)
  // a helix that only rises has no chord in the plane: GRBL divides by zero there, we refuse
  if (chord === 0) throw new LineError(ERROR.badTarget)
  // the short way round lies right of the chord for clockwise arcs; a negative radius asks for the long way
  const side = isClockwise === radius > 0 ? -1 : 1
  const height = (side * Math.sqrt(heightSquared)) / chord
  const offset = zero()
  offset[axes.first] = x / 2 - y * height
  offset[axes.second] = y / 2 + x * height
  return { offset, radius: Math.abs(radius) }
}

/** @throws LineError 33 when start and end do not lie on one circle: off by more than 0.5 mm, or by 0.005 mm and 0.1 % of the radius */
export function arcFromOffsets(options: { from: Vector; target: Vector; offset: Vector; axes: PlaneAxes }): ArcShape {
  const { from, target, offset, axes } = options
  const radius = Math.hypot(offset[axes.first], offset[axes.second])
  const endRadius = Math.hypot(target[axes.first] - from[axes.first] - offset[axes.first], target[axes.second] - from[axes.second] - offset[axes.second])
  const off = Math.abs(endRadius - radius)
  if (off > 0.5 || (off > 0.005 && off > 0.001 * radius)) throw new LineError(ERROR.badTarget)
  return { offset, radius }
}

/** Less than this from the start and the arc is a full circle. */
const FULL_CIRCLE_RADIANS = 5e-7

/**
 * The end points of the lines that an arc becomes, the last one the target itself.
 * @param options.tolerance `$12`: how far a chord may be from the circle, mm
 */
export function arcPoints(options: ArcShape & { from: Vector; target: Vector; isClockwise: boolean; axes: PlaneAxes; tolerance: number }): Vector[] {
  const { from, target, offset, radius, isClockwise, axes, tolerance } = options
  const { first, second, linear } = axes
  const centre = { first: from[first] + offset[first], second: from[second] + offset[second] }
  const start = Math.atan2(-offset[second], -offset[first])
  const end = Math.atan2(target[second] - centre.second, target[first] - centre.first)
  let travel = end - start
  // into (-pi, pi], then round the right way
  travel = Math.atan2(Math.sin(travel), Math.cos(travel))
  if (isClockwise && travel >= -FULL_CIRCLE_RADIANS) travel -= 2 * Math.PI
  if (!isClockwise && travel <= FULL_CIRCLE_RADIANS) travel += 2 * Math.PI

  const chordHalf = Math.sqrt(Math.max(tolerance * (2 * radius - tolerance), 0))
  const wished = chordHalf > 0 ? Math.floor(Math.abs(0.5 * travel * radius) / chordHalf) : 0
  // a 16-bit counter in the firmware
  const count = Math.min(wished, 0xffff)
  const points: Vector[] = []
  for (let i = 1; i < count; i++) {
    const angle = start + (travel * i) / count
    const point: Vector = [...from]
    point[first] = centre.first + radius * Math.cos(angle)
    point[second] = centre.second + radius * Math.sin(angle)
    for (const axis of [linear, 3, 4, 5] as const) point[axis] = from[axis] + ((target[axis] - from[axis]) * i) / count
    points.push(point)
  }
  points.push([...target])
  return points
}
