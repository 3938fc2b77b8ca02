/** How a characteristic is: word, shape and colour. */
import { CircleCheck, CircleDashed, CircleOff, Lock, OctagonAlert, Ruler, TriangleAlert } from 'lucide-react'
import { useChartsText } from '../use-quality-text.ts'
import type { QualityState } from './state-of.ts'

const LOOKS = {
  locked: { icon: Lock, state: 'action' },
  'out-of-tolerance': { icon: OctagonAlert, state: 'alarm' },
  signal: { icon: TriangleAlert, state: 'warning' },
  'in-control': { icon: CircleCheck, state: 'good' },
  'no-limits': { icon: Ruler, state: 'normal' },
  'no-data': { icon: CircleDashed, state: 'normal' },
  retired: { icon: CircleOff, state: 'normal' },
} as const

export function StatePill({ state }: { state: QualityState }) {
  const text = useChartsText()
  const { icon: Icon, state: look } = LOOKS[state]
  return (
    <span className="quality-pill" data-state={look} data-testid={`state-${state}`}>
      <Icon size={14} aria-hidden /> {text.states[state]}
    </span>
  )
}
