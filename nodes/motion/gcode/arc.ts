/** Arcs: centre, sweep and the box they really cover. Plane coordinates `a`, `b` as G17, G18, G19 order them. */

export interface PlaneArc {
  startA: number
  startB: number
  endA: number
  endB: number
  isClockwise: boolean
}

type ArcCentre = { a: number; b: number; radius: number } | { problem: string }

/** Centre of an arc given by its radius; a negative radius is the longer way round (grbl 1.1 gcode.c). */
export function centreFromRadius(arc: PlaneArc, radius: number): ArcCentre {
  const x = arc.endA - arc.startA
  const y = arc.endB - arc.startB
  const chordSquared = x * x + y * y
  if (chordSquared === 0) return { problem: 'An arc with R needs an end that is not its start. Use I and J for a full circle.' }
  const h = 4 * radius * radius - chordSquared
  if (h < 0) return { problem: `No arc of radius ${Math.abs(radius)} reaches its end: the points are ${Math.sqrt(chordSquared).toFixed(3)} apart.` }
  let factor = -Math.sqrt(h) / Math.sqrt(chordSquared)
  if (!arc.isClockwise) factor = -factor
  if (radius < 0) factor = -factor
  return { a: arc.startA + 0.5 * (x - y * factor), b: arc.startB + 0.5 * (y + x * factor), radius: Math.abs(radius) }
}

/** Centre of an arc given by I, J, K; the end must lie on the circle (grbl 1.1: within 0.5 mm and 0.1 % of the radius). */
export function centreFromOffsets(arc: PlaneArc, offsetA: number, offsetB: number): ArcCentre {
  const a = arc.startA + offsetA
  const b = arc.startB + offsetB
  const radius = Math.hypot(offsetA, offsetB)
  const endRadius = Math.hypot(arc.endA - a, arc.endB - b)
  const off = Math.abs(endRadius - radius)
  if (off > 0.005 && (off > 0.5 || off > 0.001 * radius))
    return { problem: `The end of the arc does not lie on its circle: radius ${radius.toFixed(3)} at the start, ${endRadius.toFixed(3)} at the end.` }
  return { a, b, radius: Math.max(radius, endRadius) }
}

/** An arc as it is gone: `sweep` in radians, counter-clockwise positive, whole turns included. */
interface SweptArc {
  startA: number
  startB: number
  endA: number
  endB: number
  centreA: number
  centreB: number
  radius: number
  sweep: number
}

const TURN = 2 * Math.PI

/** Smaller angles are taken for none, so that the arc is a full circle (grbl 1.1 ARC_ANGULAR_TRAVEL_EPSILON). */
const SMALLEST_ANGLE = 5e-7

/** @returns radians from start to end, counter-clockwise positive; equal angles are a full circle */
export function arcSweep(arc: PlaneArc, centre: { a: number; b: number }): number {
  const startA = arc.startA - centre.a
  const startB = arc.startB - centre.b
  const endA = arc.endA - centre.a
  const endB = arc.endB - centre.b
  const sweep = Math.atan2(startA * endB - startB * endA, startA * endA + startB * endB)
  if (arc.isClockwise) return sweep >= -SMALLEST_ANGLE ? sweep - TURN : sweep
  return sweep <= SMALLEST_ANGLE ? sweep + TURN : sweep
}

/** Writes the box of the arc as swept into `box`: least and most of A, then of B. */
export function arcExtremes(box: Float64Array, arc: SweptArc): void {
  const { startA, startB, endA, endB, centreA, centreB, radius } = arc
  let minA = Math.min(startA, endA)
  let maxA = Math.max(startA, endA)
  let minB = Math.min(startB, endB)
  let maxB = Math.max(startB, endB)
  const isClockwise = arc.sweep < 0
  const sweep = Math.abs(arc.sweep) + 1e-9
  const from = Math.atan2(startB - centreB, startA - centreA)
  for (let quadrant = 0; quadrant < 4; quadrant += 1) {
    const angle = (quadrant * Math.PI) / 2
    let way = isClockwise ? from - angle : angle - from
    while (way < 0) way += TURN
    while (way >= TURN) way -= TURN
    if (way > sweep) continue
    if (quadrant === 0) maxA = Math.max(maxA, centreA + radius)
    else if (quadrant === 1) maxB = Math.max(maxB, centreB + radius)
    else if (quadrant === 2) minA = Math.min(minA, centreA - radius)
    else minB = Math.min(minB, centreB - radius)
  }
  box[0] = minA
  box[1] = maxA
  box[2] = minB
  box[3] = maxB
}

/** Plane code to its axes: first, second (the arc turns from first to second), and the one across. */
export const PLANE_AXES: Record<number, readonly [number, number, number]> = { 170: [0, 1, 2], 180: [2, 0, 1], 190: [1, 2, 0] }

export interface PlannedArc {
  plane: number
  centreA: number
  centreB: number
  radius: number
  /** Radians, counter-clockwise positive, whole turns included. */
  sweep: number
}
