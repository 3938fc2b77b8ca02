/** The answer to `?` and other printed positions (grbl 1.1: report.c; doc/markdown/interface.md; grblHAL: report.c). */
import type { Core } from './core.ts'
import { coordinateSystemName, MM_PER_INCH, workCoordinateOffset } from './modal.ts'
import { isBusy, stateName } from './state.ts'
import { AXIS_LETTERS, eachAxis } from './vector.ts'

/** Reports from one WCO (Ov) to the next: while busy, otherwise. */
const WCO_EVERY = { busy: 30, idle: 10 }
const OVERRIDES_EVERY = { busy: 20, idle: 10 }

/** `$10`: bit 0 machine position instead of work position, bit 1 buffer state; grblHAL has a bit for every field. */
const MACHINE_POSITION = 1
const BUFFER_STATE = 2
const ALARM_SUBSTATE = 1024

/** Coordinates as the firmware prints them; `$13` makes them inches, but for the rotary axes. */
export function printVector(position: readonly number[], inInches: boolean): string {
  return position.map((value, axis) => (inInches && axis < 3 ? (value / MM_PER_INCH).toFixed(4) : value.toFixed(3))).join(',')
}

/**
 * One status report, which also counts down to the next WCO and Ov.
 * @param isFull grblHAL's 0x87: everything there is
 */
export function reportStatus(core: Core, isFull = false): string {
  const { settings } = core.eeprom
  const { machine, personality } = core
  const isHal = personality.name === 'grblhal'
  const inInches = settings[13] !== 0
  const offset = workCoordinateOffset(core.parser)
  const { position } = core
  const isMachinePosition = (settings[10] & MACHINE_POSITION) !== 0
  const shown = isMachinePosition ? position : eachAxis((axis) => position[axis] - offset[axis])
  const fields = [describeState(core, isFull), `${isMachinePosition ? 'MPos' : 'WPos'}:${printVector(machine.point(shown), inInches)}`]
  if (settings[10] & BUFFER_STATE) fields.push(`Bf:${core.motion.freeBlocks},${core.received.free}`)
  const lineNumber = core.motion.current?.lineNumber ?? 0
  if (lineNumber > 0) fields.push(`Ln:${lineNumber}`)
  const feed = core.feedMmPerMin
  fields.push(`FS:${inInches ? (feed / MM_PER_INCH).toFixed(1) : feed.toFixed(0)},${core.outputs.rpm.toFixed(0)}`)

  const pins = [
    machine.isTouching(position) ? 'P' : '',
    ...machine.limitsAt(position).map((axis) => AXIS_LETTERS[axis]),
    machine.isDoorOpen ? 'D' : '',
    core.isEmergencyStop ? 'E' : '',
  ].join('')
  if (pins) fields.push(`Pn:${pins}`)

  const pace = isBusy(core.state) ? 'busy' : 'idle'
  const isWcoDue = core.wcoIn <= 0
  if (isWcoDue || isFull) {
    core.wcoIn = WCO_EVERY[pace] - 1
    // never in the same report as the overrides, unless everything is asked for
    if (core.overridesIn === 0 && !isFull) core.overridesIn = 1
    fields.push(`WCO:${printVector(machine.point(offset), inInches)}`)
  } else core.wcoIn--
  if (isFull) fields.push(`WCS:${coordinateSystemName(core.parser.modal.coordinateSystem)}`)
  if (core.overridesIn > 0 && !isFull) core.overridesIn--
  else {
    core.overridesIn = OVERRIDES_EVERY[pace] - 1
    const { feed: feedOverride, rapid, spindle } = core.overrides
    fields.push(`Ov:${feedOverride},${rapid},${spindle}`)
    const { outputs } = core
    const isChanging = core.state.kind === 'tool'
    const accessories = [
      outputs.spindle === 3 ? 'S' : outputs.spindle === 4 ? 'C' : '',
      outputs.hasFlood ? 'F' : '',
      outputs.hasMist ? 'M' : '',
      isChanging ? 'T' : '',
    ].join('')
    if (accessories || isFull) fields.push(`A:${accessories}`)
  }
  if (isHal && isFull) {
    if (settings[22]) {
      const mask = machine.axes.reduce<number>((bits, axis) => bits + (core.homed.has(axis) ? 1 << axis : 0), 0)
      fields.push(`H:${core.homed.size === machine.axisCount ? 1 : 0},${mask}`)
    }
    fields.push(`T:${core.parser.tool}`, 'TLR:0', 'FW:grblHAL')
  }
  return `<${fields.join('|')}>`
}

function describeState(core: Core, isFull: boolean): string {
  const { state, personality, alarmCode } = core
  const showsAlarm = personality.name === 'grblhal' && (isFull || (core.eeprom.settings[10] & ALARM_SUBSTATE) !== 0)
  if (state.kind === 'alarm' && showsAlarm && alarmCode !== null) return `Alarm:${alarmCode}`
  return stateName(state)
}
