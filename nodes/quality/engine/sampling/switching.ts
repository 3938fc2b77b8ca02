/**
 * Switching rules: when a series of lots is inspected more or less severely (ANSI/ASQ Z1.4 8.3, ISO 2859-1 9.3). Only lots inspected for
 * the first time count. Pure: a state and a lot in, the next state out.
 */
import { assertFinite, StatisticsError } from '../describe/statistics-error.ts'
import type { LotFinding, SwitchingOptions, SwitchingState, SwitchingStep, SwitchReason } from './contract.ts'

const ACCEPTED_FOR_REDUCED = 10
const SCORE_FOR_REDUCED = 30
const ACCEPTED_FOR_NORMAL = 5
/** Two rejected of so many lots, or fewer. */
const WINDOW = 5
const REJECTED_FOR_TIGHTENED = 2

const begin = (severity: SwitchingState['severity']): SwitchingState => ({
  severity,
  recent: [],
  acceptedInRow: 0,
  rejectedOnTightened: 0,
  score: 0,
  isDiscontinued: false,
})

/** Where a series begins: normal inspection. */
export const firstSwitchingState = (): SwitchingState => begin('normal')

/**
 * @throws StatisticsError `option-invalid`: a plan of another severity than the state's, a count that is none, a discontinued series
 */
export function afterLot(state: SwitchingState, finding: LotFinding, options: SwitchingOptions = {}): SwitchingStep {
  const { plan, nonconforming } = finding
  assertFinite(nonconforming, 'The number of nonconforming items')
  if (!Number.isInteger(nonconforming) || nonconforming < 0)
    throw new StatisticsError('option-invalid', `The number of nonconforming items is a whole number from 0, not ${nonconforming}.`)
  if (state.isDiscontinued)
    throw new StatisticsError('option-invalid', 'Inspection of this series is discontinued. Mend the cause, then begin again with tightened inspection.')
  if (plan.severity !== state.severity)
    throw new StatisticsError('option-invalid', `The lot was inspected by a ${plan.severity} plan, and the series is at ${state.severity} inspection.`)
  const isAccepted = nonconforming < plan.reject
  switch (state.severity) {
    case 'normal':
      return afterNormal(state, finding, isAccepted, options)
    case 'tightened':
      return afterTightened(state, isAccepted, options)
    case 'reduced':
      return afterReduced(state, isAccepted, nonconforming <= plan.accept)
  }
}

/** A discontinued series begins again tightened, once its cause is mended (Z1.4 8.4). */
export const resumeSwitching = (): SwitchingState => begin('tightened')

function afterNormal(
  state: SwitchingState,
  finding: LotFinding,
  isAccepted: boolean,
  { edition = 'ansi-z1.4', allowsReduced = false }: SwitchingOptions,
): SwitchingStep {
  const recent = [...state.recent, isAccepted].slice(-WINDOW)
  if (recent.filter((one) => !one).length >= REJECTED_FOR_TIGHTENED) return { state: begin('tightened'), isAccepted, reason: 'two-of-five-rejected' }
  const acceptedInRow = isAccepted ? state.acceptedInRow + 1 : 0
  const score = scoreAfter(state.score, finding, isAccepted)
  const next: SwitchingState = { ...state, recent, acceptedInRow, score }
  const isEarned = edition === 'iso-2859-1' ? score >= SCORE_FOR_REDUCED : acceptedInRow >= ACCEPTED_FOR_REDUCED
  if (!isEarned || !allowsReduced) return { state: next, isAccepted }
  const reason: SwitchReason = edition === 'iso-2859-1' ? 'score-reached' : 'ten-accepted'
  return { state: begin('reduced'), isAccepted, reason }
}

/** ISO 2859-1 9.3.3.2: 3 for a lot that passes one AQL tighter, 2 where the acceptance number is 0 or 1; anything else begins anew. */
function scoreAfter(score: number, { plan, passesTighter }: LotFinding, isAccepted: boolean): number {
  if (!isAccepted) return 0
  if (plan.accept <= 1) return score + 2
  return passesTighter === true ? score + 3 : 0
}

function afterTightened(state: SwitchingState, isAccepted: boolean, { discontinueAfter = 5 }: SwitchingOptions): SwitchingStep {
  const acceptedInRow = isAccepted ? state.acceptedInRow + 1 : 0
  if (acceptedInRow >= ACCEPTED_FOR_NORMAL) return { state: begin('normal'), isAccepted, reason: 'five-accepted' }
  const rejectedOnTightened = state.rejectedOnTightened + (isAccepted ? 0 : 1)
  const isDiscontinued = rejectedOnTightened >= discontinueAfter
  const next: SwitchingState = { ...state, acceptedInRow, rejectedOnTightened, isDiscontinued }
  return isDiscontinued ? { state: next, isAccepted, reason: 'rejected-too-often-on-tightened' } : { state: next, isAccepted }
}

function afterReduced(state: SwitchingState, isAccepted: boolean, isWithinAccept: boolean): SwitchingStep {
  if (!isAccepted) return { state: begin('normal'), isAccepted, reason: 'rejected-on-reduced' }
  if (!isWithinAccept) return { state: begin('normal'), isAccepted, reason: 'between-accept-and-reject' }
  return { state: { ...state, acceptedInRow: state.acceptedInRow + 1 }, isAccepted }
}
