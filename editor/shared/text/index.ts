/**
 * The words of the pages: `en/` and `de/`, one file a page in each. English is the measure: German must have the same
 * keys, which the compiler checks. A page asks with its own hook: `const useText = catalogue(en, de)`.
 */
import { useSyncExternalStore } from 'react'
import { shopDefaults } from '../shop-defaults.ts'

export type Language = 'en' | 'de'
export const LANGUAGES: Record<Language, string> = { en: 'English', de: 'Deutsch' }

/** A catalogue in any language: texts, texts with blanks, lists of texts, and groups of them. */
export interface Words {
  readonly [key: string]: string | readonly string[] | ((...blanks: never[]) => string) | Words
}
/** The shape that a translation of `T` must have. */
export type Translation<T> = {
  readonly [K in keyof T]: T[K] extends string
    ? string
    : T[K] extends readonly string[]
      ? readonly string[]
      : T[K] extends (...blanks: infer B) => string
        ? (...blanks: B) => string
        : Translation<T[K]>
}

const KEY = 'cellwright-language'
const watchers = new Set<() => void>()

/** The language in use: the person's choice in this browser, else the browser's; outside of a page, English. */
export function language(): Language {
  return typeof document !== 'undefined' && document.documentElement.lang.startsWith('de') ? 'de' : 'en'
}

/** Changes the language of this page and, from now on, of this browser. */
export function setLanguage(wanted: Language): void {
  document.documentElement.lang = wanted
  try {
    localStorage.setItem(KEY, wanted)
  } catch {
    // storage may be forbidden: the choice then lasts as long as the page
  }
  for (const watcher of watchers) watcher()
}

function watch(watcher: () => void): () => void {
  watchers.add(watcher)
  return () => watchers.delete(watcher)
}

export function useLanguage(): Language {
  return useSyncExternalStore(watch, language)
}

/** Makes a page's hook for its texts. */
export function catalogue<T extends Words>(en: T, de: Translation<T>): () => T {
  return () => (useLanguage() === 'de' ? (de as unknown as T) : en)
}

/** Made once a language: a browser's formatter is slow to make, and components ask at every rendering. */
const made = new Map<string, ReturnType<typeof makeFormats>>()

/** Dates and numbers as the reader writes them; 24-hour clock, no guessing. */
export function formats(wanted: Language = language()): ReturnType<typeof makeFormats> {
  const { timeZone } = shopDefaults()
  const key = `${wanted} ${timeZone}`
  const known = made.get(key) ?? makeFormats(wanted, timeZone)
  made.set(key, known)
  return known
}

/** @param timeZone of the shop; empty: the one of this computer */
function makeFormats(wanted: Language, timeZone: string) {
  const locale = wanted === 'de' ? 'de-DE' : 'en-GB'
  // making a formatter costs fifty times as much as using one
  const byDigits: Intl.NumberFormat[] = []
  const decimals = (digits: number): Intl.NumberFormat => {
    byDigits[digits] ??= new Intl.NumberFormat(locale, { minimumFractionDigits: digits, maximumFractionDigits: digits })
    return byDigits[digits]
  }
  const signedByDigits: Intl.NumberFormat[] = []
  const signed = (digits: number): Intl.NumberFormat => {
    signedByDigits[digits] ??= new Intl.NumberFormat(locale, { minimumFractionDigits: digits, maximumFractionDigits: digits, signDisplay: 'always' })
    return signedByDigits[digits]
  }
  const format = (options: Intl.DateTimeFormatOptions) => {
    const formatter = new Intl.DateTimeFormat(locale, timeZone ? { timeZone, ...options } : options)
    return (value: Date | string) => formatter.format(typeof value === 'string' ? new Date(value) : value)
  }
  const date = format({ year: 'numeric', month: '2-digit', day: '2-digit', timeZone: 'UTC' })
  return {
    time: format({ hour: '2-digit', minute: '2-digit', second: '2-digit' }),
    /** A day without a time, as an order has it: `2026-12-09`. What is written otherwise stays as it is. */
    day(value: string): string {
      // a day has no time zone
      return /^\d{4}-\d{2}-\d{2}$/.test(value) ? date(new Date(`${value}T00:00:00Z`)) : value
    },
    /** With milliseconds: for a log. */
    timeMs: format({ hour: '2-digit', minute: '2-digit', second: '2-digit', fractionalSecondDigits: 3 }),
    dateTime: format({ year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', second: '2-digit' }),
    /** With exactly `digits` decimals. */
    number: (value: number, digits = 0) => decimals(digits).format(value),
    /** Seconds as people say them: `45 s`, `2 min 05 s`, `12 min`, `1 h 05 min`. */
    span(seconds: number): string {
      const whole = Math.round(seconds)
      if (whole < 60) return `${whole} s`
      if (whole < 600) return `${Math.floor(whole / 60)} min ${String(whole % 60).padStart(2, '0')} s`
      const minutes = Math.round(whole / 60)
      return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, '0')} min`
    },
    /** A size as people say it: `812 B`, `4.3 MB`. */
    bytes(value: number): string {
      const units = ['B', 'kB', 'MB', 'GB']
      const step = value < 1000 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(value) / 3))
      const digits = step === 0 ? 0 : 1
      return `${decimals(digits).format(value / 1000 ** step)} ${units[step]}`
    },
    /** With exactly `digits` decimals, and its sign always. */
    signed: (value: number, digits: number) => signed(digits).format(value),
  }
}
