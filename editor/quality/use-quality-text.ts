/** The words of quality: its frame with the verification report, and everything around charts; what is said of rules and panels with them. */
import { quality as de } from '../shared/text/de/quality.ts'
import { qualityCharts as chartsDe } from '../shared/text/de/quality-charts.ts'
import { quality as en } from '../shared/text/en/quality.ts'
import { qualityCharts as chartsEn } from '../shared/text/en/quality-charts.ts'
import { catalogue, formats, type Language, useLanguage } from '../shared/text/index.ts'

export const useQualityText = catalogue(en, de)
export const useChartsText = catalogue(chartsEn, chartsDe)
export type ChartsText = typeof chartsEn

/** Numbers and times as the reader writes them. */
export function useFormats(): ReturnType<typeof formats> & { short: (at: number) => string } {
  const language = useLanguage()
  return { ...formats(language), short: shortTime(language) }
}

const made = new Map<Language, Intl.DateTimeFormat>()
/** Day and minute: what fits below an axis. */
function shortTime(language: Language): (at: number) => string {
  const known =
    made.get(language) ??
    new Intl.DateTimeFormat(language === 'de' ? 'de-DE' : 'en-GB', { day: '2-digit', month: '2-digit', hour: '2-digit', minute: '2-digit' })
  made.set(language, known)
  return (at) => known.format(at)
}

const LENGTHS: Readonly<Record<string, readonly [string, number]>> = {
  'nelson-2': ['nelson2Length', 9],
  'nelson-3': ['nelson3Length', 6],
  'nelson-4': ['nelson4Length', 14],
  'nelson-7': ['nelson7Length', 15],
  'nelson-8': ['nelson8Length', 8],
  'western-electric-4': ['westernElectric4Length', 8],
}

/** The convention that says how long the run of a rule is, with what is usual. */
export const lengthOf = (rule: string): readonly [string, number] | undefined => LENGTHS[rule]

/** A rule in a few words, with the lengths of runs that this characteristic uses. */
export function ruleInWords(text: ChartsText, rule: string, conventions: object = {}): string {
  const say = (text.rules as Readonly<Record<string, (length: string) => string>>)[rule]
  if (!say) return rule
  const [key, usual] = LENGTHS[rule] ?? []
  return say(String((key === undefined ? undefined : (conventions as Readonly<Record<string, unknown>>)[key]) ?? usual ?? ''))
}

/** What people call a rule: `Nelson 2`. */
export function ruleName(text: ChartsText, rule: string): string {
  const [, family, number = ''] = /^(nelson|western-electric)-(\d)$/.exec(rule) ?? []
  if (family === 'nelson') return text.ruleNames.nelson(number)
  if (family === 'western-electric') return text.ruleNames.westernElectric(number)
  return rule === 'out-of-tolerance' ? text.ruleNames.tolerance : text.ruleNames.limits
}

/** What a chart is called: `mean (X̄)`. */
export const panelInWords = (text: ChartsText, panel: string): string => (text.panels as Readonly<Record<string, string>>)[panel] ?? panel

/** A tolerance as people say it: `9.98 to 10.02 mm`. */
export function toleranceInWords(
  text: ChartsText['head'],
  number: (value: number, digits: number) => string,
  { lower, upper, decimals, unit }: { lower: number | null; upper: number | null; decimals: number; unit: string },
): string {
  const say = (value: number) => number(value, decimals)
  const words =
    lower === null
      ? upper === null
        ? text.noTolerance
        : text.atMost(say(upper))
      : upper === null
        ? text.atLeast(say(lower))
        : text.fromTo(say(lower), say(upper))
  return unit === '' || (lower === null && upper === null) ? words : `${words} ${unit}`
}

/** What the server calls the phase of limits that it made by itself. */
const FIRST_LIMITS = 'First limits'
/** A phase as it is called; that of the first limits in the reader's language. */
export const phaseInWords = (text: ChartsText, phase: string): string => (phase === FIRST_LIMITS ? text.limits.first : phase)
