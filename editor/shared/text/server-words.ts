/** What the server keeps or makes in English, in the page's language as far as that is known. */
import { germanRunPart, germanSummary } from './de/run-words.ts'
import { germanSentence } from './de/sentences.ts'
import { type Language, useLanguage } from './index.ts'

export function sayServer(english: string, language: Language): string {
  return language === 'de' ? germanSentence(english) : english
}

/** The same, bound to the page's language. */
export function useServerWords(): (english: string) => string {
  const language = useLanguage()
  return (english) => sayServer(english, language)
}

/** What a run came to, and what its links say, in the page's language. */
export function useRunWords(): { summary: (english: string) => string; part: (english: string) => string } {
  return useLanguage() === 'de' ? GERMAN_RUNS : ENGLISH_RUNS
}
const same = (english: string) => english
const GERMAN_RUNS = { summary: germanSummary, part: germanRunPart }
const ENGLISH_RUNS = { summary: same, part: same }
