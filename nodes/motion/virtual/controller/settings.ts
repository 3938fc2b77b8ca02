/**
 * The `$` settings and what else GRBL keeps in its EEPROM, with the rules for storing a setting
 * (grbl 1.1: doc/markdown/settings.md, doc/csv/setting_codes_en_US.csv).
 */
import { ERROR, LineError } from './errors.ts'
import { AXES, type Axis, eachAxis, type Vector, zero } from './vector.ts'

/**
 * The demo machine: a small router with 5 mm screws at 8 microsteps. Values GRBL itself would take.
 *
 * `$22=0` and `$20=0`: GRBL's soft limits need homing (error:10), and a machine with homing starts locked
 * in Alarm. The demo is to run straight away, and the guard checks the envelope of every program itself.
 */
const DEFAULTS = {
  0: 10, // step pulse, us
  1: 25, // idle delay, ms
  2: 0,
  3: 0,
  4: 0,
  5: 0,
  6: 0,
  10: 1, // report MPos, no buffer state
  11: 0.01, // junction deviation, mm
  12: 0.002, // arc tolerance, mm
  13: 0,
  20: 0,
  21: 0,
  22: 0,
  23: 0,
  24: 100, // homing feed, mm/min
  25: 1500, // homing seek, mm/min
  26: 250, // debounce, ms
  27: 1, // pull-off, mm
  30: 24000,
  31: 0,
  32: 0,
  100: 320,
  101: 320,
  102: 320,
  110: 5000,
  111: 5000,
  112: 2000,
  120: 400,
  121: 400,
  122: 200,
  130: 400,
  131: 300,
  132: 100,
}

export type SettingCode = keyof typeof DEFAULTS
export type Settings = Record<SettingCode, number>
export const SETTING_CODES = Object.keys(DEFAULTS).map(Number) as SettingCode[]

/** Work offsets G54..G59, then the positions of G28 and G30. */
export const G28_INDEX = 6
export const G30_INDEX = 7
const COORDINATE_SETS = 8

/** What survives a power cycle. */
export interface Eeprom {
  settings: Settings
  /** G54..G59, G28, G30 in machine millimetres. */
  coordinates: Vector[]
  /** `$N0`, `$N1`. */
  startupLines: [string, string]
  /** The user's text in `$I`. */
  buildInfo: string
}

/** The EEPROM of a new demo machine with this travel. */
export function newEeprom(travelMm: Vector): Eeprom {
  return { settings: defaultSettings(travelMm), coordinates: Array.from({ length: COORDINATE_SETS }, zero), startupLines: ['', ''], buildInfo: '' }
}

export function defaultSettings(travelMm: Vector): Settings {
  return { ...DEFAULTS, 130: travelMm[0], 131: travelMm[1], 132: travelMm[2] }
}

/** A per-axis setting, e.g. `perAxis(settings, 110)` for the maximum rates. */
export function perAxis(settings: Settings, first: 100 | 110 | 120 | 130): Vector {
  return eachAxis((axis) => settings[(first + axis) as SettingCode])
}

const FLOATS = new Set<SettingCode>([11, 12, 24, 25, 27, ...[100, 110, 120, 130].flatMap((first) => AXES.map((axis) => (first + axis) as SettingCode))])
const RPM = new Set<SettingCode>([30, 31])
const FLAGS = new Set<SettingCode>([4, 5, 6, 13, 20, 21, 22, 32])
const MIN_STEP_PULSE_US = 3

/** One line of `$$`. */
export function describeSetting(settings: Settings, code: SettingCode): string {
  return `$${code}=${FLOATS.has(code) ? settings[code].toFixed(3) : settings[code].toFixed(0)}`
}

/**
 * Takes on `$code=value` as the firmware does, with its side effects on other settings.
 * @throws LineError 3 (no such setting), 4 (negative), 6 (step pulse), 10 (soft limits without homing)
 */
export function withSetting(settings: Settings, code: number, value: number): Settings {
  if (value < 0) throw new LineError(ERROR.negativeValue)
  if (!isSettingCode(code)) throw new LineError(ERROR.unknownCommand)
  if (FLOATS.has(code) || RPM.has(code)) return { ...settings, [code]: value }
  // grbl stores everything else as an unsigned byte
  const whole = Math.trunc(value) & 0xff
  if (code === 0 && whole < MIN_STEP_PULSE_US) throw new LineError(ERROR.stepPulse)
  if (code === 20 && whole && !settings[22]) throw new LineError(ERROR.softLimitsNeedHoming)
  const changed = { ...settings, [code]: FLAGS.has(code) ? Number(whole !== 0) : whole }
  // homing off takes soft limits with it (settings.c)
  return code === 22 && !whole ? { ...changed, 20: 0 } : changed
}

function isSettingCode(code: number): code is SettingCode {
  return Object.hasOwn(DEFAULTS, code)
}

/** GRBL's soft-limit space is always -travel..0, whatever the homing direction (limits.c, without HOMING_FORCE_SET_ORIGIN). */
export function isOutsideTravel(settings: Settings, target: Vector): boolean {
  const travel = perAxis(settings, 130)
  return AXES.some((axis: Axis) => target[axis] > 0 || target[axis] < -travel[axis])
}
