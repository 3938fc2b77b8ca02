/** What is asked of the check worker, and what it answers: plain data that crosses between threads. */
import type { ErrorMessage } from '../../../../base/errors.ts'
import type { TimelineData } from '../../gcode/estimate/index.ts'
import type { MachineModel, ModalState } from '../../gcode/index.ts'
import type { ProgramReport } from '../../program.ts'
import type { FlatForm } from '../flat-lines.ts'
import type { LinePlace } from '../program-lines.ts'

/** A program, and the machine it is for. */
interface ProgramOrder {
  path: string
  sha256: string
  /** Sets, arrays and numbers only: it is cloned. */
  model: MachineModel
  /** Where the lines go that are written out for a controller which does not know what the program uses. */
  writeTo: string
}

/** The whole program, from its beginning. */
export interface CheckOrder extends ProgramOrder {
  kind: 'check'
}

/**
 * The rest of a program from one of its lines on, with other lines before it: after an interruption, and for a start in
 * mid-program. Reads what was found good before.
 */
export interface TailOrder {
  kind: 'tail'
  path: string
  form: FlatForm
  checksums: Uint32Array
  /** First line of the rest. */
  from: LinePlace
  /** Lines from there to the program's end. */
  count: number
  /** Lines of the file that are counted but not run: the controller refused them. */
  leftOut?: readonly number[]
  /** The controller as it stands before the first of `lines`. */
  model: MachineModel
  lines: readonly string[]
  /** What the rest begins with: `lines` must lead there. */
  expected: { modal: ModalState; positionMm: readonly number[] }
}

/** What a start at a line needs: the state there, the way to it, and the proof that both are safe. */
export interface PlanOrder extends ProgramOrder {
  kind: 'plan'
  fromLine: number
  approach: ApproachRules
}

/** What a check of the rest began with: from there it can be looked at again. */
export type TailBase = Pick<TailOrder, 'path' | 'form' | 'checksums' | 'from' | 'count' | 'model'>

/** How a machine is brought to a place in mid-program. */
export interface ApproachRules {
  /** Machine Z at which the tool clears everything. */
  safeZMm: number
  /** At most this fast down to the work. */
  plungeFeedMmPerMin: number
  /** For the spindle to come up to speed. */
  dwellS: number
  isLaser: boolean
}

/** The lines that will be streamed. */
export interface FlatFacts {
  form: FlatForm
  path: string
  sizeBytes: number
  checksums: Uint32Array
  totalLines: number
}

export interface CheckAnswer {
  kind: 'check'
  report: ProgramReport
  flat: FlatFacts
  /** Seconds by lines sent. */
  timeline: TimelineData
  /** The tool named by the first T word, if a move is made before any M6. */
  firstTool: number | undefined
  /** It changes the tool before its first cut. */
  beginsWithToolChange: boolean
  /** Where the machine stands behind the last line. */
  endsAtMm: number[]
  /** The first error in words, with its line as it stands in the program. */
  refusal: ErrorMessage | undefined
}

export interface TailAnswer {
  kind: 'tail'
  refusal: ErrorMessage | undefined
}

export interface PlannedStart {
  /** The line itself, or the next one that holds something to send. */
  line: number
  text: string
  place: LinePlace
  /** Lines of the flat program before it. */
  linesBefore: number
  lines: { text: string; says: string }[]
  approachMm: number[][]
  /** In force at the line. */
  modal: ModalState
  positionMm: number[]
  /** The motion mode as a word, put in front of the first move. */
  motionWord: string
  warnings: string[]
}

export interface PlanAnswer {
  kind: 'plan'
  check: CheckAnswer
  plan: PlannedStart | undefined
  refusal: ErrorMessage | undefined
}

export type WorkerOrder = CheckOrder | TailOrder | PlanOrder
export type WorkerAnswer = CheckAnswer | TailAnswer | PlanAnswer
/** What a worker says: its answer, or the error that kept it from one. */
export type WorkerMessage = { answer: WorkerAnswer } | { failure: ErrorMessage }
