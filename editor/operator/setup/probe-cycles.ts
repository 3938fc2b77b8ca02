/** The probing cycles an operator chooses from: what each asks, and the action it makes. No DOM. */
import type { MachineAction, ProbeCycle, WorkOffsetName } from '../../../server/api/motion.ts'
import { type LengthUnit, toMm } from '../../shared/units.ts'

/** What a cycle asks. The values last: a shop has one plate and one probe. */
export type ProbeNumber = 'plateThicknessMm' | 'tipDiameterMm' | 'diameterMm' | 'clearanceMm' | 'depthMm' | 'maxTravelMm'
export type ProbeChoice = 'axis' | 'side' | 'x' | 'y'
export type CycleName = 'touch-plate' | 'edge' | 'corner' | 'bore' | 'boss' | 'tool-length'

export interface CycleAsks {
  numbers: readonly ProbeNumber[]
  choices: readonly ProbeChoice[]
}

export const CYCLES: Readonly<Record<CycleName, CycleAsks>> = {
  'touch-plate': { numbers: ['plateThicknessMm', 'maxTravelMm'], choices: [] },
  edge: { numbers: ['tipDiameterMm', 'maxTravelMm'], choices: ['axis', 'side'] },
  corner: { numbers: ['tipDiameterMm', 'clearanceMm', 'depthMm', 'maxTravelMm'], choices: ['x', 'y'] },
  bore: { numbers: ['diameterMm', 'tipDiameterMm', 'maxTravelMm'], choices: [] },
  boss: { numbers: ['diameterMm', 'tipDiameterMm', 'clearanceMm', 'depthMm', 'maxTravelMm'], choices: [] },
  'tool-length': { numbers: [], choices: [] },
}
export const CYCLE_NAMES = Object.keys(CYCLES) as CycleName[]

export const CHOICES = { axis: ['X', 'Y'], side: ['+', '-'], x: ['left', 'right'], y: ['front', 'back'] } as const satisfies Record<
  ProbeChoice,
  readonly string[]
>

export interface ProbeDraft {
  /** As typed, in the unit of the draft. */
  numbers: Partial<Record<ProbeNumber, string>>
  unit: LengthUnit
  choices: Record<ProbeChoice, string>
  /** The place becomes zero of this offset; undefined: it is only measured. */
  into: WorkOffsetName | undefined
  isReference: boolean
}

/** A plate or a probe that nobody has entered yet is not guessed: those fields are empty. */
export const firstDraft = (unit: LengthUnit): ProbeDraft => ({
  numbers: unit === 'mm' ? { clearanceMm: '10', depthMm: '5', maxTravelMm: '20' } : { clearanceMm: '0.4', depthMm: '0.2', maxTravelMm: '0.8' },
  unit,
  choices: { axis: 'X', side: '+', x: 'left', y: 'front' },
  into: undefined,
  isReference: false,
})

/** @returns the action, or the number that is missing or out of bounds */
export function probeAction(name: CycleName, { numbers, unit, choices, into, isReference }: ProbeDraft): { action: MachineAction } | { missing: ProbeNumber } {
  const values: Partial<Record<ProbeNumber, number>> = {}
  for (const key of CYCLES[name].numbers) {
    const raw = (numbers[key] ?? '').trim()
    const value = Number(raw.replace(',', '.'))
    const mayBeZero = key === 'plateThicknessMm' || key === 'tipDiameterMm'
    if (raw === '' || !Number.isFinite(value) || value < 0 || (value === 0 && !mayBeZero)) return { missing: key }
    values[key] = toMm(value, unit)
  }
  const asked = Object.fromEntries(CYCLES[name].choices.map((key) => [key, choices[key]]))
  const whereTo = into === undefined || name === 'tool-length' ? {} : { workOffset: into }
  const touch = name === 'tool-length' ? {} : { feedMmPerMin: 100, fineFeedMmPerMin: 25, retractMm: 2 }
  const probe = { cycle: name, ...touch, ...values, ...asked, ...whereTo, ...(name === 'tool-length' ? { isReference } : {}) } as ProbeCycle
  return { action: { kind: 'probe', probe } }
}
