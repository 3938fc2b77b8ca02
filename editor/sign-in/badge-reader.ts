/**
 * A badge reader that types like a keyboard ("keyboard wedge"): many characters faster than any person, then Enter. No DOM but the
 * event it is given.
 */

/** A person's fastest keys are further apart; readers type within a few milliseconds. */
const MOST_GAP_MS = 60
const SHORTEST = 8
const LONGEST = 128
/** What gauges type that are keyboards as well (`operator/entry/wedge.ts`): a measured value must sign nobody out. */
const READING = /^[+-]?\d*[.,]\d*$|^[+-]\d+$/

export interface BadgeReader {
  /** @returns the code when this key ended one */
  key(key: string, atMs: number): string | undefined
}

export function createBadgeReader(): BadgeReader {
  let typed = ''
  let lastAt = Number.NEGATIVE_INFINITY
  return {
    key(key, atMs) {
      const isFast = atMs - lastAt <= MOST_GAP_MS
      lastAt = atMs
      if (key === 'Enter') {
        const code = typed
        typed = ''
        return isFast && code.length >= SHORTEST && !READING.test(code) ? code : undefined
      }
      // a modifier belongs to the key that follows it
      if (key.length !== 1) {
        if (!isFast) typed = ''
        return undefined
      }
      typed = isFast ? (typed + key).slice(0, LONGEST) : key
      return undefined
    },
  }
}
