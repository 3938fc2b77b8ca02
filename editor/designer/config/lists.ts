/** The product's lists that fields pick from, asked once per minute at most. */
import { useEffect, useState } from 'react'
import { listMachines, listPrograms } from '../../../server/api/machines.ts'
import { listConnections } from '../../../server/api/work.ts'
import { call } from '../../shared/api.ts'
import type { Pick } from './schema.ts'

export interface Choice {
  id: string
  name: string
}

const ask: Record<Pick, () => Promise<Choice[]>> = {
  machine: async () => (await call(listMachines)).map(({ id, name }) => ({ id, name })),
  program: async () => (await call(listPrograms)).map(({ id, name }) => ({ id, name })),
  connection: async () => (await call(listConnections)).map(({ id, name }) => ({ id, name })),
}
const KEEP_MS = 60_000
const kept = new Map<Pick, { at: number; list: Promise<Choice[]> }>()

/** `undefined` while loading; `hasFailed` when there is no list (no right to it, no server). */
export function useChoices(from: Pick | undefined): { choices: Choice[] | undefined; hasFailed: boolean } {
  const [known, setKnown] = useState<{ choices: Choice[] | undefined; hasFailed: boolean }>({ choices: undefined, hasFailed: false })
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
  }, [from])
  return known
}
