/**
 * The ways through a program that is not simply run from top to bottom. What must be run again, or later, is kept in memory until it
 * can be run; everything else streams.
 */
import { type Block, LINE } from './block.ts'
import { Refusal } from './findings.ts'
import { endless, type FlowParts, FlowRunner } from './flow-runner.ts'
import type { Interpreter } from './interpreter.ts'
import { GROUP } from './modal-groups.ts'
import { type ControlLine, readControl } from './slow-line.ts'
import { slowText } from './slow-text.ts'
import { MOST_STORED_BYTES, StoredLines } from './stored-lines.ts'

/** So much is read ahead to see whether a numbered program at the begin is the main one. */
const MOST_AHEAD_BYTES = 256 * 1024

/** What is being kept, and until when. */
type Keeping =
  | { kind: 'construct'; lines: StoredLines; label: string; closes: readonly string[] }
  /** From a call of a subprogram that comes later, to the end of the file. */
  | { kind: 'rest'; lines: StoredLines }
  /** A numbered program that may be the main one or a subprogram. */
  | { kind: 'numbered'; lines: StoredLines; label: string }

const CLOSING: Partial<Record<ControlLine['keyword'], readonly string[]>> = {
  sub: ['endsub'],
  if: ['endif'],
  while: ['endwhile'],
  do: ['while'],
  repeat: ['endrepeat'],
}

export class ProgramFlow {
  readonly #interpreter: Interpreter
  readonly #block: Block
  readonly #runner: FlowRunner
  #keeping: Keeping | undefined

  constructor(parts: FlowParts) {
    this.#interpreter = parts.interpreter
    this.#block = parts.block
    this.#runner = new FlowRunner(parts)
  }

  /** How the program goes on is not known: the rest of it is not looked at. */
  get isBroken(): boolean {
    return this.#runner.isBroken
  }

  /** Lines are being kept: they are not to be run now. */
  get isKeeping(): boolean {
    return this.#keeping !== undefined
  }

  /** A line with parameters, expressions or an O-word, met on the straight way. */
  slowLine(line: number): void {
    const block = this.#block
    this.#attempt(() => {
      const control = readControl(block)
      if (!control) {
        this.#runner.runSlow()
        return
      }
      this.#runner.passOn(line)
      this.#topControl(control, line)
    })
  }

  /** M98 or M99 on the straight way. */
  subprogramLine(line: number): void {
    const block = this.#block
    this.#attempt(() => {
      if (block.code(GROUP.subprogram) === 990) throw endless(block)
      const label = this.#runner.programNumber(block)
      if (label === undefined || this.#runner.hasProgram(label.name)) {
        this.#runner.passOn(line)
        this.#runner.runCall()
        return
      }
      this.#keeping = { kind: 'rest', lines: new StoredLines() }
      this.keep(block.bytes, block.start, block.end, line)
    })
  }

  /** Keeps a line, and runs what was kept where it ends something. */
  keep(bytes: Uint8Array, from: number, to: number, line: number): void {
    const keeping = this.#keeping
    if (!keeping) return
    if (!keeping.lines.add(bytes, from, to, line)) {
      this.#keeping = undefined
      this.#runner.isBroken = true
      this.#interpreter.findings.error(
        1,
        'flow-too-large',
        `More than ${MOST_STORED_BYTES / 1024 / 1024} MB of the program would have to be kept for its loops and subprograms. Write the subprograms out in the CAM system.`,
      )
      return
    }
    this.#passOnKept(keeping, line)
    this.#attempt(() => this.#kept(keeping, line))
  }

  /** The file is read to its end. */
  end(): void {
    const keeping = this.#keeping
    if (!keeping) return
    this.#keeping = undefined
    const { findings } = this.#interpreter
    switch (keeping.kind) {
      case 'construct':
        findings.line = keeping.lines.number(0)
        findings.error(1, 'flow-open', `O${keeping.label} begins here and is never closed by ${keeping.closes[0]?.toUpperCase()}.`)
        return
      case 'numbered':
        this.#runner.runMain(keeping.lines, 1)
        return
      case 'rest':
        this.#indexPrograms(keeping.lines)
        this.#runner.runMain(keeping.lines, this.#runner.control(keeping.lines, 0)?.keyword === 'number' ? 1 : 0)
    }
  }

  #kept(keeping: Keeping, line: number): void {
    const { lines } = keeping
    const index = lines.count - 1
    switch (keeping.kind) {
      case 'construct': {
        if (index === 0) return
        const control = this.#runner.control(lines, index)
        if (!control || control.label !== keeping.label || !keeping.closes.includes(control.keyword)) return
        if (keeping.closes[0] !== 'endsub' && this.#callsUnknown(lines)) {
          this.#keeping = { kind: 'rest', lines }
          return
        }
        this.#keeping = undefined
        this.#runner.runMain(lines, 0)
        return
      }
      case 'numbered': {
        if (index === 0) return
        const ends = this.#endsNumbered(lines, index)
        if (ends === 'main' && this.#callsUnknown(lines)) {
          this.#keeping = { kind: 'rest', lines }
          return
        }
        if (ends === 'subprogram') {
          this.#keeping = undefined
          this.#runner.defineProgram(keeping.label, lines, 1, index)
        } else if (ends === 'main' || lines.usedBytes > MOST_AHEAD_BYTES) {
          this.#keeping = undefined
          this.#runner.runMain(lines, 1)
        } else if (ends === 'number') {
          // the next numbered program begins: this one was the main one, and fell into it
          this.#keeping = undefined
          this.#runner.runMain(lines, 1, index)
          if (this.#interpreter.hasEnded || this.#keeping) return
          const control = this.#runner.control(lines, index)
          if (control) this.#topControl(control, line)
        }
        return
      }
      case 'rest':
    }
  }

  /** What kind of line ends a numbered program. */
  #endsNumbered(lines: StoredLines, index: number): 'subprogram' | 'main' | 'number' | undefined {
    const control = this.#runner.control(lines, index)
    if (control) return control.keyword === 'number' ? 'number' : undefined
    const block = this.#runner.scan(lines, index)
    if (block.kind !== LINE.words) return undefined
    if (block.has(GROUP.subprogram)) return block.code(GROUP.subprogram) === 990 ? 'subprogram' : 'main'
    if (block.has(GROUP.stopping) && (block.code(GROUP.stopping) === 20 || block.code(GROUP.stopping) === 300)) return 'main'
    return undefined
  }

  /** It calls a numbered subprogram that may come later. */
  #callsUnknown(lines: StoredLines): boolean {
    for (let index = 0; index < lines.count; index += 1) {
      const block = this.#runner.scan(lines, index)
      if (block.kind !== LINE.words || !block.has(GROUP.subprogram) || block.code(GROUP.subprogram) !== 980) continue
      const label = this.#runner.programNumber(block)
      if (label && !this.#runner.hasProgram(label.name)) return true
    }
    return false
  }

  #indexPrograms(lines: StoredLines): void {
    let open: { label: string; from: number } | undefined
    for (let index = 0; index < lines.count; index += 1) {
      const control = this.#runner.control(lines, index)
      if (control?.keyword === 'number' && control.label !== undefined) {
        open = { label: control.label, from: index + 1 }
        continue
      }
      if (!open) continue
      const block = this.#runner.scan(lines, index)
      if (block.kind !== LINE.words || !block.has(GROUP.subprogram) || block.code(GROUP.subprogram) !== 990) continue
      this.#runner.defineProgram(open.label, lines, open.from, index)
      open = undefined
    }
  }

  #topControl(control: ControlLine, line: number): void {
    if (control.keyword === 'call') {
      this.#runner.expanded()
      const lines = new StoredLines()
      lines.add(this.#block.bytes, this.#block.start, this.#block.end, line)
      this.#runner.runMain(lines, 0)
      return
    }
    const lines = new StoredLines()
    if (control.keyword === 'number') this.#keeping = { kind: 'numbered', lines, label: control.label as string }
    else {
      const closes = CLOSING[control.keyword]
      if (!closes || control.label === undefined)
        throw new Refusal(
          control.source.columns[0] ?? 1,
          'flow-invalid',
          `${control.keyword.toUpperCase()} of O${control.label ?? ''} closes nothing that is open.`,
        )
      this.#keeping = { kind: 'construct', lines, label: control.label, closes }
    }
    this.#runner.expanded()
    lines.add(this.#block.bytes, this.#block.start, this.#block.end, line)
  }

  #passOnKept(keeping: Keeping, line: number): void {
    if (!this.#runner.isPassedOn || keeping.lines.count < 2) return
    const block = this.#runner.scan(keeping.lines, keeping.lines.count - 1)
    if (block.kind === LINE.words || (block.kind === LINE.slow && isText(block))) this.#interpreter.output.source(block, line)
  }

  /** A line that cannot be taken is a finding. */
  #attempt(work: () => void): void {
    try {
      work()
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      this.#interpreter.findings.error(error.column, error.code, error.message)
    }
  }
}

/** Whether a line that is kept may go out as it is; what is wrong with it is told when it is run. */
function isText(block: Block): boolean {
  try {
    slowText(block)
    return true
  } catch (error) {
    if (error instanceof Refusal) return false
    throw error
  }
}
