/** A sampling plan as it is typed into its form. */
import type { SamplingDefinition } from '../../../server/api/quality/lots.ts'
import type { Num } from '../../shared/number-field.tsx'

export interface Draft extends Omit<SamplingDefinition, 'part' | 'supplier' | 'instruction' | 'discontinueAfter' | 'defects'> {
  part: string
  supplier: string
  instruction: string
  discontinueAfter: Num
  /** One in each line. */
  defects: string
}

const FRESH: SamplingDefinition = {
  name: '',
  edition: 'ansi-z1.4',
  level: 'II',
  aql: 1,
  counts: 'items',
  allowsReduced: false,
  discontinueAfter: 5,
  defects: [],
  isRetired: false,
}

export const draftOf = (definition: SamplingDefinition = FRESH): Draft => ({
  ...definition,
  part: definition.part ?? '',
  supplier: definition.supplier ?? '',
  instruction: definition.instruction ?? '',
  defects: definition.defects.join('\n'),
})

/** What is empty is left out. */
export function definitionOf({ name, part, supplier, instruction, discontinueAfter, defects, ...rest }: Draft): SamplingDefinition {
  const words = { part: part.trim(), supplier: supplier.trim(), instruction: instruction.trim() }
  return {
    ...rest,
    name: name.trim(),
    ...Object.fromEntries(Object.entries(words).filter(([, word]) => word !== '')),
    discontinueAfter: discontinueAfter === '' ? FRESH.discontinueAfter : discontinueAfter,
    defects: [
      ...new Set(
        defects
          .split('\n')
          .map((line) => line.trim())
          .filter((line) => line !== ''),
      ),
    ],
  }
}
