/** The sections of the page of quality: one line each, in the order in which they stand. What a section shows stands behind its name in the address: `#gauges/g_1`. */
import { ClipboardCheck, ClipboardList, FileText, FileWarning, type LucideIcon, Ruler, RulerDimensionLine, Scale, ShieldCheck } from 'lucide-react'
import { type ComponentType, type LazyExoticComponent, lazy } from 'react'
import type { Capability } from '../../server/api/access.ts'
import type { SectionId, SectionProps } from './section.ts'

export interface Section {
  id: SectionId
  icon: LucideIcon
  needs: Capability
  Page: LazyExoticComponent<ComponentType<SectionProps>>
}

export const SECTIONS: readonly Section[] = [
  section('characteristics', Ruler, async () => (await import('./characteristics.tsx')).Characteristics),
  section('gauges', RulerDimensionLine, async () => (await import('./gauges/gauges.tsx')).Gauges),
  section('studies', Scale, async () => (await import('./studies/studies.tsx')).Studies),
  section('sampling', ClipboardCheck, async () => (await import('./lots/sampling.tsx')).Sampling),
  section('inspection', ClipboardList, async () => (await import('./inspection/inspection.tsx')).InspectionSection),
  section('nonconformance', FileWarning, async () => (await import('./documents/board.tsx')).Board),
  section('documents', FileText, async () => (await import('./documents/documents.tsx')).Documents),
  section('verification', ShieldCheck, async () => (await import('./verification/verification.tsx')).Verification),
]

/** @param needs who may look at it; `quality.view` unless said */
function section(id: SectionId, icon: LucideIcon, load: () => Promise<ComponentType<SectionProps>>, needs: Capability = 'quality.view'): Section {
  return { id, icon, needs, Page: lazy(async () => ({ default: await load() })) }
}

/** `#gauges/g_1` as the section and what is behind it; without a section, or with one that is not there, the first. */
export function placeOf(hash: string, sections: readonly Section[] = SECTIONS): { section: Section | undefined; place: string } {
  const [first = '', ...rest] = hash.split('/')
  const found = sections.find(({ id }) => id === first)
  return found ? { section: found, place: rest.join('/') } : { section: sections[0], place: '' }
}
