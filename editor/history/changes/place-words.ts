/** Where something stands in a setting, in the words of the pages where it is set: `guarding.maxFeedMmPerMin` is "Guarding › Highest feed". */

/** Words for keys of a kind of setting, and for places in lists of coordinates. */
export interface PlaceWords {
  keys: Readonly<Record<string, string>>
  axes: readonly string[]
  /** The n-th of a list, from 1. */
  entry: (n: string) => string
}

/** Lists whose places are axes. */
const COORDINATES: ReadonlySet<string> = new Set(['min', 'max', 'parkMm', 'atMm'])

/** @param path as `jsonDiff` writes it; what has no words stays as it is written */
export function placeInWords(path: string, { keys, axes, entry }: PlaceWords): string {
  const said: string[] = []
  let before = ''
  for (const [, key, place] of path.matchAll(/([^.[\]]+)|\[([^\]]*)\]/g)) {
    if (key !== undefined) {
      said.push(Object.hasOwn(keys, key) ? (keys[key] as string) : key)
      before = key
    } else if (place !== undefined) {
      const n = /^\d{1,6}$/.test(place) ? Number(place) : undefined
      const axis = n !== undefined && COORDINATES.has(before) ? axes[n] : undefined
      said.push(axis ?? (n === undefined ? place : entry(String(n + 1))))
    }
  }
  return said.join(' › ')
}
