/** How far and how fast a machine is jogged: the choices of the pad, from what the controller says it can. No DOM. */
import type { MachineView } from '../../../server/api/machines.ts'
import type { AxisValues } from '../../../server/api/motion.ts'

/** Millimetres of one press; `hold` moves as long as the finger stays. */
export const STEPS = ['hold', 10, 1, 0.1, 0.01] as const
export type Step = (typeof STEPS)[number]
export const SPEEDS = ['slow', 'medium', 'fast'] as const
export type Speed = (typeof SPEEDS)[number]

const SHARES: Record<Speed, number> = { slow: 0.05, medium: 0.25, fast: 1 }
/** Where the controller does not say. */
const UNKNOWN_RATE = 1000
const LINEAR = ['X', 'Y', 'Z']

/** mm/min for a direction: a share of what its slowest axis can, never above the machine's own limit. */
export function feedOf({ state, guarding }: Pick<MachineView, 'state' | 'guarding'>, speed: Speed, direction: AxisValues): number {
  const { axes = LINEAR, maxRateMmPerMin = [] } = state?.abilities ?? {}
  const rates = Object.keys(direction).map((letter) => maxRateMmPerMin[axes.indexOf(letter)] ?? UNKNOWN_RATE)
  const most = Math.min(...rates, guarding?.maxFeedMmPerMin ?? Number.POSITIVE_INFINITY)
  return Math.max(1, rounded(most * SHARES[speed]))
}

/** Two digits are enough for a speed that a person chooses. */
function rounded(value: number): number {
  const unit = 10 ** Math.max(0, Math.floor(Math.log10(Math.max(1, value))) - 1)
  return Math.round(value / unit) * unit
}

/** The axes beside X, Y and Z. */
export function moreAxes({ state }: Pick<MachineView, 'state'>): string[] {
  return (state?.abilities?.axes ?? LINEAR).filter((letter) => !LINEAR.includes(letter))
}

/** A step in a direction; along both axes of a diagonal. */
export function stepBy(direction: AxisValues, step: number): AxisValues {
  return Object.fromEntries(Object.entries(direction).map(([letter, sign]) => [letter, sign * step]))
}
