/** What one chart draws, whatever it is a chart of: columns of a hundred thousand points and where their limits change. No DOM. */

/** Why a point stands out. Drawn as a shape of its own; the number of the rule stands beside it. */
export interface PlotMark {
  at: number
  /** What stands beside it: the numbers of the rules it breaks. */
  text: string
  /** Beyond a limit, or one of the other rules. */
  kind: 'beyond' | 'rule'
}

export interface PlotPanel {
  /** Unlike any other of a plot. */
  name: string
  title: string
  digits: number
  /** NaN where there is none. */
  values: Float64Array
  /** Limits at every point; NaN where there are none. */
  lower: Float64Array
  center: Float64Array
  upper: Float64Array
  /** Zones are drawn; only where limits lie three sigma from the centre. */
  hasZones: boolean
  marks: readonly PlotMark[]
  /** The tolerance, where single values are drawn. */
  tolerance?: { lower?: number | undefined; upper?: number | undefined } | undefined
}

export interface PlotModel {
  count: number
  panels: readonly PlotPanel[]
  /** 1: left out of limits and rules, and drawn as such. */
  excluded: Uint8Array
  /** 1: a value of it lies out of tolerance. */
  outOfTolerance: Uint8Array
  /** 1: somebody has said something of it. */
  noted: Uint8Array
  /** Where another phase begins, with its name. */
  phases: readonly { from: number; name: string }[]
  /** What stands below a point on the axis. */
  labelOf(index: number): string
}

/** A stretch of points with the same limits; `to` is its last point. */
export interface Step {
  from: number
  to: number
  lower: number
  center: number
  upper: number
}

/** Where limits change. */
export function stepsOf({ lower, center, upper }: Pick<PlotPanel, 'lower' | 'center' | 'upper'>): Step[] {
  const steps: Step[] = []
  let current: Step | undefined
  for (let index = 0; index < center.length; index += 1) {
    const here = { lower: lower[index] as number, center: center[index] as number, upper: upper[index] as number }
    if (current && Object.is(current.lower, here.lower) && Object.is(current.center, here.center) && Object.is(current.upper, here.upper)) {
      current.to = index
      continue
    }
    current = { from: index, to: index, ...here }
    steps.push(current)
  }
  return steps
}

/** The steps of which something is seen. */
export function stepsWithin(steps: readonly Step[], from: number, to: number): readonly Step[] {
  let low = 0
  let high = steps.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((steps[middle] as Step).to < from) low = middle + 1
    else high = middle
  }
  let end = low
  while (end < steps.length && (steps[end] as Step).from <= to) end += 1
  return steps.slice(low, end)
}

/** Place of the first mark at or behind `from` in marks that are sorted. */
export function firstMark(marks: readonly PlotMark[], from: number): number {
  let low = 0
  let high = marks.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((marks[middle] as PlotMark).at < from) low = middle + 1
    else high = middle
  }
  return low
}

/** So high must a chart be to show every point and every limit, with some room; the same whatever part is seen, so that it does not jump. */
export function heightOf({ values, lower, upper, center, tolerance }: PlotPanel): { low: number; high: number } {
  let low = Number.POSITIVE_INFINITY
  let high = Number.NEGATIVE_INFINITY
  for (const column of [values, lower, upper, center]) {
    for (const value of column) {
      if (value < low) low = value
      if (value > high) high = value
    }
  }
  for (const limit of [tolerance?.lower, tolerance?.upper]) {
    if (limit === undefined) continue
    low = Math.min(low, limit)
    high = Math.max(high, limit)
  }
  if (low > high) return { low: 0, high: 1 }
  const room = (high - low) * 0.09 || Math.abs(high) * 0.01 || 1
  // above there is the number of a rule too
  return { low: low - room, high: high + 1.6 * room }
}

/** The width of `1`, `2` or `5` times a power of ten that leaves at most `most` of them in a range: distances of labels. */
export function niceDistance(range: number, most: number): number {
  const rough = range / Math.max(1, most)
  const power = 10 ** Math.floor(Math.log10(rough))
  return [1, 2, 5, 10].map((times) => times * power).find((distance) => distance >= rough) ?? power
}
