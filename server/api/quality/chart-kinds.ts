/** Kinds of charts by what they are of. No schema here: what only reckons needs none. */
import type { CHART_KINDS } from '../../../nodes/quality/engine/charts/contract.ts'

/** Charts of counts; of these, the ones whose points say of how many they are. */
export const ATTRIBUTE_KINDS = ['p', 'np', 'c', 'u'] as const satisfies readonly (typeof CHART_KINDS)[number][]
export const SIZED_KINDS = ['p', 'np', 'u'] as const satisfies readonly (typeof CHART_KINDS)[number][]
