/** How a study stands: word, shape and colour. */
import { CircleCheck, CircleDashed, CircleDot, ListChecks, OctagonX, TriangleAlert } from 'lucide-react'
import type { Study } from '../../../server/api/quality/studies.ts'
import { useStudyText } from './words.ts'

const STATES = {
  planned: { icon: CircleDashed, look: undefined },
  measuring: { icon: CircleDot, look: 'action' },
  measured: { icon: ListChecks, look: 'action' },
} as const
export const VERDICTS = {
  accepted: { icon: CircleCheck, look: 'good' },
  conditional: { icon: TriangleAlert, look: 'warning' },
  rejected: { icon: OctagonX, look: 'alarm' },
} as const

export function StudyPill({ study: { state, closing } }: { study: Pick<Study, 'state' | 'closing'> }) {
  const text = useStudyText()
  if (state === 'closed') {
    if (!closing) return null
    const { icon: Icon, look } = VERDICTS[closing.verdict]
    return (
      <span className="quality-pill" data-state={look} data-testid={`study-${closing.verdict}`}>
        <Icon size={14} aria-hidden /> {text.verdicts[closing.verdict]}
      </span>
    )
  }
  const { icon: Icon, look } = STATES[state]
  return (
    <span className="quality-pill" data-state={look} data-testid={`study-${state}`}>
      <Icon size={14} aria-hidden /> {text.states[state]}
    </span>
  )
}
