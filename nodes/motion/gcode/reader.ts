/** A program from bytes: lines, whatever the pieces they come in, each to the interpreter. */
import { Block, LINE } from './block.ts'
import { type CodeTable, codeTable } from './code-table.ts'
import type { MachineModel, ModalState, ProgramFacts, ProgramListener, ProgramReader } from './contract.ts'
import { Findings } from './findings.ts'
import { ProgramFlow } from './flow.ts'
import { Interpreter } from './interpreter.ts'
import { GROUP } from './modal-groups.ts'
import { Output } from './output.ts'
import { lineEnd, MAX_SOURCE_LINE, scanLine } from './scan.ts'
import { unitDoubt } from './units.ts'

const LF = 10
const CR = 13

/**
 * Reads a program for a machine. Nothing is kept of what was read: memory stays flat however long the program is.
 * @param listener who wants to know what; the fewer, the faster
 */
export function readProgram(model: MachineModel, listener: ProgramListener): ProgramReader {
  return new Reader(model, listener)
}

class Reader implements ProgramReader {
  readonly #findings: Findings
  readonly #output: Output
  readonly #interpreter: Interpreter
  readonly #block = new Block()
  readonly #table: CodeTable
  readonly #flow: ProgramFlow
  readonly #model: MachineModel
  /** The begin of a line that goes on in the next piece. */
  readonly #carry = new Uint8Array(MAX_SOURCE_LINE + 2)
  #carried = 0
  #isCarryTooLong = false
  #skipsLineFeed = false
  #line = 0
  #sentBeforeTape = 0
  #hasTapeEnded = false
  #hasToldTextAfter = false

  constructor(model: MachineModel, listener: ProgramListener) {
    this.#model = model
    this.#findings = new Findings(listener, this.#block)
    this.#output = new Output(listener)
    this.#interpreter = new Interpreter({ model, listener, findings: this.#findings, output: this.#output })
    this.#table = codeTable(model.dialect, model.forbiddenCodes)
    this.#flow = new ProgramFlow({ interpreter: this.#interpreter, table: this.#table, block: this.#block, blockDelete: model.blockDelete === true })
  }

  get line(): number {
    return this.#line
  }

  get isGivenUp(): boolean {
    return this.#findings.isGivenUp
  }

  get state(): { modal: Readonly<ModalState>; positionMm: Float64Array; offsetMm: Float64Array } {
    const { course } = this.#interpreter
    return { modal: course.modal, positionMm: course.position, offsetMm: course.offset }
  }

  add(bytes: Uint8Array): void {
    const length = bytes.length
    if (length === 0 || this.isGivenUp) return
    let i = this.#skipsLineFeed && bytes[0] === LF ? 1 : 0
    this.#skipsLineFeed = false
    if (this.#carried > 0 || this.#isCarryTooLong) {
      let end = i
      while (end < length && bytes[end] !== LF && bytes[end] !== CR) end += 1
      this.#keep(bytes, i, end)
      if (end === length) return
      this.#carryEnds()
      i = this.#afterEnd(bytes, end)
    }
    let last = length - 1
    while (last >= i && bytes[last] !== LF && bytes[last] !== CR) last -= 1
    i = this.#readLines(bytes, i, last)
    if (!this.isGivenUp) this.#keep(bytes, i, length)
  }

  /** Whole lines up to the last line end. A function of its own, so that its loop is compiled once. @returns where the rest begins */
  #readLines(bytes: Uint8Array, from: number, last: number): number {
    let i = from
    while (i <= last && !this.#findings.isGivenUp) i = this.#afterEnd(bytes, this.#readLine(bytes, i))
    return i
  }

  end(): ProgramFacts {
    if ((this.#carried > 0 || this.#isCarryTooLong) && !this.isGivenUp) this.#carryEnds()
    const interpreter = this.#interpreter
    const findings = this.#findings
    if (!this.isGivenUp) this.#flow.end()
    if (!this.isGivenUp && !this.#flow.isBroken) this.#lastWords()
    findings.end()
    const { extentsMm, workExtentsMm } = interpreter.course
    return {
      sourceLines: this.#line,
      outputLines: this.#output.lines,
      isExpanded: this.#output.isExpanded,
      ...(interpreter.course.units ? { units: interpreter.course.units } : {}),
      errors: findings.errors,
      warnings: findings.warnings,
      notes: findings.notes,
      ...(extentsMm ? { extentsMm } : {}),
      ...(workExtentsMm ? { workExtentsMm } : {}),
      hasEnded: interpreter.hasEnded,
    }
  }

  #keep(bytes: Uint8Array, from: number, to: number): void {
    const room = MAX_SOURCE_LINE - this.#carried
    const count = Math.min(room, to - from)
    if (count < to - from) this.#isCarryTooLong = true
    for (let i = 0; i < count; i += 1) this.#carry[this.#carried + i] = bytes[from + i] as number
    this.#carried += count
  }

  #carryEnds(): void {
    this.#carry[this.#carried] = LF
    if (this.#isCarryTooLong) this.#tooLong(this.#line + 1)
    else this.#readLine(this.#carry, 0)
    this.#carried = 0
    this.#isCarryTooLong = false
  }

  /** @returns the first byte after a line end at `end` */
  #afterEnd(bytes: Uint8Array, end: number): number {
    if (bytes[end] !== CR) return end + 1
    if (end + 1 === bytes.length) {
      this.#skipsLineFeed = true
      return end + 1
    }
    return bytes[end + 1] === LF ? end + 2 : end + 1
  }

  #tooLong(line: number): void {
    this.#line = line
    this.#findings.line = line
    this.#findings.error(MAX_SOURCE_LINE + 1, 'line-too-long', `The line has more than ${MAX_SOURCE_LINE} characters; that is never G-code.`)
  }

  /** @returns where its end stands */
  #readLine(bytes: Uint8Array, from: number): number {
    this.#line += 1
    const line = this.#line
    this.#findings.line = line
    const block = this.#block
    // UTF-8 byte order mark
    const start = line === 1 && bytes[from] === 0xef && bytes[from + 1] === 0xbb && bytes[from + 2] === 0xbf ? from + 3 : from
    if (this.#interpreter.hasEnded || this.#hasTapeEnded) return this.#afterProgram(bytes, start)
    if (this.#flow.isKeeping) {
      const end = lineEnd(bytes, start)
      if (end - start > MAX_SOURCE_LINE) this.#tooLong(line)
      else this.#flow.keep(bytes, start, end, line)
      return end
    }
    if (this.#flow.isBroken) return lineEnd(bytes, start)
    const end = scanLine(bytes, start, block, this.#table)
    if (end - start > MAX_SOURCE_LINE) {
      this.#tooLong(line)
      return end
    }
    switch (block.kind) {
      case LINE.words:
        if (block.isBlockDelete && this.#isDeleted()) return end
        if (block.has(GROUP.subprogram)) this.#flow.subprogramLine(line)
        else this.#interpreter.execute(block)
        return end
      case LINE.empty:
        if (block.nestedColumn > 0) this.#output.isExpanded = true
        return end
      case LINE.tapeMark:
        this.#hasTapeEnded = this.#output.lines > this.#sentBeforeTape
        return end
      case LINE.slow:
        if (block.isBlockDelete && this.#isDeleted()) return end
        this.#flow.slowLine(line)
        return end
      default:
        if (block.isBlockDelete && this.#model.blockDelete) {
          this.#output.isExpanded = true
          return end
        }
        this.#findings.error(block.problemColumn, block.problemCode, block.problemText)
        return end
    }
  }

  /** A line that begins with `/`. */
  #isDeleted(): boolean {
    if (this.#model.blockDelete) {
      this.#output.isExpanded = true
      return true
    }
    this.#findings.warn(1, 'block-delete', 'The line begins with "/" and is run all the same, since block delete is off.')
    return false
  }

  /** What stands behind M2, M30 or the second `%` is not part of the program. */
  #afterProgram(bytes: Uint8Array, from: number): number {
    const end = lineEnd(bytes, from)
    if (this.#hasToldTextAfter) return end
    const block = this.#block
    scanLine(bytes, from, block, this.#table)
    if (block.kind === LINE.empty || block.kind === LINE.tapeMark) return end
    this.#hasToldTextAfter = true
    this.#findings.note(1, 'text-after-end', 'There are lines behind the end of the program; they are never run.')
    return end
  }

  #unitDoubt(): string | undefined {
    const { course, largestFeed } = this.#interpreter
    const extents = course.workExtentsMm
    if (!extents) return undefined
    const { min, max } = this.#model.envelopeMm
    const axes = Array.from({ length: Math.min(3, course.axisCount) }, (_, axis) => axis)
    const span = (low: ArrayLike<number>, high: ArrayLike<number>) => Math.max(...axes.map((axis) => (high[axis] ?? Infinity) - (low[axis] ?? -Infinity)))
    const travel = span(min, max)
    return unitDoubt({
      isInches: course.modal.isInches,
      spanMm: span(extents.min, extents.max),
      largestFeed,
      travelMm: Number.isFinite(travel) ? travel : undefined,
    })
  }

  #lastWords(): void {
    const doubt = this.#unitDoubt()
    if (doubt !== undefined) this.#findings.warn(1, 'units-unclear', doubt)
    const { hasEnded, course, g92 } = this.#interpreter
    if (!hasEnded && this.#output.lines > 0)
      this.#findings.note(1, 'end-missing', 'The program does not end with M2 or M30: spindle and coolant stay as they are.')
    if (g92.line > 0 && course.g92.some((value) => value !== 0))
      this.#findings.note(1, 'g92-left', `The offset set by G92 in line ${g92.line} stays in force after the program. Clear it with G92.1.`)
  }
}
