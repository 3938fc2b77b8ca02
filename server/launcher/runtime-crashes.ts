/** When the flow runtime has crashed too often to be started with its flows once more. */

const CRASHES = { count: 3, withinMs: 60_000 }
/** A hang takes a minute to be sure of, so three of them cannot fall into one. */
const HANGS = { count: 3, withinMs: 600_000 }

export class RuntimeCrashes {
  #crashes: number[] = []
  #hangs: number[] = []

  /** @param nowMs on a clock that does not jump */
  add(wasHung: boolean, nowMs: number): void {
    if (wasHung) this.#hangs.push(nowMs)
    else this.#crashes.push(nowMs)
    this.#crashes = this.#crashes.filter((at) => nowMs - at <= CRASHES.withinMs)
    this.#hangs = this.#hangs.filter((at) => nowMs - at <= HANGS.withinMs)
  }

  get areTooMany(): boolean {
    return this.#crashes.length >= CRASHES.count || this.#hangs.length >= HANGS.count
  }

  forget(): void {
    this.#crashes = []
    this.#hangs = []
  }
}
