/** Capability and performance of a process against a tolerance. */
import type { SigmaEstimator } from '../charts/index.ts'
import { centered } from '../describe/moments.ts'
import { assertFinite, StatisticsError } from '../describe/statistics-error.ts'
import { normalBelow, normalQuantile } from '../distributions/index.ts'
import { andersonDarling } from '../normality/index.ts'
import type { Capability, CapabilityOptions, OutOfTolerance, SigmaLevels, Tolerance } from './contract.ts'
import { oneSided, type Spread, smaller, taguchi, twoSided } from './indices.ts'
import { assertTolerance } from './tolerance.ts'
import { withinSigma } from './within.ts'

/** From this size on a range uses too little of what is in a subgroup. */
const LARGEST_FOR_RANGES = 10
/** Of the Anderson-Darling test. */
const LEAST_FOR_NORMALITY = 8

/**
 * Cp, Cpk, Pp, Ppk, Cpm with intervals, shares out of tolerance, sigma levels.
 * @param subgroups in the order in which they were taken; single values are subgroups of one. An empty one is a gap: no moving range over it
 * @throws StatisticsError a value that is none (with subgroup and row), fewer than two values, no variation, a tolerance that is none
 */
export function capability(subgroups: readonly (readonly number[])[], options: CapabilityOptions): Capability {
  const { tolerance, confidence = 0.95, degreesOfFreedom = 'observations', cpmInterval = 'qcc' } = options
  assertTolerance(tolerance)
  // below 0.5 a one-sided bound would lie on the wrong side of its index
  if (!(confidence > 0.5 && confidence < 1)) throw new StatisticsError('option-invalid', `The confidence must be above 0.5 and below 1, not ${confidence}.`)
  const values = checked(subgroups)
  const { count, mean, squares } = centered(values)
  const within = withinSigma(subgroups, options.within ?? usualEstimator(subgroups))
  const overall = { sigma: Math.sqrt(squares / (count - 1)), df: count - 1 }
  assertVariation(values, within.sigma)
  const common = { mean, count, confidence }
  const short: Spread = { ...common, sigma: within.sigma, df: degreesOfFreedom === 'estimator' ? within.df : count - 1 }
  const long: Spread = { ...common, ...overall }
  const { lower, upper, target } = tolerance
  const indices = (spread: Spread) => {
    const low = lower === undefined ? null : oneSided(lower, -1, spread)
    const high = upper === undefined ? null : oneSided(upper, 1, spread)
    const isTwoSided = lower !== undefined && upper !== undefined
    return {
      both: isTwoSided ? twoSided(lower, upper, spread) : null,
      low,
      high,
      least: smaller(low, high, spread),
      aimed: isTwoSided && target !== undefined ? taguchi({ lower, upper, target }, spread, cpmInterval) : null,
    }
  }
  const c = indices(short)
  const p = indices(long)
  let min = Number.POSITIVE_INFINITY
  let max = Number.NEGATIVE_INFINITY
  for (const value of values) {
    min = Math.min(min, value)
    max = Math.max(max, value)
  }
  return {
    count,
    subgroups: subgroups.filter(({ length }) => length > 0).length,
    mean,
    min,
    max,
    tolerance: { ...tolerance },
    within,
    overall,
    degreesOfFreedom,
    cp: c.both,
    cpl: c.low,
    cpu: c.high,
    cpk: c.least,
    cpm: c.aimed,
    pp: p.both,
    ppl: p.low,
    ppu: p.high,
    ppk: p.least,
    cpmOverall: p.aimed,
    observedPpm: observed(values, tolerance),
    ...expectations('Within', mean, within.sigma, tolerance),
    ...expectations('Overall', mean, overall.sigma, tolerance),
    normality: count < LEAST_FOR_NORMALITY ? null : andersonDarling(values),
  }
}

function checked(subgroups: readonly (readonly number[])[]): number[] {
  const values: number[] = []
  subgroups.forEach((subgroup, at) => {
    subgroup.forEach((value, row) => {
      assertFinite(value, `Value ${row + 1} of subgroup ${at + 1}`, { subgroup: at, row })
      values.push(value)
    })
  })
  if (values.length < 2) throw new StatisticsError('too-few', `Capability needs at least 2 values, and there ${values.length ? 'is one' : 'is none'}.`)
  return values
}

function assertVariation(values: readonly number[], within: number): void {
  if (values.every((value) => value === values[0]))
    throw new StatisticsError(
      'no-variation',
      `All ${values.length} values are ${values[0]}: without variation there is no capability. Does the gauge resolve enough digits?`,
    )
  if (!(within > 0))
    throw new StatisticsError(
      'no-variation',
      'There is no variation within the subgroups, so that Cp and Cpk do not exist. Are they subgroups of one part each?',
    )
}

function usualEstimator(subgroups: readonly (readonly number[])[]): SigmaEstimator {
  let size = 0
  for (const { length } of subgroups) size = Math.max(size, length)
  return size <= 1 ? 'mr-mean' : size <= LARGEST_FOR_RANGES ? 'rbar' : 'sbar'
}

const MILLION = 1e6

function observed(values: readonly number[], { lower, upper }: Tolerance): OutOfTolerance {
  const share = (isOut: (value: number) => boolean) => (values.filter(isOut).length / values.length) * MILLION
  const below = lower === undefined ? null : share((value) => value < lower)
  const above = upper === undefined ? null : share((value) => value > upper)
  return { below, above, total: (below ?? 0) + (above ?? 0) }
}

function expectations<K extends 'Within' | 'Overall'>(which: K, mean: number, sigma: number, { lower, upper }: Tolerance) {
  const low = lower === undefined ? null : (mean - lower) / sigma
  const high = upper === undefined ? null : (upper - mean) / sigma
  const below = low === null ? null : normalBelow(-low)
  const above = high === null ? null : normalBelow(-high)
  const total = (below ?? 0) + (above ?? 0)
  // both shares too small for a number: the nearer limit alone
  const bench = total > 0 ? -normalQuantile(Math.min(1, total)) : Math.min(low ?? Number.POSITIVE_INFINITY, high ?? Number.POSITIVE_INFINITY)
  const ppm: OutOfTolerance = {
    below: below === null ? null : below * MILLION,
    above: above === null ? null : above * MILLION,
    total: total * MILLION,
  }
  const levels: SigmaLevels = { lower: low, upper: high, bench }
  return { [`expected${which}Ppm`]: ppm, [`sigmaLevel${which}`]: levels } as Record<`expected${K}Ppm`, OutOfTolerance> & Record<`sigmaLevel${K}`, SigmaLevels>
}
