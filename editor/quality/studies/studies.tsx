/** The section of gauge studies: their list, one of them, a new one, and the page at which somebody measures. */
import type { SectionProps } from '../section.ts'
import { Measure } from './measure.tsx'
import { StudyDetail } from './study-detail.tsx'
import { NewStudy } from './study-form.tsx'
import { StudyList } from './study-list.tsx'

export function Studies({ place, go }: SectionProps) {
  const [id = '', what] = place.split('/').map(decodeURIComponent)
  const toStudy = (study: string) => go(encodeURIComponent(study))
  if (id === '') return <StudyList go={go} />
  if (id === 'new') return <NewStudy onDone={(made) => toStudy(made.id)} onBack={() => go('')} />
  if (what === 'measure') return <Measure key={id} id={id} onBack={() => toStudy(id)} />
  return <StudyDetail key={id} id={id} onMeasure={() => go(`${encodeURIComponent(id)}/measure`)} onBack={() => go('')} />
}
