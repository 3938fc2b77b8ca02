/**
 * What each byte above 0x7F (and the few below) does when the receive interrupt picks it out of the stream, firmware
 * by firmware (grbl 1.1 config.h, serial.c; grblHAL grbl.h, protocol.c; FluidNC RealtimeCmd.h, Serial.cpp).
 */
import type { PersonalityName } from './personality.ts'

export type RealtimeCommand =
  | 'reset'
  | 'status'
  | 'full-status'
  | 'parser-state'
  | 'cycle-start'
  | 'feed-hold'
  | 'stop'
  | 'door'
  | 'jog-cancel'
  | 'override'
  | 'spindle-stop'
  | 'flood'
  | 'mist'
  | 'tool-ack'
  /** Toggles that this simulation does not play: optional stop, single block, fan, MPG, reports by themselves. */
  | 'toggle'
  /** Runs a stored program at once. */
  | 'macro'
  /** Thrown away. */
  | 'nothing'

const PRINTABLE: Record<number, RealtimeCommand> = { 63: 'status', 126: 'cycle-start', 33: 'feed-hold' }

const COMMON: Record<number, RealtimeCommand> = { 24: 'reset', 132: 'door', 133: 'jog-cancel', 158: 'spindle-stop', 160: 'flood', 161: 'mist' }
for (const byte of [144, 145, 146, 147, 148, 149, 150, 151, 153, 154, 155, 156, 157]) COMMON[byte] = 'override'

const OWN: Record<PersonalityName, Record<number, RealtimeCommand>> = {
  grbl: {},
  grblhal: {
    3: 'reset',
    5: 'status',
    25: 'stop',
    128: 'status',
    129: 'cycle-start',
    130: 'feed-hold',
    131: 'parser-state',
    135: 'full-status',
    136: 'toggle',
    137: 'toggle',
    138: 'toggle',
    139: 'toggle',
    140: 'toggle',
    163: 'tool-ack',
    164: 'toggle',
    ...Object.fromEntries([176, 177, 178, 179, 180, 181, 182, 183].map((byte) => [byte, 'macro'])),
  },
  fluidnc: Object.fromEntries([135, 136, 137, 138].map((byte) => [byte, 'macro'])),
}

/**
 * The command of a byte, `undefined` for one that belongs to a line.
 * @param isPrintableKept grblHAL keeps `?`, `~` and `!` inside `$` lines and comments when `$39=0`
 */
export function realtimeCommand(firmware: PersonalityName, byte: number, isPrintableKept: boolean): RealtimeCommand | undefined {
  const printable = PRINTABLE[byte]
  if (printable) return isPrintableKept ? undefined : printable
  const known = OWN[firmware][byte] ?? COMMON[byte]
  return known ?? (byte >= 0x80 ? 'nothing' : undefined)
}
