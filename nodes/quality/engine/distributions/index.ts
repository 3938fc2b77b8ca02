/**
 * The distributions that quality statistics need, each from the one package whose accuracy was measured (`@stdlib`), with every upper
 * tail taken directly instead of as 1 minus the lower one, which would lose its digits where it is small.
 * Nothing here throws: what has no answer (a share outside 0 to 1, no degrees of freedom) is NaN.
 */
import logGammaOf from '@stdlib/math-base-special-gammaln'
import betaQuantileOf from '@stdlib/stats-base-dists-beta-quantile'
import binomialCdf from '@stdlib/stats-base-dists-binomial-cdf'
import chiSquareQuantileOf from '@stdlib/stats-base-dists-chisquare-quantile'
import fCdf from '@stdlib/stats-base-dists-f-cdf'
import hypergeometricCdf from '@stdlib/stats-base-dists-hypergeometric-cdf'
import normalCdf from '@stdlib/stats-base-dists-normal-cdf'
import normalQuantileOf from '@stdlib/stats-base-dists-normal-quantile'
import poissonCdf from '@stdlib/stats-base-dists-poisson-cdf'
import tCdf from '@stdlib/stats-base-dists-t-cdf'
import tQuantileOf from '@stdlib/stats-base-dists-t-quantile'

/** Share of a standard normal distribution below `z`. */
export const normalBelow = (z: number): number => normalCdf(z, 0, 1)

/** Share of a standard normal distribution above `z`. */
export const normalAbove = (z: number): number => normalCdf(-z, 0, 1)

const LOG_ROOT_TWO_PI = 0.9189385332046728

/** Natural logarithm of `normalBelow`, also where the share itself is too small for a number. */
export function logNormalBelow(z: number): number {
  if (z > -30) return Math.log(normalBelow(z))
  // asymptotic series of Mills' ratio (Abramowitz & Stegun 26.2.12); at -30 its next term is 1e-12
  const q = 1 / (z * z)
  return -0.5 * z * z - LOG_ROOT_TWO_PI - Math.log(-z) + Math.log1p(q * (-1 + q * (3 + q * (-15 + q * 105))))
}

/** The `z` below which the share `p` lies. */
export function normalQuantile(p: number): number {
  // by the smaller tail, so that a share near 1 keeps what it has
  if (p > 0.5) return -normalQuantile(1 - p)
  const start = normalQuantileOf(p, 0, 1)
  if (!(start < -4) || p === 0) return start
  // far out the package has 7 digits, then none: Newton on the logarithm, which is nearly a parabola, gives all of them
  const logP = Math.log(p)
  let z = start === Number.NEGATIVE_INFINITY ? -Math.sqrt(-2 * logP) : start
  for (let round = 0; round < 30; round++) {
    const log = logNormalBelow(z)
    const step = (log - logP) * Math.exp(log + 0.5 * z * z + LOG_ROOT_TWO_PI)
    z -= step
    if (Math.abs(step) < 1e-15 * Math.abs(z)) break
  }
  return z
}

/** Probability that Student's t with `df` degrees of freedom is farther from 0 than `t`, on either side. */
export const tTwoSided = (t: number, df: number): number => 2 * tCdf(-Math.abs(t), df)

/** The t below which the share `p` lies. */
export const tQuantile = (p: number, df: number): number => tQuantileOf(p, df)

/** Share of an F distribution above `x`. */
export function fAbove(x: number, df1: number, df2: number): number {
  if (x === 0) return 1
  return x === Number.POSITIVE_INFINITY ? 0 : fCdf(1 / x, df2, df1)
}

/** The chi-square below which the share `p` lies; `df` may be broken. */
export const chiSquareQuantile = (p: number, df: number): number => chiSquareQuantileOf(p, df)

/** The value of a beta distribution below which the share `p` lies. */
export const betaQuantile = (p: number, a: number, b: number): number => betaQuantileOf(p, a, b)

/** Probability of at most `k` nonconforming items in `n`, when the share `p` is nonconforming. */
export const binomialAtMost = (k: number, n: number, p: number): number => binomialCdf(k, n, p)

/** Probability of at most `k` events where `mean` are expected. */
export const poissonAtMost = (k: number, mean: number): number => (mean === 0 ? 1 : poissonCdf(k, mean))

/** Probability of at most `k` nonconforming items in a sample out of a lot in which `nonconforming` are. */
export const hypergeometricAtMost = (k: number, { lot, nonconforming, sample }: { lot: number; nonconforming: number; sample: number }): number =>
  hypergeometricCdf(k, lot, nonconforming, sample)

/** Natural logarithm of the gamma function. */
export const logGamma = (x: number): number => logGammaOf(x)
