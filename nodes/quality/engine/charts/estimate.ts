/** Center and sigma of a phase from its data. */
import { c4, d2, d3, d4 } from '../constants/index.ts'
import type { SigmaEstimator } from './contract.ts'
import { median, Sum } from './moments.ts'
import { createMovingRange } from './moving-range.ts'
import type { ChartPlan } from './plan.ts'
import type { Reading } from './reading.ts'

/** A place of the phase: `undefined` has no value. */
export interface Place {
  reading: Reading | undefined
  excluded: boolean
}

const isUsed = (place: Place): place is Place & { reading: Reading } => place.reading !== undefined && !place.excluded

/** What limits are estimated from: every place in order, and the readings that count. */
export interface Sample {
  places: readonly Place[]
  readings: readonly Reading[]
}

export const sampleOf = (places: readonly Place[]): Sample => ({ places, readings: places.filter(isUsed).map(({ reading }) => reading) })

/** Of all values, or of all that was inspected; NaN without any. */
export function estimateCenter(readings: readonly Reading[], plan: ChartPlan): number {
  const total = new Sum()
  const sizes = new Sum()
  const isCount = plan.kind === 'p' || plan.kind === 'np' || plan.kind === 'u'
  for (const { size, value } of readings) {
    total.add(isCount || plan.kind === 'c' ? value : value * size)
    sizes.add(plan.kind === 'c' ? 1 : size)
  }
  return total.value / sizes.value
}

export const meanSize = (readings: readonly Reading[]): number => {
  const total = new Sum()
  for (const { size } of readings) total.add(size)
  return total.value / readings.length
}

/** Weighted mean of each subgroup's own estimate. Weights are the inverse variances of the estimates: their combination has the least variance (Burr 1969). */
function combined(readings: readonly Reading[], plan: ChartPlan, of: { estimate: (reading: Reading) => number; weight: (size: number) => number }): number {
  const total = new Sum()
  const weights = new Sum()
  for (const reading of readings) {
    if (reading.size < 2) continue
    const weight = plan.weighting === 'equal' ? 1 : of.weight(reading.size)
    total.add(weight * of.estimate(reading))
    weights.add(weight)
  }
  return total.value / weights.value
}

function pooled(readings: readonly Reading[]): { deviation: number; degrees: number } {
  const squares = new Sum()
  let degrees = 0
  for (const { size, deviation } of readings) {
    if (size < 2) continue
    squares.add((size - 1) * deviation * deviation)
    degrees += size - 1
  }
  return { deviation: Math.sqrt(squares.value / degrees), degrees }
}

/** Moving ranges none of whose values is excluded or missing. */
function movingRanges(places: readonly Place[], span: number): number[] {
  const moving = createMovingRange(span)
  const ranges: number[] = []
  for (const { reading, excluded } of places) {
    if (!reading) {
      moving.restart()
      continue
    }
    const { range, isExcluded } = moving.add(reading.value, excluded)
    if (!isExcluded && !Number.isNaN(range)) ranges.push(range)
  }
  return ranges
}

function meanOf(values: readonly number[]): number {
  const total = new Sum()
  for (const value of values) total.add(value)
  return total.value / values.length
}

/** Standard deviation of single values; NaN where the data do not tell. */
export function estimateSigma({ places, readings }: Sample, plan: ChartPlan, estimator: SigmaEstimator): number {
  switch (estimator) {
    case 'rbar':
      return combined(readings, plan, { estimate: ({ range, size }) => range / d2(size), weight: (size) => (d2(size) / d3(size)) ** 2 })
    case 'sbar':
      return combined(readings, plan, { estimate: ({ deviation, size }) => deviation / c4(size), weight: (size) => c4(size) ** 2 / (1 - c4(size) ** 2) })
    case 'pooled':
      return pooled(readings).deviation
    case 'pooled-unbiased': {
      const { deviation, degrees } = pooled(readings)
      return degrees ? deviation / c4(degrees + 1) : Number.NaN
    }
    case 'mr-mean':
      return meanOf(movingRanges(places, plan.movingRangeSpan)) / d2(plan.movingRangeSpan)
    case 'mr-median':
      return median(movingRanges(places, plan.movingRangeSpan)) / d4(plan.movingRangeSpan)
  }
}

/** Ranges lose what standard deviations keep in larger subgroups (Montgomery, Statistical Quality Control, 6.3). */
const LARGEST_FOR_RANGES = 10

/** The plan's estimator; EWMA and CUSUM without one go by the sizes that there are. */
export function estimatorFor(readings: readonly Reading[], plan: ChartPlan): SigmaEstimator {
  if (plan.estimator) return plan.estimator
  if (readings.every(({ size }) => size === 1)) return 'mr-mean'
  return readings.every(({ size }) => size <= LARGEST_FOR_RANGES) ? 'rbar' : 'sbar'
}
