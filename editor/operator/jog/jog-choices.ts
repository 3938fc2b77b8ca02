/** How far and how fast a machine is jogged: the choices of the pad, from what the controller says it can. No DOM. */
import type { MachineView } from '../../../server/api/machines.ts'
import type { AxisValues } from '../../../server/api/motion.ts'
import { fromMm, type LengthUnit, toMm } from '../../shared/units.ts'

/** What one press moves, in the unit of the shop; what turns goes as many degrees. `hold` moves as long as the finger stays. */
export const STEPS = { mm: ['hold', 10, 1, 0.1, 0.01], in: ['hold', 1, 0.1, 0.01, 0.001, 0.0001] } as const satisfies Record<
  LengthUnit,
  readonly ('hold' | number)[]
>
export type Step = 'hold' | number
export const SPEEDS = ['slow', 'medium', 'fast'] as const
export type Speed = (typeof SPEEDS)[number]

const SHARES: Record<Speed, number> = { slow: 0.05, medium: 0.25, fast: 1 }
/** Where the controller does not say. */
const UNKNOWN_RATE = 1000
const LINEAR = ['X', 'Y', 'Z']

/** mm/min for a direction: a share of what its slowest axis can, round in the unit that is shown, never above the machine's own limit. */
export function feedOf({ state, guarding }: Pick<MachineView, 'state' | 'guarding'>, speed: Speed, direction: AxisValues, unit: LengthUnit = 'mm'): number {
  const { axes = LINEAR, maxRateMmPerMin = [] } = state?.abilities ?? {}
  const letters = Object.keys(direction)
  const rates = letters.map((letter) => maxRateMmPerMin[axes.indexOf(letter)] ?? UNKNOWN_RATE)
  const most = Math.min(...rates, guarding?.maxFeedMmPerMin ?? Number.POSITIVE_INFINITY)
  // degrees a minute have no inches
  const shown = letters.every((letter) => LINEAR.includes(letter)) ? unit : 'mm'
  const inMm = (rounding: typeof Math.round) => toMm(twoDigits(fromMm(most * SHARES[speed], shown), shown === 'mm' ? 0 : 2, rounding), shown)
  const nearest = inMm(Math.round)
  return Math.max(Math.min(1, most), nearest > most ? inMm(Math.floor) : nearest)
}

/** Two digits are enough for a speed that a person chooses. @param most decimals at most */
function twoDigits(value: number, most: number, rounding: typeof Math.round): number {
  const size = Math.max(-most, Math.floor(Math.log10(Math.max(value, 10 ** -most))) - 1)
  return size >= 0 ? rounding(value / 10 ** size) * 10 ** size : rounding(value * 10 ** -size) / 10 ** -size
}

/** The axes beside X, Y and Z. */
export function moreAxes({ state }: Pick<MachineView, 'state'>): string[] {
  return (state?.abilities?.axes ?? LINEAR).filter((letter) => !LINEAR.includes(letter))
}

/** A step in a direction, in mm and degrees; along both axes of a diagonal. */
export function stepBy(direction: AxisValues, step: number, unit: LengthUnit): AxisValues {
  return Object.fromEntries(Object.entries(direction).map(([letter, sign]) => [letter, sign * (LINEAR.includes(letter) ? toMm(step, unit) : step)]))
}

/** The unit of a step in a direction. */
export const unitOfStep = (direction: AxisValues, unit: LengthUnit): LengthUnit | '°' =>
  Object.keys(direction).every((letter) => LINEAR.includes(letter)) ? unit : '°'

/** `0.0001`: with the decimals that it has. */
export const digitsOf = (step: number): number => Math.max(0, -Math.floor(Math.log10(step)))
