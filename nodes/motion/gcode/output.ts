/** Lines for the controller: the source as it is, without spaces and comments, or written anew where the controller needs simpler words. */
import type { Block } from './block.ts'
import type { ProgramListener } from './contract.ts'
import { commentEnd } from './scan.ts'

const LF = 10
const CR = 13

/** @returns upper case, no spaces, no comments, no block delete, no checksum */
export function normalise(block: Block): string {
  const { bytes, end } = block
  let text = ''
  for (let i = block.start; i < end; i += 1) {
    let c = bytes[i] as number
    if (c === 32 || c === 9) continue
    if (c === 59 || c === LF || c === CR || (c === 42 && i - block.start + 1 === block.checksumColumn)) break
    if (c === 40) {
      const close = commentEnd(bytes, i)
      i = close < 0 ? end : close
      continue
    }
    if (c === 47 && text === '') continue
    if (c >= 97 && c <= 122) c -= 32
    text += String.fromCharCode(c)
  }
  return text
}

/** How many characters the line has for the controller. */
export function normalisedLength(block: Block): number {
  const { bytes, end } = block
  let length = 0
  for (let i = block.start; i < end; i += 1) {
    const c = bytes[i] as number
    if (c === 32 || c === 9) continue
    if (c === 59 || (c === 42 && i - block.start + 1 === block.checksumColumn)) break
    if (c === 40) {
      const close = commentEnd(bytes, i)
      i = close < 0 ? end : close
    } else if (c !== 47 || length > 0) length += 1
  }
  return length
}

/** Takes words out of a normalised line. */
export function withoutWords(text: string, isDropped: (letter: string, value: number) => boolean): string {
  return text.replaceAll(/([A-Z])([-+.\d]*)/g, (word, letter: string, value: string) => (isDropped(letter, Number(value)) ? '' : word))
}

/** A number as it is written: no exponent, no trailing zeros. */
export function numberText(value: number, decimals: number): string {
  const text = value.toFixed(decimals)
  const short = text.includes('.') ? text.replace(/\.?0+$/, '') : text
  return short === '-0' || short === '' ? '0' : short
}

export class Output {
  lines = 0
  /** What goes out is not simply the source. */
  isExpanded = false
  /** Source lines are counted and told where they stand, not where they are run. */
  isMuted = false
  readonly #listener: ProgramListener

  constructor(listener: ProgramListener) {
    this.#listener = listener
  }

  /** The source line as it is. */
  source(block: Block, line: number): void {
    if (this.isMuted) return
    this.lines += 1
    if (this.#listener.output) this.#listener.output(block.evaluated ?? normalise(block), line)
  }

  /** A line written by the engine; nothing for an empty one. */
  write(text: string, line: number): void {
    if (this.isMuted || text === '') return
    this.lines += 1
    this.#listener.output?.(text, line)
  }
}
