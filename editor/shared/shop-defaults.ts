/**
 * What the shop has set for all pages, as this browser last heard it: kept, so that the next page begins with it, the one for signing in
 * too. Outside of a page, and before anything was heard: as the product brings it.
 */
export interface ShopDefaults {
  language: 'browser' | 'en' | 'de'
  /** IANA name; empty: the one of this computer. */
  timeZone: string
  units: 'mm' | 'inch'
}

/** `theme-boot.js` reads it too. */
const KEY = 'cellwright-shop'
const USUAL: ShopDefaults = { language: 'browser', timeZone: '', units: 'mm' }
let known: ShopDefaults | undefined

/** A browser may be older than the name of a time zone. */
function isZone(timeZone: string): boolean {
  try {
    return timeZone === '' || Boolean(new Intl.DateTimeFormat('en', { timeZone }))
  } catch {
    return false
  }
}

function checked(value: Partial<Record<keyof ShopDefaults, unknown>>): ShopDefaults {
  const { language, timeZone, units } = value
  return {
    language: language === 'en' || language === 'de' ? language : USUAL.language,
    timeZone: typeof timeZone === 'string' && isZone(timeZone) ? timeZone : USUAL.timeZone,
    units: units === 'inch' ? units : USUAL.units,
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

/** What the server says now. Counts for what is drawn from now on. */
export function keepShopDefaults(settings: readonly { name: string; value: unknown }[]): void {
  known = checked(Object.fromEntries(settings.map(({ name, value }) => [name, value])))
  try {
    localStorage.setItem(KEY, JSON.stringify(known))
  } catch {
    // storage may be forbidden: it then lasts as long as the page
  }
}
