/** Bytes of a program to numbered lines, the same way for the check and for the streaming. */
import { MAX_SOURCE_LINE } from '../grbl/index.ts'

export interface SourceLine {
  /** 1-based. */
  number: number
  /** Bytes as latin-1 characters, without the end of line. One character more than allowed stands for "too long". */
  raw: string
}

export interface LineSplitter {
  /** @returns the lines that ended in these bytes */
  add(bytes: Buffer): SourceLine[]
  /** @returns the last line where the file does not end with an end of line */
  end(): SourceLine[]
}

/** Splits at `\n`, `\r\n` and `\r`. A line that is too long is cut, so that a file without line ends needs no memory. */
export function createLineSplitter(): LineSplitter {
  let rest = ''
  let number = 0
  let endedWithReturn = false
  let isFirst = true
  const keep = (text: string) => {
    if (rest.length <= MAX_SOURCE_LINE) rest += text.length > MAX_SOURCE_LINE ? text.slice(0, MAX_SOURCE_LINE + 1) : text
  }
  return {
    add(bytes) {
      const lines: SourceLine[] = []
      let text = bytes.toString('latin1')
      // UTF-8 byte order mark
      if (isFirst && text.startsWith('\xef\xbb\xbf')) text = text.slice(3)
      isFirst = false
      let from = 0
      if (endedWithReturn && text.startsWith('\n')) from = 1
      if (text !== '') endedWithReturn = false
      for (let i = from; i < text.length; i += 1) {
        const code = text.charCodeAt(i)
        if (code !== 10 && code !== 13) continue
        keep(text.slice(from, i))
        number += 1
        lines.push({ number, raw: rest })
        rest = ''
        if (code === 13) {
          if (i + 1 === text.length) endedWithReturn = true
          else if (text.charCodeAt(i + 1) === 10) i += 1
        }
        from = i + 1
      }
      keep(text.slice(from))
      return lines
    },
    end() {
      if (rest === '') return []
      number += 1
      const line = { number, raw: rest }
      rest = ''
      return [line]
    },
  }
}
