import { binomialAtMost, tQuantile } from '../distributions/index.ts'
import type { CorrectionPlan, CorrectionVerdict, Drift, DriftPoint } from './contract.ts'

/** Offsets are set in thousandths of a millimetre: finer ones a controller does not tell back. */
export const RESOLUTION_MM = 0.001

/** What numbers of this size lose in sums. */
const ROUNDING = 1e-9

/**
 * What to do about the drift of a characteristic. Points are as they would be measured now: whatever the offset was moved since one of
 * them has come off it, so that a drift that was corrected is none any more.
 *
 * @param points the newest last; of more than `plan.last` the newest count
 * @param movedMm what the offset was moved in all since it was last reset
 */
export function correctionOf(points: readonly DriftPoint[], movedMm: number, plan: CorrectionPlan): CorrectionVerdict {
  const used = points.slice(-plan.last)
  if (used.length < plan.least) return { kind: 'nothing', why: 'too-few', points: used.length }
  const drift = driftOf(
    used.map(({ deviationMm, movedSinceMm }) => deviationMm + movedSinceMm / plan.gain),
    plan,
  )
  if (!drift) return { kind: 'nothing', why: 'too-few', points: used.length }
  if (drift.lowerMm <= 0 && drift.upperMm >= 0) return { kind: 'nothing', why: 'noise', drift }
  if (Math.abs(drift.valueMm) <= plan.deadBandMm) return { kind: 'nothing', why: 'dead-band', drift }
  const wantedMm = wholeSteps(-plan.gain * plan.share * drift.valueMm)
  if (wantedMm === 0) return { kind: 'nothing', why: 'too-small', drift }
  const isTooFar = Math.abs(wantedMm) > plan.largestStepMm + ROUNDING
  if (isTooFar && plan.beyondStep === 'stop') return { kind: 'beyond', why: 'step', drift, wantedMm }
  const byMm = isTooFar ? wholeSteps(Math.sign(wantedMm) * plan.largestStepMm) : wantedMm
  if (byMm === 0) return { kind: 'nothing', why: 'too-small', drift }
  const sumMm = tidy(movedMm + byMm)
  // back towards where it was is never too far
  if (Math.abs(sumMm) > plan.largestSumMm + ROUNDING && Math.abs(sumMm) > Math.abs(movedMm)) return { kind: 'beyond', why: 'sum', drift, wantedMm: byMm }
  return { kind: 'propose', drift, byMm, sumMm, isLimited: isTooFar }
}

/** The drift with the interval that it lies in; undefined where so few values have none. */
function driftOf(values: readonly number[], { estimator, confidence }: CorrectionPlan): Drift | undefined {
  return estimator === 'mean' ? meanOf(values, confidence) : medianOf(values, confidence)
}

/** Student's interval: from 2 values. */
function meanOf(values: readonly number[], confidence: number): Drift | undefined {
  const n = values.length
  if (n < 2) return undefined
  const valueMm = values.reduce((sum, value) => sum + value, 0) / n
  const squares = values.reduce((sum, value) => sum + (value - valueMm) ** 2, 0)
  const half = tQuantile((1 + confidence) / 2, n - 1) * Math.sqrt(squares / (n - 1) / n)
  return { valueMm, lowerMm: valueMm - half, upperMm: valueMm + half, points: n }
}

/**
 * The interval between two values of the ordered row, whatever their distribution (the sign test turned around): the k-th from either end,
 * where fewer than k of n fall on one side with at most half of what may be wrong. 6 values are the fewest that have one of 95 %.
 */
function medianOf(values: readonly number[], confidence: number): Drift | undefined {
  const n = values.length
  const ordered = [...values].sort((a, b) => a - b)
  const mayBeWrong = (1 - confidence) / 2
  let k = 0
  while (k < n / 2 && binomialAtMost(k, n, 0.5) <= mayBeWrong + ROUNDING) k += 1
  const [lowerMm, upperMm, low, high] = [ordered[k - 1], ordered[n - k], ordered[Math.floor((n - 1) / 2)], ordered[Math.ceil((n - 1) / 2)]]
  if (k === 0 || lowerMm === undefined || upperMm === undefined || low === undefined || high === undefined) return undefined
  return { valueMm: (low + high) / 2, lowerMm, upperMm, points: n }
}

/** Towards zero: never further than what was found. */
const wholeSteps = (mm: number): number => tidy((Math.sign(mm) * Math.floor(Math.abs(mm) / RESOLUTION_MM + 1e-6) || 0) * RESOLUTION_MM)

/** Without what sums of thousandths lose. */
const tidy = (mm: number): number => Number(mm.toFixed(6)) + 0
