/** The `$` settings the guard itself needs (grbl 1.1 doc/markdown/settings.md). Always millimetres, whatever `$13` says. */
import type { ControllerMessage } from './messages.ts'

export interface ControllerSettings {
  /** `$13`: reports are in inches. */
  isReportingInches: boolean
  /** `$22`: there are homing switches and `$H` works. */
  hasHoming: boolean
  hasSoftLimits: boolean
  /** `$110`-`$112`, mm/min. */
  maxRateMmPerMin: number[]
  /** `$120`-`$122`, mm/s². */
  accelerationMmPerS2: number[]
  /** Everything, by number, as written. */
  all: Map<number, string>
}

export function readSettings(messages: readonly ControllerMessage[]): ControllerSettings {
  const all = new Map<number, string>()
  for (const message of messages) if (message.kind === 'setting') all.set(message.number, message.value)
  const value = (number: number) => Number.parseFloat(all.get(number) ?? '')
  const axes = (first: number) => [0, 1, 2].map((axis) => value(first + axis)).filter((v) => v > 0)
  return {
    isReportingInches: value(13) === 1,
    // grblHAL: bit 0 of a mask
    hasHoming: (value(22) & 1) === 1,
    hasSoftLimits: value(20) >= 1,
    maxRateMmPerMin: axes(110),
    accelerationMmPerS2: axes(120),
    all,
  }
}

/** The longest a controller with these settings needs to brake from full speed, in milliseconds; 2 s where they are unknown. */
export function brakingTimeMs(settings: ControllerSettings | undefined): number {
  if (!settings?.maxRateMmPerMin.length || !settings.accelerationMmPerS2.length) return 2000
  return (Math.max(...settings.maxRateMmPerMin) / 60 / Math.min(...settings.accelerationMmPerS2)) * 1000
}
