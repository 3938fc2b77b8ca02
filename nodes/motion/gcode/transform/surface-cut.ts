/** Cuts a move over a height map where the surface under it bends, so that each piece follows it within a tolerance. */
import type { HeightMap } from '../../action.ts'
import { heightAt } from './height-map.ts'

const TURN = 2 * Math.PI
/** Share of the tolerance for what lies between two looked-at places; the rest is for what the pieces leave out. */
const BETWEEN = 0.25
/** No two cuts are nearer than this, mm. */
const CLOSEST_MM = 0.02

/** The way in X and Y, work coordinates: a straight line, or a part of a circle. */
export interface GroundWay {
  at: (share: number) => [number, number]
  lengthMm: number
  line?: { x: number; y: number; dx: number; dy: number }
  circle?: { x: number; y: number; radius: number; start: number; sweep: number }
}

/**
 * Where to cut, as shares of the way; the last is 1. Between two cuts the height changes evenly, up to the tolerance.
 * @param longest share of the way that one piece may have
 */
export function surfaceCuts(map: HeightMap, way: GroundWay, toleranceMm: number, longest = 1): number[] {
  if (way.lengthMm < CLOSEST_MM) return [1]
  const places = lookedAt(map, way, toleranceMm * BETWEEN)
  const heights = places.map((share) => heightAt(map, ...way.at(share)))
  const allowed = toleranceMm * (1 - BETWEEN)
  const closest = CLOSEST_MM / way.lengthMm
  const cuts: number[] = []
  let from = 0
  while (from < places.length - 1) {
    // as far as it goes: each place between narrows the slopes that still pass all of them
    let low = Number.NEGATIVE_INFINITY
    let high = Number.POSITIVE_INFINITY
    let to = from + 1
    const start = places[from] as number
    for (let i = from + 1; i < places.length; i += 1) {
      const run = (places[i] as number) - start
      if (run > longest && i > from + 1) break
      const rise = (heights[i] as number) - (heights[from] as number)
      const slope = rise / run
      if ((slope >= low && slope <= high) || run < closest) to = i
      low = Math.max(low, (rise - allowed) / run)
      high = Math.min(high, (rise + allowed) / run)
      if (low > high && run >= closest) break
    }
    cuts.push(places[to] as number)
    from = to
  }
  return cuts
}

/** Places so close that the surface is straight between them but for `allowed`: at every line of the grid, and between. */
function lookedAt(map: HeightMap, way: GroundWay, allowed: number): number[] {
  const bends = [0, ...gridCrossings(map, way).sort((one, other) => one - other), 1]
  const places = [0]
  for (let i = 1; i < bends.length; i += 1) {
    const from = bends[i - 1] as number
    const to = bends[i] as number
    if (to - from < 1e-9) continue
    const height = (share: number) => heightAt(map, ...way.at(from + (to - from) * share))
    // the smooth surface of a cell: its bend is largest near the middle
    const [start, end] = [height(0), height(1)]
    const bend = Math.max(
      Math.abs(height(0.5) - (start + end) / 2),
      Math.abs(height(0.25) - (3 * start + end) / 4) * 1.34,
      Math.abs(height(0.75) - (start + 3 * end) / 4) * 1.34,
    )
    const turn = way.circle ? Math.ceil((Math.abs(way.circle.sweep) * (to - from)) / (Math.PI / 8)) : 1
    const count = Math.max(Math.ceil(Math.sqrt((way.circle ? 4 : 1) * (bend / allowed))), turn, 1)
    for (let k = 1; k <= count; k += 1) places.push(k === count ? to : from + ((to - from) * k) / count)
  }
  return places
}

function gridCrossings(map: HeightMap, way: GroundWay): number[] {
  const found: number[] = []
  for (const axis of [0, 1] as const) {
    const min = map.minMm[axis]
    const lines = axis === 0 ? map.columns : map.rows
    const step = (map.maxMm[axis] - min) / (lines - 1)
    const [low, high] = reach(way, axis)
    const first = Math.max(Math.ceil((low - min) / step), 0)
    const last = Math.min(Math.floor((high - min) / step), lines - 1)
    for (let i = first; i <= last; i += 1) found.push(...crossings(way, axis, min + i * step))
  }
  return found.filter((share) => share > 0 && share < 1)
}

function reach(way: GroundWay, axis: 0 | 1): [number, number] {
  if (way.circle) {
    const centre = axis === 0 ? way.circle.x : way.circle.y
    return [centre - way.circle.radius, centre + way.circle.radius]
  }
  const from = way.at(0)[axis]
  const to = way.at(1)[axis]
  return [Math.min(from, to), Math.max(from, to)]
}

/** Shares of the way at which it crosses a line of the grid. */
function crossings(way: GroundWay, axis: 0 | 1, value: number): number[] {
  const { line, circle } = way
  if (line) {
    const part = axis === 0 ? line.dx : line.dy
    return part === 0 ? [] : [(value - (axis === 0 ? line.x : line.y)) / part]
  }
  if (!circle) return []
  const ratio = (value - (axis === 0 ? circle.x : circle.y)) / circle.radius
  if (Math.abs(ratio) > 1) return []
  const angle = axis === 0 ? Math.acos(ratio) : Math.asin(ratio)
  const angles = axis === 0 ? [angle, -angle] : [angle, Math.PI - angle]
  const shares: number[] = []
  for (const wanted of angles) {
    let way = circle.sweep > 0 ? wanted - circle.start : circle.start - wanted
    way = ((way % TURN) + TURN) % TURN
    for (; way <= Math.abs(circle.sweep); way += TURN) shares.push(way / Math.abs(circle.sweep))
  }
  return shares
}
