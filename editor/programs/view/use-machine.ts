/** The machine a program is looked at for: which one, and what of it the picture depends on. */
import { useMemo, useState } from 'react'
import type { MachineView } from '../../../server/api/machines.ts'
import { modelKey, workZeroOf } from '../model.ts'
import type { MachineDrawing } from '../path/drawing.ts'

const REMEMBERED = 'cellwright-machine'

/** What the drawing depends on. While a program runs, offsets and modes change with it: the picture stays as it was before. */
export function useKey(machine: MachineView | undefined): string {
  const key = modelKey(machine)
  const [kept, setKept] = useState({ machineId: machine?.id, key })
  const isWorking = machine?.state?.job !== undefined
  if (kept.key !== key && (kept.machineId !== machine?.id || !isWorking)) setKept({ machineId: machine?.id, key })
  return kept.machineId === machine?.id ? kept.key : key
}

/** The machine as it is drawn; the same object while nothing of it has changed. */
export function useDrawing(machine: MachineView | undefined): MachineDrawing {
  const facts = JSON.stringify(machine ? [machine.envelopeMm, machine.guarding?.keepOut ?? [], workZeroOf(machine) ?? null] : null)
  // biome-ignore lint/correctness/useExhaustiveDependencies: `facts` says whether the drawing changes
  return useMemo(
    () =>
      machine
        ? { envelope: machine.envelopeMm, keepOut: (machine.guarding?.keepOut ?? []).filter(({ isActive }) => isActive), workZero: workZeroOf(machine) }
        : { envelope: undefined, keepOut: [], workZero: [0, 0, 0] },
    [facts],
  )
}

/** The machine looked at last in this browser: most work goes on at the same one. */
export function remembered(): string | undefined {
  try {
    return localStorage.getItem(REMEMBERED) ?? undefined
  } catch {
    // storage may be forbidden
    return undefined
  }
}
export function remember(id: string | undefined): void {
  try {
    if (id) localStorage.setItem(REMEMBERED, id)
    else localStorage.removeItem(REMEMBERED)
  } catch {
    // storage may be forbidden: the choice then lasts as long as the page
  }
}
