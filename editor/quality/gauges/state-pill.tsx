/** How the calibration of a gauge stands: word, shape and colour. */
import { CalendarClock, CircleCheck, CircleDashed, CircleOff, OctagonAlert, TriangleAlert } from 'lucide-react'
import type { Gauge } from '../../../server/api/quality/index.ts'
import { useGaugeText } from './words.ts'

const LOOKS = {
  good: { icon: CircleCheck, look: 'good' },
  'due-soon': { icon: CalendarClock, look: 'warning' },
  overdue: { icon: TriangleAlert, look: 'alarm' },
  failed: { icon: OctagonAlert, look: 'alarm' },
  never: { icon: CircleDashed, look: 'action' },
} as const

/** Somebody has to see to it. */
export const needsCare = ({ state, definition: { isRetired } }: Gauge): boolean => !isRetired && state !== 'good' && state !== 'never'

export function GaugePill({ gauge: { state, definition } }: { gauge: Gauge }) {
  const text = useGaugeText()
  if (definition.isRetired)
    return (
      <span className="quality-pill" data-testid="gauge-retired">
        <CircleOff size={14} aria-hidden /> {text.retired}
      </span>
    )
  const { icon: Icon, look } = LOOKS[state]
  return (
    <span className="quality-pill" data-state={look} data-testid={`gauge-${state}`}>
      <Icon size={14} aria-hidden /> {text.states[state]}
    </span>
  )
}
