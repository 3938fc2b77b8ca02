/** The `$` commands, and in which states each is allowed (grbl 1.1: system.c). */
import { type Core, type Step, storeEeprom } from './core.ts'
import { ERROR, LineError } from './errors.ts'
import { executeGcode, probeLine } from './execute-block.ts'
import { homingSeconds } from './machine.ts'
import { describeModes } from './modal.ts'
import { PLANNER_BLOCKS } from './motion.ts'
import { RECEIVE_BYTES } from './receive-buffer.ts'
import { defaultSettings, describeSetting, type Eeprom, newEeprom, perAxis, SETTING_CODES, withSetting } from './settings.ts'
import { printVector } from './status-report.ts'
import { type Axis, eachAxis } from './vector.ts'
import { readNumber } from './words.ts'

export const VERSION = '1.1h'
const BUILD = '20190830'
/** V variable spindle, N line numbers, M mist coolant (doc/csv/build_option_codes_en_US.csv). */
const OPTIONS = 'VNM'

const SETTING_BYTES = 5
const RESTORE_BYTES = 120

const refuse = (code: (typeof ERROR)[keyof typeof ERROR]): never => {
  throw new LineError(code)
}

/**
 * Executes a line that begins with `$`.
 * @throws LineError
 */
export function* executeSystem(core: Core, line: string): Step {
  const { state } = core
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
      for (const code of SETTING_CODES) core.say(describeSetting(core.eeprom.settings, code))
      return
    case 'G':
      core.say(describeModes(core.parser, core.eeprom.settings[13] !== 0))
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
      if (line.length > 2) refuse(ERROR.unknownCommand)
      return yield* home(core)
    case 'S':
      if (line !== '$SLP') refuse(ERROR.unknownCommand)
      core.state = { kind: 'sleep' }
      core.motion.abort()
      core.setSpindle(5, 0)
      core.setCoolant(false, false)
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

function printCoordinates(core: Core): void {
  const inInches = core.eeprom.settings[13] !== 0
  const names = ['G54', 'G55', 'G56', 'G57', 'G58', 'G59', 'G28', 'G30']
  core.eeprom.coordinates.forEach((value, index) => {
    core.say(`[${names[index]}:${printVector(value, inInches)}]`)
  })
  core.say(`[G92:${printVector(core.parser.shift, inInches)}]`)
  core.say(`[TLO:${printVector([core.parser.toolLength, 0, 0], inInches).split(',')[0]}]`)
  core.say(probeLine(core))
}

/** Finds the switches; no report, no line is answered meanwhile. */
function* home(core: Core): Step {
  const { settings } = core.eeprom
  const towardMin = (axis: Axis) => (settings[23] & (1 << axis)) !== 0
  core.state = { kind: 'home' }
  const ways = core.machine.waysHome(core.motion.position, towardMin)
  yield { kind: 'homing', secondsLeft: homingSeconds({ ways, seek: settings[25], feed: settings[24], pullOff: settings[27], debounceMs: settings[26] }) }
  if (core.isAborting) return
  const travel = perAxis(settings, 130)
  const position = eachAxis((axis) => (towardMin(axis) ? -travel[axis] + settings[27] : -settings[27]))
  core.motion.setPosition(position)
  core.machine.settleHome({ position: core.motion.position, pullOff: settings[27], towardMin })
  core.parser.position = core.motion.position
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
  if (line === '$I') {
    core.say(`[VER:${VERSION}.${BUILD}:${core.eeprom.buildInfo}]`)
    core.say(`[OPT:${OPTIONS},${PLANNER_BLOCKS},${RECEIVE_BYTES}]`)
    return
  }
  if (line.charAt(2) !== '=') refuse(ERROR.unknownCommand)
  const text = line.slice(3)
  yield* storeEeprom(core, { ...core.eeprom, buildInfo: text }, text.length + 2)
}

function* restore(core: Core, line: string): Step {
  const { envelope } = core.machine
  const fresh = newEeprom(eachAxis((axis) => envelope.max[axis] - envelope.min[axis]))
  let eeprom: Eeprom
  switch (line) {
    case '$RST=$':
      eeprom = { ...core.eeprom, settings: defaultSettings(eachAxis((axis) => envelope.max[axis] - envelope.min[axis])) }
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
  const settings = withSetting(core.eeprom.settings, Math.trunc(code.value), value.value)
  yield* storeEeprom(core, { ...core.eeprom, settings }, SETTING_BYTES)
  if (code.value === 13) core.noteOffsetChange()
}
