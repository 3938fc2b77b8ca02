/** What gauge studies are asked and what they answer. */

/** One measurement of a crossed study. Names are compared as they are written. */
export interface GageReading {
  part: string
  appraiser: string
  trial: string
  value: number
}

export type VariationSource = 'gage-rr' | 'repeatability' | 'reproducibility' | 'appraiser' | 'interaction' | 'part' | 'total'

/** How much one source contributes. */
export interface VariationLine {
  source: VariationSource
  variance: number
  standardDeviation: number
  /** Of the total variance, in percent; the sources add up to 100. */
  contributionPercent: number
  /** Of the total standard deviation, in percent; they do not add up. */
  studyPercent: number
  /** `spread` standard deviations as a part of the tolerance, in percent; `null` without a tolerance. */
  tolerancePercent: number | null
}

/** AIAG's judgement of %GRR: below 10, up to 30, above. */
export type GageVerdict = 'acceptable' | 'conditional' | 'unacceptable'

export interface RrOptions {
  /** Width of the tolerance: upper less lower limit. */
  toleranceWidth?: number
  /** Standard deviations that a tolerance is compared with. @defaultValue 6 */
  spread?: number
  /** Factor of the number of distinct categories: the root of 2, or 1.41 as AIAG prints it. @defaultValue `sqrt2` */
  ndcFactor?: 'sqrt2' | '1.41'
}

export interface RangeOptions extends RrOptions {
  /** K1, K2, K3 exact, or to four decimals as AIAG's tables have them. @defaultValue `exact` */
  constants?: 'exact' | 'aiag'
}

export interface AnovaOptions extends RrOptions {
  /** What F of parts and appraisers is against: the interaction (Minitab, Montgomery) or the equipment (AIAG). @defaultValue `interaction` */
  errorTerm?: 'interaction' | 'equipment'
  /** The interaction is taken into the equipment where its p is above this; 0 never, AIAG's text has 0.25. @defaultValue 0.05 */
  poolingAlpha?: number
}

interface RrResult {
  parts: number
  appraisers: number
  trials: number
  lines: VariationLine[]
  /** Of %study variation. */
  grrPercent: number
  verdict: GageVerdict
  /** How many kinds of part the gauge can tell apart, before truncation; `null` for a gauge without variation. */
  ndcExact: number | null
  /** Truncated, at least 1. */
  ndc: number | null
  /** Sources whose estimate was below 0 and was set to 0. */
  setToZero: VariationSource[]
}

export interface RangeResult extends RrResult {
  method: 'average-and-range'
  meanRange: number
  rangeByAppraiser: { appraiser: string; mean: number; meanRange: number }[]
  /** Largest less smallest mean of an appraiser. */
  appraiserRange: number
  /** Largest less smallest mean of a part. */
  partRange: number
  k1: number
  k2: number
  k3: number
}

export interface AnovaRow {
  source: 'part' | 'appraiser' | 'interaction' | 'equipment' | 'total'
  df: number
  ss: number
  /** `null` for the total. */
  ms: number | null
  f: number | null
  p: number | null
}

export interface AnovaResult extends RrResult {
  method: 'anova'
  /** With the interaction. */
  table: AnovaRow[]
  /** The interaction taken into the equipment; `null` where it was not. */
  pooledTable: AnovaRow[] | null
  errorTerm: 'interaction' | 'equipment'
  poolingAlpha: number
}

/** One measurement of a part whose value is known. */
export interface ReferenceReading {
  part: string
  reference: number
  value: number
}

export interface BiasLine {
  part: string
  reference: number
  count: number
  mean: number
  bias: number
  /** Of the readings. */
  standardDeviation: number
  /** Student's t of the bias with count - 1 degrees of freedom; `null` where all readings are the same. */
  t: number | null
  p: number | null
  /** Interval of the bias. */
  lower: number
  upper: number
  /** 0 lies in the interval. */
  isAcceptable: boolean
}

/** A coefficient of the line through all biases. */
export interface Coefficient {
  value: number
  standardError: number
  t: number | null
  p: number | null
}

export interface BiasOptions {
  /** Of the intervals. @defaultValue 0.95 */
  confidence?: number
  /** Six standard deviations of the process; bias and linearity as a part of it are given then. */
  processVariation?: number
}

export interface BiasResult {
  confidence: number
  lines: BiasLine[]
  /** All readings together. */
  overall: { bias: number; percentOfProcess: number | null }
  /** `null` with fewer than two reference values. */
  linearity: {
    /** bias = intercept + slope reference. */
    slope: Coefficient
    intercept: Coefficient
    /** Residual standard deviation. */
    s: number
    df: number
    /** In percent; `null` where all biases are the same. */
    rSquaredPercent: number | null
    /** The line and its confidence band at each reference value. */
    band: { reference: number; bias: number; lower: number; upper: number }[]
    /** The line of no bias lies in the band everywhere (AIAG). */
    isAcceptable: boolean
    /** |slope| times the process variation. */
    linearity: number | null
    /** 100 |slope|. */
    percentLinearity: number
  } | null
}
