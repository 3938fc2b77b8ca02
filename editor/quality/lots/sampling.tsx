/** The section of sampling: its plans, one of them, a new one, a lot. */
import type { SectionProps } from '../section.ts'
import { LotView } from './lot-view.tsx'
import { PlanDetail } from './plan-detail.tsx'
import { NewPlan } from './plan-form.tsx'
import { PlanList } from './plan-list.tsx'

export function Sampling({ place, go }: SectionProps) {
  const [plan = '', lot] = place.split('/').map(decodeURIComponent)
  const toPlan = (id: string) => go(encodeURIComponent(id))
  const toLot = (id: string) => go(`${encodeURIComponent(plan)}/${encodeURIComponent(id)}`)
  if (plan === '') return <PlanList go={go} />
  if (plan === 'new') return <NewPlan onDone={({ id }) => toPlan(id)} onBack={() => go('')} />
  if (lot !== undefined) return <LotView key={lot} id={lot} onBack={() => toPlan(plan)} />
  return <PlanDetail key={plan} id={plan} onLot={toLot} onBack={() => go('')} />
}
