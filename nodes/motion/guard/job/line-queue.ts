/** What goes out next: lines of the program in order, what is left of the line that is being worked off, and lines taken back. */
import { UserError } from '../../../../base/errors.ts'
import type { PreparedLine } from '../../grbl/index.ts'
import type { FlatLine } from '../flat-lines.ts'
import type { ProgramSource } from '../program-source.ts'
import { type LineStep, mayStop, type StopRules, stepsOf, toolWordOf } from './program-stops.ts'

/** A line on its way, or a part of one: its answer comes back with it. */
export interface RunLine extends PreparedLine {
  /** More of the same line follows. */
  isPart?: true
}

/** A step at which the program is interrupted, reached when every line before it was acknowledged. */
export type Interruption = Extract<LineStep, { kind: 'stop' | 'controller-change' }> & { note: string }

export class LineQueue {
  readonly source: ProgramSource
  readonly #rules: StopRules
  readonly #maxLineLength: number
  /** What is left to do of the line at the head of the source. */
  #steps: LineStep[] = []
  #selectedTool: number
  /** Taken back from a controller that refused them because of a line before them: sent first. */
  #again: RunLine[] = []
  /** A motion word that must stand in front of the next move: the way back to it was gone in another mode. */
  #motionWord = ''
  /** Why no further line can be sent. */
  refusal: UserError | undefined

  constructor(source: ProgramSource, options: { rules: StopRules; maxLineLength: number; selectedTool: number }) {
    this.source = source
    this.#rules = options.rules
    this.#maxLineLength = options.maxLineLength
    this.#selectedTool = options.selectedTool
  }

  /** The next line that may be sent; undefined in front of a stop. */
  next(): RunLine | undefined {
    const again = this.#again[0]
    if (again) return again
    const step = this.#steps[0]
    if (step) return step.kind === 'send' ? step.line : undefined
    const line = this.source.peek()
    if (!line || (this.#motionWord && !this.#putMotionWord(line)) || !mayStop(line.text)) return this.refusal ? undefined : line
    const steps = stepsOf(line, this.#rules, this.#selectedTool)
    const [first] = steps
    if (steps.length === 1 && first?.kind === 'send') return first.line
    this.#steps = steps.map((each) => (each.kind === 'send' && !each.isLast ? { ...each, line: { ...each.line, isPart: true } } : each))
    return this.next()
  }

  /** Takes what {@link next} gave, or the step in front of it. @returns whether that was the last of its line */
  take(): boolean {
    const again = this.#again.shift()
    if (again) return again.isPart === undefined
    const step = this.#steps.shift()
    if (step && !step.isLast) return false
    this.#noteTool()
    this.source.take()
    return true
  }

  /** What stands next and is not to be sent. */
  nextStep(): Exclude<LineStep, { kind: 'send' }> | undefined {
    const [step] = this.#steps
    return step && step.kind !== 'send' && this.#again.length === 0 ? step : undefined
  }

  /** A comment beside the line at the head. */
  get note(): string {
    return this.source.peek()?.note ?? ''
  }

  /** Before everything else. */
  sendAgain(line: RunLine): void {
    this.#again.push(line)
  }

  /** The line that would be sent next, whatever else must be done before it. */
  first(): PreparedLine | undefined {
    return this.#again[0] ?? this.source.peek()
  }

  /**
   * @param word the motion mode the next move needs in front of it. One that is owed already is the program's own: what is in
   * force since is only that of the way back to it.
   */
  needMotionWord(word: string): void {
    this.#motionWord ||= word
  }

  get motionOwed(): string {
    return this.#motionWord
  }

  #noteTool(): void {
    const text = this.source.peek()?.text
    const tool = text?.includes('T') ? toolWordOf(text) : undefined
    if (tool !== undefined) this.#selectedTool = tool
  }

  /** @returns false where it does not fit */
  #putMotionWord(line: FlatLine): boolean {
    if (NAMES_MOTION.test(line.text)) this.#motionWord = ''
    if (!this.#motionWord || TAKES_AXES.test(line.text) || !/[XYZABCIJKR]/.test(line.text)) return true
    const text = `${this.#motionWord}${line.text.replace(/^N\d+/, '')}`
    if (text.length > this.#maxLineLength) {
      this.refusal ??= new UserError({
        code: 'line-refused',
        message: `Line ${line.number} is too long to take "${this.#motionWord}" in front of it, which it needs after an interruption. Start the program a line earlier.`,
      })
      return false
    }
    line.text = text
    this.#motionWord = ''
    return true
  }
}

/** The line of the file that a line on its way was read from. */
export function fileLineOf(line: PreparedLine): number | undefined {
  return 'fileLine' in line && typeof line.fileLine === 'number' ? line.fileLine : undefined
}

/** G0 to G3, G38.2 to G38.5, G80 to G89. */
const NAMES_MOTION = /G0*(?:[0-3]|38\.\d|8\d)(?![\d.])/
/** Codes that take the axis words for something else than a move in the mode in force. */
const TAKES_AXES = /G0*(?:10|28|30|92)(?!\d)/
