/** What kind of device a page is open on, as far as its own words tell: which steps are shown first. */
export const PLATFORMS = ['android', 'apple', 'windows', 'mac', 'linux'] as const
export type Platform = (typeof PLATFORMS)[number]

export function platformOf({ userAgent, maxTouchPoints }: { userAgent: string; maxTouchPoints: number }): Platform {
  if (/Android/i.test(userAgent)) return 'android'
  // an iPad calls itself a Macintosh; no Mac has a touch screen
  if (/iPhone|iPad|iPod/i.test(userAgent) || (/Macintosh/i.test(userAgent) && maxTouchPoints > 1)) return 'apple'
  if (/Macintosh/i.test(userAgent)) return 'mac'
  if (/Windows/i.test(userAgent)) return 'windows'
  return 'linux'
}
