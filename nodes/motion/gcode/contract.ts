/**
 * What goes into the G-code engine and what comes out. Units inside are mm, mm/min, degrees, seconds, rpm; places are
 * machine coordinates. Six axes, X Y Z A B C in this order; a linear axis is scaled by G20, a rotary one never.
 */

export const AXIS_LETTERS = ['X', 'Y', 'Z', 'A', 'B', 'C'] as const
export const AXIS_COUNT = 6

/** What a controller takes. The engine refuses the rest, or writes it out in simpler lines where it can. */
export interface GcodeDialect {
  id: 'grbl' | 'grblhal' | 'fluidnc' | 'linuxcnc'
  /** Axes the controller has, from X on. */
  axisCount: number
  /** Longest line without its line end, spaces and comments stripped. */
  maxLineLength: number
  /** G and M codes as tenths (G38.2 is 382). */
  gCodes: ReadonlySet<number>
  mCodes: ReadonlySet<number>
  /** Work offsets it keeps: 6 (G54-G59) or 9 (to G59.3). */
  workOffsetCount: number
  /** What it evaluates itself; the engine expands the rest. */
  takes: {
    parameters: boolean
    subprograms: boolean
    cannedCycles: boolean
    toolChange: boolean
    blockDelete: boolean
    lineNumbers: boolean
  }
}

/** The modal state a program begins in, as the controller holds it. Codes as tenths. */
export interface ModalState {
  /** 0, 10, 20, 30, 382…385, 800 (none), 810…890. */
  motion: number
  /** 170, 180, 190. */
  plane: number
  isInches: boolean
  isIncremental: boolean
  /** G90.1 / G91.1. */
  isArcAbsolute: boolean
  /** G93, G94, G95. */
  feedMode: 930 | 940 | 950
  /** 0 is G54 … 8 is G59.3. */
  workOffset: number
  /** mm/min (or 1/min in G93) as programmed. */
  feed: number
  spindleRpm: number
  /** 3, 4, 5. */
  spindle: 3 | 4 | 5
  isFloodOn: boolean
  isMistOn: boolean
  /** Selected by T; in the spindle. */
  selectedTool: number
  tool: number
  /** G98 (back to the first height) or G99 (to R) in canned cycles. */
  returnsToR: boolean
}

export interface Box {
  min: ArrayLike<number>
  max: ArrayLike<number>
}

/** The machine a program is read for. */
export interface MachineModel {
  dialect: GcodeDialect
  modal: ModalState
  /** Where it stands. */
  positionMm: ArrayLike<number>
  workOffsetsMm: readonly ArrayLike<number>[]
  g92Mm: ArrayLike<number>
  toolLengthMm: ArrayLike<number>
  /** Lengths by tool number, for G43, where they are known. */
  toolTableMm?: ReadonlyMap<number, ArrayLike<number>>
  g28Mm: ArrayLike<number>
  g30Mm: ArrayLike<number>
  /** Absent axes have no limit. */
  envelopeMm: Box
  keepOut: readonly (Box & { name: string })[]
  maxFeedMmPerMin?: number
  spindleRpm?: { min: number; max: number }
  maxDwellS?: number
  /** `G38.2` as 'G38.2'. */
  forbiddenCodes?: readonly string[]
  /** For the time estimate. */
  maxRateMmPerMin?: readonly number[]
  accelerationMmPerS2?: readonly number[]
  /** `$11`; default 0.01. */
  junctionDeviationMm?: number
  /** `$12`; default 0.002. */
  arcToleranceMm?: number
  /** Blocks the planner looks ahead, as `[OPT:]` tells; default 15 (grbl 1.1). */
  plannerBlocks?: number
  /** Lines beginning with `/` are left out. */
  blockDelete?: boolean
}

/**
 * One move. The engine gives the same object again and again: copy what is kept.
 * An arc ends in `to`, turns in `plane` about the centre, and is linear in the other axes (helix).
 */
export interface Motion {
  kind: 'rapid' | 'feed' | 'arc' | 'probe'
  /** 1-based source line and column. */
  line: number
  column: number
  from: Float64Array
  to: Float64Array
  /** Path feed; 0 for a rapid. G93 is converted. */
  feedMmPerMin: number
  /** 170 XY, 180 ZX, 190 YZ. */
  plane: number
  centreA: number
  centreB: number
  radius: number
  /** Radians, counter-clockwise positive, whole turns included. */
  sweep: number
  tool: number
  spindle: 3 | 4 | 5
  spindleRpm: number
  /** Index of the work offset in force; the offset itself (work offset + G92 + tool length) is `offsetMm`. */
  workOffset: number
  offsetMm: Float64Array
}

/** What else a program does, in its order among the moves. */
export type ProgramEvent =
  | { kind: 'dwell'; line: number; seconds: number }
  | { kind: 'tool-change'; line: number; tool: number; previous: number }
  | { kind: 'spindle'; line: number; turn: 3 | 4 | 5; rpm: number }
  | { kind: 'coolant'; line: number; isFloodOn: boolean; isMistOn: boolean }
  /** M0, M1 (`isOptional`). */
  | { kind: 'stop'; line: number; isOptional: boolean }
  | { kind: 'end'; line: number }

/** Something wrong or odd. Errors keep the program from running. */
export interface Finding {
  severity: 'error' | 'warning' | 'note'
  code: string
  line: number
  column: number
  text: string
}

/**
 * Who listens to a program being read. All are optional; the fewer, the faster. Within one line they hear, in this order: the
 * tool change; the line, or the lines it is written out as; spindle, coolant, dwell and the moves as they happen; stop and end.
 * In a canned cycle that is written out, each line comes before the move it makes.
 */
export interface ProgramListener {
  motion?(motion: Readonly<Motion>): void
  event?(event: ProgramEvent): void
  /**
   * A line for the controller: upper case, no spaces, no comments, no line end. `line` is the source line it comes from.
   * With an expanded program several may come from one line.
   */
  output?(text: string, line: number): void
  finding?(finding: Finding): void
}

export interface ProgramFacts {
  sourceLines: number
  /** Lines for the controller. */
  outputLines: number
  /** Something was written out that the controller does not know. */
  isExpanded: boolean
  /** In which units its lines are, by its own G20 and G21; absent: it names none. */
  units?: 'mm' | 'inch' | 'both'
  errors: number
  warnings: number
  notes: number
  /** Absent without a move. */
  extentsMm?: { min: Float64Array; max: Float64Array }
  workExtentsMm?: { min: Float64Array; max: Float64Array }
  hasEnded: boolean
}

/**
 * Reads a program from bytes, in pieces of any size. Created by `readProgram(model, listener)`.
 * After the first 1000 errors it stops looking (`isGivenUp`).
 */
export interface ProgramReader {
  add(bytes: Uint8Array): void
  /** @returns what is known at the end; call once, after the last piece */
  end(): ProgramFacts
  /** The modal state and place behind what was read so far (after whole lines). */
  readonly state: { modal: Readonly<ModalState>; positionMm: Float64Array; offsetMm: Float64Array }
  readonly line: number
  readonly isGivenUp: boolean
}
