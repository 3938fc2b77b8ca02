/** What the files of G-code senders hold, whichever of them wrote it. */
import type { MoveInLine } from '../../api/index.ts'

type Substitution = 'cncjs' | 'ugs'

export interface FoundMacro {
  id: string
  name: string
  about: string
  text: string
  /** Whose variables stand in it. */
  substitution: Substitution
  lines: MoveInLine[]
}

export interface FoundMachine {
  id: string
  name: string
  /** Machine coordinates, mm. */
  envelopeMm?: { min: [number, number, number]; max: [number, number, number] }
  /** The sender knew its size only: where zero is, is a guess. */
  isSizeOnly?: boolean
  port?: string
  baudRate?: number
  tcp?: { host: string; port: number }
  webSocketUrl?: string
  spindleRpm?: { min: number; max: number }
}

export interface FoundSettings {
  macros: FoundMacro[]
  machines: FoundMachine[]
  lines: MoveInLine[]
}

/** A size without a place: zero in the corner that GRBL homes to, negative from there (grbl 1.1 wiki, "$130-$132", force-set-origin off). */
export const envelopeOfSize = (x: number, y: number, z: number): FoundMachine['envelopeMm'] =>
  [x, y, z].every((size) => Number.isFinite(size) && size > 0) ? { min: [-x, -y, -z], max: [0, 0, 0] } : undefined

/** Controllers that a sender can name, by what this product speaks. */
const SPOKEN = /^(grbl|grblhal|fluidnc|linuxcnc)$/i
export const isSpoken = (controller: string): boolean => SPOKEN.test(controller.replaceAll(/[\s_-]/g, ''))
