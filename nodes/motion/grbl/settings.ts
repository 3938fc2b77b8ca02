/** The `$` settings the guard itself needs (grbl 1.1 doc/markdown/settings.md). Always millimetres, whatever `$13` says. */
import type { ControllerMessage } from './messages.ts'

export interface ControllerSettings {
  /** `$13`: reports are in inches. */
  isReportingInches: boolean
  /** `$22`: there are homing switches and `$H` works. */
  hasHoming: boolean
  hasSoftLimits: boolean
  hasHardLimits: boolean
  /** `$32`: a laser, whose power follows the feed. */
  isLaser: boolean
  /** `$30`, `$31`; absent where the controller does not say. */
  spindleRpm?: { min: number; max: number }
  /** `$110` and on, mm/min (degrees/min for a rotary axis). */
  maxRateMmPerMin: number[]
  /** `$120` and on, mm/s². */
  accelerationMmPerS2: number[]
  /** `$130` and on, mm. */
  travelMm: number[]
  /** `$23`: bit 0 is X; a set bit homes towards the negative end. */
  homingDirectionMask: number
  /** `$11`, mm. */
  junctionDeviationMm?: number
  /** `$12`, mm. */
  arcToleranceMm?: number
  /** Everything, by number, as written. */
  all: Map<number, string>
}

/** Most axes any of the three has. */
const MOST_AXES = 9

export function readSettings(messages: readonly ControllerMessage[]): ControllerSettings {
  const all = new Map<number, string>()
  for (const message of messages) if (message.kind === 'setting') all.set(message.number, message.value)
  const value = (number: number) => Number.parseFloat(all.get(number) ?? '')
  const axes = (first: number) => {
    const values: number[] = []
    for (let axis = 0; axis < MOST_AXES && value(first + axis) > 0; axis += 1) values.push(value(first + axis))
    return values
  }
  const positive = (number: number) => (value(number) > 0 ? value(number) : undefined)
  const junctionDeviationMm = positive(11)
  const arcToleranceMm = positive(12)
  const maxRpm = positive(30)
  return {
    isReportingInches: value(13) === 1,
    // grblHAL: bit 0 of a mask
    hasHoming: (value(22) & 1) === 1,
    hasSoftLimits: value(20) >= 1,
    hasHardLimits: value(21) >= 1,
    // grblHAL: 2 is a lathe
    isLaser: value(32) === 1,
    ...(maxRpm === undefined ? {} : { spindleRpm: { min: positive(31) ?? 0, max: maxRpm } }),
    maxRateMmPerMin: axes(110),
    accelerationMmPerS2: axes(120),
    travelMm: axes(130),
    homingDirectionMask: Number.isFinite(value(23)) ? value(23) : 0,
    ...(junctionDeviationMm === undefined ? {} : { junctionDeviationMm }),
    ...(arcToleranceMm === undefined ? {} : { arcToleranceMm }),
    all,
  }
}

/** The longest a controller with these settings needs to brake from full speed, in milliseconds; 2 s where they are unknown. */
export function brakingTimeMs(settings: ControllerSettings | undefined): number {
  if (!settings?.maxRateMmPerMin.length || !settings.accelerationMmPerS2.length) return 2000
  return (Math.max(...settings.maxRateMmPerMin) / 60 / Math.min(...settings.accelerationMmPerS2)) * 1000
}
