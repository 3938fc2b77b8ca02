/** Heights between the points of a probed grid. Work coordinates, mm. */
import type { HeightMap } from '../../action.ts'

/** @returns what is wrong with a height map, in words; undefined when it can be used */
export function checkHeightMap(map: HeightMap): string | undefined {
  const { minMm, maxMm, columns, rows, heightsMm } = map
  if (!Number.isInteger(columns) || !Number.isInteger(rows) || columns < 2 || rows < 2)
    return `A height map needs at least 2 columns and 2 rows; this one has ${columns} and ${rows}.`
  if (heightsMm.length !== columns * rows)
    return `A height map of ${columns} by ${rows} points needs ${columns * rows} heights; this one has ${heightsMm.length}.`
  if (![...minMm, ...maxMm].every(Number.isFinite)) return 'The corners of the height map are not numbers.'
  if (!(maxMm[0] > minMm[0]) || !(maxMm[1] > minMm[1]))
    return `The height map has no area: it goes from X${minMm[0]} Y${minMm[1]} to X${maxMm[0]} Y${maxMm[1]}.`
  const bad = heightsMm.findIndex((height) => !Number.isFinite(height))
  if (bad >= 0) return `The height in column ${(bad % columns) + 1}, row ${Math.floor(bad / columns) + 1} of the height map is not a number.`
  return undefined
}

/**
 * Height over the work zero at a place, bilinear between the four points around it; outside the map, that of the
 * nearest place on its edge. The map must have passed {@link checkHeightMap}.
 */
export function heightAt(map: HeightMap, x: number, y: number): number {
  const { minMm, maxMm, columns, rows, heightsMm } = map
  const column = clamp(((x - minMm[0]) / (maxMm[0] - minMm[0])) * (columns - 1), columns - 1)
  const row = clamp(((y - minMm[1]) / (maxMm[1] - minMm[1])) * (rows - 1), rows - 1)
  const left = Math.min(Math.floor(column), columns - 2)
  const low = Math.min(Math.floor(row), rows - 2)
  const shareX = column - left
  const shareY = row - low
  const at = low * columns + left
  const lower = (heightsMm[at] as number) * (1 - shareX) + (heightsMm[at + 1] as number) * shareX
  const upper = (heightsMm[at + columns] as number) * (1 - shareX) + (heightsMm[at + columns + 1] as number) * shareX
  return lower * (1 - shareY) + upper * shareY
}

/** @returns the place, where it lies in the map */
export function isInsideMap(map: HeightMap, x: number, y: number): boolean {
  const slack = 1e-6
  return x >= map.minMm[0] - slack && y >= map.minMm[1] - slack && x <= map.maxMm[0] + slack && y <= map.maxMm[1] + slack
}

function clamp(value: number, most: number): number {
  return value < 0 ? 0 : value > most ? most : value
}
