/** Bytes of a program to numbered lines, the same way for the check and for the streaming. */
import { MAX_SOURCE_LINE } from '../grbl/index.ts'

export interface SourceLine {
  /** 1-based. */
  number: number
  /** Bytes as latin-1 characters, without the end of line. One character more than allowed stands for "too long". */
  raw: string
  /** Where its first byte stands in the file. */
  at: number
}

export interface LineSplitter {
  /** @returns the lines that ended in these bytes */
  add(bytes: Buffer): SourceLine[]
  /** @returns the last line where the file does not end with an end of line */
  end(): SourceLine[]
}

/** A place between two lines of a file. */
export interface LinePlace {
  /** Bytes before it. */
  at: number
  /** Lines before it. */
  lines: number
}

/**
 * Splits at `\n`, `\r\n` and `\r`. A line that is too long is cut, so that a file without line ends needs no memory.
 * @param from where in the file the first bytes stand, when it is not read from its beginning
 */
export function createLineSplitter(from: LinePlace = { at: 0, lines: 0 }): LineSplitter {
  let rest = ''
  let number = from.lines
  /** Of the first byte of the next piece, and of the line that is being put together. */
  let offset = from.at
  let lineAt = from.at
  let endedWithReturn = false
  let isFirst = from.at === 0
  const keep = (text: string) => {
    if (rest.length <= MAX_SOURCE_LINE) rest += text.length > MAX_SOURCE_LINE ? text.slice(0, MAX_SOURCE_LINE + 1) : text
  }
  return {
    add(bytes) {
      const lines: SourceLine[] = []
      const text = bytes.toString('latin1')
      let from = 0
      // UTF-8 byte order mark
      if (isFirst && text.startsWith('\xef\xbb\xbf')) from = 3
      if (isFirst) lineAt += from
      isFirst = false
      if (endedWithReturn && text.startsWith('\n')) {
        from = 1
        lineAt = offset + 1
      }
      if (text !== '') endedWithReturn = false
      for (let i = from; i < text.length; i += 1) {
        const code = text.charCodeAt(i)
        if (code !== 10 && code !== 13) continue
        keep(text.slice(from, i))
        number += 1
        lines.push({ number, raw: rest, at: lineAt })
        rest = ''
        if (code === 13) {
          if (i + 1 === text.length) endedWithReturn = true
          else if (text.charCodeAt(i + 1) === 10) i += 1
        }
        from = i + 1
        lineAt = offset + from
      }
      keep(text.slice(from))
      offset += text.length
      return lines
    },
    end() {
      if (rest === '') return []
      number += 1
      const line = { number, raw: rest, at: lineAt }
      rest = ''
      return [line]
    },
  }
}
