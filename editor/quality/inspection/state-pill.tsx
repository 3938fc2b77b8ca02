/** How an inspection stands: word, shape and colour. */
import { CircleCheck, CircleDashed, CircleSlash, CircleX, PenLine } from 'lucide-react'
import type { InspectionState } from '../../../server/api/quality/index.ts'
import { useInspectionText } from './words.ts'

const LOOKS = {
  open: { icon: CircleDashed, state: 'normal' },
  verified: { icon: PenLine, state: 'action' },
  accepted: { icon: CircleCheck, state: 'good' },
  rejected: { icon: CircleX, state: 'alarm' },
  withdrawn: { icon: CircleSlash, state: 'normal' },
} as const satisfies Record<InspectionState, unknown>

export function InspectionPill({ state }: { state: InspectionState }) {
  const text = useInspectionText()
  const { icon: Icon, state: look } = LOOKS[state]
  return (
    <span className="quality-pill" data-state={look} data-testid="inspection-state" data-value={state}>
      <Icon size={14} aria-hidden /> {text.states[state]}
    </span>
  )
}
