/** How a characteristic is, in one word: the worst that is so. No DOM. */
import type { ListedCharacteristic } from './use-characteristics.ts'

export type QualityState = 'locked' | 'out-of-tolerance' | 'signal' | 'in-control' | 'no-limits' | 'no-data' | 'retired'

export function stateOf({
  definition,
  isLocked,
  last,
  measured,
  limitId,
  openSignals,
  newestSignals,
}: Pick<ListedCharacteristic, 'definition' | 'isLocked' | 'last' | 'measured' | 'limitId' | 'openSignals' | 'newestSignals'>): QualityState {
  if (definition.isRetired) return 'retired'
  if (isLocked) return 'locked'
  if (measured === 0 || !last) return 'no-data'
  if (!last.isInTolerance) return 'out-of-tolerance'
  if (newestSignals.length > 0 || openSignals.length > 0) return 'signal'
  return limitId === undefined ? 'no-limits' : 'in-control'
}

export const FILTERS = ['all', 'attention', 'due', 'retired'] as const
export type Filter = (typeof FILTERS)[number]

/** Whether a filter shows it. Retired ones are shown where they are asked for only. */
export function isShown(one: ListedCharacteristic, filter: Filter): boolean {
  const state = stateOf(one)
  switch (filter) {
    case 'all':
      return state !== 'retired'
    case 'attention':
      return state === 'locked' || state === 'out-of-tolerance' || state === 'signal'
    case 'due':
      return state !== 'retired' && one.due?.isDue === true
    case 'retired':
      return state === 'retired'
    default:
      return filter satisfies never
  }
}

/** Whether every word that was typed is found. */
export function matches({ definition }: Pick<ListedCharacteristic, 'definition'>, typed: string): boolean {
  const all = [definition.name, definition.part, definition.partRevision, definition.feature, definition.operation, definition.machineId]
    .filter((one) => one !== undefined)
    .join(' ')
    .toLowerCase()
  return typed
    .toLowerCase()
    .split(/\s+/)
    .every((word) => all.includes(word))
}
