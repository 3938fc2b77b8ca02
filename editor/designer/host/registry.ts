/** Lists that areas of the designer add to: actions, side panels. */

export class Registry<T extends { id: string }> {
  readonly #items = new Map<string, T>()
  /** What is taken out and comes back, with other words or rights, comes back to its place. */
  readonly #places = new Map<string, number>()
  readonly #listeners = new Set<() => void>()
  #list: readonly T[] = []

  /** Adds items; one with a known id takes the other's place. @returns what takes them out again */
  add(items: readonly T[]): () => void {
    for (const item of items) {
      this.#items.set(item.id, item)
      if (!this.#places.has(item.id)) this.#places.set(item.id, this.#places.size)
    }
    this.#tell()
    return () => {
      for (const item of items) if (this.#items.get(item.id) === item) this.#items.delete(item.id)
      this.#tell()
    }
  }

  get(id: string): T | undefined {
    return this.#items.get(id)
  }

  /** Everything, in the order it first came. The same array until something changes. */
  readonly list = (): readonly T[] => this.#list

  readonly watch = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  #tell(): void {
    this.#list = [...this.#items.values()].sort((a, b) => (this.#places.get(a.id) ?? 0) - (this.#places.get(b.id) ?? 0))
    for (const listener of [...this.#listeners]) listener()
  }
}
