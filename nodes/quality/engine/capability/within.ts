/** The standard deviation within subgroups, and what it is worth in degrees of freedom. */
import type { SigmaEstimator } from '../charts/index.ts'
import { c4, d2, d3, d4, LARGEST_RANGE_SIZE } from '../constants/index.ts'
import { quantile } from '../describe/index.ts'
import { centered } from '../describe/moments.ts'
import { StatisticsError } from '../describe/statistics-error.ts'
import { logGamma } from '../distributions/index.ts'

export interface WithinSigma {
  sigma: number
  estimator: SigmaEstimator
  /** Degrees of freedom of a pooled standard deviation that is as sure as this estimate; exact for `pooled`. */
  df: number
}

/** Squared coefficient of variation of a standard deviation with `df` degrees of freedom, without its bias. */
function relativeVariance(df: number): number {
  return (df / 2) * Math.exp(2 * (logGamma(df / 2) - logGamma((df + 1) / 2))) - 1
}

/** The other way round (Patnaik's approximation of the estimate by a chi distribution). */
function degreesFor(variance: number): number {
  // two terms of its series; above, the gamma functions have not the digits for more
  const guess = (1 + Math.sqrt(1 + 2 * variance)) / (4 * variance)
  if (guess > 1000) return guess
  let low = 0.01
  let high = 2000
  for (let round = 0; round < 100; round++) {
    const middle = (low + high) / 2
    if (relativeVariance(middle) > variance) low = middle
    else high = middle
  }
  return (low + high) / 2
}

interface Part {
  /** One subgroup's own estimate of sigma. */
  estimate: number
  /** Its relative variance. */
  variance: number
}

/** Best linear unbiased mean of estimates of the same sigma; for equal sizes their plain mean. */
function best(parts: readonly Part[]): { sigma: number; variance: number } {
  let weights = 0
  let sum = 0
  for (const { estimate, variance } of parts) {
    weights += 1 / variance
    sum += estimate / variance
  }
  return { sigma: sum / weights, variance: 1 / weights }
}

function fromRange(values: readonly number[]): Part {
  const n = values.length
  let min = Number.POSITIVE_INFINITY
  let max = Number.NEGATIVE_INFINITY
  for (const value of values) {
    if (value < min) min = value
    if (value > max) max = value
  }
  return { estimate: (max - min) / d2(n), variance: (d3(n) / d2(n)) ** 2 }
}

function fromDeviation(values: readonly number[]): Part {
  const n = values.length
  return { estimate: Math.sqrt(centered(values).squares / (n - 1)) / c4(n), variance: 1 / c4(n) ** 2 - 1 }
}

/** Covariance of neighbouring moving ranges over the square of their mean, and variance over the same: 2/π (√3/2 + π/12) 2 - 4/π. */
const MR_MEAN_SQUARE = 4 / Math.PI
const MR_VARIANCE = (2 - MR_MEAN_SQUARE) / MR_MEAN_SQUARE
const MR_COVARIANCE = ((4 / Math.PI) * (Math.sqrt(3) / 2 + Math.PI / 12) - MR_MEAN_SQUARE) / MR_MEAN_SQUARE
/** Of the median of m moving ranges, times m: (1/4 + 2 cov) / (f m)² with the chance of two neighbours below their median. */
const MR_MEDIAN_VARIANCE = 1.64998

function fromMovingRanges(subgroups: readonly (readonly number[])[], kind: 'mr-mean' | 'mr-median'): WithinSigma {
  const ranges: number[] = []
  let neighbours = 0
  let before: number | undefined
  let isInRow = false
  for (const [value] of subgroups) {
    if (value !== undefined && before !== undefined) {
      ranges.push(Math.abs(value - before))
      if (isInRow) neighbours++
      isInRow = true
    } else isInRow = false
    before = value
  }
  const m = ranges.length
  if (!m) throw new StatisticsError('too-few', 'A moving range needs two single values, one after the other.')
  if (kind === 'mr-median')
    return {
      sigma:
        quantile(
          ranges.sort((a, b) => a - b),
          0.5,
        ) / d4(2),
      estimator: kind,
      df: degreesFor(MR_MEDIAN_VARIANCE / m),
    }
  const mean = ranges.reduce((sum, range) => sum + range, 0) / m
  return { sigma: mean / d2(2), estimator: kind, df: degreesFor((MR_VARIANCE + (2 * neighbours * MR_COVARIANCE) / m) / m) }
}

/**
 * @param subgroups finite values; an empty subgroup is a gap, over which there is no moving range
 * @throws StatisticsError `too-few`: no subgroup has what the estimator needs; `option-invalid`: subgroups too large for ranges
 */
export function withinSigma(subgroups: readonly (readonly number[])[], estimator: SigmaEstimator): WithinSigma {
  if (estimator === 'mr-mean' || estimator === 'mr-median') {
    if (subgroups.some((values) => values.length > 1))
      throw new StatisticsError('option-invalid', 'Moving ranges are for single values, and there are subgroups of more.')
    return fromMovingRanges(subgroups, estimator)
  }
  const used = subgroups.filter((values) => values.length > 1)
  if (!used.length) throw new StatisticsError('too-few', 'No subgroup has two values: single values need moving ranges (mr-mean).')
  switch (estimator) {
    case 'rbar': {
      const at = subgroups.findIndex((values) => values.length > LARGEST_RANGE_SIZE)
      if (at >= 0)
        throw new StatisticsError('option-invalid', `A range says nothing in a subgroup of more than ${LARGEST_RANGE_SIZE} values; take sbar or pooled.`, {
          subgroup: at,
        })
      const { sigma, variance } = best(used.map(fromRange))
      return { sigma, estimator, df: degreesFor(variance) }
    }
    case 'sbar': {
      const { sigma, variance } = best(used.map(fromDeviation))
      return { sigma, estimator, df: degreesFor(variance) }
    }
    case 'pooled':
    case 'pooled-unbiased': {
      let squares = 0
      let df = 0
      for (const values of used) {
        squares += centered(values).squares
        df += values.length - 1
      }
      const pooled = Math.sqrt(squares / df)
      return { sigma: estimator === 'pooled' ? pooled : pooled / c4(df + 1), estimator, df }
    }
  }
}
