/** What acceptance sampling by attributes is asked and what it answers. */

export const INSPECTION_LEVELS = ['S-1', 'S-2', 'S-3', 'S-4', 'I', 'II', 'III'] as const
export type InspectionLevel = (typeof INSPECTION_LEVELS)[number]

/** Preferred acceptance quality limits: nonconforming items in percent; above 10 nonconformities per 100 items only. */
export const AQLS = [
  0.01, 0.015, 0.025, 0.04, 0.065, 0.1, 0.15, 0.25, 0.4, 0.65, 1, 1.5, 2.5, 4, 6.5, 10, 15, 25, 40, 65, 100, 150, 250, 400, 650, 1000,
] as const
export type Aql = (typeof AQLS)[number]

export const SEVERITIES = ['normal', 'tightened', 'reduced'] as const
export type Severity = (typeof SEVERITIES)[number]

/** `S` is a row of tightened inspection alone. */
export const CODE_LETTERS = ['A', 'B', 'C', 'D', 'E', 'F', 'G', 'H', 'J', 'K', 'L', 'M', 'N', 'P', 'Q', 'R', 'S'] as const
export type CodeLetter = (typeof CODE_LETTERS)[number]

/**
 * Whose tables and switching rules. Both have the plans of MIL-STD-105E for normal and tightened inspection, save one cell; ISO's reduced
 * plans of 1999 have no gap between the numbers of acceptance and rejection.
 */
export const EDITIONS = ['ansi-z1.4', 'iso-2859-1'] as const
export type Edition = (typeof EDITIONS)[number]

export interface SamplingQuestion {
  /** Items in the lot, from 2. */
  lot: number
  /** @defaultValue `II` */
  level?: InspectionLevel
  aql: number
  /** @defaultValue `normal` */
  severity?: Severity
  /** @defaultValue `ansi-z1.4` */
  edition?: Edition
}

export interface SamplingPlan {
  /** By lot size and level. */
  codeLetter: CodeLetter
  /** Whose sample size it is, where an arrow led to another row of the table. */
  planLetter: CodeLetter
  severity: Severity
  level: InspectionLevel
  aql: Aql
  lot: number
  /** As the table has it, or the whole lot where that is smaller. */
  sample: number
  isWholeLot: boolean
  /** The lot is accepted with so many nonconforming in the sample, or fewer. */
  accept: number
  /** And rejected from so many on. Reduced inspection of ANSI/ASQ Z1.4 leaves a gap between both: accepted, and normal inspection from the next lot on. */
  reject: number
}

/** What was found in a lot. */
export interface LotFinding {
  plan: Pick<SamplingPlan, 'accept' | 'reject' | 'severity'>
  nonconforming: number
  /** For the switching score of ISO 2859-1: whether the lot passes at the AQL one step tighter too. Needed where `accept` is 2 or more. */
  passesTighter?: boolean
}

export interface SwitchingOptions {
  /** How reduced inspection is earned: 10 lots accepted in a row (ANSI/ASQ Z1.4), or a switching score of 30 (ISO 2859-1). @defaultValue `ansi-z1.4` */
  edition?: Edition
  /** Production is steady and the responsible authority agrees: reduced inspection may begin. @defaultValue false */
  allowsReduced?: boolean
  /** Lots rejected on tightened inspection, until inspection is discontinued. @defaultValue 5 */
  discontinueAfter?: number
}

/** Where the switching rules are; JSON. */
export interface SwitchingState {
  severity: Severity
  /** The last lots of normal inspection, the newest last, at most 5: whether each was accepted. */
  recent: boolean[]
  /** Accepted in a row at this severity. */
  acceptedInRow: number
  rejectedOnTightened: number
  /** ISO 2859-1. */
  score: number
  /** Nothing is accepted by sampling any more until the cause is mended. */
  isDiscontinued: boolean
}

export type SwitchReason =
  | 'two-of-five-rejected'
  | 'five-accepted'
  | 'ten-accepted'
  | 'score-reached'
  | 'rejected-on-reduced'
  | 'between-accept-and-reject'
  | 'rejected-too-often-on-tightened'

export interface SwitchingStep {
  state: SwitchingState
  isAccepted: boolean
  /** Why the next lot is inspected otherwise. */
  reason?: SwitchReason
}

/** How the number of nonconforming items in a sample is distributed: items of a long run, nonconformities per item, items of one lot of known size. */
export type SamplingModel = 'binomial' | 'poisson' | 'hypergeometric'

export interface OcPoint {
  /** Nonconforming share; nonconformities per item for `poisson`. */
  quality: number
  /** Chance that a lot is accepted. */
  acceptance: number
  /** Average outgoing quality, when rejected lots are sorted and what is nonconforming is replaced. */
  outgoing: number
  /** Average total inspection: items looked at for each lot. */
  inspected: number
}
