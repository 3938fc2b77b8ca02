/** One line of G-code into words (RS-274/NGC grammar as far as controllers without parameters take it). */

interface Word {
  /** One capital letter. */
  letter: string
  value: number
  /** Where it stands, 1-based. */
  column: number
}

interface LineProblem {
  /** 1-based. */
  column: number
  /** A whole sentence. */
  reason: string
}

type TokenisedLine =
  | { kind: 'words'; words: Word[]; isBlockDelete: boolean }
  /** `%` alone: where a tape begins or ends. */
  | { kind: 'tape-mark' }
  | { kind: 'problem'; problem: LineProblem }

const isDigit = (code: number) => code >= 48 && code <= 57
const isSpace = (code: number) => code === 32 || code === 9 || code === 13 || code === 10

/**
 * Splits a line into words. Comments, `( … )` and `; …`, are passed over; nothing else is: what is not a word
 * is a problem with its column.
 */
export function tokenise(line: string): TokenisedLine {
  const words: Word[] = []
  let isBlockDelete = false
  let isTapeMark = false
  const length = line.length
  const problem = (at: number, reason: string): TokenisedLine => ({ kind: 'problem', problem: { column: at + 1, reason } })
  let i = 0
  while (i < length) {
    let code = line.charCodeAt(i)
    if (isSpace(code)) {
      i += 1
      continue
    }
    if (code === 59 /* ; */) break
    if (code === 40 /* ( */) {
      const end = line.indexOf(')', i)
      if (end < 0) return problem(i, 'A comment begins here and never ends.')
      i = end + 1
      continue
    }
    if (code === 47 /* / */ && words.length === 0 && !isBlockDelete) {
      isBlockDelete = true
      i += 1
      continue
    }
    if (code === 37 /* % */ && words.length === 0 && !isTapeMark) {
      isTapeMark = true
      i += 1
      continue
    }
    if (isTapeMark) return problem(i, 'Only comments may stand beside "%".')
    if (code >= 97 && code <= 122) code -= 32
    if (code < 65 || code > 90) {
      const char = line.charAt(i)
      if (char === '#' || char === '[') return problem(i, 'Parameters and expressions are not understood by this controller.')
      if (char === '$') return problem(i, 'A $ command does not belong in a program.')
      return problem(i, isDigit(code) ? 'A number stands here without a letter.' : `"${char}" is not G-code.`)
    }
    const at = i
    i += 1
    while (i < length && isSpace(line.charCodeAt(i))) i += 1
    const from = i
    let char = line.charCodeAt(i)
    if (char === 43 || char === 45) {
      i += 1
      char = line.charCodeAt(i)
    }
    let digits = 0
    let dots = 0
    while (i < length && (isDigit(char) || char === 46)) {
      if (char === 46) dots += 1
      else digits += 1
      i += 1
      char = line.charCodeAt(i)
    }
    const letter = String.fromCharCode(code)
    if (line.charAt(from) === '#' || line.charAt(from) === '[') return problem(from, 'Parameters and expressions are not understood by this controller.')
    if (digits === 0) return problem(at, `${letter} has no number.`)
    if (dots > 1) return problem(at, `${letter}${line.slice(from, i)} has two decimal points.`)
    if (digits > 15) return problem(at, `${letter}${line.slice(from, from + 20)}... has too many digits.`)
    words.push({ letter, value: Number(line.slice(from, i)), column: at + 1 })
  }
  return isTapeMark ? { kind: 'tape-mark' } : { kind: 'words', words, isBlockDelete }
}
