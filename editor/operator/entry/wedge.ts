/**
 * Gauges that type (keyboard wedge): a cable that sends its reading as key presses and Enter, faster than a person. It is heard wherever
 * the focus is on this page, but for fields that are typed into by a person or a scanner. Eight digits and more without a sign or a
 * decimal are a badge (`sign-in/badge-reader.ts`), no reading.
 */

/** From one key to the next; people who type numbers quickly need twice as long. */
export const FASTEST_PERSON_MS = 60
/** A reading has at least a digit and something behind it; one key and Enter may be a person. */
const LEAST_KEYS = 3
const BADGE = /^\d{8,}$/

/** A number as it is typed here: comma or point, one sign. Undefined for what is only nearly one. */
export function numberOf(text: string): number | undefined {
  const trimmed = text.trim()
  return /^[+-]?(?:\d{1,12}(?:[.,]\d{0,9})?|[.,]\d{1,9})$/.test(trimmed) ? Number(trimmed.replace(',', '.')) + 0 : undefined
}

export type Typed =
  | { kind: 'reading'; text: string; value: number }
  /** So fast that no person typed it, and no number. */
  | { kind: 'garbage'; text: string }

export interface Wedge {
  /**
   * @param key as `KeyboardEvent.key`
   * @returns what it has become: `part` of something typed quickly, a whole line, or nothing of ours
   */
  key(key: string, atMs: number): 'part' | Typed | undefined
}

export function createWedge(): Wedge {
  let text = ''
  let lastAt = Number.NEGATIVE_INFINITY
  return {
    key(key, atMs) {
      const isQuick = atMs - lastAt <= FASTEST_PERSON_MS
      lastAt = atMs
      if (!isQuick) text = ''
      if (key === 'Enter' || key === 'Tab') {
        const line = text
        text = ''
        if (!isQuick || line.length < LEAST_KEYS || BADGE.test(line)) return undefined
        const value = numberOf(line)
        return value === undefined ? { kind: 'garbage', text: line } : { kind: 'reading', text: line, value }
      }
      // Shift and other keys that write nothing belong to the sign of some keyboards
      if (key.length !== 1) return isQuick && text ? 'part' : undefined
      text += key
      return isQuick ? 'part' : undefined
    },
  }
}
