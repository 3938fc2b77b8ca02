/** Corrections of an offset from the drift of a characteristic: what goes in and out. Millimetres. */

/** A point of a chart, the mean of its values. */
export interface DriftPoint {
  /** From nominal. */
  deviationMm: number
  /** What the offset was moved in all since this point was made; 0: it has not been. */
  movedSinceMm: number
}

export interface CorrectionPlan {
  /** So many of the newest points count, and at least so many are needed. */
  last: number
  least: number
  /** `median`: one point that is far off does not change it. */
  estimator: 'mean' | 'median'
  /** Of the interval that must not hold 0, e.g. 0.95. */
  confidence: number
  /** By how much the offset changes when the measured value changes by 1: signed, e.g. -0.5. Not 0. */
  gain: number
  /** Part of the drift that is corrected at once: above 0, at most 1. */
  share: number
  /** A drift (of the measured value) up to this is left alone. */
  deadBandMm: number
  /** Of the offset, at once. */
  largestStepMm: number
  /** Of the offset, in all since it was last reset. */
  largestSumMm: number
  /** A drift that needs more than the largest step: nothing is proposed, or the largest step. */
  beyondStep: 'stop' | 'limit'
}

/** Of the measured value, from nominal. */
export interface Drift {
  valueMm: number
  lowerMm: number
  upperMm: number
  points: number
}

export type CorrectionVerdict =
  | { kind: 'nothing'; why: 'too-few'; points: number }
  /** `noise`: its interval holds 0. `too-small`: the offset cannot be set as finely. */
  | { kind: 'nothing'; why: 'noise' | 'dead-band' | 'too-small'; drift: Drift }
  /** `wantedMm`: what the offset would have to be moved by. */
  | { kind: 'beyond'; why: 'step' | 'sum'; drift: Drift; wantedMm: number }
  /** `byMm` is signed, whole thousandths; `sumMm`: in all with this one. */
  | { kind: 'propose'; drift: Drift; byMm: number; sumMm: number; isLimited: boolean }
