/** How a series and a lot stand: word, shape and colour. */
import { CircleCheck, CircleDashed, CircleOff, Equal, OctagonAlert, OctagonX, TrendingDown, TrendingUp } from 'lucide-react'
import type { Lot, SamplingPlanView } from '../../../server/api/quality/lots.ts'
import { useSamplingText } from './words.ts'

const SEVERITY = {
  normal: { icon: Equal, look: undefined },
  tightened: { icon: TrendingUp, look: 'warning' },
  reduced: { icon: TrendingDown, look: 'good' },
} as const

export function SeverityPill({ state, isRetired = false }: { state: Pick<SamplingPlanView['state'], 'severity' | 'isDiscontinued'>; isRetired?: boolean }) {
  const text = useSamplingText()
  if (isRetired)
    return (
      <span className="quality-pill">
        <CircleOff size={14} aria-hidden /> {text.outOfUse}
      </span>
    )
  if (state.isDiscontinued)
    return (
      <span className="quality-pill" data-state="alarm" data-testid="severity-discontinued">
        <OctagonAlert size={14} aria-hidden /> {text.discontinued}
      </span>
    )
  const { icon: Icon, look } = SEVERITY[state.severity]
  return (
    <span className="quality-pill" data-state={look} data-testid={`severity-${state.severity}`}>
      <Icon size={14} aria-hidden /> {text.severities[state.severity]}
    </span>
  )
}

const LOT = {
  open: { icon: CircleDashed, look: 'action', word: 'waits' },
  accepted: { icon: CircleCheck, look: 'good', word: 'accepted' },
  rejected: { icon: OctagonX, look: 'alarm', word: 'rejected' },
  withdrawn: { icon: CircleOff, look: undefined, word: 'withdrawn' },
} as const

export function LotPill({ state }: { state: Lot['state'] }) {
  const text = useSamplingText().result
  const { icon: Icon, look, word } = LOT[state]
  return (
    <span className="quality-pill" data-state={look} data-testid={`lot-${state}`}>
      <Icon size={14} aria-hidden /> {text[word]}
    </span>
  )
}
