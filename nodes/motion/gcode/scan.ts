/**
 * Bytes to numbers: one line of a program into a block, without a string or an object. What it cannot read itself
 * (parameters, expressions, O-words) it leaves to the slow reader; what nobody can read is a problem with its column.
 */
import { type Block, LINE } from './block.ts'
import { addCode, addTenths, type CodeTable } from './code-table.ts'

/** Lines longer than this are refused unread, comments included. */
export const MAX_SOURCE_LINE = 4096

const SPACE = 32
const TAB = 9
const LF = 10
const CR = 13

/** Powers of ten that a double holds exactly: dividing by them rounds once, as `Number()` does. */
const POWERS = Float64Array.from({ length: 23 }, (_, power) => Number(`1e${power}`))
/** Nothing in a program is larger. */
const MOST_VALUE = 1e15
/** So many digits fit a double's 53 bits. */
const EXACT_DIGITS = 15

/** @returns where the line's end stands */
export function lineEnd(bytes: Uint8Array, from: number): number {
  let i = from
  for (;;) {
    const c = bytes[i] as number
    if (c === LF || c === CR) return i
    i += 1
  }
}

/**
 * Where the comment that begins at `at` ends: at the `)` that closes it, with comments in comments counted; where they do not come
 * out even, at the first `)`.
 * @returns -1 when it never ends
 */
export function commentEnd(bytes: Uint8Array, at: number): number {
  let first = -1
  let depth = 0
  for (let i = at; ; i += 1) {
    const c = bytes[i]
    if (c === undefined || c === LF || c === CR) return first
    if (c === 40) depth += 1
    if (c !== 41) continue
    if (first < 0) first = i
    depth -= 1
    if (depth === 0) return i
  }
}

function isNested(bytes: Uint8Array, from: number, to: number): boolean {
  for (let i = from; i < to; i += 1) if (bytes[i] === 41) return true
  return false
}

function numberFrom(bytes: Uint8Array, from: number, to: number): number {
  let text = ''
  for (let i = from; i < to; i += 1) text += String.fromCharCode(bytes[i] as number)
  return Number(text)
}

const isDigit = (c: number) => c >= 48 && c <= 57

/**
 * Reads one line. The bytes must hold a line end at or after `from`.
 * @returns where the line's end stands
 */
export function scanLine(bytes: Uint8Array, from: number, block: Block, table: CodeTable): number {
  block.reset()
  block.bytes = bytes
  block.start = from
  let letters = 0
  let i = from
  for (;;) {
    let c = bytes[i] as number
    if (c === SPACE || c === TAB) {
      i += 1
      continue
    }
    if (c === LF || c === CR) break
    if (c > 96) c -= 32
    if (c < 65 || c > 90) {
      i = scanOther(bytes, i, block, letters)
      if (block.kind >= LINE.slow) {
        block.letters = letters
        block.end = lineEnd(bytes, i)
        return block.end
      }
      continue
    }
    const at = i
    i += 1
    let d = bytes[i] as number
    while (d === SPACE || d === TAB) {
      i += 1
      d = bytes[i] as number
    }
    let isNegative = false
    if (d === 45 || d === 43) {
      isNegative = d === 45
      i += 1
      d = bytes[i] as number
      while (d === SPACE || d === TAB) {
        i += 1
        d = bytes[i] as number
      }
    }
    const first = i
    let mantissa = 0
    let digits = 0
    let fraction = 0
    d -= 48
    while (d >= 0 && d <= 9) {
      mantissa = mantissa * 10 + d
      i += 1
      d = (bytes[i] as number) - 48
    }
    digits = i - first
    // the decimal point is 46
    if (d === -2) {
      i += 1
      const point = i
      d = (bytes[i] as number) - 48
      while (d >= 0 && d <= 9) {
        mantissa = mantissa * 10 + d
        i += 1
        d = (bytes[i] as number) - 48
      }
      fraction = i - point
      digits += fraction
    }
    if (digits === 0 || c === 79) {
      noNumber(bytes, { at, i, first, letter: c }, block)
      block.letters = letters
      block.end = lineEnd(bytes, first)
      return block.end
    }
    let value: number
    if (digits <= EXACT_DIGITS) value = fraction === 0 ? mantissa : mantissa / (POWERS[fraction] as number)
    else {
      value = numberFrom(bytes, first, i)
      if (value > MOST_VALUE) {
        block.refuse(at - from + 1, 'number-invalid', `${String.fromCharCode(c)} has a number with ${digits} digits.`)
        block.letters = letters
        block.end = lineEnd(bytes, i)
        return block.end
      }
    }
    if ((d === -16 || d === -39) && isNumberSplit(bytes, i)) {
      value = splitNumber(bytes, first)
      if (Number.isNaN(value)) {
        block.refuse(at - from + 1, 'number-invalid', `${String.fromCharCode(c)} has a number with two decimal points.`)
        block.letters = letters
        block.end = lineEnd(bytes, i)
        return block.end
      }
      i = splitEnd(bytes, i)
      fraction = 1
      mantissa = value
      block.spacedColumn = at - from + 1
      block.isOdd = true
    }
    if (isNegative) value = -value
    if (c === 71 || c === 77) {
      const isPlain = fraction === 0 && !isNegative && mantissa < 200
      const isGood = isPlain
        ? addTenths(block, mantissa * 10, { letter: c === 71 ? 'G' : 'M', codes: c === 71 ? table.g : table.m, column: at - from + 1 })
        : addCode(block, c, value, { column: at - from + 1, table })
      if (!isGood) {
        block.letters = letters
        block.end = lineEnd(bytes, i)
        return block.end
      }
      continue
    }
    const bit = 1 << (c - 65)
    if (letters & bit) {
      block.refuse(at - from + 1, 'word-repeated', `${String.fromCharCode(c)} stands twice in the line.`)
      block.letters = letters
      block.end = lineEnd(bytes, i)
      return block.end
    }
    letters |= bit
    block.values[c - 65] = value
    block.columns[c - 65] = at - from + 1
  }
  block.letters = letters
  block.end = i
  if (block.kind === LINE.empty && (letters !== 0 || block.groups !== 0)) block.kind = LINE.words
  return i
}

const isNumeral = (c: number) => isDigit(c) || c === 46

/** Whether digits go on behind the spaces at `from`: RS274/NGC and Grbl take spaces out before they read. */
function isNumberSplit(bytes: Uint8Array, from: number): boolean {
  let i = from
  while (bytes[i] === SPACE || bytes[i] === TAB) i += 1
  return isNumeral(bytes[i] as number)
}

function splitEnd(bytes: Uint8Array, from: number): number {
  let i = from
  let end = from
  for (;;) {
    const c = bytes[i] as number
    if (isNumeral(c)) end = i + 1
    else if (c !== SPACE && c !== TAB) return end
    i += 1
  }
}

/** NaN with two points. */
function splitNumber(bytes: Uint8Array, from: number): number {
  let text = ''
  for (let i = from; i < splitEnd(bytes, from); i += 1) if (isNumeral(bytes[i] as number)) text += String.fromCharCode(bytes[i] as number)
  return Number(text)
}

/** A letter without digits: an expression for the slow reader, or a problem. */
function noNumber(bytes: Uint8Array, word: { at: number; i: number; first: number; letter: number }, block: Block): void {
  const { at, i, first, letter } = word
  const next = bytes[first] as number
  const isName = (next >= 65 && next <= 90) || (next >= 97 && next <= 122)
  // `X#1`, `X[…]`, `O100`, `O<name>`; `Xsin[30]` begins with a letter, but so does `XY1`
  if (letter === 79 || next === 35 || next === 91 || (isName && isFunction(bytes, first))) {
    block.kind = LINE.slow
    return
  }
  const name = String.fromCharCode(letter)
  const hasPoint = i > first
  block.refuse(at - block.start + 1, 'number-missing', hasPoint ? `${name} is followed by a point without digits.` : `${name} has no number.`)
}

/** Letters up to a `[`. */
function isFunction(bytes: Uint8Array, from: number): boolean {
  let i = from
  for (;;) {
    const c = bytes[i] as number
    if ((c >= 65 && c <= 90) || (c >= 97 && c <= 122) || c === SPACE || c === TAB) i += 1
    else return c === 91 && i > from
  }
}

const REALTIME: Record<number, string> = { 63: 'ask for a status report', 33: 'hold the machine', 126: 'start the machine' }

/** Everything in a line that is neither space nor letter. @returns where to go on */
function scanOther(bytes: Uint8Array, at: number, block: Block, letters: number): number {
  const from = block.start
  const column = at - from + 1
  const c = bytes[at] as number
  const isFirst = letters === 0 && block.groups === 0
  switch (c) {
    case 59: // ;
      return lineEnd(bytes, at)
    case 40: {
      // (
      const end = commentEnd(bytes, at)
      if (end < 0) {
        block.refuse(column, 'comment-open', 'A comment begins here and never ends. Close it with ")".')
        return at
      }
      // Grbl ends the comment at the first ")" (grbl 1.1 protocol.c), so it is taken out here
      if (isNested(bytes, at, end)) {
        block.nestedColumn = column
        block.isOdd = true
      }
      return end + 1
    }
    case 41:
      block.refuse(column, 'comment-open', 'A comment ends here that never began.')
      return at
    case 47: // /
      if (isFirst && !block.isBlockDelete) {
        block.isBlockDelete = true
        block.isOdd = true
        return at + 1
      }
      block.refuse(column, 'line-refused', '"/" may only stand at the begin of a line.')
      return at
    case 37: // %
      return tapeMark(bytes, at, block, isFirst)
    case 42: // *
      return checksum(bytes, at, block)
    case 35:
    case 91:
      block.kind = LINE.slow
      return at
    case 36:
      block.refuse(column, 'line-refused', 'A $ command does not belong in a program.')
      return at
    case 26:
      // the end mark of DOS files, alone in the last line
      if (isFirst && lineEnd(bytes, at) === at + 1) return at + 1
      block.refuse(column, 'line-refused', strangeCharacter(c))
      return at
    default:
      block.refuse(column, 'line-refused', strangeCharacter(c))
      return at
  }
}

/** Why a character cannot stand in a line. */
export function strangeCharacter(c: number): string {
  const realtime = REALTIME[c]
  if (realtime) return `"${String.fromCharCode(c)}" inside a line would ${realtime} at once. Remove it.`
  if (c < 32 || c === 127) return `It holds the control character 0x${c.toString(16).padStart(2, '0')}. Save the program as plain text and try again.`
  if (c > 126) return 'It holds a character outside plain ASCII, which a controller takes for a real-time command. Replace it or move it into a comment.'
  if (isDigit(c) || c === 46 || c === 45 || c === 43) return 'A number stands here without a letter.'
  if (c === 93) return '"]" closes nothing.'
  return `"${String.fromCharCode(c)}" is not G-code.`
}

/** `%`: only comments may stand beside it. */
function tapeMark(bytes: Uint8Array, at: number, block: Block, isFirst: boolean): number {
  const column = at - block.start + 1
  if (!isFirst || block.isBlockDelete) {
    block.refuse(column, 'line-refused', '"%" must stand alone in its line.')
    return at
  }
  let i = at + 1
  for (;;) {
    const c = bytes[i] as number
    if (c === LF || c === CR || c === 59) break
    if (c === 40) {
      const end = commentEnd(bytes, i)
      if (end < 0) {
        block.refuse(column, 'comment-open', 'A comment begins here and never ends. Close it with ")".')
        return i
      }
      i = end
    } else if (c !== SPACE && c !== TAB) {
      block.refuse(i - block.start + 1, 'line-refused', 'Only comments may stand beside "%".')
      return i
    }
    i += 1
  }
  block.kind = LINE.tapeMark
  return i
}

/** `*71` at the end of a line: the exclusive or of all bytes before it (RepRap). */
function checksum(bytes: Uint8Array, at: number, block: Block): number {
  block.isOdd = true
  const column = at - block.start + 1
  block.checksumColumn = column
  let sum = 0
  for (let i = block.start; i < at; i += 1) sum ^= bytes[i] as number
  let i = at + 1
  let given = 0
  const first = i
  while (isDigit(bytes[i] as number) && i - first < 4) {
    given = given * 10 + (bytes[i] as number) - 48
    i += 1
  }
  if (i === first || given > 255) {
    block.refuse(column, 'checksum-wrong', 'After "*" a checksum from 0 to 255 must stand.')
    return i
  }
  if (given !== sum) {
    block.refuse(column, 'checksum-wrong', `The checksum of the line is ${given}, its characters make ${sum}: the file is damaged. Load it again.`)
    return i
  }
  while (bytes[i] === SPACE || bytes[i] === TAB) i += 1
  const c = bytes[i] as number
  if (c !== LF && c !== CR && c !== 59 && c !== 40) {
    block.refuse(i - block.start + 1, 'line-refused', 'Nothing but a comment may stand behind the checksum.')
    return i
  }
  block.checksumColumn = column
  return i
}
