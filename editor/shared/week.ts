/** With which day a week begins on the pages: as the shop has set, else as in the region of the browser. No DOM. */
import { shopDefaults } from './shop-defaults.ts'

/** 1 is Monday … 7 is Sunday, as ISO 8601 counts them. */
const DAYS = { monday: 1, saturday: 6, sunday: 7 } as const

/** Not in TypeScript's own types yet; older browsers have it as a property, some not at all. */
type WithWeek = Intl.Locale & { getWeekInfo?(): { firstDay: number }; weekInfo?: { firstDay: number } }

/** 1 is Monday … 7 is Sunday. @param region a language tag, as a browser has it */
export function firstDayOfWeek(region: string = typeof navigator === 'undefined' ? 'en-GB' : navigator.language): number {
  const chosen = shopDefaults().firstDayOfWeek
  if (chosen !== 'locale') return DAYS[chosen]
  try {
    const locale = new Intl.Locale(region) as WithWeek
    return (locale.getWeekInfo?.() ?? locale.weekInfo)?.firstDay ?? DAYS.monday
  } catch {
    // a browser may call itself anything
    return DAYS.monday
  }
}

/** The days of a week in the order in which they are shown. @param days from Monday to Sunday */
export function weekFrom<T>(days: readonly T[], first: number = firstDayOfWeek()): T[] {
  return [...days.slice(first - 1), ...days.slice(0, first - 1)]
}
