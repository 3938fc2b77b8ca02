/** The words of gauges. */
import { qualityGauges as de } from '../../shared/text/de/quality-gauges.ts'
import { qualityGauges as en } from '../../shared/text/en/quality-gauges.ts'
import { catalogue } from '../../shared/text/index.ts'

export const useGaugeText = catalogue(en, de)
export type GaugeText = typeof en

/** A day as people say it from today: `in 3 days`, `yesterday`. */
export function inDays(text: GaugeText['days'], day: string, now: Date = new Date()): string {
  const midnight = (at: Date) => new Date(at.getFullYear(), at.getMonth(), at.getDate()).getTime()
  const days = Math.round((midnight(new Date(day)) - midnight(now)) / 86_400_000)
  if (days === 0) return text.today
  if (days === 1) return text.tomorrow
  if (days === -1) return text.yesterday
  return days > 0 ? text.left(String(days)) : text.over(String(-days))
}

/** The day of a moment by the clock of this browser: `2026-12-09`. */
export function dayOf(at: string | Date): string {
  const date = new Date(at)
  const two = (part: number) => String(part).padStart(2, '0')
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`
}
