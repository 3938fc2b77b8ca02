/**
 * What may go over the wire. GRBL takes `? ! ~` and every byte above 0x7F out of lines and comments and
 * acts on them: "(careful!)" holds the machine, a German umlaut opens the safety door, a typographic
 * hyphen changes the feed. So comments and spaces are taken off here, and nothing but plain ASCII leaves.
 */
import { UserError } from '../../../base/errors.ts'

/** A line as it goes to the controller, without its end of line. */
export interface PreparedLine {
  /** 1-based line of the source. */
  number: number
  text: string
  /** Must not share the controller's buffer with any other line. */
  isAlone: boolean
  /** How long a dwell (`G4 P…`) makes the answer wait. */
  dwellS: number
}

/** Lines longer than this are refused unread, comments included. */
export const MAX_SOURCE_LINE = 4096

/** @throws UserError `line-refused` with `details` line, column (1-based) and reason */
export function refuseLine({ number, column, reason, raw }: { number: number; column: number; reason: string; raw: string }): never {
  const shown = raw.length > 60 ? `${raw.slice(0, 57)}...` : raw
  // only what can be shown: the line may hold anything
  const printable = [...shown].map((c) => (c < ' ' || c === '\x7f' ? '·' : c)).join('')
  throw new UserError({
    code: 'line-refused',
    message: `Line ${number}, column ${column}: ${reason} The line reads "${printable.trim()}".`,
    details: { line: number, column, reason, text: printable },
  })
}

const PLAIN = /^[ A-Z0-9.+-]*$/

const NAMES: Record<string, string> = { '?': 'ask for a status report', '!': 'hold the machine', '~': 'start the machine' }

function badCharacter(char: string): string | undefined {
  const name = NAMES[char]
  if (name) return `"${char}" inside a line would ${name} at once. Remove it.`
  const code = char.charCodeAt(0)
  if (code < 0x20 || code === 0x7f)
    return `It holds the control character 0x${code.toString(16).padStart(2, '0')}. Save the program as plain text and try again.`
  if (code > 0x7d)
    return `It holds a character outside plain ASCII (0x${code.toString(16)}), which a controller takes for a real-time command. Replace it or move it into a comment.`
  return undefined
}

/**
 * Takes comments and spaces off one G-code line, puts it in capitals (as the controller would) and
 * proves that it can be sent.
 * @param raw the line without its end; bytes as latin-1 characters
 * @returns undefined for a line with nothing to send (empty, comment, `%`)
 * @throws UserError `line-refused`
 */
export function prepareLine(raw: string, { number, maxLength }: { number: number; maxLength: number }): PreparedLine | undefined {
  if (raw.length > MAX_SOURCE_LINE) {
    return refuseLine({ number, column: MAX_SOURCE_LINE + 1, raw, reason: `It has ${raw.length} characters; more than ${MAX_SOURCE_LINE} are never G-code.` })
  }
  // most lines of most programs: nothing in them but words and spaces
  if (PLAIN.test(raw)) {
    const plain = raw.replaceAll(' ', '')
    if (plain !== '' && plain.length <= maxLength) return finish(plain, number)
  }
  let text = ''
  let firstColumnOver = 0
  for (let i = 0; i < raw.length; i += 1) {
    const char = raw.charAt(i)
    if (char === ' ' || char === '\t' || char === '\r' || char === '\n') continue
    if (char === ';') break
    if (char === '(') {
      const end = raw.indexOf(')', i)
      if (end < 0) return refuseLine({ number, column: i + 1, raw, reason: 'A comment begins here and never ends. Close it with ")".' })
      i = end
      continue
    }
    const bad = badCharacter(char)
    if (bad) return refuseLine({ number, column: i + 1, raw, reason: bad })
    if (char === ')') return refuseLine({ number, column: i + 1, raw, reason: 'A comment ends here that never began.' })
    if (char === '/' && text === '') {
      return refuseLine({
        number,
        column: i + 1,
        raw,
        reason: 'It begins with "/" (block delete), which this controller does not skip but executes. Delete the line or the "/".',
      })
    }
    if (text.length === maxLength) firstColumnOver = i + 1
    text += char
  }
  if (text === '' || text === '%') return undefined
  if (firstColumnOver) {
    return refuseLine({
      number,
      column: firstColumnOver,
      raw,
      reason: `It has ${text.length} characters without spaces and comments; this controller takes ${maxLength}.`,
    })
  }
  return finish(text.startsWith('$') ? text : text.toUpperCase(), number)
}

function finish(text: string, number: number): PreparedLine {
  return { number, text, isAlone: mustGoAlone(text), dwellS: dwellOf(text) }
}

/** G-codes that read or write the EEPROM. */
const EEPROM_CODES = new Set([10, 28, 28.1, 30, 30.1, 54, 55, 56, 57, 58, 59, 59.1, 59.2, 59.3])

/**
 * Whether a line must have the controller's buffer to itself: while Grbl on AVR writes its EEPROM it
 * hears no serial byte (grbl 1.1 interface.md, "EEPROM Issues", lists readers too), and a `$` line is
 * answered only when the parser is free.
 * @param text a prepared line
 */
export function mustGoAlone(text: string): boolean {
  if (text.startsWith('$')) return true
  if (!/G0*(?:10|28|30|5[4-9])/.test(text)) return false
  for (const [, digits] of text.matchAll(/G([\d.]+)/g)) if (EEPROM_CODES.has(Number(digits))) return true
  return false
}

/** Seconds of a dwell in a prepared line; 0 for every other line. */
export function dwellOf(text: string): number {
  if (!/G0*4(?![\d.])/.test(text)) return 0
  const seconds = Number(/P([\d.]+)/.exec(text)?.[1] ?? 0)
  return Number.isFinite(seconds) ? seconds : 0
}
