/** What a controller can do, for the engine, the API and the pages, from what it said of itself. */
import type { MachineState } from '../machine.ts'
import type { ControllerFacts } from './dialect.ts'
import type { ControllerSettings } from './settings.ts'

export function abilitiesOf(facts: ControllerFacts, settings: ControllerSettings): NonNullable<MachineState['abilities']> {
  const count = facts.axes.length
  return {
    dialect: facts.dialect,
    axes: [...facts.axes],
    hasHoming: settings.hasHoming,
    hasSoftLimits: settings.hasSoftLimits,
    rxBytes: facts.rxBytes,
    plannerBlocks: facts.plannerBlocks,
    maxRateMmPerMin: settings.maxRateMmPerMin.slice(0, count),
    accelerationMmPerS2: settings.accelerationMmPerS2.slice(0, count),
    travelMm: settings.travelMm.slice(0, count),
    ...(settings.spindleRpm ? { spindleRpm: settings.spindleRpm } : {}),
    isLaser: settings.isLaser,
  }
}
