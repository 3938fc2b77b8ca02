/** What `jobs cancel` and `runs cancel` share. */
import type { MachineChoice } from '../../api/index.ts'

export const MACHINE_CHOICES = ['finish', 'hold', 'stop'] as const

export interface CancelOptions {
  machine: MachineChoice
  takeBack?: true
  why?: string
}

export const cancelBody = ({ machine, takeBack, why }: CancelOptions) => ({
  machine,
  ...(takeBack ? { takeBack } : {}),
  ...(why === undefined ? {} : { why }),
})
