/** What is dragged comes to rest where it is in line with its neighbours: edges under edges, middles on one level. */
import type { Rect } from './grid.ts'
import type { Point } from './wire-shape.ts'

export interface Aligned {
  /** How far to move to be in line; undefined where nothing is near enough. */
  dx: number | undefined
  dy: number | undefined
  lines: Point[][]
}

interface Match {
  by: number
  at: number
  other: Rect
  far: number
}

/** @param reach how near an edge must be, in canvas units */
export function alignWith(box: Rect, others: readonly Rect[], reach: number): Aligned {
  const across = best(
    box,
    others,
    reach,
    ({ left, right }) => [left, (left + right) / 2, right],
    (a, b) => Math.abs(a.top - b.top),
  )
  const level = best(
    box,
    others,
    reach,
    ({ top, bottom }) => [top, (top + bottom) / 2, bottom],
    (a, b) => Math.abs(a.left - b.left),
  )
  const moved = {
    left: box.left + (across?.by ?? 0),
    right: box.right + (across?.by ?? 0),
    top: box.top + (level?.by ?? 0),
    bottom: box.bottom + (level?.by ?? 0),
  }
  const lines: Point[][] = []
  if (across) {
    lines.push([
      { x: across.at, y: Math.min(moved.top, across.other.top) - 8 },
      { x: across.at, y: Math.max(moved.bottom, across.other.bottom) + 8 },
    ])
  }
  if (level) {
    lines.push([
      { x: Math.min(moved.left, level.other.left) - 8, y: level.at },
      { x: Math.max(moved.right, level.other.right) + 8, y: level.at },
    ])
  }
  return { dx: across?.by, dy: level?.by, lines }
}

function best(
  box: Rect,
  others: readonly Rect[],
  reach: number,
  edges: (box: Rect) => [number, number, number],
  far: (a: Rect, b: Rect) => number,
): Match | undefined {
  const own = edges(box)
  let found: Match | undefined
  for (const other of others) {
    edges(other).forEach((at, edge) => {
      // like with like: left with left, middle with middle
      const by = at - (own[edge] as number)
      if (Math.abs(by) > reach) return
      const match = { by, at, other, far: far(box, other) }
      // the nearest line, and of several on it the nearest node
      if (!found || Math.abs(by) < Math.abs(found.by) - 0.5 || (Math.abs(by - found.by) < 0.5 && match.far < found.far)) found = match
    })
  }
  return found
}
