/** Which firmware it is and what follows from that: tables of facts, no behaviour. */
import type { ControllerMessage, Dialect } from './messages.ts'
import type { NamedCodes } from './named-codes.ts'

/** What a controller said of itself at `$I` (and in its banner). */
export interface ControllerFacts {
  dialect: Dialect
  /** For people: `Grbl 1.1h`, `grblHAL 1.1f.20240115`. */
  firmware: string
  /** Bytes of its receive buffer that may be filled (`[OPT:]`). */
  rxBytes: number
  plannerBlocks: number
  /** Option letters of `[OPT:]`, e.g. `VM`. */
  optionLetters: string
  /** grblHAL: words of `[NEWOPT:]`, e.g. `ENUMS`, `TC`. */
  newOptions: readonly string[]
  /** In the order of a position report: `X`, `Y`, `Z`, … */
  axes: readonly string[]
  /** Longest line it takes, without the end of line. */
  maxLineLength: number
  /** What it calls its own codes and settings, where it was asked and has told. */
  named?: NamedCodes
}

/** Grbl 1.1: LINE_BUFFER_SIZE 80 with the closing zero; grblHAL 256 and FluidNC 254 (reference: firmware sources). */
const MAX_LINE_LENGTH: Record<Dialect, number> = { grbl: 79, grblhal: 255, fluidnc: 254 }

/** Letters in the order all three give them where they do not say which they have. */
const AXIS_LETTERS = 'XYZABCUVW'
const THREE_AXES = ['X', 'Y', 'Z'] as const

/** What is assumed until `[OPT:]` was read: the smallest controller there is. */
export const SMALLEST_CONTROLLER: ControllerFacts = {
  dialect: 'grbl',
  firmware: 'unknown',
  rxBytes: 128,
  plannerBlocks: 15,
  optionLetters: '',
  newOptions: [],
  axes: THREE_AXES,
  maxLineLength: 79,
}

/**
 * Reads the answer to `$I` (and `$I+`, and the banner if there was one).
 * Takes the smaller assumption wherever the controller says nothing.
 * @param reportedAxes how many numbers a position report holds, where one was seen: FluidNC says it nowhere else
 */
export function identifyController(messages: readonly ControllerMessage[], reportedAxes?: number): ControllerFacts {
  let dialect: Dialect = 'grbl'
  let version = ''
  let sizes = { rxBytes: SMALLEST_CONTROLLER.rxBytes, plannerBlocks: SMALLEST_CONTROLLER.plannerBlocks, optionLetters: '' }
  let newOptions: readonly string[] = []
  let axisCount: number | undefined
  let axes: readonly string[] | undefined
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
      case 'build-options': {
        const { rxBytes, plannerBlocks, letters } = message
        sizes = { rxBytes: rxBytes ?? sizes.rxBytes, plannerBlocks: plannerBlocks ?? sizes.plannerBlocks, optionLetters: letters }
        axisCount = message.axisCount
        break
      }
      case 'new-options':
        newOptions = message.words
        break
      case 'axes':
        axes = message.letters
        break
      default:
        break
    }
  }
  const name = { grbl: 'Grbl', grblhal: 'grblHAL', fluidnc: 'FluidNC' }[dialect]
  // FluidNC: [VER:4.0 FluidNC v4.0.1 (noGit):]
  const bare = dialect === 'fluidnc' ? (/fluidnc\s+(\S+)/i.exec(version)?.[1] ?? version.replace(/\s*fluidnc\s*/i, '')) : version
  const count = axisCount ?? reportedAxes ?? 3
  return {
    dialect,
    firmware: `${name} ${bare}`.trim(),
    maxLineLength: Math.min(MAX_LINE_LENGTH[dialect], sizes.rxBytes - 2),
    ...sizes,
    newOptions,
    axes: axes ?? [...AXIS_LETTERS.slice(0, Math.max(3, Math.min(count, AXIS_LETTERS.length)))],
  }
}
