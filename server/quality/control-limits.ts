/**
 * Whether a process has changed, seen from single measurements: Shewhart's individuals chart. Its limits come from what was measured
 * before, never from the values that are judged. No database.
 */

export interface ControlLimits {
  lower: number
  upper: number
}

/** With fewer values the limits say more about chance than about the process (AIAG SPC: 20 to 25 at least). */
const LEAST_FOR_LIMITS = 20
/** Expected range of two values of a normal distribution with deviation 1: 2/√π. */
const D2 = 2 / Math.sqrt(Math.PI)

/**
 * Mean ± 3 σ, with σ from the mean moving range (NIST/SEMATECH e-Handbook 6.3.2.2).
 * @param before in the order they were measured
 * @returns undefined with too few values, or where all are alike: the gauge is then too coarse to tell
 */
export function limitsFrom(before: readonly number[], least = LEAST_FOR_LIMITS): ControlLimits | undefined {
  if (before.length < Math.max(2, least)) return undefined
  let sum = before[0] ?? 0
  let ranges = 0
  for (let i = 1; i < before.length; i += 1) {
    const value = before[i] ?? 0
    sum += value
    ranges += Math.abs(value - (before[i - 1] ?? 0))
  }
  const sigma = ranges / (before.length - 1) / D2
  if (!(sigma > 0)) return undefined
  const mean = sum / before.length
  return { lower: mean - 3 * sigma, upper: mean + 3 * sigma }
}

/** How many lie outside; one on a limit does not. */
export function countOutside(values: readonly number[], { lower, upper }: ControlLimits): number {
  return values.filter((value) => value < lower || value > upper).length
}
