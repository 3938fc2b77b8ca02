/** Arcs: centre, sweep and the box they really cover. Plane coordinates `a`, `b` as G17, G18, G19 order them. */

export interface PlaneArc {
  startA: number
  startB: number
  endA: number
  endB: number
  isClockwise: boolean
}

export type ArcCentre = { a: number; b: number; radius: number } | { problem: string }

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

/** The box of the arc as swept, not only of its ends. */
export function arcBox(arc: PlaneArc, centre: { a: number; b: number; radius: number }): { minA: number; maxA: number; minB: number; maxB: number } {
  const from = Math.atan2(arc.startB - centre.b, arc.startA - centre.a)
  const to = Math.atan2(arc.endB - centre.b, arc.endA - centre.a)
  // grbl 1.1 ARC_ANGULAR_TRAVEL_EPSILON: equal angles are a full circle
  let sweep = arc.isClockwise ? from - to : to - from
  while (sweep <= 5e-7) sweep += 2 * Math.PI
  const box = {
    minA: Math.min(arc.startA, arc.endA),
    maxA: Math.max(arc.startA, arc.endA),
    minB: Math.min(arc.startB, arc.endB),
    maxB: Math.max(arc.startB, arc.endB),
  }
  for (let quadrant = 0; quadrant < 4; quadrant += 1) {
    const angle = (quadrant * Math.PI) / 2
    let way = arc.isClockwise ? from - angle : angle - from
    while (way < 0) way += 2 * Math.PI
    while (way >= 2 * Math.PI) way -= 2 * Math.PI
    if (way > sweep) continue
    if (quadrant === 0) box.maxA = Math.max(box.maxA, centre.a + centre.radius)
    else if (quadrant === 1) box.maxB = Math.max(box.maxB, centre.b + centre.radius)
    else if (quadrant === 2) box.minA = Math.min(box.minA, centre.a - centre.radius)
    else box.minB = Math.min(box.minB, centre.b - centre.radius)
  }
  return box
}
