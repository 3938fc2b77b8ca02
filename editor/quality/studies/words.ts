/** The words of gauge studies. */
import type { Study } from '../../../server/api/quality/studies.ts'
import { qualityStudies as de } from '../../shared/text/de/quality-studies.ts'
import { qualityStudies as en } from '../../shared/text/en/quality-studies.ts'
import { catalogue } from '../../shared/text/index.ts'

export const useStudyText = catalogue(en, de)

export type Design = Study['definition']['design']
export const partNames = (design: Design): string[] => (design.kind === 'crossed' ? design.parts : design.parts.map(({ name }) => name))
export const appraiserNames = (design: Design): string[] => (design.kind === 'crossed' ? design.appraisers : [design.appraiser])

/** Bias against one value, or linearity against several. */
export function kindOf(design: Design): 'crossed' | 'bias' | 'linearity' {
  if (design.kind === 'crossed') return 'crossed'
  return new Set(design.parts.map(({ reference }) => reference)).size > 1 ? 'linearity' : 'bias'
}
