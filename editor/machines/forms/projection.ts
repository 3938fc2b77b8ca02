/** How boxes in machine coordinates come onto a flat drawing: seen along an axis, or in space, without perspective. */

export type Point3 = readonly [number, number, number]
export interface Box3 {
  min: Point3
  max: Point3
}
export const VIEWS = ['space', 'top', 'front', 'side'] as const
export type View = (typeof VIEWS)[number]
export interface Seen {
  view: View
  /** Degrees, for `space`. */
  aroundZ: number
  tilt: number
}

/** Corners in the order of their bits: X 1, Y 2, Z 4. */
export function corners({ min, max }: Box3): Point3[] {
  return Array.from({ length: 8 }, (_, bits): Point3 => [bits & 1 ? max[0] : min[0], bits & 2 ? max[1] : min[1], bits & 4 ? max[2] : min[2]])
}
export const EDGES: readonly (readonly [number, number])[] = [
  [0, 1],
  [2, 3],
  [4, 5],
  [6, 7],
  [0, 2],
  [1, 3],
  [4, 6],
  [5, 7],
  [0, 4],
  [1, 5],
  [2, 6],
  [3, 7],
]
/** The floor first. */
export const FACES: readonly (readonly number[])[] = [
  [0, 1, 3, 2],
  [4, 5, 7, 6],
  [0, 1, 5, 4],
  [2, 3, 7, 6],
  [0, 2, 6, 4],
  [1, 3, 7, 5],
]

/** Right and up on the drawing, in mm. */
export function project([x, y, z]: Point3, { view, aroundZ, tilt }: Seen): [number, number] {
  switch (view) {
    case 'top':
      return [x, y]
    case 'front':
      return [x, z]
    // from the right: Y runs away to the right, as in a third-angle drawing
    case 'side':
      return [y, z]
    case 'space': {
      const turn = (aroundZ * Math.PI) / 180
      const lean = (tilt * Math.PI) / 180
      const right = x * Math.cos(turn) - y * Math.sin(turn)
      const away = x * Math.sin(turn) + y * Math.cos(turn)
      return [right, away * Math.sin(lean) + z * Math.cos(lean)]
    }
    default:
      return view satisfies never
  }
}

/** @returns how a projected point comes onto a drawing of this size, so that all boxes fit with a margin for the words */
export function fitOf(
  boxes: readonly Box3[],
  seen: Seen,
  { width, height }: { width: number; height: number },
): (point: readonly [number, number]) => [number, number] {
  const all = boxes.flatMap(corners).map((corner) => project(corner, seen))
  const right = all.map(([value]) => value)
  const up = all.map(([, value]) => value)
  const [minRight, maxRight, minUp, maxUp] = [Math.min(...right), Math.max(...right), Math.min(...up), Math.max(...up)]
  const margin = 44
  const scale = Math.min((width - 2 * margin) / Math.max(1e-6, maxRight - minRight), (height - 2 * margin) / Math.max(1e-6, maxUp - minUp))
  const left = (width - (maxRight - minRight) * scale) / 2
  const top = (height - (maxUp - minUp) * scale) / 2
  return ([x, y]) => [left + (x - minRight) * scale, height - top - (y - minUp) * scale]
}
