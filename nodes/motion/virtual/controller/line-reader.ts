/**
 * Turns the bytes taken out of the receive buffer into lines the way the firmware does: no spaces, no comments,
 * upper case, a leading `/` ignored, at most so many characters (grbl 1.1: protocol.c; grblHAL: protocol.c).
 */
import type { Personality } from './personality.ts'

export interface ReadLine {
  text: string
  isTooLong: boolean
}

export class LineReader {
  private readonly maxLength: number
  private readonly joinsCrLf: boolean
  /** Spaces and comments count (grblHAL and FluidNC keep the line as it came until it is parsed). */
  private readonly countsAll: boolean
  private text = ''
  private length = 0
  private skipping: 'none' | 'parentheses' | 'to-end' = 'none'
  private isTooLong = false
  /** The end of line before an empty one: the other half of CR LF. */
  private lastEnd = 0

  constructor({ maxLineLength, joinsCrLf, name }: Personality) {
    this.maxLength = maxLineLength
    this.joinsCrLf = joinsCrLf
    this.countsAll = name !== 'grbl'
  }

  /** Within a `$` line or a comment in parentheses, where grblHAL can keep `?`, `~` and `!`. */
  get isInCommandOrComment(): boolean {
    return this.skipping === 'parentheses' || this.text.startsWith('$')
  }

  /** Takes one byte; answers the line that it ends. Where CR and LF are not joined, CRLF makes two. */
  push(byte: number): ReadLine | null {
    if (byte === 0x0a || byte === 0x0d) {
      if (this.joinsCrLf && this.length === 0 && this.lastEnd !== 0 && this.lastEnd !== byte) {
        this.lastEnd = 0
        return null
      }
      this.lastEnd = byte
      const line = { text: this.text, isTooLong: this.isTooLong }
      this.text = ''
      this.length = 0
      this.skipping = 'none'
      this.isTooLong = false
      return line
    }
    if (this.countsAll && byte >= 0x20) {
      this.length++
      if (this.length > this.maxLength) this.isTooLong = true
    }
    if (this.skipping === 'parentheses' && byte === CLOSE) this.skipping = 'none'
    else if (this.skipping !== 'none' || this.isTooLong || byte <= 0x20 || byte === SLASH) return null
    else if (byte === OPEN) this.skipping = 'parentheses'
    else if (byte === SEMICOLON) this.skipping = 'to-end'
    else if (!this.countsAll && this.text.length >= this.maxLength) this.isTooLong = true
    else this.text += String.fromCharCode(byte >= 0x61 && byte <= 0x7a ? byte - 0x20 : byte)
    return null
  }
}

const OPEN = 0x28
const CLOSE = 0x29
const SEMICOLON = 0x3b
const SLASH = 0x2f
