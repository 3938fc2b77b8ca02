/** Shapiro-Wilk test of normality after Royston (Applied Statistics algorithm R94, 1995). */
import { StatisticsError } from '../describe/statistics-error.ts'
import { normalAbove, normalQuantile } from '../distributions/index.ts'
import { spread } from './spread.ts'

export interface ShapiroWilk {
  count: number
  /** W, at most 1; small: the values do not look normal. */
  statistic: number
  p: number
}

/** Royston's approximation was made for so many values. */
const MOST_VALUES = 5000

/** Polynomials of AS R94, the constant first. */
const LAST_WEIGHT = [0, 0.221157, -0.147981, -2.07119, 4.434685, -2.706056]
const SECOND_LAST_WEIGHT = [0, 0.042981, -0.293762, -1.752461, 5.682633, -3.582633]
const SMALL_MEAN = [0.544, -0.39978, 0.025054, -6.714e-4]
const SMALL_LOG_SD = [1.3822, -0.77857, 0.062767, -0.0020322]
const LARGE_MEAN = [-1.5861, -0.31082, -0.083751, 0.0038915]
const LARGE_LOG_SD = [-0.4803, -0.082676, 0.0030302]
const GAMMA = [-2.273, 0.459]

const polynomial = (coefficients: readonly number[], x: number): number => coefficients.reduceRight((sum, c) => sum * x + c, 0)

/** @throws StatisticsError fewer than 3 or more than 5000 values, no variation, a value that is none */
export function shapiroWilk(values: readonly number[]): ShapiroWilk {
  if (values.length > MOST_VALUES)
    throw new StatisticsError('too-many', `There are ${values.length} values; the Shapiro-Wilk test is defined for up to ${MOST_VALUES}.`)
  const { sorted, mean, squares } = spread(values, 3, 'the Shapiro-Wilk test')
  const n = sorted.length
  const weights = weightsFor(n)
  let sum = 0
  weights.forEach((weight, i) => {
    // the largest against the smallest: what they share, the mean, falls out
    sum += weight * ((sorted[n - 1 - i] as number) - mean - ((sorted[i] as number) - mean))
  })
  const statistic = Math.min(1, (sum * sum) / squares)
  return { count: n, statistic, p: pOf(statistic, n) }
}

/** Weights of the upper half, from the largest value inwards; those of the lower half are their negatives. */
function weightsFor(n: number): number[] {
  if (n === 3) return [Math.SQRT1_2]
  const half = Math.floor(n / 2)
  const scores = Array.from({ length: half }, (_, i) => -normalQuantile((i + 1 - 0.375) / (n + 0.25)))
  const squares = 2 * scores.reduce((sum, m) => sum + m * m, 0)
  const x = 1 / Math.sqrt(n)
  const [first = 0, second = 0] = scores
  const last = polynomial(LAST_WEIGHT, x) + first / Math.sqrt(squares)
  if (n <= 5) {
    const scale = Math.sqrt((squares - 2 * first ** 2) / (1 - 2 * last ** 2))
    return [last, ...scores.slice(1).map((m) => m / scale)]
  }
  const next = polynomial(SECOND_LAST_WEIGHT, x) + second / Math.sqrt(squares)
  const scale = Math.sqrt((squares - 2 * first ** 2 - 2 * second ** 2) / (1 - 2 * last ** 2 - 2 * next ** 2))
  return [last, next, ...scores.slice(2).map((m) => m / scale)]
}

function pOf(w: number, n: number): number {
  if (n === 3) return Math.min(1, Math.max(0, (6 / Math.PI) * (Math.asin(Math.sqrt(w)) - Math.asin(Math.sqrt(0.75)))))
  let y = Math.log(1 - w)
  const logN = Math.log(n)
  if (n > 11) return normalAbove((y - polynomial(LARGE_MEAN, logN)) / Math.exp(polynomial(LARGE_LOG_SD, logN)))
  const gamma = polynomial(GAMMA, n)
  // the smallest W that there can be
  if (y >= gamma) return 0
  y = -Math.log(gamma - y)
  return normalAbove((y - polynomial(SMALL_MEAN, n)) / Math.exp(polynomial(SMALL_LOG_SD, n)))
}
