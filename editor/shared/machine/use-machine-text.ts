/** What all pages say of a machine. */
import { machine as de } from '../text/de/machine.ts'
import { machine as en } from '../text/en/machine.ts'
import { catalogue } from '../text/index.ts'

export const useMachineText = catalogue(en, de)
export type MachineText = typeof en
