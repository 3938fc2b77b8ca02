/**
 * The bytes a GRBL controller takes out of the stream at once, before any line (grbl 1.1
 * doc/markdown/commands.md). Bytes above 0x86 mean other things to other firmware (0x87 runs macro 0 on
 * FluidNC), so they belong in here only together with a check of the dialect.
 */
export const REALTIME = {
  softReset: 0x18,
  status: 0x3f, // ?
  cycleStart: 0x7e, // ~
  feedHold: 0x21, // !
  safetyDoor: 0x84,
  /** grblHAL throws its RX buffer away at this byte in any state: only ever in Jog. */
  jogCancel: 0x85,
} as const

export type RealtimeName = keyof typeof REALTIME
