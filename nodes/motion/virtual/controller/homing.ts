/**
 * The homing cycle with real motion: to the switches fast, off, to them slowly, off again; first Z, then X with Y,
 * then the rotary axes (grbl 1.1: limits.c, config.h HOMING_CYCLE_0, HOMING_CYCLE_1).
 */
import type { Core } from './core.ts'
import { ALARM } from './errors.ts'
import { perAxis } from './settings.ts'
import { type Axis, eachAxis, type Vector } from './vector.ts'
import type { Step } from './wait.ts'

/** limits.c: HOMING_AXIS_SEARCH_SCALAR, HOMING_AXIS_LOCATE_SCALAR. */
const SEARCH = 1.5
const LOCATE = 5

const CYCLES: readonly (readonly Axis[])[] = [[2], [0, 1], [3, 4, 5]]

/** Finds the switches of these axes. Ends by itself after a reset; the caller looks at `core.isAborting`. */
export function* findHome(core: Core, wanted: readonly Axis[]): Step {
  for (const cycle of CYCLES) {
    const axes = cycle.filter((axis) => wanted.includes(axis))
    if (axes.length) yield* homeTogether(core, axes)
    if (core.isAborting) return
  }
  const { settings } = core.eeprom
  const travel = perAxis(settings, 130)
  const found = core.motion.position
  const named = eachAxis((axis) => {
    if (!wanted.includes(axis)) return found[axis]
    return towardMin(core, axis) ? -travel[axis] + settings[27] : -settings[27]
  })
  core.motion.setPosition(named)
  core.machine.rename(found, core.motion.position)
  for (const axis of wanted) core.homed.add(axis)
}

/** A bit of `$23`. */
const towardMin = (core: Core, axis: Axis): boolean => (core.eeprom.settings[23] & (1 << axis)) !== 0

function* homeTogether(core: Core, axes: readonly Axis[]): Step {
  const { settings } = core.eeprom
  const seek = settings[25]
  const slow = settings[24]
  const longest = Math.max(...axes.map((axis) => perAxis(settings, 130)[axis])) * SEARCH
  yield* approach(core, axes, { rate: seek, way: longest })
  if (core.isAborting) return
  yield* retract(core, axes)
  if (core.isAborting) return
  yield* approach(core, axes, { rate: slow, way: settings[27] * LOCATE })
  if (core.isAborting) return
  yield* retract(core, axes)
}

/** Every axis stops at its own switch. */
function* approach(core: Core, axes: readonly Axis[], { rate, way }: { rate: number; way: number }): Step {
  const isOpen = (axis: Axis) => !core.machine.limitsAt(core.motion.position).includes(axis)
  let seeking = axes.filter(isOpen)
  const begin = core.motion.position
  const end = eachAxis((axis) => begin[axis] + (towardMin(core, axis) ? -way : way))
  while (seeking.length) {
    core.feeler = { kind: 'switches', axes: seeking }
    yield* moveTo(core, seeking, end, rate)
    if (core.isAborting) return
    if (core.homingMove === 'done') {
      core.reset(ALARM.homingNotFound)
      return
    }
    seeking = seeking.filter(isOpen)
  }
  yield* settle(core)
}

function* retract(core: Core, axes: readonly Axis[]): Step {
  const { settings } = core.eeprom
  const begin = core.motion.position
  core.feeler = { kind: 'none' }
  yield* moveTo(
    core,
    axes,
    eachAxis((axis) => begin[axis] + (towardMin(core, axis) ? settings[27] : -settings[27])),
    settings[25],
  )
  if (core.isAborting) return
  if (core.machine.limitsAt(core.motion.position).some((axis) => axes.includes(axis))) {
    core.reset(ALARM.homingPullOff)
    return
  }
  yield* settle(core)
}

function* settle(core: Core): Step {
  yield { kind: 'homing', secondsLeft: core.eeprom.settings[26] / 1000 }
}

/** Moves these axes, each of them at the rate. */
function* moveTo(core: Core, axes: readonly Axis[], target: Vector, rate: number): Step {
  const from = core.motion.position
  const to = eachAxis((axis) => (axes.includes(axis) ? target[axis] : from[axis]))
  core.homingMove = 'going'
  const feed = rate * Math.sqrt(axes.length)
  if (!core.motion.add({ target: to, feed, isRapid: false, isInverseTime: false, ignoresFeedOverride: true, lineNumber: 0, spindleRpm: 0 })) {
    core.homingMove = 'done'
    return
  }
  core.motion.start()
  yield { kind: 'homing-move' }
}
