/**
 * The `$` settings and what else the firmware keeps in its EEPROM, with the rules for storing a setting
 * (grbl 1.1: doc/markdown/settings.md, doc/csv/setting_codes_en_US.csv; grblHAL settings.c).
 */
import { ERROR, LineError } from './errors.ts'
import type { Personality } from './personality.ts'
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
  39: 1, // grblHAL: ? ~ ! act everywhere
  40: 0, // grblHAL: jogs are limited
  41: 0, // grblHAL: parking
  56: 5, // grblHAL: parking pull-out, mm
  57: 500, // grblHAL: parking pull-out rate
  58: -5, // grblHAL: parking target
  59: 1000, // grblHAL: parking rate
  62: 0, // grblHAL: sleep
  341: 0, // grblHAL: tool change waits for an acknowledgement
  100: 320,
  101: 320,
  102: 320,
  103: 100,
  104: 100,
  105: 100,
  110: 5000,
  111: 5000,
  112: 2000,
  113: 3600,
  114: 3600,
  115: 3600,
  120: 400,
  121: 400,
  122: 200,
  123: 200,
  124: 200,
  125: 200,
  130: 400,
  131: 300,
  132: 100,
  133: 360,
  134: 360,
  135: 360,
}

export type SettingCode = keyof typeof DEFAULTS
export type Settings = Record<SettingCode, number>
export const ALL_SETTING_CODES = Object.keys(DEFAULTS).map(Number) as SettingCode[]

const HAL_ONLY = new Set<SettingCode>([39, 40, 41, 56, 57, 58, 59, 62, 341])
/** FluidNC keeps its settings in a file of its own and shows these for old senders. */
const FLUID = new Set<SettingCode>([10, 11, 12, 13, 20, 21, 22, 23, 30, 31, 32])

/** The settings a firmware with so many axes has, in the order of `$$`. */
export function settingCodes(personality: Personality, axisCount: number): SettingCode[] {
  return ALL_SETTING_CODES.filter((code) => {
    if (code >= 100 && code < 140) return code % 10 < axisCount
    if (personality.name === 'fluidnc') return FLUID.has(code)
    return personality.name === 'grblhal' || !HAL_ONLY.has(code)
  })
}

/** Where the position of G28 and G30 is kept; G54..G59 come before, G59.1..G59.3 behind. */
export const G28_INDEX = 6
export const G30_INDEX = 7
const COORDINATE_SETS = 11

/** Where a coordinate system is kept: 0 is G54, 6 is G59.1. */
export const coordinateIndex = (system: number): number => (system < 6 ? system : system + 2)

/** What survives a power cycle. */
export interface Eeprom {
  settings: Settings
  /** G54..G59, G28, G30, G59.1..G59.3 in machine millimetres. */
  coordinates: Vector[]
  /** `$N0`, `$N1`. */
  startupLines: [string, string]
  /** The user's text in `$I`. */
  buildInfo: string
}

/** The EEPROM of a new demo machine with this travel. */
export function newEeprom(travelMm: readonly number[], personality?: Personality): Eeprom {
  return {
    settings: defaultSettings(travelMm, personality),
    coordinates: Array.from({ length: COORDINATE_SETS }, zero),
    startupLines: ['', ''],
    buildInfo: '',
  }
}

export function defaultSettings(travelMm: readonly number[], personality?: Personality): Settings {
  const settings: Settings = { ...DEFAULTS }
  for (const axis of AXES) {
    const travel = travelMm[axis]
    if (travel !== undefined && travel > 0) settings[(130 + axis) as SettingCode] = travel
  }
  // grblHAL's report mask: everything but parser state and sub-states
  if (personality?.name === 'grblhal') settings[10] = 511
  return settings
}

/** A per-axis setting, e.g. `perAxis(settings, 110)` for the maximum rates. */
export function perAxis(settings: Settings, first: 100 | 110 | 120 | 130): Vector {
  return eachAxis((axis) => settings[(first + axis) as SettingCode])
}

const FLOATS = new Set<SettingCode>([
  11,
  12,
  24,
  25,
  27,
  56,
  57,
  58,
  59,
  ...[100, 110, 120, 130].flatMap((first) => AXES.map((axis) => (first + axis) as SettingCode)),
])
const RPM = new Set<SettingCode>([30, 31])
const FLAGS = new Set<SettingCode>([4, 5, 6, 13, 20, 21, 22, 32, 39, 40, 41, 62])
const MIN_STEP_PULSE_US = 3

/** One line of `$$`. */
export function describeSetting(settings: Settings, code: SettingCode): string {
  return `$${code}=${FLOATS.has(code) ? settings[code].toFixed(3) : settings[code].toFixed(0)}`
}

/**
 * Takes on `$code=value` as the firmware does, with its side effects on other settings.
 * @throws LineError 3 (no such setting), 4 (negative), 6 (step pulse), 10 (soft limits without homing)
 */
export function withSetting(settings: Settings, code: number, value: number, known: readonly SettingCode[]): Settings {
  if (value < 0 && code !== 58) throw new LineError(ERROR.negativeValue)
  if (!isSettingCode(code) || !known.includes(code)) throw new LineError(ERROR.unknownCommand)
  if (FLOATS.has(code) || RPM.has(code)) return { ...settings, [code]: value }
  // grbl stores everything else as an unsigned byte; grblHAL's report mask and $22 are wider
  const whole = code === 10 || code === 341 ? Math.trunc(value) & 0xffff : Math.trunc(value) & 0xff
  if (code === 0 && whole < MIN_STEP_PULSE_US) throw new LineError(ERROR.stepPulse)
  if (code === 20 && whole && !settings[22]) throw new LineError(ERROR.softLimitsNeedHoming)
  const changed = { ...settings, [code]: FLAGS.has(code) ? Number(whole !== 0) : whole }
  // homing off takes soft limits with it (settings.c)
  return code === 22 && !whole ? { ...changed, 20: 0 } : changed
}

function isSettingCode(code: number): code is SettingCode {
  return Object.hasOwn(DEFAULTS, code)
}

/**
 * GRBL's soft-limit space is always -travel..0, whatever the homing direction (limits.c, without HOMING_FORCE_SET_ORIGIN).
 * @param axes those that count
 */
export function isOutsideTravel(settings: Settings, target: Vector, axes: readonly Axis[]): boolean {
  return axes.some((axis) => target[axis] > 0 || target[axis] < -settings[(130 + axis) as SettingCode])
}
