/** Small lists that a person's browser keeps: what was used last, favourites, hidden tabs. No view. */

class KeptList {
  readonly #key: string
  readonly #most: number
  readonly #listeners = new Set<() => void>()
  #list: readonly string[]

  /** @param most how many are kept; the oldest go first */
  constructor(key: string, most: number) {
    this.#key = `cellwright-${key}`
    this.#most = most
    this.#list = this.#read()
  }

  /** Newest first. The same array until something changes. */
  readonly list = (): readonly string[] => this.#list

  readonly watch = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  has(item: string): boolean {
    return this.#list.includes(item)
  }

  /** Puts it first. */
  add(item: string): void {
    this.set([item, ...this.#list.filter((other) => other !== item)])
  }

  remove(item: string): void {
    if (this.has(item)) this.set(this.#list.filter((other) => other !== item))
  }

  set(items: readonly string[]): void {
    this.#list = items.slice(0, this.#most)
    try {
      localStorage.setItem(this.#key, JSON.stringify(this.#list))
    } catch {
      // storage may be full or forbidden: the list then lasts as long as the page
    }
    for (const listener of [...this.#listeners]) listener()
  }

  #read(): readonly string[] {
    try {
      const kept: unknown = JSON.parse(localStorage.getItem(this.#key) ?? '[]')
      return Array.isArray(kept) ? kept.filter((item): item is string => typeof item === 'string').slice(0, this.#most) : []
    } catch {
      // forbidden, or written by something else: begins empty
      return []
    }
  }
}

export const recentActions = new KeptList('recent-actions', 8)
export const recentTypes = new KeptList('recent-types', 8)
export const favouriteTypes = new KeptList('favourite-types', 100)
export const hiddenTabs = new KeptList('hidden-tabs', 1_000)
export const closedFamilies = new KeptList('closed-families', 200)
