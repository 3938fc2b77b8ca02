/** How far two paths are from each other when both are followed in their order. */

export type Point = readonly [number, number, number]

/** A path as its corners. */
export type Polyline = readonly Point[]

/**
 * Behind the first place that is near enough, a nearer one is looked for along so many times that distance. No farther:
 * a path that comes back to where it was (pecking) has later places that are as near.
 */
const LOOK_ON = 2

/**
 * The largest distance from a point of one path to the other and back, mm. Both are followed from begin to end and never
 * back, so that a path that leaves something out, or goes the other way round, is far off though each of its points is near.
 * @param near distance from which on a segment counts as reached; the order is judged with it
 */
export function pathDistance(one: Polyline, other: Polyline, near: number): number {
  return Math.max(oneWay(one, other, near), oneWay(other, one, near), gap(one.at(0), other.at(0)), gap(one.at(-1), other.at(-1)))
}

function gap(one: Point | undefined, other: Point | undefined): number {
  return one && other ? Math.hypot(one[0] - other[0], one[1] - other[1], one[2] - other[2]) : Number.POSITIVE_INFINITY
}

function oneWay(from: Polyline, to: Polyline, near: number): number {
  let largest = 0
  let segment = 0
  let share = 0
  const visit = (point: Point) => {
    let best = Number.POSITIVE_INFINITY
    let bestSegment = segment
    let bestShare = share
    let left = Number.POSITIVE_INFINITY
    for (let i = segment; i < Math.max(to.length - 1, 1) && left > 0; i += 1) {
      const start = to[i] as Point
      const end = to[i + 1] ?? start
      const length = gap(start, end)
      const found = nearestOn(start, end, point, i === segment ? share : 0, left < length ? left / length : 1)
      if (found.distance < best) {
        best = found.distance
        bestSegment = i
        bestShare = found.share
      }
      left = left === Number.POSITIVE_INFINITY ? (best <= near ? LOOK_ON * near - (1 - found.share) * length : left) : left - length
    }
    if (best > largest) largest = best
    segment = bestSegment
    share = bestShare
  }
  from.forEach((point, i) => {
    const before = from[i - 1]
    if (before) visit([(before[0] + point[0]) / 2, (before[1] + point[1]) / 2, (before[2] + point[2]) / 2])
    visit(point)
  })
  return largest
}

function nearestOn(start: Point, end: Point, point: Point, least: number, most: number): { distance: number; share: number } {
  const x = end[0] - start[0]
  const y = end[1] - start[1]
  const z = end[2] - start[2]
  const squared = x * x + y * y + z * z
  let share = squared > 0 ? ((point[0] - start[0]) * x + (point[1] - start[1]) * y + (point[2] - start[2]) * z) / squared : 0
  share = Math.min(Math.max(share, least), most)
  return { distance: Math.hypot(point[0] - start[0] - share * x, point[1] - start[1] - share * y, point[2] - start[2] - share * z), share }
}
