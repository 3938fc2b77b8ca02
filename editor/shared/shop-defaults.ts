/**
 * What the shop has set for all pages, as this browser last heard it: kept, so that the next page begins with it, the one for signing in
 * too. Outside of a page, and before anything was heard: as the product brings it.
 */
export interface ShopDefaults {
  language: 'browser' | 'en' | 'de'
  /** IANA name; empty: the one of this computer. */
  timeZone: string
  /** Of lengths and feeds of machines. */
  units: 'mm' | 'inch'
  /** `locale`: as the region of the browser has it. */
  firstDayOfWeek: 'locale' | 'monday' | 'sunday' | 'saturday'
}

/** `theme-boot.js` reads it too. */
const KEY = 'cellwright-shop'
const USUAL: ShopDefaults = { language: 'browser', timeZone: '', units: 'mm', firstDayOfWeek: 'locale' }
const FIRST_DAYS: readonly unknown[] = ['monday', 'sunday', 'saturday'] satisfies ShopDefaults['firstDayOfWeek'][]
let known: ShopDefaults | undefined
const watchers = new Set<() => void>()

/** A browser may be older than the name of a time zone. */
function isZone(timeZone: string): boolean {
  try {
    return timeZone === '' || Boolean(new Intl.DateTimeFormat('en', { timeZone }))
  } catch {
    return false
  }
}

function checked(value: Partial<Record<keyof ShopDefaults, unknown>>): ShopDefaults {
  const { language, timeZone, units, firstDayOfWeek } = value
  return {
    language: language === 'en' || language === 'de' ? language : USUAL.language,
    timeZone: typeof timeZone === 'string' && isZone(timeZone) ? timeZone : USUAL.timeZone,
    units: units === 'inch' ? units : USUAL.units,
    firstDayOfWeek: FIRST_DAYS.includes(firstDayOfWeek) ? (firstDayOfWeek as ShopDefaults['firstDayOfWeek']) : USUAL.firstDayOfWeek,
  }
}

export function shopDefaults(): ShopDefaults {
  if (known) return known
  try {
    const value: unknown = typeof localStorage === 'undefined' ? {} : JSON.parse(localStorage.getItem(KEY) ?? '{}')
    known = checked(typeof value === 'object' && value !== null ? value : {})
  } catch {
    // storage may be forbidden, or somebody wrote into it
    known = USUAL
  }
  return known
}

/** Tells when the server has said something new. */
export function watchShopDefaults(watcher: () => void): () => void {
  watchers.add(watcher)
  return () => watchers.delete(watcher)
}

/** What the server says now. Lengths are drawn anew at once; what else is on the page, when it is drawn next. */
export function keepShopDefaults(settings: readonly { name: string; value: unknown }[]): void {
  known = checked(Object.fromEntries(settings.map(({ name, value }) => [name, value])))
  try {
    localStorage.setItem(KEY, JSON.stringify(known))
  } catch {
    // storage may be forbidden: it then lasts as long as the page
  }
  for (const watcher of watchers) watcher()
}
