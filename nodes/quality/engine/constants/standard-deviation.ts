/** c4: what the standard deviation of a normal sample is on average, in sigma. */

const known: number[] = []
/** From here on the series is exact to rounding: its next term is below 1e-17. */
const SERIES_FROM = 200

/**
 * Gamma(x + 1/2) / (Gamma(x) sqrt(x)) for large x, by Stirling's series for both (Tricomi and Erdélyi 1951).
 */
function halfStepRatio(x: number): number {
  const y = 1 / x
  return 1 + y * (-1 / 8 + y * (1 / 128 + y * (5 / 1024 + y * (-21 / 32768 + y * (-399 / 262144 + y * (869 / 4194304 + y * (39325 / 33554432)))))))
}

/**
 * c4(n) = sqrt(2 / (n-1)) Gamma(n/2) / Gamma((n-1)/2), n from 2.
 * Gamma(n/2) / Gamma((n-1)/2) of n from that of n - 2, which keeps every digit; gammaln would lose them for large n.
 */
export function c4(n: number): number {
  if (!Number.isInteger(n) || n < 2) throw new RangeError(`c4 needs a size of 2 or more, not ${n}`)
  if (n >= SERIES_FROM) return halfStepRatio((n - 1) / 2)
  const found = known[n]
  if (found !== undefined) return found
  let ratio = n % 2 ? Math.sqrt(Math.PI) / 2 : 1 / Math.sqrt(Math.PI)
  for (let m = n % 2 ? 3 : 2; m < n; m += 2) ratio *= m / (m - 1)
  const value = Math.sqrt(2 / (n - 1)) * ratio
  known[n] = value
  return value
}
