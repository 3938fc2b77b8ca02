/** Source lines kept in memory, to be run later or more than once: the bodies of loops and subprograms. */

import { commentEnd } from './scan.ts'
import type { ControlLine } from './slow-line.ts'

/** A program that must be kept is not larger than this. */
export const MOST_STORED_BYTES = 32 * 1024 * 1024

const LF = 10

export class StoredLines {
  bytes = new Uint8Array(4096)
  readonly #starts: number[] = []
  readonly #numbers: number[] = []
  /** O-words that were read, by index; null for one that cannot be read. */
  readonly controls = new Map<number, ControlLine | null>()
  /** Indexes of lines that begin with an O-word, rising. */
  readonly #controlIndexes: number[] = []
  #used = 0

  get count(): number {
    return this.#starts.length
  }

  get usedBytes(): number {
    return this.#used
  }

  start(index: number): number {
    return this.#starts[index] as number
  }

  /** 1-based source line. */
  number(index: number): number {
    return this.#numbers[index] as number
  }

  /** @returns false when there is no room left */
  add(bytes: Uint8Array, from: number, to: number, line: number): boolean {
    const size = to - from + 1
    if (this.#used + size > MOST_STORED_BYTES) return false
    if (this.#used + size > this.bytes.length) {
      const larger = new Uint8Array(Math.max(this.bytes.length * 2, this.#used + size))
      larger.set(this.bytes.subarray(0, this.#used))
      this.bytes = larger
    }
    if (beginsWithO(bytes, from, to)) this.#controlIndexes.push(this.#starts.length)
    this.#starts.push(this.#used)
    this.#numbers.push(line)
    this.bytes.set(bytes.subarray(from, to), this.#used)
    this.bytes[this.#used + size - 1] = LF
    this.#used += size
    return true
  }

  isControl(index: number): boolean {
    return this.#controlIndexes[this.#position(index)] === index
  }

  /** Lines with an O-word from `from` to before `to`. */
  *controlLines(from: number, to: number): Generator<number> {
    for (let at = this.#position(from); at < this.#controlIndexes.length; at += 1) {
      const index = this.#controlIndexes[at] as number
      if (index >= to) return
      yield index
    }
  }

  /** Where in the list of control lines the first one at or behind `index` stands. */
  #position(index: number): number {
    let low = 0
    let high = this.#controlIndexes.length
    while (low < high) {
      const middle = (low + high) >> 1
      if ((this.#controlIndexes[middle] as number) < index) low = middle + 1
      else high = middle
    }
    return low
  }
}

/** `O…`, also behind `/`, comments and a line number. */
function beginsWithO(bytes: Uint8Array, from: number, to: number): boolean {
  let isNumber = false
  for (let i = from; i < to; i += 1) {
    const c = bytes[i] as number
    if (c === 79 || c === 111) return true
    if (c === 40) {
      const close = commentEnd(bytes.subarray(0, to), i)
      i = close < 0 ? to : close
    } else if (c === 78 || c === 110) isNumber = true
    else if (c !== 32 && c !== 9 && c !== 47 && !(isNumber && ((c >= 48 && c <= 57) || c === 46))) return false
  }
  return false
}
