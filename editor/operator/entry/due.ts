/** What is to be measured first: what waits for an answer, then what is overdue, what is due next, the rest by name. */
import type { Characteristic } from '../../../server/api/quality/index.ts'

export type Turn =
  | { kind: 'locked' }
  /** Due since so long. */
  | { kind: 'due'; sinceS: number | undefined }
  | { kind: 'in'; leftS: number }
  | { kind: 'parts'; left: number }
  /** The subgroup that was begun waits for so many values. */
  | { kind: 'open'; values: number }
  | { kind: 'any' }

export function turnOf(
  { isLocked, due, openValues, definition: { sampling } }: Pick<Characteristic, 'isLocked' | 'due' | 'openValues' | 'definition'>,
  nowMs: number,
): Turn {
  if (isLocked) return { kind: 'locked' }
  if (openValues > 0) return { kind: 'open', values: openValues }
  if (!due) return { kind: 'any' }
  if (due.at !== undefined) {
    const leftS = Math.round((Date.parse(due.at) - nowMs) / 1000)
    return leftS <= 0 ? { kind: 'due', sinceS: -leftS } : { kind: 'in', leftS }
  }
  if (due.isDue) return { kind: 'due', sinceS: undefined }
  return due.partsSince === undefined || !sampling ? { kind: 'any' } : { kind: 'parts', left: Math.max(0, sampling.count - due.partsSince) }
}

/** Smaller is sooner; the same for what has no time. */
function rank(turn: Turn): [number, number] {
  switch (turn.kind) {
    case 'locked':
      return [0, 0]
    case 'open':
      return [1, 0]
    case 'due':
      return [2, -(turn.sinceS ?? 0)]
    case 'in':
      return [3, turn.leftS]
    case 'parts':
      return [4, turn.left]
    case 'any':
      return [5, 0]
    default:
      return turn satisfies never
  }
}

/** At most once a minute in another order, so that nothing moves away from under a finger; `nowMs` says which minute. */
export function inTurn<T extends Characteristic>(list: readonly T[], nowMs: number): T[] {
  const ranked = list.map((one) => ({ one, rank: rank(turnOf(one, nowMs)) }))
  return ranked
    .sort((a, b) => a.rank[0] - b.rank[0] || a.rank[1] - b.rank[1] || a.one.definition.name.localeCompare(b.one.definition.name, undefined, { numeric: true }))
    .map(({ one }) => one)
}

/** What is measured at this machine. `elsewhere`: at no machine by name; they are offered apart. */
export function ofMachine<T extends Characteristic>(list: readonly T[], machineId: string): { here: T[]; elsewhere: T[] } {
  const inUse = list.filter(({ definition }) => !definition.isRetired)
  return {
    here: inUse.filter(({ definition }) => definition.machineId === machineId),
    elsewhere: inUse.filter(({ definition }) => definition.machineId === undefined),
  }
}

/** Parts among them, in their order; one part only is no choice. */
export function partsOf(list: readonly Characteristic[]): string[] {
  const parts = [...new Set(list.map(({ definition }) => definition.part ?? ''))]
  return parts.length > 1 ? parts.sort((a, b) => a.localeCompare(b, undefined, { numeric: true })) : []
}
