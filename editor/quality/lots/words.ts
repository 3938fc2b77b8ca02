/** The words of sampling. */
import type { SamplingPlanView } from '../../../server/api/quality/lots.ts'
import { qualitySampling as de } from '../../shared/text/de/quality-sampling.ts'
import { qualitySampling as en } from '../../shared/text/en/quality-sampling.ts'
import { catalogue } from '../../shared/text/index.ts'

export const useSamplingText = catalogue(en, de)
export type SamplingText = typeof en

/** Why inspection is as severe as it is. */
export function whyInWords(text: SamplingText['why'], change: SamplingPlanView['change']): string {
  if (!change) return text.first
  if (change.reason) return text[change.reason](change.lotNumber ?? '')
  return text.person(change.by, change.text ?? '')
}

/** What the next lots can change: a sentence each. */
export function whatComes(text: SamplingText['next'], { state, definition }: Pick<SamplingPlanView, 'state' | 'definition'>): string[] {
  if (state.isDiscontinued) return [text.discontinued]
  switch (state.severity) {
    case 'normal':
      return [
        text.normal(String(state.acceptedInRow)),
        ...(definition.allowsReduced
          ? [definition.edition === 'iso-2859-1' ? text.score(String(state.score)) : text.toReduced(String(Math.max(1, 10 - state.acceptedInRow)))]
          : []),
        text.rejected(String(state.recent.filter((isAccepted) => !isAccepted).length)),
      ]
    case 'tightened':
      return [text.tightened(String(5 - state.acceptedInRow)), text.stop(String(definition.discontinueAfter - state.rejectedOnTightened))]
    case 'reduced':
      return [text.reduced]
    default:
      return state.severity satisfies never
  }
}
