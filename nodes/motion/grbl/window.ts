/**
 * Character counting: which lines the controller has not answered yet and how much of its receive buffer
 * they fill. One window for everything that is answered, whoever sent it (grbl 1.1 interface.md,
 * "Streaming Protocol: Character-Counting"): each `ok` or `error` belongs to the oldest line in it.
 */
export class CharacterWindow<T> {
  readonly capacityBytes: number
  #entries: { entry: T; bytes: number }[] = []
  #head = 0
  #usedBytes = 0

  /** @param capacityBytes how much may be outstanding: the RX buffer less one, as a ring cannot be filled */
  constructor(capacityBytes: number) {
    this.capacityBytes = capacityBytes
  }

  get count(): number {
    return this.#entries.length - this.#head
  }

  get usedBytes(): number {
    return this.#usedBytes
  }

  canTake(bytes: number): boolean {
    return this.#usedBytes + bytes <= this.capacityBytes
  }

  /** @throws RangeError when it does not fit: the caller must ask {@link canTake} first */
  push(entry: T, bytes: number): void {
    if (!this.canTake(bytes)) throw new RangeError(`${bytes} bytes do not fit beside ${this.#usedBytes} in ${this.capacityBytes}`)
    this.#entries.push({ entry, bytes })
    this.#usedBytes += bytes
  }

  /** The line the next answer belongs to. */
  peek(): T | undefined {
    return this.#entries[this.#head]?.entry
  }

  /** Takes out the line that was just answered; undefined when nothing was outstanding. */
  pop(): T | undefined {
    const oldest = this.#entries[this.#head]
    if (!oldest) return undefined
    this.#head += 1
    this.#usedBytes -= oldest.bytes
    if (this.#head > 64 && this.#head * 2 > this.#entries.length) {
      this.#entries = this.#entries.slice(this.#head)
      this.#head = 0
    }
    return oldest.entry
  }

  /** Forgets everything, oldest first: after a reset or a lost link nothing will be answered any more. */
  clear(): T[] {
    const all = this.outstanding()
    this.#entries = []
    this.#head = 0
    this.#usedBytes = 0
    return all
  }

  outstanding(): T[] {
    return this.#entries.slice(this.#head).map(({ entry }) => entry)
  }
}
