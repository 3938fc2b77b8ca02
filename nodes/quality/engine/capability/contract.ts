/** What a capability study is asked and what it answers. */
import type { SigmaEstimator } from '../charts/index.ts'
import type { AndersonDarling } from '../normality/index.ts'

/** At least one limit; without the other the tolerance has one side. */
export interface Tolerance {
  lower?: number
  upper?: number
  /** What is aimed at; needed for Cpm. */
  target?: number
}

export interface CapabilityOptions {
  tolerance: Tolerance
  /** How the standard deviation within subgroups is estimated. @defaultValue `mr-mean` for single values, `rbar` up to 10 values, otherwise `sbar` */
  within?: SigmaEstimator
  /** Of the intervals. @defaultValue 0.95 */
  confidence?: number
  /**
   * What the intervals of Cp, Cpk and Cpm reckon with: the number of values less one, as R's qcc does, or what the estimate of sigma is
   * worth, which is less, so that intervals are wider. @defaultValue `observations`
   */
  degreesOfFreedom?: 'observations' | 'estimator'
  /** Degrees of freedom of Cpm, u = (mean - target) / s: n(1 + u²)/(1 + 2u²) as R's qcc has it, or n(1 + u²)²/(1 + 2u²) (Boyles 1991). @defaultValue `qcc` */
  cpmInterval?: 'qcc' | 'boyles'
}

/** An index with its interval. */
export interface CapabilityIndex {
  value: number
  lower: number
  upper: number
  /** Of the interval: two sides. One-sided indices have it so that each bound alone has the confidence asked for. */
  confidence: number
  /** What the interval reckons with. */
  df: number
}

/** Parts per million outside of the tolerance; `null` for the side without a limit. */
export interface OutOfTolerance {
  below: number | null
  above: number | null
  total: number
}

/** How many standard deviations it is to the limit; `bench` is the one-sided distance with the same share outside as both sides together. No shift of 1.5. */
export interface SigmaLevels {
  lower: number | null
  upper: number | null
  bench: number
}

export interface Capability {
  count: number
  subgroups: number
  mean: number
  min: number
  max: number
  tolerance: Tolerance
  /** Within subgroups: what the process could do. */
  within: { sigma: number; estimator: SigmaEstimator /** What the estimate is worth. */; df: number }
  /** Of all values: what the process did. */
  overall: { sigma: number; df: number }
  degreesOfFreedom: 'observations' | 'estimator'
  /** `null`: needs the limit that is not there, or a target. */
  cp: CapabilityIndex | null
  cpl: CapabilityIndex | null
  cpu: CapabilityIndex | null
  cpk: CapabilityIndex
  cpm: CapabilityIndex | null
  pp: CapabilityIndex | null
  ppl: CapabilityIndex | null
  ppu: CapabilityIndex | null
  ppk: CapabilityIndex
  /** As `cpm`, with the standard deviation of all values. */
  cpmOverall: CapabilityIndex | null
  /** In the values themselves; a value on the limit is inside. */
  observedPpm: OutOfTolerance
  /** If the values are normally distributed. */
  expectedWithinPpm: OutOfTolerance
  expectedOverallPpm: OutOfTolerance
  sigmaLevelWithin: SigmaLevels
  sigmaLevelOverall: SigmaLevels
  /** Whether the values look normal, without which indices and expected shares say little; `null` with fewer than 8 values. */
  normality: AndersonDarling | null
}
