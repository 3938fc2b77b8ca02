/** Capability indices with their intervals. */
import { chiSquareQuantile, normalQuantile } from '../distributions/index.ts'
import type { CapabilityIndex } from './contract.ts'

export interface Spread {
  mean: number
  sigma: number
  /** For the intervals. */
  df: number
  /** Values. */
  count: number
  confidence: number
}

/** Interval by chi-square: Cp, Pp, Cpm. */
function byChiSquare(value: number, df: number, confidence: number): CapabilityIndex {
  const at = (p: number) => value * Math.sqrt(chiSquareQuantile(p, df) / df)
  return { value, lower: at((1 - confidence) / 2), upper: at((1 + confidence) / 2), confidence, df }
}

/** Interval of an index to one limit (Bissell 1990), written so that it holds for 0 and below too. */
function byBissell(value: number, { count, df }: Spread, confidence: number): CapabilityIndex {
  const half = normalQuantile((1 + confidence) / 2) * Math.sqrt(1 / (9 * count) + value ** 2 / (2 * df))
  return { value, lower: value - half, upper: value + half, confidence, df }
}

/** (upper - lower) / 6 sigma. */
export const twoSided = (lower: number, upper: number, { sigma, df, confidence }: Spread): CapabilityIndex =>
  byChiSquare((upper - lower) / (6 * sigma), df, confidence)

/** Distance of the mean from a limit / 3 sigma; `side` 1 for the upper one. Each bound alone has the confidence. */
export const oneSided = (limit: number, side: 1 | -1, spread: Spread): CapabilityIndex =>
  byBissell((side * (limit - spread.mean)) / (3 * spread.sigma), spread, Number((2 * spread.confidence - 1).toPrecision(12)))

/** The smaller of both sides. */
export function smaller(lower: CapabilityIndex | null, upper: CapabilityIndex | null, spread: Spread): CapabilityIndex {
  const value = Math.min(lower?.value ?? Number.POSITIVE_INFINITY, upper?.value ?? Number.POSITIVE_INFINITY)
  return byBissell(value, spread, spread.confidence)
}

/** (upper - lower) / 6 tau, tau² = sigma² + (mean - target)². */
export function taguchi(
  { lower, upper, target }: { lower: number; upper: number; target: number },
  { mean, sigma, count, confidence }: Spread,
  interval: 'qcc' | 'boyles',
): CapabilityIndex {
  const u = ((mean - target) / sigma) ** 2
  const df = (count * (1 + u) ** (interval === 'boyles' ? 2 : 1)) / (1 + 2 * u)
  return byChiSquare((upper - lower) / (6 * sigma * Math.sqrt(1 + u)), df, confidence)
}
