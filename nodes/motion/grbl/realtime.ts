/**
 * The bytes a GRBL controller takes out of the stream at once, before any line (grbl 1.1
 * doc/markdown/commands.md; grblHAL grbl.h; FluidNC RealtimeCmd.h). Bytes above 0x86 mean other things to other
 * firmware (0x87 runs macro 0 on FluidNC and is a full report on grblHAL), so none of them goes out before the
 * controller has said what it is.
 */
import type { Dialect } from './messages.ts'

/** In all three from Grbl 1.1 on, and harmless to any of them. */
const ALWAYS = {
  softReset: 0x18,
  status: 0x3f, // ?
  cycleStart: 0x7e, // ~
  feedHold: 0x21, // !
  safetyDoor: 0x84,
  /** grblHAL throws its RX buffer away at this byte in any state: only ever in Jog. */
  jogCancel: 0x85,
} as const

/** The same in all three, but only once it is known that it is one of them. */
const IDENTIFIED = {
  feed100: 0x90,
  feedPlus10: 0x91,
  feedMinus10: 0x92,
  feedPlus1: 0x93,
  feedMinus1: 0x94,
  rapid100: 0x95,
  rapid50: 0x96,
  rapid25: 0x97,
  spindle100: 0x99,
  spindlePlus10: 0x9a,
  spindleMinus10: 0x9b,
  spindlePlus1: 0x9c,
  spindleMinus1: 0x9d,
  /** Only in Hold. */
  spindleStopToggle: 0x9e,
  floodToggle: 0xa0,
  /** Grbl 1.1 has it in builds with `M` only. */
  mistToggle: 0xa1,
} as const

const GRBLHAL = {
  /** Brakes, throws its buffers away and is Idle again without an alarm. */
  stop: 0x19,
  fullReport: 0x87,
  optionalStopToggle: 0x88,
  singleBlockToggle: 0x89,
  toolChangeAck: 0xa3,
} as const

const REALTIME = { ...ALWAYS, ...IDENTIFIED, ...GRBLHAL } as const
export type RealtimeName = keyof typeof REALTIME

/**
 * The byte for this firmware.
 * @param dialect undefined until the controller has said what it is
 * @returns undefined where this byte must not be sent to it
 */
export function realtimeByte(name: RealtimeName, dialect: Dialect | undefined): number | undefined {
  if (name in ALWAYS) return REALTIME[name]
  if (dialect === undefined) return undefined
  if (name in IDENTIFIED) return REALTIME[name]
  return dialect === 'grblhal' ? REALTIME[name] : undefined
}
