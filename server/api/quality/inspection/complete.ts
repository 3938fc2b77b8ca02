/** What an inspection lacks before somebody can put their name to it. Pure: the server refuses by it, and the page says it beforehand. */
import type { InspectionForms } from './forms.ts'
import type { Balloon, InspectionPlanDefinition } from './plan.ts'

/** What is missing, and where. */
export type Lack =
  /** No result of a balloon on a part; parts count from 1. */
  | { what: 'result'; balloon: string; piece: number }
  /** Out of tolerance, or said to be so, without the number of a nonconformance report. */
  | { what: 'nonconformance'; balloon: string; piece: number }
  | { what: 'form-1'; field: string }
  /** Row of form 2, from 1. */
  | { what: 'form-2'; row: number; name: string; field: string }
  | { what: 'serial'; piece: number }

export interface Judged {
  balloon: string
  piece: number
  isConforming: boolean
  nonconformance?: string | undefined
}

/** On how many parts a balloon is looked at. */
export function piecesOf({ sampling }: Pick<Balloon, 'sampling'>, quantity: number): number {
  switch (sampling.kind) {
    case 'one':
      return 1
    case 'all':
      return quantity
    case 'count':
      return Math.min(sampling.count, quantity)
    default:
      return sampling satisfies never
  }
}

export const keyOf = (balloon: string, piece: number): string => `${balloon}\n${piece}`
const isEmpty = (text: string | undefined): boolean => text === undefined || text.trim() === ''

/** How many results there are to be, over all balloons. */
export const resultsNeeded = (plan: InspectionPlanDefinition, quantity: number): number =>
  plan.balloons.reduce((sum, balloon) => sum + piecesOf(balloon, quantity), 0)

export function lacksOf(inspection: {
  plan: InspectionPlanDefinition
  quantity: number
  serials: readonly string[]
  forms: InspectionForms
  results: readonly Judged[]
}): Lack[] {
  const { plan, quantity, serials, forms, results } = inspection
  const there = new Map(results.map((result) => [keyOf(result.balloon, result.piece), result]))
  const lacks: Lack[] = []
  for (const balloon of plan.balloons)
    for (let piece = 1; piece <= piecesOf(balloon, quantity); piece += 1) {
      const result = there.get(keyOf(balloon.number, piece))
      if (!result) lacks.push({ what: 'result', balloon: balloon.number, piece })
      else if (!result.isConforming && isEmpty(result.nonconformance)) lacks.push({ what: 'nonconformance', balloon: balloon.number, piece })
    }
  // values of several parts are told apart by their serial numbers, once there is one
  if (serials.length) for (let piece = serials.length + 1; piece <= quantity; piece += 1) lacks.push({ what: 'serial', piece })
  if (!plan.isFirstArticle) return lacks
  const { one, two } = forms
  for (const name of ['processReference', 'organization', 'scope', 'extent', 'reason'] as const)
    if (isEmpty(one[name])) lacks.push({ what: 'form-1', field: name })
  if (one.extent === 'partial' && isEmpty(one.baseline)) lacks.push({ what: 'form-1', field: 'baseline' })
  if (one.scope === 'assembly' && one.assembly.length === 0) lacks.push({ what: 'form-1', field: 'assemblyPart' })
  two.forEach((row, index) => {
    const needed = row.kind === 'test' ? (['testProcedure', 'acceptanceReport'] as const) : (['specification', 'supplier', 'certificate'] as const)
    for (const name of needed) if (isEmpty(row[name])) lacks.push({ what: 'form-2', row: index + 1, name: row.name, field: name })
  })
  return lacks
}

/** Every fault of a plan that its schema cannot tell; undefined for a good one. */
export function planProblem(
  plan: InspectionPlanDefinition,
): { code: 'balloon-twice' | 'characteristic-missing' | 'requirement-missing'; balloon: string } | undefined {
  const numbers = new Set<string>()
  for (const { number, kind, characteristicId, requirement } of plan.balloons) {
    if (numbers.has(number)) return { code: 'balloon-twice', balloon: number }
    numbers.add(number)
    if (kind === 'measured' && characteristicId === undefined) return { code: 'characteristic-missing', balloon: number }
    if (kind === 'attribute' && isEmpty(requirement)) return { code: 'requirement-missing', balloon: number }
  }
  return undefined
}
