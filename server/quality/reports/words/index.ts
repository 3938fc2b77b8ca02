/** What stands in reports, in the languages that they are made in. */
import type { ReportLanguage } from '../contract.ts'
import { de } from './de.ts'
import { en } from './en.ts'

interface ReportFormats {
  date(value: Date): string
  dateTime(value: Date): string
  /** With fixed decimals, as people write it; `-` for nothing. */
  number(value: number | null | undefined, decimals: number): string
  /** With so many significant digits at most. */
  significant(value: number | null | undefined, digits?: number): string
  integer(value: number): string
}

function formatsOf(locale: string): ReportFormats {
  const date = new Intl.DateTimeFormat(locale, { dateStyle: 'medium' })
  const dateTime = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'short' })
  return {
    date: (value) => date.format(value),
    dateTime: (value) => dateTime.format(value),
    number: (value, decimals) =>
      value === null || value === undefined
        ? '–'
        : new Intl.NumberFormat(locale, { minimumFractionDigits: decimals, maximumFractionDigits: decimals }).format(value),
    significant: (value, digits = 5) =>
      value === null || value === undefined ? '–' : new Intl.NumberFormat(locale, { maximumSignificantDigits: digits }).format(value),
    integer: (value) => new Intl.NumberFormat(locale).format(value),
  }
}

export type ReportWords = typeof en & { formats: ReportFormats }
const WORDS: Record<ReportLanguage, ReportWords> = {
  en: { ...en, formats: formatsOf('en-GB') },
  de: { ...de, formats: formatsOf('de-DE') },
}

export const wordsOf = (language: ReportLanguage): ReportWords => WORDS[language]
