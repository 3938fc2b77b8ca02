/** The answer to `?` and other printed positions (grbl 1.1: report.c; doc/markdown/interface.md). */
import type { Core } from './core.ts'
import { MM_PER_INCH, workCoordinateOffset } from './modal.ts'
import { PLANNER_BLOCKS } from './motion.ts'
import { isBusy, stateName } from './state.ts'
import { AXIS_LETTERS, eachAxis, type Vector } from './vector.ts'

/** Reports from one WCO (Ov) to the next: while busy, otherwise. */
const WCO_EVERY = { busy: 30, idle: 10 }
const OVERRIDES_EVERY = { busy: 20, idle: 10 }

/** `$10`: bit 0 machine position instead of work position, bit 1 buffer state. */
const MACHINE_POSITION = 1
const BUFFER_STATE = 2

/** Three coordinates as GRBL prints them; `$13` makes them inches. */
export function printVector(position: Vector, inInches: boolean): string {
  return position.map((mm) => (inInches ? (mm / MM_PER_INCH).toFixed(4) : mm.toFixed(3))).join(',')
}

/** One status report, which also counts down to the next WCO and Ov. */
export function reportStatus(core: Core): string {
  const { settings } = core.eeprom
  const inInches = settings[13] !== 0
  const offset = workCoordinateOffset(core.parser)
  const position = core.motion.position
  const isMachinePosition = (settings[10] & MACHINE_POSITION) !== 0
  const shown = isMachinePosition ? position : eachAxis((axis) => position[axis] - offset[axis])
  const fields = [stateName(core.state), `${isMachinePosition ? 'MPos' : 'WPos'}:${printVector(shown, inInches)}`]
  if (settings[10] & BUFFER_STATE) fields.push(`Bf:${PLANNER_BLOCKS - core.motion.queuedLines},${core.received.free}`)
  const lineNumber = core.motion.current?.lineNumber ?? 0
  if (lineNumber > 0) fields.push(`Ln:${lineNumber}`)
  const feed = core.motion.feedMmPerMin
  fields.push(`FS:${inInches ? (feed / MM_PER_INCH).toFixed(1) : feed.toFixed(0)},${core.outputs.rpm.toFixed(0)}`)

  const pins = [
    core.machine.isTouching(position) ? 'P' : '',
    ...core.machine.limitsAt(position).map((axis) => AXIS_LETTERS[axis]),
    core.machine.isDoorOpen ? 'D' : '',
  ].join('')
  if (pins) fields.push(`Pn:${pins}`)

  const pace = isBusy(core.state) ? 'busy' : 'idle'
  if (core.wcoIn > 0) core.wcoIn--
  else {
    core.wcoIn = WCO_EVERY[pace] - 1
    // never in the same report as the overrides
    if (core.overridesIn === 0) core.overridesIn = 1
    fields.push(`WCO:${printVector(offset, inInches)}`)
  }
  if (core.overridesIn > 0) core.overridesIn--
  else {
    core.overridesIn = OVERRIDES_EVERY[pace] - 1
    const { feed: feedOverride, rapid, spindle } = core.overrides
    fields.push(`Ov:${feedOverride},${rapid},${spindle}`)
    const { outputs } = core
    const accessories = [outputs.spindle === 3 ? 'S' : outputs.spindle === 4 ? 'C' : '', outputs.hasFlood ? 'F' : '', outputs.hasMist ? 'M' : ''].join('')
    if (accessories) fields.push(`A:${accessories}`)
  }
  return `<${fields.join('|')}>`
}
