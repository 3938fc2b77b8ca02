/** The section of inspection: inspections, one of them, a new one; plans, one of them, a new one. */
import '../characteristic.css'
import './inspection.css'
import { useLive } from '../../shared/live.ts'
import type { SectionProps } from '../section.ts'
import { InspectionList } from './inspection-list.tsx'
import { InspectionPage } from './inspection-page.tsx'
import { PlanList } from './plan-list.tsx'
import { PlanPage } from './plan-page.tsx'
import { StartPage } from './start-page.tsx'

export function InspectionSection({ place, go }: SectionProps) {
  const [first = '', second] = place.split('/').map(decodeURIComponent)
  const live = useLive('quality-inspections', (_, { revision }) => ({ revision }))
  const news = `${live.value?.revision ?? 0}`
  if (first === '') return <InspectionList news={news} isStale={live.isStale} go={go} />
  if (first === 'begin') return <StartPage planId={second} onDone={(id) => go(encodeURIComponent(id))} onBack={() => go('')} />
  if (first === 'plans') return second === undefined ? <PlanList go={go} /> : <PlanPage key={second} id={second === 'new' ? undefined : second} go={go} />
  return <InspectionPage key={first} id={first} news={news} onBack={() => go('')} />
}
