/** What was found wrong or odd in a program: told one by one, counted, and given up on after too many errors. */
import type { Block } from './block.ts'
import type { Finding, ProgramListener } from './contract.ts'

/** After so many errors the reader stops looking. */
const MOST_ERRORS = 1000
/** A warning or note of one kind is told so often; the rest is summed up at the end. */
const MOST_OF_A_KIND = 20

/** Thrown inside the engine for a line that cannot be taken; becomes an error finding. */
export class Refusal extends Error {
  readonly column: number
  readonly code: string
  constructor(column: number, code: string, text: string) {
    super(text)
    this.column = column
    this.code = code
  }
}

export class Findings {
  errors = 0
  isGivenUp = false
  warnings = 0
  notes = 0
  /** The source line that is being read, 1-based. */
  line = 0
  /** Lines of a loop or subprogram are run, maybe again: one error of a line is told once. */
  isReplaying = false
  readonly #seen = new Set<string>()
  readonly #listener: ProgramListener
  /** The line that is being read. */
  readonly #block: Block
  readonly #told = new Map<string, number>()

  constructor(listener: ProgramListener, block: Block) {
    this.#listener = listener
    this.#block = block
  }

  error(column: number, code: string, text: string): void {
    if (this.isGivenUp) return
    if (this.isReplaying) {
      const key = `${this.line}:${column}:${code}`
      if (this.#seen.has(key)) return
      this.#seen.add(key)
    }
    this.errors += 1
    this.isGivenUp = this.errors >= MOST_ERRORS
    this.#listener.finding?.({ severity: 'error', code, line: this.line, column: this.#shown(column), text })
    if (this.isGivenUp) {
      this.#listener.finding?.({
        severity: 'note',
        code: 'given-up',
        line: this.line,
        column: 1,
        text: `${MOST_ERRORS} errors were found up to here; the rest of the program was not looked at.`,
      })
    }
  }

  warn(column: number, code: string, text: string): void {
    this.#often('warning', { column, code, text })
  }

  note(column: number, code: string, text: string): void {
    this.#often('note', { column, code, text })
  }

  #often(severity: 'warning' | 'note', { column, code, text }: { column: number; code: string; text: string }): void {
    const count = (this.#told.get(code) ?? 0) + 1
    this.#told.set(code, count)
    if (count > MOST_OF_A_KIND) return
    this.#tell({ severity, code, line: this.line, column: this.#shown(column), text })
  }

  #tell(finding: Finding): void {
    if (finding.severity === 'warning') this.warnings += 1
    else this.notes += 1
    this.#listener.finding?.(finding)
  }

  /** Columns are bytes inside, and characters for people: UTF-8 has up to four bytes for one. */
  #shown(column: number): number {
    const { bytes, start, end } = this.#block
    let shown = column
    for (let i = start; i < Math.min(start + column - 1, end); i += 1) if (((bytes[i] as number) & 0xc0) === 0x80) shown -= 1
    return Math.max(1, shown)
  }

  /** Says how many findings of a kind were kept back. */
  end(): void {
    for (const [code, count] of this.#told) {
      if (count <= MOST_OF_A_KIND) continue
      const more = count - MOST_OF_A_KIND
      this.#tell({
        severity: 'note',
        code: 'more-findings',
        line: this.line,
        column: 1,
        text: `${more} more finding${more === 1 ? '' : 's'} of the kind "${code}" ${more === 1 ? 'was' : 'were'} left out.`,
      })
    }
  }
}
