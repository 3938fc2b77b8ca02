/**
 * How far along its path a program really is. The controller takes lines long before it moves along them: what is done is where the
 * tool stands, looked for behind the last line that was taken. No DOM.
 */
import type { Point } from '../../programs/path/drawing.ts'
import type { DrawnLevel } from '../../programs/worker/messages.ts'

/** So far back a controller's buffers can reach: more vertices than any of them holds. */
const LOOK_BACK = 3_000

/** @param upTo the place where the last line that was taken ends @returns a place at most there */
export function placeOfTool(level: DrawnLevel, upTo: number, [tx, ty, tz]: Point): number {
  const from = Math.max(1, upTo - LOOK_BACK)
  let best = Number.POSITIVE_INFINITY
  let place = upTo
  let begin = 0
  for (const { count, positions } of level.chunks) {
    // places are counted from 1 over all chunks
    for (let i = Math.max(1, from - begin); i < Math.min(count, upTo - begin); i += 1) {
      const [ax = 0, ay = 0, az = 0, bx = 0, by = 0, bz = 0] = positions.subarray(3 * i - 3, 3 * i + 3)
      const [dx, dy, dz] = [bx - ax, by - ay, bz - az]
      const squared = dx * dx + dy * dy + dz * dz
      const share = squared > 0 ? Math.max(0, Math.min(1, ((tx - ax) * dx + (ty - ay) * dy + (tz - az) * dz) / squared)) : 0
      const away = (ax + share * dx - tx) ** 2 + (ay + share * dy - ty) ** 2 + (az + share * dz - tz) ** 2
      // of places that are as near, the later one: it comes there again and again
      if (away <= best) {
        best = away
        place = begin + i
      }
    }
    begin += count
    if (begin >= upTo) break
  }
  return place
}
