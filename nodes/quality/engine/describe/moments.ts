/** Mean, standard deviation and shape of a list of values, as exact as doubles allow. */
import { assertValues, StatisticsError } from './statistics-error.ts'

/** Sums of powers of the deviations from the mean, each corrected for what rounding left in the mean. */
export interface Centered {
  count: number
  mean: number
  /** Sum of the squared deviations. */
  squares: number
}

/** Corrected two-pass algorithm (Chan, Golub, LeVeque 1983): the naive sum of squares has no digit left where values are close together. */
export function centered(values: readonly number[]): Centered {
  const count = values.length
  let sum = 0
  for (const value of values) sum += value
  let mean = sum / count
  // the sum may round, or overflow where values are huge: once more, of what is left
  let left = 0
  for (const value of values) left += value - mean
  mean += left / count
  let squares = 0
  let rest = 0
  for (const value of values) {
    const d = value - mean
    squares += d * d
    rest += d
  }
  return { count, mean, squares: squares - (rest * rest) / count }
}

/** Standard deviation with n - 1. @throws StatisticsError fewer than two values */
export function standardDeviation(values: readonly number[]): number {
  assertValues(values, 2)
  const { squares, count } = centered(values)
  return Math.sqrt(squares / (count - 1))
}

export interface Description {
  count: number
  mean: number
  /** With n - 1; 0 for a single value. */
  standardDeviation: number
  min: number
  max: number
  /** Of the sorted values. */
  median: number
  lowerQuartile: number
  upperQuartile: number
  /** Adjusted Fisher-Pearson coefficient (as Minitab and Excel have it); `null` with fewer than 3 values or without variation. */
  skewness: number | null
  /** Adjusted excess kurtosis, 0 for a normal distribution; `null` with fewer than 4 values or without variation. */
  kurtosis: number | null
}

/** @throws StatisticsError `too-few` (none), `not-a-number`, `not-finite` */
export function describe(values: readonly number[]): Description {
  assertValues(values, 1)
  const { count: n, mean, squares } = centered(values)
  const sorted = values.toSorted((a, b) => a - b)
  const at = (p: number) => quantile(sorted, p)
  let cubes = 0
  let fourths = 0
  for (const value of values) {
    const d = value - mean
    cubes += d ** 3
    fourths += d ** 4
  }
  const variance = squares / n
  const hasShape = variance > 0
  return {
    count: n,
    mean,
    standardDeviation: n > 1 ? Math.sqrt(squares / (n - 1)) : 0,
    min: at(0),
    max: at(1),
    median: at(0.5),
    lowerQuartile: at(0.25),
    upperQuartile: at(0.75),
    skewness: hasShape && n > 2 ? ((cubes / n / variance ** 1.5) * Math.sqrt(n * (n - 1))) / (n - 2) : null,
    kurtosis: hasShape && n > 3 ? ((n - 1) / ((n - 2) * (n - 3))) * ((n + 1) * (fourths / n / variance ** 2 - 3) + 6) : null,
  }
}

/**
 * The value below which the share `p` lies.
 * @param sorted ascending
 * @param rule place among n values: `weibull` p(n + 1) (Minitab), or `linear` p(n - 1) + 1 (R, Excel)
 */
export function quantile(sorted: readonly number[], p: number, rule: 'weibull' | 'linear' = 'weibull'): number {
  const n = sorted.length
  if (!n) throw new StatisticsError('too-few', 'There are no values.')
  if (!(p >= 0 && p <= 1)) throw new StatisticsError('option-invalid', `A share must be from 0 to 1, not ${p}.`)
  const place = Math.min(n - 1, Math.max(0, rule === 'weibull' ? p * (n + 1) - 1 : p * (n - 1)))
  const below = sorted[Math.floor(place)] as number
  const above = sorted[Math.ceil(place)] as number
  return below + (place - Math.floor(place)) * (above - below)
}

/** Lag-1 autocorrelation as NIST certifies it. @throws StatisticsError fewer than two values, or all the same */
export function lagOneAutocorrelation(values: readonly number[]): number {
  assertValues(values, 2)
  const { mean, squares } = centered(values)
  if (squares === 0) throw new StatisticsError('no-variation', 'All values are the same: there is no autocorrelation.')
  let sum = 0
  for (let i = 1; i < values.length; i++) sum += ((values[i] as number) - mean) * ((values[i - 1] as number) - mean)
  return sum / squares
}
