/** How documents are numbered: `NCR-{YYYY}-{####}`. Pure, browser-safe. */

/** The year in four or two figures, the month, and the number itself, with at least as many figures as there are `#`. */
const PLACE = /\{(YYYY|YY|MM|#{1,9})\}/g

export interface Numbering {
  /** What stands before and behind the number, with year and month filled in: each pair counts for itself, from 1. */
  before: string
  after: string
  digits: number
}

/** Why a pattern is none; undefined for a good one. */
export type PatternProblem = 'number-missing' | 'number-twice' | 'beside-figures' | 'unknown-place' | 'too-long'
export function patternProblem(pattern: string): PatternProblem | undefined {
  const numbers = pattern.match(/\{#{1,9}\}/g) ?? []
  if (numbers.length === 0) return 'number-missing'
  if (numbers.length > 1) return 'number-twice'
  if (/[{}]/.test(pattern.replace(PLACE, ''))) return 'unknown-place'
  // 1 and 001 would be told apart by nothing
  if (/(\d|\{(YYYY|YY|MM)\})\{#+\}|\{#+\}(\d|\{(YYYY|YY|MM)\})/.test(pattern)) return 'beside-figures'
  if (pattern.length > 40) return 'too-long'
  return undefined
}

/** @param day of the server's calendar, `2026-03-31` */
export function numberingOf(pattern: string, day: string): Numbering {
  const filled = pattern.replaceAll('{YYYY}', day.slice(0, 4)).replaceAll('{YY}', day.slice(2, 4)).replaceAll('{MM}', day.slice(5, 7))
  const [place = '{####}'] = filled.match(/\{#+\}/) ?? []
  const [before = '', after = ''] = filled.split(place)
  return { before, after, digits: place.length - 2 }
}

export const numberText = ({ before, after, digits }: Numbering, n: number): string => `${before}${String(n).padStart(digits, '0')}${after}`
