/** How a machine is brought back to its work, from its settings. */
import type { ApproachRules } from '../check/contract.ts'
import type { GuardCore } from '../core.ts'

/** Down to the work never faster than this, whatever feed the program cuts with. */
const MOST_PLUNGE_MM_PER_MIN = 300
/** For a spindle to come up to speed. */
const SPINDLE_DWELL_S = 4

export function approachRules(core: GuardCore): ApproachRules {
  const { guarding, envelopeMm } = core.settings
  return {
    // without a height of its own the top of the travel, a little below the switch there
    safeZMm: guarding?.safeZMm ?? envelopeMm.max[2] - Math.min(1, (envelopeMm.max[2] - envelopeMm.min[2]) / 20),
    plungeFeedMmPerMin: Math.min(MOST_PLUNGE_MM_PER_MIN, guarding?.maxFeedMmPerMin ?? MOST_PLUNGE_MM_PER_MIN),
    dwellS: SPINDLE_DWELL_S,
    isLaser: core.identity?.settings.isLaser ?? false,
  }
}
