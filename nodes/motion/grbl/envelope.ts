/** Where a machine can go, in its own coordinates, as far as its controller's settings tell. */
import type { ControllerFacts } from './dialect.ts'
import type { ControllerSettings } from './settings.ts'

export interface Envelope {
  min: [number, number, number]
  max: [number, number, number]
}

/**
 * The travel of X, Y, Z in machine coordinates.
 *
 * Grbl 1.1 counts from 0 at the positive end down to -travel, whichever end it homes to (grbl/limits.c,
 * grbl/system.c `system_check_travel_limits`). With "force set origin" (option letter `Z`; grblHAL `$22` bit 3) the end
 * it homes to is 0. Without homing, 0 is wherever it was switched on, and nothing can be said.
 * FluidNC gives every axis its own origin: see {@link FluidncAxis}.
 */
export function envelopeOf(facts: ControllerFacts, settings: ControllerSettings): Envelope | undefined {
  const { travelMm, homingDirectionMask, hasHoming, all } = settings
  if (!hasHoming || travelMm.length < 3 || facts.dialect === 'fluidnc') return undefined
  const homing = Number.parseInt(all.get(22) ?? '0', 10)
  const isOriginForced = facts.dialect === 'grblhal' ? (homing & 8) !== 0 : facts.optionLetters.includes('Z')
  const axis = (index: 0 | 1 | 2): [number, number] => {
    const travel = travelMm[index] ?? 0
    return isOriginForced && ((homingDirectionMask >> index) & 1) === 1 ? [0, travel] : [-travel, 0]
  }
  const [x, y, z] = [axis(0), axis(1), axis(2)]
  return { min: [x[0], y[0], z[0]], max: [x[1], y[1], z[1]] }
}

/** What FluidNC's configuration says of one axis (`$/axes/x/…`). */
export interface FluidncAxis {
  travelMm: number
  /** The place it has after homing. */
  homedAtMm: number
  homesToPositive: boolean
}

export function fluidncEnvelope(axes: readonly (FluidncAxis | undefined)[]): Envelope | undefined {
  const ranges = [0, 1, 2].map((index): [number, number] | undefined => {
    const axis = axes[index]
    if (!axis) return undefined
    const { travelMm, homedAtMm, homesToPositive } = axis
    return homesToPositive ? [homedAtMm - travelMm, homedAtMm] : [homedAtMm, homedAtMm + travelMm]
  })
  const [x, y, z] = ranges
  return x && y && z ? { min: [x[0], y[0], z[0]], max: [x[1], y[1], z[1]] } : undefined
}
