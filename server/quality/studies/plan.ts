/** The places of a study, and the order in which they are measured. Pure. */
import type { StudyDefinition, StudyDesign } from '../../api/index.ts'
import { planInvalid } from './refusals.ts'

export interface Place {
  appraiser: string
  trial: number
  part: string
}

export const partsOf = (design: StudyDesign): string[] => (design.kind === 'crossed' ? design.parts : design.parts.map(({ name }) => name))
export const appraisersOf = (design: StudyDesign): string[] => (design.kind === 'crossed' ? design.appraisers : [design.appraiser])
export const placesNeeded = (design: StudyDesign): number => partsOf(design).length * appraisersOf(design).length * design.trials
export const placeKey = ({ appraiser, trial, part }: Place): string => JSON.stringify([appraiser, trial, part])

/**
 * Every place in the order of the study: trial by trial, in each one appraiser after the other, and the parts anew in random order, so that
 * nobody remembers what they read before. The same seed gives the same order.
 */
export function orderOf(design: StudyDesign, seed: string): Place[] {
  const parts = partsOf(design)
  return Array.from({ length: design.trials }, (_, i) => i + 1).flatMap((trial) =>
    appraisersOf(design).flatMap((appraiser) => shuffled(parts, `${seed}/${appraiser}/${trial}`).map((part) => ({ appraiser, trial, part }))),
  )
}

/** Fisher and Yates, with numbers that follow from the seed. */
function shuffled(list: readonly string[], seed: string): string[] {
  const next = numbers(seed)
  const all = [...list]
  for (let i = all.length - 1; i > 0; i -= 1) {
    const j = Math.floor(next() * (i + 1))
    const one = all[i] as string
    all[i] = all[j] as string
    all[j] = one
  }
  return all
}

/** Marsaglia's xorshift32 from an FNV-1a hash of the seed: 0 or more, below 1. */
function numbers(seed: string): () => number {
  let state = 0x811c9dc5
  for (let i = 0; i < seed.length; i += 1) state = Math.imul(state ^ seed.charCodeAt(i), 0x01000193)
  state = state >>> 0 || 1
  const next = () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    state >>>= 0
    return state / 2 ** 32
  }
  // the first ones of similar seeds are similar
  for (let i = 0; i < 8; i += 1) next()
  return next
}

/** What a schema cannot say. @throws UserError study-plan-invalid */
export function checkPlan({ design, limits }: StudyDefinition): void {
  const parts = partsOf(design)
  if (new Set(parts).size < parts.length) throw planInvalid('A part is there twice. Give each its own name.')
  if (limits.acceptablePercent > limits.unacceptablePercent)
    throw planInvalid(
      `A gauge cannot be acceptable below ${limits.acceptablePercent} % and unacceptable above ${limits.unacceptablePercent} %. Exchange both figures.`,
    )
}
/** @throws UserError study-plan-invalid: %GRR of a tolerance that is not there */
export function checkTolerance({ design, limits, toleranceWidth }: StudyDefinition): void {
  if (design.kind === 'crossed' && limits.of === 'tolerance' && toleranceWidth === undefined)
    throw planInvalid('%GRR is to be a part of the tolerance: enter how wide that is.')
}
