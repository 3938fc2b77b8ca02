/** Where the firmware's main program waits, as its steps tell whoever drives it. */

/** Why the main program stands still; the firmware goes on when this is over. */
export type Wait =
  /** A checkpoint for real-time commands: over at once unless the machine is suspended. */
  | { kind: 'checkpoint' }
  | { kind: 'bytes' }
  /** A free block in the planner. */
  | { kind: 'room' }
  /** Everything queued is done. */
  | { kind: 'synced' }
  | { kind: 'idle' }
  | { kind: 'dwell'; secondsLeft: number }
  /** On AVR boards interrupts are off: whatever arrives is lost (grbl 1.1: eeprom.c; doc/markdown/interface.md, "EEPROM Issues"). */
  | { kind: 'eeprom'; secondsLeft: number }
  /** Switches settle; nothing but a reset or the door is noticed. */
  | { kind: 'homing'; secondsLeft: number }
  /** A homing move goes on. */
  | { kind: 'homing-move' }

export type Step = Generator<Wait, void>
