/**
 * What a control chart is made of and what it answers. Plain values without classes, so that what is asked and told can cross a
 * worker, a socket or a page as it is. Excluded here: where measurements are kept, what is drawn, and dates.
 */
import type { RuleOptions, Signal } from '../rules/index.ts'

export const CHART_KINDS = ['xbar-r', 'xbar-s', 'i-mr', 'p', 'np', 'c', 'u', 'ewma', 'cusum'] as const
export type ChartKind = (typeof CHART_KINDS)[number]

/**
 * One chart has one or two panels, drawn above one another. `cusum-high` and `cusum-low` are the sums of what lies above and below the
 * target; both are 0 or more.
 */
export type PanelName = 'xbar' | 'range' | 'standard-deviation' | 'individuals' | 'moving-range' | 'p' | 'np' | 'c' | 'u' | 'ewma' | 'cusum-high' | 'cusum-low'

export const PANELS_OF: Record<ChartKind, readonly PanelName[]> = {
  'xbar-r': ['xbar', 'range'],
  'xbar-s': ['xbar', 'standard-deviation'],
  'i-mr': ['individuals', 'moving-range'],
  p: ['p'],
  np: ['np'],
  c: ['c'],
  u: ['u'],
  ewma: ['ewma'],
  cusum: ['cusum-high', 'cusum-low'],
}

/**
 * One point to be. Variables charts read `values`, attribute charts `count` and `size` (p, np: items inspected; u: units of opportunity;
 * c needs none).
 */
export interface Subgroup {
  values?: readonly number[]
  /** Nonconforming items (p, np) or nonconformities (c, u). */
  count?: number
  size?: number
  /** Neighbours with the same phase belong together: own limits; runs, moving ranges and sums start anew. @defaultValue one phase without a name */
  phase?: string
  /** Drawn, but kept out of limits and rules. */
  excluded?: boolean
  /** A place on the chart without a value. */
  missing?: boolean
}

/**
 * How sigma is estimated from the data.
 * `rbar`, `sbar`: mean range / d2, mean standard deviation / c4 (subgroups of two and more);
 * `pooled`: root of the pooled variance; `pooled-unbiased`: the same / c4 of its degrees of freedom + 1;
 * `mr-mean`, `mr-median`: mean moving range / d2, median moving range / d4 (single values).
 */
export type SigmaEstimator = 'rbar' | 'sbar' | 'pooled' | 'pooled-unbiased' | 'mr-mean' | 'mr-median'

/** Lines as somebody set them; `null` is a line that is not there. */
export interface ExplicitLimits {
  center: number
  lower: number | null
  upper: number | null
  /** One sigma of what is plotted, for zones. @defaultValue a third of the way to the limit, on each side for itself */
  sigma?: number
}

/** Limits that are known. What is not given is estimated from the data of the phase. */
export interface GivenLimits {
  /** Variables: process mean. p, np: share nonconforming (0 to 1). c: nonconformities per subgroup. u: nonconformities per unit. */
  center?: number
  /** Variables: standard deviation of single values. */
  sigma?: number
  /** Mean size of the subgroups that they were estimated from: for zones of the mean size, and the one size of a c chart. */
  meanSize?: number
  /** Lines of a panel as they are, for every point of the phase. */
  panels?: Partial<Record<PanelName, ExplicitLimits>>
}

export interface EwmaOptions {
  /** Weight of the newest value, above 0 up to 1. @defaultValue 0.2 */
  lambda?: number
  /** Width of the limits in standard errors. @defaultValue 3 */
  L?: number
  /** `exact`: limits that widen from the first point on; `asymptotic`: where they end. @defaultValue `exact` */
  limits?: 'exact' | 'asymptotic'
}

export interface CusumOptions {
  /** Slack (reference value). @defaultValue 0.5, which needs units of `standard-errors` */
  k?: number
  /** Decision interval. @defaultValue 5, which needs units of `standard-errors` */
  h?: number
  /** What `k` and `h` are in: standard errors of the subgroup's mean, or the unit of the values. @defaultValue `standard-errors` */
  units?: 'standard-errors' | 'raw'
  /** Fast initial response: both sums start at this share of `h`; 0.5 is usual. @defaultValue 0 */
  headStart?: number
}

export interface ChartOptions {
  kind: ChartKind
  /** Width of Shewhart limits. @defaultValue 3 */
  sigmas?: number
  /** @defaultValue `rbar` (xbar-r), `sbar` (xbar-s), `mr-mean` (i-mr); EWMA and CUSUM: `mr-mean` for single values, `rbar` up to ten in a subgroup, `sbar` above */
  estimator?: SigmaEstimator
  /** `rbar`, `sbar` over unequal sizes: best linear unbiased weights, or the plain mean of the estimates. The same for equal sizes. @defaultValue `minimum-variance` */
  weighting?: 'minimum-variance' | 'equal'
  /** Limits of every phase that has none of its own. */
  given?: GivenLimits
  givenByPhase?: Readonly<Record<string, GivenLimits>>
  /** Every phase without limits of its own takes them from the data of this one, where it first occurs. @defaultValue each from its own */
  limitsFromPhase?: string
  /** Every subgroup must have so many values (variables). @defaultValue any size */
  subgroupSize?: number
  /** Values in a moving range. @defaultValue 2 */
  movingRangeSpan?: number
  /** EWMA and CUSUM: what is aimed at. @defaultValue the center of the phase */
  target?: number
  ewma?: EwmaOptions
  cusum?: CusumOptions
  rules?: Partial<RuleOptions>
}

/** What a phase is judged by; its center, sigma and mean size as `given` make the same chart again. */
export interface PhaseLimits {
  phase: string | null
  /** First and last subgroup, from 0. */
  from: number
  to: number
  /** As in `GivenLimits`. */
  center: number
  /** Standard deviation of single values; `null` for attribute charts, and where nothing needs it. */
  sigma: number | null
  /** Of the subgroups that are neither excluded nor missing. */
  meanSize: number
  /** Subgroups that the limits were estimated from; 0 for limits that were given. */
  subgroups: number
  /** `null`: sigma was given, or there is none. */
  estimator: SigmaEstimator | null
}

/** Lines of a panel in a phase. */
export interface PanelLimits {
  phase: string | null
  from: number
  to: number
  center: number | null
  /** `null`: there is none. */
  lower: number | null
  upper: number | null
  /** One sigma of what is plotted; `null` where the sides differ. */
  sigma: number | null
  /** Sizes differ, so that the lines do: those of each point stand with the points, and here those of the mean size. An EWMA has here where they end. */
  isPerPoint: boolean
}

/** Columns, one entry for each subgroup; NaN where there is nothing. */
export interface PanelPoints {
  value: Float64Array
  center: Float64Array
  lower: Float64Array
  upper: Float64Array
  /** One sigma of what is plotted. */
  sigma: Float64Array
  /** 1: drawn, but kept out of limits and rules. */
  excluded: Uint8Array
}

export interface ChartPanel {
  name: PanelName
  points: PanelPoints
  limits: PanelLimits[]
  /** In the order of `at`. */
  signals: Signal[]
}

export interface ChartResult {
  kind: ChartKind
  /** Subgroups, also excluded and missing ones. */
  count: number
  /** How many values or items each subgroup has. */
  size: Float64Array
  phases: PhaseLimits[]
  charts: ChartPanel[]
}

/** What a new point is on one panel. `null`: there is no such value or line. */
interface PanelVerdict {
  name: PanelName
  value: number | null
  center: number | null
  lower: number | null
  upper: number | null
  sigma: number | null
  excluded: boolean
  signals: Signal[]
}

export interface Verdict {
  /** Which subgroup it is, from 0. */
  at: number
  panels: PanelVerdict[]
}

/** Where a stream is; JSON. It fits only a stream with the same options. */
export interface StreamState {
  version: 1
  /** The options it was made with. */
  of: string
  count: number
  phase: string | null
  /** `null` before the first point. */
  judge: { statistic: number[]; rules: number[][] } | null
}

/** A chart that grows: a new point costs the same however many there are. */
export interface ChartStream {
  /** @throws ChartError `at` is the number of the point; the stream stays as it was */
  add(subgroup: Subgroup): Verdict
  state(): StreamState
}

export type ChartErrorCode =
  | 'no-data'
  | 'not-a-number'
  | 'not-finite'
  | 'empty-subgroup'
  | 'wrong-size'
  | 'negative-count'
  | 'not-a-whole-number'
  | 'count-above-size'
  | 'no-limits'
  | 'options-invalid'
  | 'state-mismatch'

/** Data or options that make no chart. Names the place; `message` is a whole English sentence. */
export class ChartError extends Error {
  override readonly name = 'ChartError'
  readonly code: ChartErrorCode
  /** The subgroup, from 0. */
  readonly at: number | undefined
  /** The value within it, from 0. */
  readonly item: number | undefined
  constructor(code: ChartErrorCode, message: string, place: { at?: number; item?: number } = {}) {
    super(message)
    this.code = code
    this.at = place.at
    this.item = place.item
  }
}
