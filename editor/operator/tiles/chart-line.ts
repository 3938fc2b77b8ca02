/** A chart as a line of an SVG: of what lies in one column of it the least and the most, so that no peak is lost. No DOM. */
import type { PanelTile } from '../../../server/api/panel.ts'

export const WIDTH = 400
export const HEIGHT = 120
const EDGE = 4
const COLUMNS = 200

export interface ChartLine {
  /** For `points` of a polyline. */
  points: string
  /** Where the limits lie. */
  limits: number[]
  low: number
  high: number
  /** Epoch ms. */
  begin: number
  end: number
}

/** @returns undefined where there is no line yet */
export function chartLine({ points = [], spanS = 3600, ...tile }: PanelTile): ChartLine | undefined {
  if (points.length < 2) return undefined
  const limits = [tile.alarmBelow, tile.warnBelow, tile.warnAbove, tile.alarmAbove].filter((limit) => limit !== undefined)
  const end = points.at(-1)?.[0] ?? 0
  const begin = Math.max(points[0]?.[0] ?? 0, end - spanS * 1000)
  let low = Math.min(...limits)
  let high = Math.max(...limits)
  for (const [, value] of points) {
    if (value < low) low = value
    if (value > high) high = value
  }
  const x = (at: number) => (end === begin ? WIDTH : Math.max(0, ((at - begin) / (end - begin)) * WIDTH))
  const y = (value: number) => HEIGHT - EDGE - ((value - low) / (high - low || 1)) * (HEIGHT - 2 * EDGE)
  const placed = thinned(points, (at) => Math.floor((x(at) / WIDTH) * COLUMNS))
  return {
    points: placed.map(([at, value]) => `${x(at).toFixed(1)},${y(value).toFixed(1)}`).join(' '),
    limits: limits.map(y),
    low,
    high,
    begin,
    end,
  }
}

type Point = readonly [at: number, value: number]

/** Of each column its least and its most, in their order; the last point always. */
function thinned(points: readonly Point[], columnOf: (at: number) => number): readonly Point[] {
  if (points.length <= 2 * COLUMNS) return points
  const kept: Point[] = []
  let column = Number.NaN
  let least: Point | undefined
  let most: Point | undefined
  const put = () => {
    if (!least || !most) return
    kept.push(...(least === most ? [least] : least[0] < most[0] ? [least, most] : [most, least]))
  }
  for (const point of points) {
    const mine = columnOf(point[0])
    if (mine !== column) {
      put()
      column = mine
      least = point
      most = point
    }
    if (!least || point[1] < least[1]) least = point
    if (!most || point[1] > most[1]) most = point
  }
  put()
  const last = points.at(-1)
  if (last && kept.at(-1) !== last) kept.push(last)
  return kept
}
