/** Counts and times as people read them. */
import { useMemo } from 'react'
import { formats, type Language, useLanguage } from '../../shared/text/index.ts'

function liveFormats(language: Language) {
  const { number, time } = formats(language)
  const short = new Intl.NumberFormat(language === 'de' ? 'de-DE' : 'en-GB', { notation: 'compact', maximumFractionDigits: 1 })
  return {
    /** `980`, `12.3K` */
    count: (count: number) => (count < 10_000 ? number(count) : short.format(count)),
    /** `0.3 ms`, `45 ms`, `2.1 s` */
    ms: (ms: number) => (ms < 10 ? `${number(ms, 1)} ms` : ms < 1000 ? `${number(ms)} ms` : `${number(ms / 1000, ms < 60_000 ? 1 : 0)} s`),
    percent: (share: number) => `${number(share * 100, share < 0.1 ? 1 : 0)} %`,
    rate: (perSecond: number) => number(perSecond, perSecond < 10 ? 1 : 0),
    time,
  }
}

export function useLiveFormats(): ReturnType<typeof liveFormats> {
  const language = useLanguage()
  return useMemo(() => liveFormats(language), [language])
}
