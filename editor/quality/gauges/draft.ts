/** A gauge as it is typed into its form. */
import type { GaugeDefinition } from '../../../server/api/quality/index.ts'
import type { Num } from '../../shared/number-field.tsx'

const WORDS = ['name', 'kind', 'maker', 'serial', 'unit', 'place', 'connectionId', 'channel'] as const
export interface Draft extends Record<(typeof WORDS)[number], string> {
  resolution: Num
  intervalDays: Num
  isRetired: boolean
}

export function draftOf(definition: Partial<GaugeDefinition> = { unit: 'mm', intervalDays: 365 }): Draft {
  const words = Object.fromEntries(WORDS.map((key) => [key, definition[key] ?? ''])) as Record<(typeof WORDS)[number], string>
  return { ...words, resolution: definition.resolution ?? '', intervalDays: definition.intervalDays ?? '', isRetired: definition.isRetired ?? false }
}

/** What is empty is left out. */
export function definitionOf({ resolution, intervalDays, isRetired, ...words }: Draft): GaugeDefinition {
  const written = Object.fromEntries(WORDS.map((key) => [key, words[key].trim()] as const).filter(([, value]) => value !== ''))
  return {
    ...written,
    name: words.name.trim(),
    ...(resolution === '' ? {} : { resolution }),
    ...(intervalDays === '' ? {} : { intervalDays }),
    isRetired,
  }
}
