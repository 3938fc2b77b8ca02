/** A study as it is typed into its form. */
import type { StudyDefinition } from '../../../server/api/quality/studies.ts'
import type { Num } from '../../shared/number-field.tsx'

export interface Draft {
  name: string
  gauge: string
  gaugeId: string
  characteristic: string
  unit: string
  decimals: Num
  toleranceWidth: Num
  kind: 'crossed' | 'bias'
  /** One in each line. */
  parts: string
  /** One in each line: name = value. */
  references: string
  appraisers: string
  appraiser: string
  trials: Num
  readings: Num
  method: 'average-and-range' | 'anova'
  errorTerm: 'interaction' | 'equipment'
  poolingAlpha: Num
  constants: 'exact' | 'aiag'
  ndcFactor: 'sqrt2' | '1.41'
  spread: Num
  confidencePercent: Num
  processVariation: Num
  acceptablePercent: Num
  unacceptablePercent: Num
  ndc: Num
  of: 'study' | 'tolerance'
  source: string
}

export type Field = 'name' | 'gauge' | 'characteristic' | 'parts' | 'references' | 'appraisers' | 'appraiser' | 'trials'

const USUAL_PARTS = 10

const fresh = (partName: (n: string) => string): Draft => ({
  name: '',
  gauge: '',
  gaugeId: '',
  characteristic: '',
  unit: 'mm',
  decimals: 3,
  toleranceWidth: '',
  kind: 'crossed',
  parts: Array.from({ length: USUAL_PARTS }, (_, i) => partName(String(i + 1))).join('\n'),
  references: '',
  appraisers: '',
  appraiser: '',
  trials: 3,
  readings: 10,
  method: 'anova',
  errorTerm: 'interaction',
  poolingAlpha: 0.05,
  constants: 'exact',
  ndcFactor: 'sqrt2',
  spread: 6,
  confidencePercent: 95,
  processVariation: '',
  acceptablePercent: 10,
  unacceptablePercent: 30,
  ndc: 5,
  of: 'study',
  source: 'AIAG MSA, 4th edition',
})

export function draftOf(partName: (n: string) => string, definition?: StudyDefinition): Draft {
  const begin = fresh(partName)
  if (!definition) return begin
  const { design, limits, name, gauge, gaugeId, characteristic, unit, decimals, toleranceWidth } = definition
  const common = { ...begin, name, gauge, gaugeId: gaugeId ?? '', characteristic, unit, decimals, toleranceWidth: toleranceWidth ?? ('' as const), ...limits }
  if (design.kind === 'crossed') {
    const { kind, trials, method, errorTerm, poolingAlpha, constants, ndcFactor, spread } = design
    return {
      ...common,
      ...{ kind, trials, method, errorTerm, poolingAlpha, constants, ndcFactor, spread },
      parts: design.parts.join('\n'),
      appraisers: design.appraisers.join('\n'),
    }
  }
  return {
    ...common,
    kind: design.kind,
    appraiser: design.appraiser,
    readings: design.trials,
    confidencePercent: 100 * design.confidence,
    processVariation: design.processVariation ?? '',
    references: design.parts.map((part) => `${part.name} = ${part.reference}`).join('\n'),
  }
}

const linesOf = (text: string): string[] =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
const isDistinct = (names: readonly string[]) => new Set(names).size === names.length

/** `Gauge block 25 = 25.002`; undefined where a line is none. */
function referencesIn(text: string): { name: string; reference: number }[] | undefined {
  const parts = linesOf(text).map((line) => {
    const [, name = '', value = ''] = /^(.+?)\s*[=\t]\s*([+-]?\d*[.,]?\d+)$/.exec(line) ?? []
    return { name: name.trim(), reference: value === '' ? Number.NaN : Number(value.replace(',', '.')) }
  })
  return parts.length > 0 && parts.every(({ name, reference }) => name !== '' && Number.isFinite(reference)) && isDistinct(parts.map(({ name }) => name))
    ? parts
    : undefined
}

/** What is missing or cannot be. */
export function wrongIn(draft: Draft): Field[] {
  const wrong: Field[] = []
  for (const field of ['name', 'gauge', 'characteristic'] as const) if (!draft[field].trim()) wrong.push(field)
  if (draft.kind === 'bias') {
    if (!referencesIn(draft.references)) wrong.push('references')
    if (!draft.appraiser.trim()) wrong.push('appraiser')
    if (draft.readings === '' || draft.readings < 2) wrong.push('trials')
    return wrong
  }
  for (const field of ['parts', 'appraisers'] as const) {
    const names = linesOf(draft[field])
    if (names.length < 2 || !isDistinct(names)) wrong.push(field)
  }
  if (draft.trials === '' || draft.trials < 2) wrong.push('trials')
  return wrong
}

const or = (value: Num, otherwise: number): number => (value === '' ? otherwise : value)

/** Of a draft in which nothing is wrong. */
export function definitionOf(draft: Draft): StudyDefinition {
  const { name, gauge, gaugeId, characteristic, unit, decimals, toleranceWidth, method, errorTerm, constants, ndcFactor, of, source } = draft
  return {
    name: name.trim(),
    gauge: gauge.trim(),
    ...(gaugeId === '' ? {} : { gaugeId }),
    characteristic: characteristic.trim(),
    unit: unit.trim(),
    decimals: or(decimals, 3),
    ...(toleranceWidth === '' ? {} : { toleranceWidth }),
    design:
      draft.kind === 'crossed'
        ? {
            kind: 'crossed',
            parts: linesOf(draft.parts),
            appraisers: linesOf(draft.appraisers),
            trials: or(draft.trials, 3),
            method,
            errorTerm,
            poolingAlpha: or(draft.poolingAlpha, 0.05),
            constants,
            ndcFactor,
            spread: or(draft.spread, 6),
          }
        : {
            kind: 'bias',
            parts: referencesIn(draft.references) ?? [],
            appraiser: draft.appraiser.trim(),
            trials: or(draft.readings, 10),
            confidence: or(draft.confidencePercent, 95) / 100,
            ...(draft.processVariation === '' ? {} : { processVariation: draft.processVariation }),
          },
    limits: {
      acceptablePercent: or(draft.acceptablePercent, 10),
      unacceptablePercent: or(draft.unacceptablePercent, 30),
      ndc: or(draft.ndc, 5),
      of,
      source: source.trim() || 'AIAG MSA, 4th edition',
    },
  }
}
