/** What commands have in common: places where the main program looks up, waits for its queue, or writes its memory. */
import type { Core } from './core.ts'
import type { Eeprom } from './settings.ts'
import type { Step } from './wait.ts'

/** Lets real-time commands in. */
export function* checkpoint(): Step {
  yield { kind: 'checkpoint' }
}

/** Waits until everything queued has been executed. */
export function* synchronise(core: Core): Step {
  core.startQueued()
  yield { kind: 'synced' }
}

/** Seconds for one changed byte (ATmega328: 3.4 ms erase and write). */
const EEPROM_S_PER_BYTE = 0.0034

/** Writes to EEPROM: waits for the queue, then is busy for as long as the bytes take. */
export function* storeEeprom(core: Core, eeprom: Eeprom, changedBytes: number): Step {
  yield* synchronise(core)
  core.store(eeprom)
  yield { kind: 'eeprom', secondsLeft: changedBytes * EEPROM_S_PER_BYTE }
}
