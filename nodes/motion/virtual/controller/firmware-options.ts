/** What a firmware is built with, and what its body counts. */
import type { Envelope } from './machine.ts'
import type { BegunLine } from './motion.ts'
import type { PersonalityName } from './personality.ts'
import type { Scene } from './scene.ts'
import type { Eeprom } from './settings.ts'

export interface FirmwareOptions {
  envelope: Envelope
  eeprom: Eeprom
  /** @defaultValue grbl */
  personality?: PersonalityName
  /** 3 to 6, as far as the firmware goes. @defaultValue 3 */
  axisCount?: number
  /** Built with parking at the safety door. @defaultValue false */
  hasParking?: boolean
  /** The EEPROM was unreadable and `eeprom` are defaults: the firmware says so before its banner. */
  isEepromBlank?: boolean
  /** Where the carriage stands, in the envelope's coordinates. */
  carriage: readonly number[]
  /** What there is to touch. */
  scene?: Scene
  /** What the firmware sends. */
  onOutput: (text: string) => void
  /** The EEPROM holds this from now on. */
  onEeprom?: (eeprom: Eeprom) => void
  /** A line was answered; for tests and logs. */
  onAnswer?: (line: string, answer: string) => void
  /** A line of the planner was begun; for tests and logs. */
  onLine?: (line: BegunLine) => void
  /** The motors began to turn or came to rest, so many seconds of its life ago or now. */
  onMoving?: (isMoving: boolean, atS: number) => void
}

/** Bytes that arrived and never reached the firmware's program. */
export interface LostBytes {
  overflow: number
  /** While it wrote its EEPROM and heard nothing. */
  eeprom: number
  /** Of them, bytes of lines: all but real-time characters, which may come at any time. */
  eepromLines: number
}

/** Bytes it should not have been sent: each one a fault of the sender. */
export interface HarmfulBytes {
  /** Ran a stored program at once. */
  macros: number
  /** Means nothing to this firmware. */
  unknown: number
  /** Lines' bytes thrown away by a jog cancel outside a jog (grblHAL). */
  flushed: number
}
