/** Lists that areas of the designer add to: actions, side panels. */

export class Registry<T extends { id: string }> {
  readonly #items = new Map<string, T>()
  readonly #listeners = new Set<() => void>()
  #list: readonly T[] = []

  /** Adds items; one with a known id takes the other's place. @returns what takes them out again */
  add(items: readonly T[]): () => void {
    for (const item of items) this.#items.set(item.id, item)
    this.#tell()
    return () => {
      for (const item of items) if (this.#items.get(item.id) === item) this.#items.delete(item.id)
      this.#tell()
    }
  }

  get(id: string): T | undefined {
    return this.#items.get(id)
  }

  /** Everything, in the order it came. The same array until something changes. */
  readonly list = (): readonly T[] => this.#list

  readonly watch = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  #tell(): void {
    this.#list = [...this.#items.values()]
    for (const listener of [...this.#listeners]) listener()
  }
}
