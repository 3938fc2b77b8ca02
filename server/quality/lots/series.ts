/** How a lot moves the switching rules of its plan. Pure: rows in, the next row's facts out. */
import { AQLS, afterLot, firstSwitchingState, resumeSwitching, type SwitchingState, samplingPlan } from '../../../nodes/quality/engine/sampling/index.ts'
import type { Lot, SamplingDefinition, SamplingPlanView, SWITCH_REASONS } from '../../api/index.ts'
import { discontinued, findingInvalid, severityNotAllowed } from './refusals.ts'

export type State = SamplingPlanView['state']

/** Before anything was judged. */
export const firstState = (): State => firstSwitchingState()
/** The same severity, and all counting begins anew. */
export const countedAnew = ({ severity, isDiscontinued }: State): State => ({ ...firstSwitchingState(), severity, isDiscontinued })

/** How many items to take of a lot, as the plan stands. @throws UserError sampling-discontinued */
export function samplingOf({ level, aql, edition }: SamplingDefinition, { severity, isDiscontinued }: State, size: number): Lot['sampling'] {
  if (isDiscontinued) throw discontinued()
  const { lot: _, ...sampling } = samplingPlan({ lot: size, level, aql, severity, edition })
  return sampling
}

export interface Judgement {
  isAccepted: boolean
  /** Whether the switching rules counted it. */
  counts: boolean
  state: State
  switchReason?: (typeof SWITCH_REASONS)[number]
}

/**
 * @param isOriginal the lot came for the first time: only then the rules count it
 * @param state of the series before it
 * @throws UserError finding-invalid, sampling-discontinued
 */
export function judged(
  { sampling, size, isOriginal }: { sampling: Lot['sampling']; size: number; isOriginal: boolean },
  { nonconforming, defects }: { nonconforming: number; defects: readonly { kind: string; count: number }[] },
  definition: SamplingDefinition,
  state: State,
): Judgement {
  checkFinding({ sampling, nonconforming, defects, counts: definition.counts })
  if (state.isDiscontinued) throw discontinued()
  const isAccepted = nonconforming < sampling.reject
  // drawn before the severity changed: its verdict holds, and says nothing of the series as it is inspected now
  const counts = isOriginal && sampling.severity === state.severity && sampling.aql === definition.aql
  if (!counts) return { isAccepted, counts, state }
  const { edition, allowsReduced, discontinueAfter } = definition
  const passesTighter = passesOneStepTighter({ sampling, size, nonconforming, edition })
  const step = afterLot(
    state as SwitchingState,
    { plan: sampling, nonconforming, ...(passesTighter === undefined ? {} : { passesTighter }) },
    { edition, allowsReduced, discontinueAfter },
  )
  return { isAccepted: step.isAccepted, counts, state: step.state, ...(step.reason ? { switchReason: step.reason } : {}) }
}

/** ISO 2859-1 9.3.3.2, for its switching score. */
function passesOneStepTighter({
  sampling,
  size,
  nonconforming,
  edition,
}: {
  sampling: Lot['sampling']
  size: number
  nonconforming: number
  edition: SamplingDefinition['edition']
}): boolean | undefined {
  const tighter = AQLS[AQLS.indexOf(sampling.aql as (typeof AQLS)[number]) - 1]
  if (tighter === undefined) return undefined
  return nonconforming <= samplingPlan({ lot: size, level: sampling.level, aql: tighter, severity: sampling.severity, edition }).accept
}

function checkFinding({
  sampling: { sample },
  nonconforming,
  defects,
  counts,
}: {
  sampling: Lot['sampling']
  nonconforming: number
  defects: readonly { kind: string; count: number }[]
  counts: SamplingDefinition['counts']
}): void {
  if (counts === 'items' && nonconforming > sample)
    throw findingInvalid(`The sample has ${sample} items, and ${nonconforming} of them cannot be nonconforming. Enter how many items of the sample are.`)
  if (new Set(defects.map(({ kind }) => kind)).size < defects.length) throw findingInvalid('A kind of nonconformity is there twice. Add both up.')
  const total = defects.reduce((sum, { count }) => sum + count, 0)
  if (defects.length > 0 && nonconforming === 0) throw findingInvalid('Nonconformities are listed, and none is counted. Enter how many there are.')
  if (counts === 'nonconformities' && total > nonconforming)
    throw findingInvalid(`${total} nonconformities are listed by kind, and ${nonconforming} are counted. Enter all that were found.`)
}

/** How a person sets the severity. @throws UserError severity-not-allowed */
export function setTo(severity: State['severity'], state: State, { allowsReduced }: SamplingDefinition): State {
  if (state.isDiscontinued) {
    if (severity === 'tightened') return resumeSwitching()
    throw severityNotAllowed('A discontinued series begins again with tightened inspection (ANSI/ASQ Z1.4 8.4, ISO 2859-1 9.4).')
  }
  if (severity === 'reduced' && !allowsReduced)
    throw severityNotAllowed(
      'This plan does not allow reduced inspection. Allow it in the plan first: production has to be steady, and the authority has to agree.',
    )
  if (severity === state.severity) throw severityNotAllowed('Lots are inspected like this already.')
  return { ...firstSwitchingState(), severity }
}
