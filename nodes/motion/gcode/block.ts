/** One line of a program as numbers: reused for every line, so that reading a program makes no garbage. */
import { GROUP_COUNT } from './modal-groups.ts'

/** What a scanned line turned out to be. */
export const LINE = {
  /** Nothing to do: empty, a comment. */
  empty: 0,
  words: 1,
  /** Parameters, expressions, O-words: for the slow reader. */
  slow: 2,
  problem: 3,
  /** `%` alone. */
  tapeMark: 4,
} as const

/** The bit of a letter in `Block.letters`. */
export const letterBit = (letter: string): number => 1 << (letter.charCodeAt(0) - 65)

export class Block {
  kind = 0
  /** Bit n: the letter `A` + n has a value. G and M never stand here. */
  letters = 0
  /** By letter, `A` first. */
  readonly values = new Float64Array(26)
  /** 1-based, by letter. */
  readonly columns = new Int32Array(26)
  /** Bit n: a code of modal group n. */
  groups = 0
  /** Tenths, by group. */
  readonly codes = new Int32Array(GROUP_COUNT)
  readonly codeColumns = new Int32Array(GROUP_COUNT)
  /** `/` at its begin. */
  isBlockDelete = false
  /** 1-based; 0 without one. */
  checksumColumn = 0
  /** Holds a code that this controller does not have, that is dropped or written out. */
  hasForeignCode = false
  /** 1-based column of a G80 that stands beside another motion code; 0 without one. */
  cancelColumn = 0
  /** 1-based column of a comment with comments in it; 0 without one. */
  nestedColumn = 0
  /** 1-based column of a number with spaces inside; 0 without one. */
  spacedColumn = 0
  /** One of the above, or evaluated: not for the fast path. */
  isOdd = false
  /** 1-based. */
  problemColumn = 0
  problemCode = ''
  problemText = ''
  /** Where the line lies, without its end. */
  bytes: Uint8Array = new Uint8Array(0)
  start = 0
  end = 0
  /** Evaluated by the slow reader: words in order, instead of the bytes. */
  evaluated: string | undefined = undefined

  hasLetter(letter: string): boolean {
    return (this.letters & letterBit(letter)) !== 0
  }

  value(letter: string): number {
    return this.values[letter.charCodeAt(0) - 65] as number
  }

  column(letter: string): number {
    return this.columns[letter.charCodeAt(0) - 65] as number
  }

  has(group: number): boolean {
    return (this.groups & (1 << group)) !== 0
  }

  code(group: number): number {
    return this.codes[group] as number
  }

  codeColumn(group: number): number {
    return this.codeColumns[group] as number
  }

  /** Where the first word stands. */
  firstColumn(): number {
    let first = 0
    for (let letter = 0; letter < 26; letter += 1) {
      const column = this.columns[letter] as number
      if (this.letters & (1 << letter) && (first === 0 || column < first)) first = column
    }
    for (let group = 0; group < GROUP_COUNT; group += 1) {
      const column = this.codeColumns[group] as number
      if (this.groups & (1 << group) && (first === 0 || column < first)) first = column
    }
    return first || 1
  }

  /** Empties it for the next line. */
  reset(): void {
    this.kind = LINE.empty
    this.letters = 0
    this.groups = 0
    this.isBlockDelete = false
    this.checksumColumn = 0
    this.hasForeignCode = false
    this.spacedColumn = 0
    this.nestedColumn = 0
    this.cancelColumn = 0
    this.isOdd = false
    this.evaluated = undefined
  }

  refuse(column: number, code: string, text: string): void {
    this.kind = LINE.problem
    this.problemColumn = column
    this.problemCode = code
    this.problemText = text
  }
}
