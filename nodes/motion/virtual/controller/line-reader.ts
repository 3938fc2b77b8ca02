/**
 * Turns the bytes taken out of the receive buffer into lines the way GRBL does: no spaces, no comments,
 * upper case, a leading `/` ignored, at most 79 characters (grbl 1.1: protocol.c).
 */
const MAX_LINE_LENGTH = 79

export interface ReadLine {
  text: string
  isTooLong: boolean
}

export class LineReader {
  private text = ''
  private skipping: 'none' | 'parentheses' | 'to-end' = 'none'
  private isTooLong = false

  /** Takes one byte; answers the line that it ends. Both CR and LF end a line, so CRLF makes two. */
  push(byte: number): ReadLine | null {
    if (byte === 0x0a || byte === 0x0d) {
      const line = { text: this.text, isTooLong: this.isTooLong }
      this.text = ''
      this.skipping = 'none'
      this.isTooLong = false
      return line
    }
    const char = String.fromCharCode(byte)
    if (this.skipping === 'parentheses' && char === ')') this.skipping = 'none'
    else if (this.skipping !== 'none' || this.isTooLong || byte <= 0x20 || char === '/') return null
    else if (char === '(') this.skipping = 'parentheses'
    else if (char === ';') this.skipping = 'to-end'
    else if (this.text.length >= MAX_LINE_LENGTH) this.isTooLong = true
    else this.text += char.toUpperCase()
    return null
  }
}
