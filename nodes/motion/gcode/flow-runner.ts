/**
 * Runs kept lines: O-words of LinuxCNC (subroutines, if, while, do, repeat) and numbered subprograms (M98, M99), expanded as far as
 * can be known before the program runs. Steps, depth and size are bounded.
 */
import { type Block, LINE } from './block.ts'
import type { CodeTable } from './code-table.ts'
import { Refusal } from './findings.ts'
import type { Interpreter } from './interpreter.ts'
import { GROUP } from './modal-groups.ts'
import { Parameters } from './parameters.ts'
import { scanLine } from './scan.ts'
import { type ControlLine, expressionReader, readControl, readSlowLine, type SlowParts } from './slow-line.ts'
import type { StoredLines } from './stored-lines.ts'

/** Lines run in loops and subprograms; more is taken for a loop without an end. */
const MOST_STEPS = 2_000_000
/** LinuxCNC INTERP_SUB_ROUTINE_LEVELS. */
const MOST_DEPTH = 10
/** Ifs and loops inside each other. */
const MOST_NESTING = 100

/** Lines of a program that can be run again. */
interface Routine {
  lines: StoredLines
  /** First line of the body, and the line that ends it. */
  from: number
  to: number
}

/** Where a line of a running piece stands, and where the piece ends. */
interface Place {
  lines: StoredLines
  index: number
  to: number
}

/** How a piece of program was left. */
type Way = 'through' | 'break' | 'continue' | 'return' | 'end'

export interface FlowParts {
  interpreter: Interpreter
  table: CodeTable
  block: Block
  /** Lines with `/` are left out. */
  blockDelete: boolean
}

export class FlowRunner {
  /** The controller runs loops and subprograms itself: it gets the source as it is. */
  readonly isPassedOn: boolean
  /** Something went wrong that leaves open how the program goes on: the rest of it is not looked at. */
  isBroken = false
  readonly #interpreter: Interpreter
  readonly #table: CodeTable
  readonly #block: Block
  readonly #parts: SlowParts
  readonly #parameters: Parameters
  readonly #subroutines = new Map<string, Routine>()
  /** Numbered subprograms (Fanuc style). */
  readonly #programs = new Map<string, Routine>()
  readonly #isBlockDeleted: boolean
  #steps = 0
  #depth = 0
  #nesting = 0
  #returned: number | undefined

  constructor({ interpreter, table, block, blockDelete }: FlowParts) {
    this.#interpreter = interpreter
    this.#table = table
    this.#block = block
    this.#isBlockDeleted = blockDelete
    this.#parameters = new Parameters(interpreter)
    const { takes } = interpreter.model.dialect
    this.isPassedOn = takes.parameters && takes.subprograms
    this.#parts = { interpreter, parameters: this.#parameters, table, isPassedOn: this.isPassedOn }
  }

  hasProgram(name: string): boolean {
    return this.#programs.has(name)
  }

  /** The first of its number counts. */
  defineProgram(name: string, lines: StoredLines, from: number, to: number): void {
    if (!this.#programs.has(name)) this.#programs.set(name, { lines, from, to })
  }

  /** What was written differs from the source. */
  expanded(): void {
    if (!this.isPassedOn) this.#interpreter.output.isExpanded = true
  }

  /** The line in the block, for a controller that follows it itself. */
  passOn(line: number): void {
    if (this.isPassedOn) this.#interpreter.output.source(this.#block, line)
  }

  /** Runs lines from the straight way. */
  runMain(lines: StoredLines, from: number, to = lines.count): void {
    const { findings, output } = this.#interpreter
    const line = findings.line
    const wasMuted = output.isMuted
    // the controller gets the source and runs the loops itself
    if (this.isPassedOn) output.isMuted = true
    try {
      const way = this.#run(lines, from, to)
      if (way === 'break' || way === 'continue' || way === 'return')
        findings.error(1, 'flow-invalid', `"${way.toUpperCase()}" stands outside of what it could leave.`)
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      findings.error(error.column, error.code, error.message)
      this.isBroken = true
    } finally {
      output.isMuted = wasMuted
      findings.line = line
      findings.isReplaying = false
      this.#depth = 0
      this.#nesting = 0
    }
  }

  #run(lines: StoredLines, from: number, to: number): Way {
    this.#nesting += 1
    if (this.#nesting > MOST_NESTING) throw new Refusal(1, 'flow-too-deep', `Ifs, loops and subprograms stand more than ${MOST_NESTING} deep in each other.`)
    const way = this.#runLines(lines, from, to)
    this.#nesting -= 1
    return way
  }

  #runLines(lines: StoredLines, from: number, to: number): Way {
    const interpreter = this.#interpreter
    const { findings } = interpreter
    for (let index = from; index < to; index += 1) {
      this.#step(lines.number(index))
      if (findings.isGivenUp) return 'end'
      const block = this.scan(lines, index)
      if (block.isBlockDelete && this.#isBlockDeleted) {
        this.expanded()
        continue
      }
      switch (block.kind) {
        case LINE.words: {
          if (block.has(GROUP.subprogram)) {
            if (block.code(GROUP.subprogram) === 990) {
              if (this.#depth === 0) throw endless(block)
              if (block.hasLetter('P')) throw new Refusal(block.column('P'), 'flow-invalid', 'M99 with P (go on at a line number) is not understood.')
              return 'return'
            }
            const way = this.runCall()
            if (way === 'end') return way
            break
          }
          interpreter.execute(block)
          if (interpreter.hasEnded) return 'end'
          break
        }
        case LINE.slow: {
          const control = this.control(lines, index)
          if (!control) {
            this.#attempt(() => this.runSlow())
            if (interpreter.hasEnded) return 'end'
            break
          }
          const step = this.#runControl(control, { lines, index, to })
          if (step.way !== 'through') return step.way
          index = step.next - 1
          break
        }
        case LINE.problem:
          findings.error(block.problemColumn, block.problemCode, block.problemText)
          break
        case LINE.tapeMark:
          return 'end'
        default:
      }
    }
    return 'through'
  }

  /** @returns where to go on */
  #runControl(control: ControlLine, at: Place): { way: Way; next: number } {
    const { lines, index } = at
    const next = index + 1
    this.expanded()
    switch (control.keyword) {
      case 'number':
        // the next numbered program: the main one ended without M2
        return { way: this.#depth === 0 ? 'end' : 'return', next }
      case 'sub':
        return { way: 'through', next: this.#defineSub(control, at) + 1 }
      case 'call': {
        const way = this.#callSub(control)
        return { way, next }
      }
      case 'return':
      case 'endsub':
        this.#returned = this.#optionalValue(control)
        return { way: 'return', next }
      case 'if':
        return this.#runIf(control, at)
      case 'while':
        return this.#runWhile(control, at)
      case 'do':
        return this.#runDo(control, at)
      case 'repeat':
        return this.#runRepeat(control, at)
      case 'break':
      case 'continue':
        return { way: control.keyword, next }
      case 'elseif':
      case 'else':
      case 'endif':
      case 'endwhile':
      case 'endrepeat':
        throw new Refusal(control.source.columns[0] ?? 1, 'flow-invalid', `${control.keyword.toUpperCase()} of O${control.label} closes nothing that is open.`)
    }
    return { way: 'through', next: lines.count }
  }

  #defineSub(control: ControlLine, { lines, index, to }: Place): number {
    const end = this.#find(control, { lines, from: index + 1, to }, ['endsub'])
    this.#subroutines.set(control.label as string, { lines, from: index + 1, to: end })
    return end
  }

  #callSub(control: ControlLine): Way {
    const reader = expressionReader(control.source, this.#parts)
    let label = control.label
    if (label === undefined) {
      reader.at = control.labelAt
      label = String(Math.round(reader.value('O').value))
    }
    const sub = this.#subroutines.get(label)
    if (!sub)
      throw new Refusal(
        reader.columnOf(control.labelAt),
        'subprogram-missing',
        `O${label} is called here and not defined above in this file. Subroutines in files of their own cannot be read.`,
      )
    reader.at = control.restAt
    const args: number[] = []
    while (reader.at < reader.text.length) args.push(reader.bracket())
    if (args.length > 30) reader.refuse('flow-invalid', `A subroutine takes at most 30 arguments, not ${args.length}.`)
    this.#deeper(reader.columnOf(0))
    this.#parameters.enter(args)
    this.#returned = undefined
    const back = this.#interpreter.findings.line
    const way = this.#run(sub.lines, sub.from, sub.to + 1)
    this.#parameters.leave(this.#returned)
    this.#depth -= 1
    this.#interpreter.findings.line = back
    return way === 'end' ? 'end' : 'through'
  }

  /** M98: P names the program, L how often. */
  runCall(): Way {
    const block = this.#block
    const label = this.programNumber(block)
    const column = block.codeColumn(GROUP.subprogram)
    if (block.groups & ~(1 << GROUP.subprogram)) throw new Refusal(column, 'flow-invalid', 'M98 must stand alone with P and L.')
    if (label === undefined) throw new Refusal(column, 'word-missing', 'M98 needs P, the number of the subprogram.')
    const program = this.#programs.get(label.name)
    if (!program) throw new Refusal(column, 'subprogram-missing', `M98 calls O${label.name}, which is not in this file.`)
    const repeats = block.hasLetter('L') ? block.value('L') : label.repeats
    if (!Number.isInteger(repeats) || repeats < 0) throw new Refusal(block.column('L') || column, 'word-invalid', 'M98 needs a whole number of repeats (L).')
    this.expanded()
    this.#deeper(column)
    const back = this.#interpreter.findings.line
    let way: Way = 'through'
    for (let repeat = 0; repeat < repeats && way !== 'end'; repeat += 1) way = this.#run(program.lines, program.from, program.to + 1)
    this.#depth -= 1
    this.#interpreter.findings.line = back
    return way === 'end' ? 'end' : 'through'
  }

  #runIf(control: ControlLine, { lines, index, to }: Place): { way: Way; next: number } {
    const end = this.#find(control, { lines, from: index + 1, to }, ['endif'])
    let branch: ControlLine = control
    let from = index + 1
    for (;;) {
      const stop = this.#find(control, { lines, from, to: end + 1 }, ['elseif', 'else', 'endif'])
      const isTaken = branch.keyword === 'else' || this.#condition(branch) !== 0
      if (isTaken) return { way: this.#run(lines, from, stop), next: end + 1 }
      if (stop === end) return { way: 'through', next: end + 1 }
      branch = this.control(lines, stop) as ControlLine
      from = stop + 1
    }
  }

  #runWhile(control: ControlLine, { lines, index, to }: Place): { way: Way; next: number } {
    const end = this.#find(control, { lines, from: index + 1, to }, ['endwhile'])
    while (this.#condition(control) !== 0) {
      const way = this.#loop(lines, index, end)
      if (way === 'break') break
      if (way !== 'through') return { way, next: end + 1 }
    }
    return { way: 'through', next: end + 1 }
  }

  #runDo(control: ControlLine, { lines, index, to }: Place): { way: Way; next: number } {
    const end = this.#find(control, { lines, from: index + 1, to }, ['while'])
    const closing = this.control(lines, end) as ControlLine
    for (;;) {
      const way = this.#loop(lines, index, end)
      if (way === 'break') break
      if (way !== 'through') return { way, next: end + 1 }
      if (this.#condition(closing) === 0) break
    }
    return { way: 'through', next: end + 1 }
  }

  #runRepeat(control: ControlLine, { lines, index, to }: Place): { way: Way; next: number } {
    const end = this.#find(control, { lines, from: index + 1, to }, ['endrepeat'])
    const count = Math.floor(this.#condition(control) + 1e-6)
    for (let turn = 0; turn < count; turn += 1) {
      const way = this.#loop(lines, index, end)
      if (way === 'break') break
      if (way !== 'through') return { way, next: end + 1 }
    }
    return { way: 'through', next: end + 1 }
  }

  /** Once through a loop. `continue` ends it. */
  #loop(lines: StoredLines, index: number, end: number): Way {
    this.#step(lines.number(index))
    const way = this.#run(lines, index + 1, end)
    return way === 'continue' ? 'through' : way
  }

  /** P1000 is O1000; P51000 where there is no such program is five times O1000 (Fanuc). @throws Refusal */
  programNumber(block: Block): { name: string; repeats: number } | undefined {
    if (!block.hasLetter('P')) return undefined
    const p = block.value('P')
    if (!Number.isInteger(p)) throw new Refusal(block.column('P'), 'integer-needed', 'P needs a whole number.')
    const short = String(p % 10_000)
    if (p > 9999 && !this.#programs.has(String(p)) && this.#programs.has(short)) return { name: short, repeats: Math.floor(p / 10_000) }
    return { name: String(p), repeats: 1 }
  }

  /** Evaluates the line in the block and does it. @throws Refusal */
  runSlow(): void {
    const block = this.#block
    readSlowLine(block, this.#parts)
    if (block.kind !== LINE.words) {
      if (this.isPassedOn) this.passOn(this.#interpreter.findings.line)
      else this.expanded()
      return
    }
    if (block.has(GROUP.subprogram)) throw new Refusal(block.codeColumn(GROUP.subprogram), 'flow-invalid', 'M98 and M99 need plain numbers.')
    this.#interpreter.execute(block)
  }

  /** The value in brackets behind the keyword. */
  #condition(control: ControlLine): number {
    const reader = expressionReader(control.source, this.#parts)
    reader.at = control.restAt
    if (reader.peek() !== '[') reader.refuse('flow-invalid', `${control.keyword.toUpperCase()} needs an expression in brackets.`)
    const value = reader.bracket()
    if (reader.at < reader.text.length) reader.refuse('flow-invalid', 'Nothing may stand behind the expression of an O-word.')
    return value
  }

  #optionalValue(control: ControlLine): number | undefined {
    return control.restAt < control.source.text.length ? this.#condition(control) : undefined
  }

  /** @returns the line with one of these keywords and the label of `control` @throws Refusal when there is none */
  #find(control: ControlLine, { lines, from, to }: { lines: StoredLines; from: number; to: number }, keywords: readonly string[]): number {
    for (const index of lines.controlLines(from, to)) {
      const found = this.control(lines, index)
      if (found && found.label === control.label && keywords.includes(found.keyword)) return index
    }
    throw new Refusal(control.source.columns[0] ?? 1, 'flow-open', `O${control.label} begins here and is never closed by ${keywords.at(-1)?.toUpperCase()}.`)
  }

  /** The O-word in a kept line; undefined for any other line, and for one that cannot be read. */
  control(lines: StoredLines, index: number): ControlLine | undefined {
    if (!lines.isControl(index)) return undefined
    const known = lines.controls.get(index)
    if (known !== undefined) return known ?? undefined
    let control: ControlLine | undefined
    try {
      control = readControl(this.scan(lines, index))
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
    }
    lines.controls.set(index, control ?? null)
    return control
  }

  /** Reads a kept line into the block. */
  scan(lines: StoredLines, index: number): Block {
    scanLine(lines.bytes, lines.start(index), this.#block, this.#table)
    return this.#block
  }

  #step(line: number): void {
    const { findings } = this.#interpreter
    findings.line = line
    findings.isReplaying = true
    this.#steps += 1
    if (this.#steps > MOST_STEPS)
      throw new Refusal(1, 'flow-endless', `Loops and subprograms have run ${MOST_STEPS} lines up to here: the program may never end.`)
  }

  #deeper(column: number): void {
    this.#depth += 1
    if (this.#depth > MOST_DEPTH) throw new Refusal(column, 'flow-too-deep', `Subprograms call each other more than ${MOST_DEPTH} deep.`)
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

/** M99 where nothing was called. */
export function endless(block: Block): Refusal {
  return new Refusal(block.codeColumn(GROUP.subprogram), 'flow-endless', 'M99 in the main program would run it again for ever. End it with M2 or M30.')
}
