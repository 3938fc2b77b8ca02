/**
 * Published data sets, reckoned anew and laid beside what was published: the evidence that this software calculates what the standards
 * and handbooks say (IATF 16949 7.1.5.1, ISO 10012 6.2.2 ask for it). Nothing is kept: each call calculates everything again.
 */
import type { ReferenceSet } from './figure.ts'
import { capabilitySets } from './figures/capability.ts'
import { chartSets } from './figures/charts.ts'
import { descriptiveSets } from './figures/descriptive.ts'
import { gageSets } from './figures/gage.ts'
import { normalitySets } from './figures/normality.ts'
import { samplingSets } from './figures/sampling.ts'

export type { Figure, ReferenceSet } from './figure.ts'

export const REFERENCE_SUBJECTS = ['charts', 'capability', 'gage', 'normality', 'sampling', 'descriptive'] as const
export type ReferenceSubject = (typeof REFERENCE_SUBJECTS)[number]

const SETS: Record<ReferenceSubject, () => ReferenceSet[]> = {
  charts: chartSets,
  capability: capabilitySets,
  gage: gageSets,
  normality: normalitySets,
  sampling: samplingSets,
  descriptive: descriptiveSets,
}

/** Everything of a subject, calculated now. */
export const verify = (subject: ReferenceSubject): ReferenceSet[] => SETS[subject]()
