/**
 * How many errors were thrown on each tab since the person last looked at it. What was seen is kept by the browser, so
 * that a reload does not bring everything back. Only errors that no catch node of the flow dealt with are counted. No view.
 */
import type { Activity } from '../../../server/api/activity.ts'

const KEY = 'cellwright-errors-seen'
const NONE: ReadonlyMap<string, number> = new Map()

export class TabErrors {
  /** Totals of the runtime that counts since then. */
  #since = ''
  readonly #totals = new Map<string, number>()
  #seen = new Map<string, number>()
  #shown: string | undefined
  #unseen: ReadonlyMap<string, number> = NONE
  readonly #listeners = new Set<() => void>()
  readonly #storage: Pick<Storage, 'getItem' | 'setItem'> | undefined

  constructor(storage?: Pick<Storage, 'getItem' | 'setItem'>) {
    this.#storage = storage
  }

  /** By tab or subflow, without those where there is nothing new; the same map until something changes. */
  readonly unseen = (): ReadonlyMap<string, number> => this.#unseen

  readonly watch = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  take({ thrown }: Pick<Activity, 'thrown'>): void {
    if (!thrown) return
    if (thrown.since !== this.#since) {
      // another runtime counts from nothing: what it counted was not looked at, unless this browser knows it
      this.#since = thrown.since
      this.#totals.clear()
      this.#seen = this.#read()
    }
    for (const [place, count] of Object.entries(thrown.at)) this.#totals.set(place, count)
    this.#look()
  }

  /** The tab that the person sees; undefined: none, or the page is not in front. */
  show(place: string | undefined): void {
    if (this.#shown === place) return
    this.#shown = place
    this.#look()
  }

  #look(): void {
    const total = this.#shown === undefined ? undefined : this.#totals.get(this.#shown)
    if (this.#shown !== undefined && total !== undefined && this.#seen.get(this.#shown) !== total) {
      this.#seen.set(this.#shown, total)
      this.#write()
    }
    const unseen = new Map([...this.#totals].map(([place, count]) => [place, count - (this.#seen.get(place) ?? 0)] as const).filter(([, count]) => count > 0))
    if (unseen.size === this.#unseen.size && [...unseen].every(([place, count]) => this.#unseen.get(place) === count)) return
    this.#unseen = unseen
    for (const listener of [...this.#listeners]) listener()
  }

  #read(): Map<string, number> {
    try {
      const kept = JSON.parse(this.#storage?.getItem(KEY) ?? '{}') as { since?: unknown; seen?: unknown }
      if (kept.since !== this.#since || typeof kept.seen !== 'object' || kept.seen === null) return new Map()
      return new Map(Object.entries(kept.seen).filter((entry): entry is [string, number] => typeof entry[1] === 'number'))
    } catch {
      // forbidden, or written by something else: nothing was seen
      return new Map()
    }
  }

  #write(): void {
    try {
      this.#storage?.setItem(KEY, JSON.stringify({ since: this.#since, seen: Object.fromEntries(this.#seen) }))
    } catch {
      // storage may be full or forbidden: it then lasts as long as the page
    }
  }
}

function storage(): Storage | undefined {
  try {
    return globalThis.localStorage
  } catch {
    return undefined
  }
}

/** Of this page. */
export const tabErrors = new TabErrors(storage())
