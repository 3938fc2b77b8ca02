/**
 * Very many points in pixel columns: of each the least and the most, so that the one point that matters is never lost. No average and no
 * shape-keeping pick: those lose it. No DOM.
 */

export interface Columns {
  /** One entry a column; NaN where no point lies in it. */
  least: Float64Array
  most: Float64Array
}

export interface ColumnsWanted {
  /** NaN where there is none. */
  values: Float64Array
  /** 1: left out. */
  excluded: Uint8Array
  /** Columns from the begin of the chart to the first of these: a whole number. Counted from there, a point stays in its column while the view is moved. */
  begin: number
  columns: number
  /** Columns from one point to the next; below 1. */
  step: number
}

/** A column begins where the one before ended, so that they join; not over a place without a value. */
export function columnsOf({ values, excluded, begin, columns, step }: ColumnsWanted): Columns {
  const least = new Float64Array(columns).fill(Number.NaN)
  const most = new Float64Array(columns).fill(Number.NaN)
  const columnOf = (index: number) => Math.floor((index + 0.5) * step) - begin
  let index = Math.max(0, Math.ceil(begin / step - 0.5) - 1)
  while (index > 0 && columnOf(index) >= 0) index -= 1
  // what the line comes from, and goes on from over what is excluded
  while (index > 0 && excluded[index]) index -= 1
  let before = Number.NaN
  for (; index < values.length; index += 1) {
    const column = columnOf(index)
    if (column >= columns) break
    const value = values[index] as number
    if (Number.isNaN(value)) {
      before = Number.NaN
      continue
    }
    if (excluded[index]) continue
    if (column >= 0) {
      if (Number.isNaN(least[column] as number)) {
        least[column] = Number.isNaN(before) ? value : Math.min(before, value)
        most[column] = Number.isNaN(before) ? value : Math.max(before, value)
      } else {
        if (value < (least[column] as number)) least[column] = value
        if (value > (most[column] as number)) most[column] = value
      }
    }
    before = value
  }
  return { least, most }
}
