/** Places along a drawn path: counted in vertices over all chunks of a level, from its beginning. No DOM. */
import { segmentsOfLine, verticesDone } from '../../../nodes/motion/gcode/index.ts'
import type { DrawnLevel, DrawnPath } from '../worker/messages.ts'

export function lengthOf(level: DrawnLevel): number {
  return level.chunks.reduce((sum, chunk) => sum + chunk.count, 0)
}

/** The chunk and the vertex in it that a place stands for; the last one behind the end. */
export function vertexAt(level: DrawnLevel, place: number): { chunk: number; vertex: number } | undefined {
  let rest = Math.max(1, place)
  for (const [chunk, { count }] of level.chunks.entries()) {
    if (rest <= count) return { chunk, vertex: rest - 1 }
    rest -= count
  }
  const last = level.chunks.length - 1
  const chunk = level.chunks[last]
  return chunk && chunk.count > 0 ? { chunk: last, vertex: chunk.count - 1 } : undefined
}

/** The source line at a place. */
export function lineAt(level: DrawnLevel, place: number): number | undefined {
  const at = vertexAt(level, place)
  return at && level.chunks[at.chunk]?.lines[at.vertex]
}

export function pointAt(level: DrawnLevel, place: number): [number, number, number] | undefined {
  const at = vertexAt(level, place)
  const positions = at && level.chunks[at.chunk]?.positions
  return positions && [positions[3 * at.vertex] as number, positions[3 * at.vertex + 1] as number, positions[3 * at.vertex + 2] as number]
}

/** The place where a line is done. */
export function placeOfLine(path: DrawnPath, line: number): number {
  const [level] = path.levels
  return level ? verticesDone(path, { ...level, toleranceMm: 0 }, line).reduce((sum, count) => sum + count, 0) : 0
}

/** More is not drawn of one line: it would hide the rest. */
const MOST_POINTS = 6_000

/** The segments of a line as pairs of points, x y z x y z. */
export function segmentsAt(level: DrawnLevel, line: number): Float32Array {
  const runs = segmentsOfLine({ ...level, toleranceMm: 0 }, line)
  const points: number[] = []
  for (const { chunk, from, to } of runs) {
    const positions = level.chunks[chunk]?.positions
    if (!positions) continue
    for (let i = from + 1; i <= to && points.length < MOST_POINTS * 3; i += 1) points.push(...positions.subarray(3 * i - 3, 3 * i + 3))
  }
  return Float32Array.from(points)
}

/** How many entries of an index of pairs belong to the first `vertices` vertices. */
export function pairsDone(index: Uint16Array, vertices: number): number {
  let low = 0
  let high = index.length / 2
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((index[2 * middle + 1] as number) < vertices) low = middle + 1
    else high = middle
  }
  return low * 2
}

/** The line of the segment nearest to a point of the picture, at most `within` away. `project` gives picture coordinates. */
export function nearestLine(
  level: DrawnLevel,
  at: readonly [number, number],
  within: number,
  project: (x: number, y: number, z: number) => readonly [number, number],
): number | undefined {
  let best = within * within
  let line: number | undefined
  for (const { count, positions, lines, kinds } of level.chunks) {
    let [ax, ay] = project(positions[0] as number, positions[1] as number, positions[2] as number)
    for (let i = 1; i < count; i += 1) {
      const [bx, by] = project(positions[3 * i] as number, positions[3 * i + 1] as number, positions[3 * i + 2] as number)
      if (kinds[i] !== 4) {
        const dx = bx - ax
        const dy = by - ay
        const squared = dx * dx + dy * dy
        const share = squared > 0 ? Math.max(0, Math.min(1, ((at[0] - ax) * dx + (at[1] - ay) * dy) / squared)) : 0
        const ex = at[0] - ax - share * dx
        const ey = at[1] - ay - share * dy
        const away = ex * ex + ey * ey
        if (away < best) {
          best = away
          line = lines[i]
        }
      }
      ax = bx
      ay = by
    }
  }
  return line
}
