/** The product's lists that fields pick from, asked once per minute at most. */
import { useEffect, useState } from 'react'
import { listConnections } from '../../../server/api/connections.ts'
import { listMachines, listPrograms } from '../../../server/api/machines.ts'
import { listCharacteristics, listInspectionPlans, listQualityCharacteristics, listSamplingPlans, listStudies } from '../../../server/api/quality/index.ts'
import { call } from '../../shared/api.ts'
import type { Pick } from './schema.ts'

export interface Choice {
  id: string
  name: string
  /** Of a connection. */
  connector?: string
}

/** What a field picks from, or offers. */
type ListName = Pick | 'characteristic'

const ask: Record<ListName, () => Promise<Choice[]>> = {
  machine: async () => (await call(listMachines)).map(({ id, name }) => ({ id, name })),
  program: async () => (await call(listPrograms)).map(({ id, name }) => ({ id, name })),
  connection: async () => (await call(listConnections)).map(({ id, name, connector }) => ({ id, name, connector })),
  'quality-characteristic': async () =>
    (await call(listQualityCharacteristics)).map(({ id, definition: { name, part, partRevision } }) => ({
      id,
      name: [[part, partRevision].filter(Boolean).join(' '), name].filter(Boolean).join(' · '),
    })),
  'sampling-plan': async () => (await call(listSamplingPlans)).map(({ id, definition }) => ({ id, name: definition.name })),
  'gage-study': async () => (await call(listStudies)).map(({ id, definition }) => ({ id, name: definition.name })),
  // nodes ask for the plan of a part; a part has several
  'inspection-plan': async () =>
    [...new Set((await call(listInspectionPlans)).map(({ definition }) => definition.part))].map((part) => ({ id: part, name: part })),
  characteristic: async () => (await call(listCharacteristics)).map(({ name }) => ({ id: name, name })),
}
const KEEP_MS = 60_000
const kept = new Map<ListName, { at: number; list: Promise<Choice[]> }>()
const watchers = new Set<() => void>()

/** Something was added to a list: it is asked for again. */
export function askAgain(list: ListName): void {
  kept.delete(list)
  for (const watcher of watchers) watcher()
}

/** `undefined` while loading; `hasFailed` when there is no list (no right to it, no server). */
export function useChoices(from: ListName | undefined): { choices: Choice[] | undefined; hasFailed: boolean } {
  const [known, setKnown] = useState<{ choices: Choice[] | undefined; hasFailed: boolean }>({ choices: undefined, hasFailed: false })
  const [revision, setRevision] = useState(0)
  useEffect(() => {
    const changed = () => setRevision((before) => before + 1)
    watchers.add(changed)
    return () => {
      watchers.delete(changed)
    }
  }, [])
  // biome-ignore lint/correctness/useExhaustiveDependencies: `revision` asks again
  useEffect(() => {
    if (!from) return
    let isGone = false
    let entry = kept.get(from)
    if (!entry || Date.now() - entry.at > KEEP_MS) {
      entry = { at: Date.now(), list: ask[from]() }
      kept.set(from, entry)
    }
    entry.list.then(
      (choices) => isGone || setKnown({ choices, hasFailed: false }),
      () => {
        kept.delete(from)
        if (!isGone) setKnown({ choices: undefined, hasFailed: true })
      },
    )
    return () => {
      isGone = true
    }
  }, [from, revision])
  return known
}
