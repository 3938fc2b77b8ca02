/** What of today's measurements is of one machine, in figures for a tile. No DOM. */
import type { QualityOfDay } from '../../../server/api/quality/index.ts'

export interface QualityCount {
  measured: number
  outOfTolerance: number
  /** Undefined where of nothing enough was measured before to know. */
  outOfControl: number | undefined
}

export function qualityOf(list: readonly QualityOfDay[], machineId: string): QualityCount {
  const mine = list.filter((one) => one.machineId === machineId)
  const judged = mine.flatMap(({ control }) => control ?? [])
  return {
    measured: mine.reduce((sum, { measured }) => sum + measured, 0),
    outOfTolerance: mine.reduce((sum, { measured, inTolerance }) => sum + measured - inTolerance, 0),
    outOfControl: judged.length ? judged.reduce((sum, { outside }) => sum + outside, 0) : undefined,
  }
}
