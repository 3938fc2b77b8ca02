/** An inspection plan while it is edited: fields may be empty. No DOM. */
import { type Balloon, type InspectionPlanDefinition, type ProductRow, planProblem } from '../../../server/api/quality/index.ts'
import type { Num } from '../../shared/number-field.tsx'

export interface BalloonDraft {
  /** Tells rows apart while they are edited. */
  key: number
  number: string
  place: string
  designator: string
  kind: Balloon['kind']
  requirement: string
  characteristicId: string | null
  sampling: Balloon['sampling']['kind']
  count: Num
  instruction: string
  tooling: string
}
export type ProductDraft = ProductRow & { key: number }

export interface PlanDraft {
  part: string
  partName: string
  partRevision: string
  drawing: string
  drawingRevision: string
  isFirstArticle: boolean
  needsSecondPerson: boolean
  isRetired: boolean
  balloons: BalloonDraft[]
  product: ProductDraft[]
}

let keys = 0
export const newKey = (): number => (keys += 1)

export const newBalloon = (number: string): BalloonDraft => ({
  key: newKey(),
  number,
  place: '',
  designator: '',
  kind: 'measured',
  requirement: '',
  characteristicId: null,
  sampling: 'all',
  count: 1,
  instruction: '',
  tooling: '',
})

/** The number after the largest there is. */
export const nextNumber = (balloons: readonly Pick<BalloonDraft, 'number'>[]): string =>
  String(Math.max(0, ...balloons.map(({ number }) => Number.parseInt(number, 10)).filter(Number.isFinite)) + 1)

export const newPlan = (): PlanDraft => ({
  part: '',
  partName: '',
  partRevision: '',
  drawing: '',
  drawingRevision: '',
  isFirstArticle: true,
  needsSecondPerson: true,
  isRetired: false,
  balloons: [newBalloon('1')],
  product: [],
})

export const draftOf = ({ balloons, product, partRevision = '', drawing = '', drawingRevision = '', ...rest }: InspectionPlanDefinition): PlanDraft => ({
  ...rest,
  partRevision,
  drawing,
  drawingRevision,
  balloons: balloons.map(({ sampling, characteristicId = null, place = '', designator = '', requirement = '', instruction = '', tooling = '', ...one }) => ({
    ...one,
    key: newKey(),
    place,
    designator,
    requirement,
    instruction,
    tooling,
    characteristicId,
    sampling: sampling.kind,
    count: sampling.kind === 'count' ? sampling.count : 1,
  })),
  product: product.map((row) => ({ ...row, key: newKey() })),
})

/** What is empty is left out. */
function withoutEmpty<T extends object>(values: T): T {
  return Object.fromEntries(
    Object.entries(values)
      .map(([key, value]) => [key, typeof value === 'string' ? value.trim() : value])
      .filter(([, value]) => value !== '' && value !== null && value !== undefined),
  ) as T
}

export const definitionOf = ({ balloons, product, ...rest }: PlanDraft): InspectionPlanDefinition => ({
  ...withoutEmpty(rest),
  balloons: balloons.map(({ key: _, sampling, count, characteristicId, kind, ...one }) => ({
    ...withoutEmpty(one),
    kind,
    sampling: sampling === 'count' ? { kind: 'count' as const, count: count === '' ? 1 : count } : { kind: sampling },
    ...(kind === 'measured' && characteristicId !== null ? { characteristicId } : {}),
  })),
  product: product.map(({ key: _, ...row }) => withoutEmpty(row)),
})

export type PlanProblem = { code: 'field-missing' } | NonNullable<ReturnType<typeof planProblem>>
/** The first that keeps it from being saved. */
export function problemOf(draft: PlanDraft): PlanProblem | undefined {
  const isMissing =
    !draft.part.trim() ||
    !draft.partName.trim() ||
    draft.balloons.length === 0 ||
    draft.balloons.some(({ number, sampling, count }) => !number.trim() || (sampling === 'count' && (count === '' || count < 1))) ||
    draft.product.some(({ name }) => !name.trim())
  return isMissing ? { code: 'field-missing' } : planProblem(definitionOf(draft))
}
