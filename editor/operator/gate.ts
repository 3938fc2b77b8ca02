/** Why a person at this panel can move a machine not just now, in words; the server judges again, always. */
import { createContext, useContext } from 'react'
import type { MachineView } from '../../server/api/machines.ts'
import { stateKeyOf } from '../shared/machine/machine-state.ts'
import { useMachineText } from '../shared/machine/use-machine-text.ts'
import type { Control } from './control/use-control.ts'
import { usePanelText } from './use-operator-text.ts'

export interface PanelState {
  control: Control
  mayOperate: boolean
  mayPress: boolean
  /** Nobody is signed in at this panel. */
  isLocked: boolean
  /** No news can come. */
  isStale: boolean
}
export const PanelContext = createContext<PanelState | undefined>(undefined)

export function usePanelState(): PanelState {
  const state = useContext(PanelContext)
  if (!state) throw new Error('There is no panel around this part of the page')
  return state
}

/** Whose hand may be on the machine: right, line, control. Undefined: this one's. */
export function useHandGate(machine: MachineView): string | undefined {
  const { control, mayOperate, isLocked, isStale } = usePanelState()
  const text = usePanelText()
  const words = useMachineText()
  if (isStale) return words.offline
  if (isLocked) return text.people.nobody
  if (!mayOperate) return words.notAllowed
  const held = control.of(machine.id)
  if (held && control.isElsewhere(machine.id)) return text.control.elsewhere(held.holder.person, held.holder.panel)
  return undefined
}

/** The same, and the machine stands ready: for what begins to move. */
export function useIdleGate(machine: MachineView, more: readonly string[] = []): string | undefined {
  const hand = useHandGate(machine)
  const text = usePanelText()
  const words = useMachineText()
  if (hand) return hand
  const key = stateKeyOf(machine)
  if (key !== 'idle' && !more.includes(key)) return text.notIdle(words.state[key])
  const { state } = machine
  const isLent = state?.job?.phase === 'waiting'
  if (state?.job && !isLent) return text.notIdle(words.phase[state.job.phase])
  return undefined
}
