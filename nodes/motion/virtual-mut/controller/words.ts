/** Numbers and words as GRBL reads them: no exponent, no expression, at most one point (grbl 1.1: nuts_bolts.c). */
import { ERROR, LineError } from './errors.ts'

export interface Word {
  letter: string
  value: number
}

const NUMBER = /[+-]?(?:\d+\.?\d*|\.\d+)/y

/**
 * Reads the number that begins at `at`.
 * @throws LineError 2 where there is none
 */
export function readNumber(text: string, at: number): { value: number; end: number } {
  NUMBER.lastIndex = at
  const found = NUMBER.exec(text)
  if (!found) throw new LineError(ERROR.badNumber)
  return { value: Number(found[0]), end: NUMBER.lastIndex }
}

/**
 * Splits a line (already upper case, without spaces) into its words.
 * @throws LineError 1 where a letter is missing, 2 where a number is missing
 */
export function* readWords(text: string): Generator<Word> {
  let at = 0
  while (at < text.length) {
    const letter = text.charAt(at)
    if (letter < 'A' || letter > 'Z') throw new LineError(ERROR.expectedLetter)
    const { value, end } = readNumber(text, at + 1)
    yield { letter, value }
    at = end
  }
}
