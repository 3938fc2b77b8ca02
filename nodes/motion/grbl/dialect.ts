/** Which firmware it is and what follows from that: tables of facts, no behaviour. */
import type { ControllerMessage, Dialect } from './messages.ts'

/** What a controller said of itself at `$I` (and in its banner). */
export interface ControllerFacts {
  dialect: Dialect
  /** For people: `Grbl 1.1h`, `grblHAL 1.1f`. */
  firmware: string
  /** Bytes of its receive buffer that may be filled (`[OPT:]`). */
  rxBytes: number
  plannerBlocks: number
  /** Option letters of `[OPT:]`, e.g. `VM`. */
  optionLetters: string
  /** Longest line it takes, without the end of line. */
  maxLineLength: number
}

/** Grbl 1.1: LINE_BUFFER_SIZE 80 with the closing zero; grblHAL 256 and FluidNC 254 (reference: firmware sources). */
const MAX_LINE_LENGTH: Record<Dialect, number> = { grbl: 79, grblhal: 255, fluidnc: 254 }

/** What is assumed until `[OPT:]` was read: the smallest controller there is. */
export const SMALLEST_CONTROLLER: ControllerFacts = {
  dialect: 'grbl',
  firmware: 'unknown',
  rxBytes: 128,
  plannerBlocks: 15,
  optionLetters: '',
  maxLineLength: 79,
}

/**
 * Reads the answer to `$I` (and `$I+`, and the banner if there was one).
 * Takes the smaller assumption wherever the controller says nothing.
 */
export function identifyController(messages: readonly ControllerMessage[]): ControllerFacts {
  let dialect: Dialect = 'grbl'
  let version = ''
  let facts = { rxBytes: SMALLEST_CONTROLLER.rxBytes, plannerBlocks: SMALLEST_CONTROLLER.plannerBlocks, optionLetters: '' }
  for (const message of messages) {
    switch (message.kind) {
      case 'banner':
        if (message.dialect !== 'grbl') dialect = message.dialect
        version ||= message.version
        break
      case 'version':
        if (/fluidnc/i.test(message.version) || /fluidnc/i.test(message.name)) dialect = 'fluidnc'
        // [VER:1.1h.20190830:] is version and build date
        version = message.version.replace(/\.\d{8}$/, '') || version
        break
      case 'firmware':
        if (/grblhal/i.test(message.name)) dialect = 'grblhal'
        break
      case 'build-options':
        facts = { rxBytes: message.rxBytes, plannerBlocks: message.plannerBlocks, optionLetters: message.letters }
        break
      default:
        break
    }
  }
  const name = { grbl: 'Grbl', grblhal: 'grblHAL', fluidnc: 'FluidNC' }[dialect]
  const bare = version.replace(/^fluidnc\s*/i, '').replace(/\s*fluidnc\s*/i, ' ')
  return { dialect, firmware: `${name} ${bare}`.trim(), maxLineLength: Math.min(MAX_LINE_LENGTH[dialect], facts.rxBytes - 2), ...facts }
}
