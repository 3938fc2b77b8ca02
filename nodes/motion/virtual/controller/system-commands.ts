/** The `$` commands, and in which states each is allowed (grbl 1.1: system.c; grblHAL: system.c). */
import { describeBuild, describeEverything, listOf } from './build-info.ts'
import type { Core } from './core.ts'
import { ERROR, LineError } from './errors.ts'
import { executeGcode, probeLine } from './execute-block.ts'
import { findHome } from './homing.ts'
import { travelOf } from './machine.ts'
import { describeModes } from './modal.ts'
import { defaultSettings, describeSetting, type Eeprom, newEeprom, settingCodes, withSetting } from './settings.ts'
import { printVector } from './status-report.ts'
import { storeEeprom } from './steps.ts'
import { AXIS_LETTERS, type Axis } from './vector.ts'
import type { Step } from './wait.ts'
import { readNumber } from './words.ts'

const SETTING_BYTES = 5
const RESTORE_BYTES = 120

const refuse = (code: (typeof ERROR)[keyof typeof ERROR]): never => {
  throw new LineError(code)
}

/** What grblHAL still answers in a critical alarm. */
const REPORTS = /^\$([$#GN+]|I\+?|E[ASEG]?)$/

/**
 * Executes a line that begins with `$`.
 * @throws LineError
 */
export function* executeSystem(core: Core, line: string): Step {
  const { state } = core
  if (state.kind === 'alarm' && state.isLocked && !REPORTS.test(line)) refuse(ERROR.criticalEvent)
  if (core.personality.name === 'grblhal' && listOf(line)) {
    for (const text of listOf(line) ?? []) core.say(text)
    return
  }
  switch (line.charAt(1)) {
    case '':
      core.say('[HLP:$$ $# $G $I $N $x=val $Nx=line $J=line $SLP $C $X $H ~ ! ? ctrl-x]')
      return
    case 'J':
      if (state.kind !== 'idle' && state.kind !== 'jog') refuse(ERROR.notIdle)
      if (line.charAt(2) !== '=') refuse(ERROR.unknownCommand)
      return yield* executeGcode(core, line.slice(3), true)
    case '$':
    case 'G':
    case 'C':
    case 'X':
      if (line.length > 2) refuse(ERROR.unknownCommand)
      return executeAnywhere(core, line.charAt(1))
    default:
      if (state.kind !== 'idle' && state.kind !== 'alarm') refuse(ERROR.notIdle)
      return yield* executeStanding(core, line)
  }
}

function executeAnywhere(core: Core, letter: string): void {
  const { state } = core
  switch (letter) {
    case '$':
      if (state.kind === 'run' || state.kind === 'hold') refuse(ERROR.notIdle)
      for (const code of settingCodes(core.personality, core.machine.axisCount)) core.say(describeSetting(core.eeprom.settings, code))
      return
    case 'G':
      core.say(describeModes(core.parser, core.eeprom.settings[13] !== 0, core.personality.name))
      return
    case 'C':
      if (state.kind === 'check') {
        core.reset()
        core.message('Disabled')
      } else {
        if (state.kind !== 'idle') refuse(ERROR.notIdle)
        core.state = { kind: 'check' }
        core.message('Enabled')
      }
      return
    default:
      if (state.kind !== 'alarm') return
      if (core.machine.isDoorOpen) refuse(ERROR.doorOpen)
      core.message('Caution: Unlocked')
      core.alarmCode = null
      core.state = { kind: 'idle' }
  }
}

/** Commands that need Idle or Alarm. */
function* executeStanding(core: Core, line: string): Step {
  switch (line.charAt(1)) {
    case '#':
      if (line.length > 2) refuse(ERROR.unknownCommand)
      return printCoordinates(core)
    case 'H':
      if (!core.eeprom.settings[22]) refuse(ERROR.homingDisabled)
      if (core.machine.isDoorOpen) refuse(ERROR.doorOpen)
      return yield* home(core, axesToHome(core, line))
    case 'S':
      if (line !== '$SLP' || (core.personality.name === 'grblhal' && !core.eeprom.settings[62])) refuse(ERROR.unknownCommand)
      core.state = { kind: 'sleep' }
      core.motion.abort()
      core.outputs.off()
      return
    case 'I':
      return yield* buildInfo(core, line)
    case 'R':
      return yield* restore(core, line)
    case 'N':
      return yield* startupLines(core, line)
    default:
      return yield* storeSetting(core, line)
  }
}

const COORDINATES = [
  [0, 'G54'],
  [1, 'G55'],
  [2, 'G56'],
  [3, 'G57'],
  [4, 'G58'],
  [5, 'G59'],
  [8, 'G59.1'],
  [9, 'G59.2'],
  [10, 'G59.3'],
  [6, 'G28'],
  [7, 'G30'],
] as const

function printCoordinates(core: Core): void {
  const inInches = core.eeprom.settings[13] !== 0
  const { machine, personality } = core
  for (const [index, name] of COORDINATES) {
    const value = core.eeprom.coordinates[index]
    if (value && (index < 8 || personality.hasManyOffsets)) core.say(`[${name}:${printVector(machine.point(value), inInches)}]`)
  }
  core.say(`[G92:${printVector(machine.point(core.parser.shift), inInches)}]`)
  // grblHAL has a tool length for every axis
  const lengths = personality.name === 'grblhal' ? machine.axes.map((axis) => (axis === 2 ? core.parser.toolLength : 0)) : [core.parser.toolLength]
  core.say(`[TLO:${printVector(lengths, inInches)}]`)
  core.say(probeLine(core))
}

/** `$H` for all axes, `$HX` for one where the firmware has that. */
function axesToHome(core: Core, line: string): readonly Axis[] {
  if (line === '$H') return core.machine.axes
  const axis = core.machine.axes.find((each) => line === `$H${AXIS_LETTERS[each]}`)
  if (axis === undefined || !core.personality.homesSingleAxes) return refuse(ERROR.unknownCommand)
  return [axis]
}

function* home(core: Core, axes: readonly Axis[]): Step {
  core.state = { kind: 'home' }
  yield* findHome(core, axes)
  if (core.isAborting) return
  core.parser.position = core.motion.position
  core.alarmCode = null
  core.state = { kind: 'idle' }
  yield* runStartupLines(core)
}

/** At power-on, after a reset and after homing: `>line:ok`, which is no answer to anything. */
export function* runStartupLines(core: Core): Step {
  for (const line of core.eeprom.startupLines) {
    if (!line) continue
    let answer = 'ok'
    try {
      yield* executeGcode(core, line)
    } catch (error) {
      if (!(error instanceof LineError)) throw error
      answer = `error:${error.code}`
    }
    core.say(`>${line}:${answer}`)
  }
}

function* buildInfo(core: Core, line: string): Step {
  if (line === '$I' || (line === '$I+' && core.personality.name === 'grblhal')) {
    for (const text of line === '$I' ? describeBuild(core) : describeEverything(core)) core.say(text)
    return
  }
  if (line.charAt(2) !== '=') refuse(ERROR.unknownCommand)
  const text = line.slice(3)
  yield* storeEeprom(core, { ...core.eeprom, buildInfo: text }, text.length + 2)
}

function* restore(core: Core, line: string): Step {
  const travel = travelOf(core.machine.envelope)
  const fresh = newEeprom(travel, core.personality)
  let eeprom: Eeprom
  switch (line) {
    case '$RST=$':
      eeprom = { ...core.eeprom, settings: defaultSettings(travel, core.personality) }
      break
    case '$RST=#':
      eeprom = { ...core.eeprom, coordinates: fresh.coordinates }
      break
    case '$RST=*':
      eeprom = fresh
      break
    default:
      return refuse(ERROR.unknownCommand)
  }
  yield* storeEeprom(core, eeprom, RESTORE_BYTES)
  core.message('Restoring defaults')
  core.reset()
}

function* startupLines(core: Core, line: string): Step {
  if (line === '$N') {
    core.eeprom.startupLines.forEach((text, index) => {
      core.say(`$N${index}=${text}`)
    })
    return
  }
  if (core.state.kind !== 'idle') refuse(ERROR.notIdle)
  const { value, end } = readNumber(line, 2)
  const index = Math.trunc(value)
  if (line.charAt(end) !== '=' || (index !== 0 && index !== 1)) refuse(ERROR.unknownCommand)
  const text = line.slice(end + 1)
  // storing a startup line executes it, which is how it is checked
  yield* executeGcode(core, text)
  const lines: [string, string] = [...core.eeprom.startupLines]
  lines[index === 0 ? 0 : 1] = text
  yield* storeEeprom(core, { ...core.eeprom, startupLines: lines }, text.length + 2)
}

function* storeSetting(core: Core, line: string): Step {
  const code = readNumber(line, 1)
  if (line.charAt(code.end) !== '=') refuse(ERROR.unknownCommand)
  const value = readNumber(line, code.end + 1)
  if (value.end !== line.length) refuse(ERROR.unknownCommand)
  const settings = withSetting(core.eeprom.settings, Math.trunc(code.value), value.value, settingCodes(core.personality, core.machine.axisCount))
  yield* storeEeprom(core, { ...core.eeprom, settings }, SETTING_BYTES)
  if (code.value === 13) core.noteOffsetChange()
}
