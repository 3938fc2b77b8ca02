/** Anderson-Darling test of normality, mean and standard deviation from the data (D'Agostino & Stephens 1986, table 4.9). */
import { logNormalBelow } from '../distributions/index.ts'
import { spread } from './spread.ts'

export interface AndersonDarling {
  count: number
  /** A squared. */
  statistic: number
  /** With the correction for the number of values, (1 + 0.75/n + 2.25/n²). */
  adjusted: number
  /** Small: the values do not look normal. */
  p: number
  /** The values are so far from normal that `p` is only known to be below this. */
  isBound: boolean
}

/** Beyond it the published approximation is not meant to be used: it turns and rises again. */
const FARTHEST = 10

/** @throws StatisticsError fewer than 8 values (the approximation of p holds from there), no variation, a value that is none */
export function andersonDarling(values: readonly number[]): AndersonDarling {
  const { sorted, mean, standardDeviation } = spread(values, 8, 'the Anderson-Darling test')
  const n = sorted.length
  let sum = 0
  for (let i = 0; i < n; i++) {
    const low = ((sorted[i] as number) - mean) / standardDeviation
    const high = ((sorted[n - 1 - i] as number) - mean) / standardDeviation
    sum += (2 * i + 1) * (logNormalBelow(low) + logNormalBelow(-high))
  }
  const statistic = -n - sum / n
  const adjusted = statistic * (1 + 0.75 / n + 2.25 / n ** 2)
  const isBound = adjusted > FARTHEST
  return { count: n, statistic, adjusted, p: pOf(Math.min(adjusted, FARTHEST)), isBound }
}

function pOf(a: number): number {
  if (a >= 0.6) return Math.exp(1.2937 - 5.709 * a + 0.0186 * a * a)
  if (a > 0.34) return Math.exp(0.9177 - 4.279 * a - 1.38 * a * a)
  if (a > 0.2) return 1 - Math.exp(-8.318 + 42.796 * a - 59.938 * a * a)
  return 1 - Math.exp(-13.436 + 101.14 * a - 223.73 * a * a)
}
