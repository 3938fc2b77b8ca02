/**
 * Why a line is refused or the machine locks, by GRBL's numbers (grbl 1.1: doc/csv/error_codes_en_US.csv, alarm_codes_en_US.csv)
 * and those that grblHAL (errors.h, alarms.h) and FluidNC (Alarm.h) have besides.
 */

export const ERROR = {
  expectedLetter: 1,
  badNumber: 2,
  unknownCommand: 3,
  negativeValue: 4,
  homingDisabled: 5,
  stepPulse: 6,
  eepromRead: 7,
  notIdle: 8,
  locked: 9,
  softLimitsNeedHoming: 10,
  lineTooLong: 11,
  doorOpen: 13,
  travelExceeded: 15,
  badJog: 16,
  unsupported: 20,
  modalGroup: 21,
  noFeed: 22,
  needsInteger: 23,
  twoAxisCommands: 24,
  wordRepeated: 25,
  noAxisWords: 26,
  badLineNumber: 27,
  valueMissing: 28,
  unsupportedCoordinates: 29,
  g53NeedsLine: 30,
  axisWordsUnused: 31,
  arcWithoutAxes: 32,
  badTarget: 33,
  arcRadius: 34,
  arcWithoutOffsets: 35,
  unusedWords: 36,
  wrongToolLengthAxis: 37,
  toolTooBig: 38,
  /** grblHAL: only homing leaves this alarm. */
  homeToContinue: 46,
  /** grblHAL: nothing but reports while a critical alarm is on. */
  criticalEvent: 79,
} as const
export type ErrorCode = (typeof ERROR)[keyof typeof ERROR]

export const ALARM = {
  hardLimit: 1,
  softLimit: 2,
  resetInMotion: 3,
  probeAtStart: 4,
  probeNoContact: 5,
  homingReset: 6,
  homingDoor: 7,
  homingPullOff: 8,
  homingNotFound: 9,
  /** grblHAL: emergency stop. */
  emergencyStop: 10,
  /** grblHAL: not homed since it was switched on. */
  homingRequired: 11,
  /** FluidNC's number for the same. */
  unhomed: 14,
} as const
export type AlarmCode = (typeof ALARM)[keyof typeof ALARM]

/** A whole line is dropped and answered with `error:<code>`. */
export class LineError extends Error {
  override readonly name = 'LineError'
  readonly code: ErrorCode
  constructor(code: ErrorCode) {
    super(`error:${code}`)
    this.code = code
  }
}
