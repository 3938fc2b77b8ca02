/**
 * A clock that can run faster than the day and jump ahead to the next thing that waits. Timers that were set on it fire in the
 * order in which they are due, each in the asynchronous context in which it was set.
 */
import { AsyncResource } from 'node:async_hooks'

/** The system's own functions, kept before anything is replaced. */
export interface RealClock {
  /** Milliseconds on a clock that only runs forward. */
  now(): number
  setTimeout(run: () => void, ms: number): unknown
  clearTimeout(timer: never): void
}

interface Waiting {
  id: number
  dueMs: number
  /** Between two rounds; undefined: once. */
  everyMs: number | undefined
  run: () => void
}

/** The longest delay that Node's own timers take; a longer one fires at once there, and here. */
const LONGEST_MS = 2 ** 31 - 1

export class VirtualClock {
  readonly #real: RealClock
  readonly #waiting = new Map<number, Waiting>()
  #rate = 1
  #anchorRealMs: number
  #anchorMs = 0
  #lastId = 0
  #pump: unknown

  constructor(real: RealClock) {
    this.#real = real
    this.#anchorRealMs = real.now()
  }

  /** Milliseconds since this clock was made. */
  now(): number {
    return this.#anchorMs + (this.#real.now() - this.#anchorRealMs) * this.#rate
  }

  /** How many of its milliseconds pass in one of the system's. */
  setRate(rate: number): void {
    this.#anchor(this.now())
    this.#rate = rate
    this.#schedule()
  }

  /** When the next timer is due that fires once; undefined: none waits. Intervals wait for ever and count only with `withIntervals`. */
  nextDue(withIntervals = false): number | undefined {
    let next: number | undefined
    for (const { dueMs, everyMs } of this.#waiting.values()) if ((withIntervals || everyMs === undefined) && (next === undefined || dueMs < next)) next = dueMs
    return next
  }

  /** Goes to a moment that is not here yet, firing on the way what is due by then. */
  jumpTo(ms: number): void {
    if (ms > this.now()) this.#anchor(ms)
    this.#schedule()
  }

  /** @returns for {@link cancel} */
  set(run: () => void, delayMs: number, isInterval: boolean): number {
    const ms = delayMs >= 1 && delayMs <= LONGEST_MS ? delayMs : 1
    const id = ++this.#lastId
    this.#waiting.set(id, { id, dueMs: this.now() + ms, everyMs: isInterval ? ms : undefined, run: AsyncResource.bind(run) })
    this.#schedule()
    return id
  }

  cancel(id: number): void {
    if (this.#waiting.delete(id)) this.#schedule()
  }

  has(id: number): boolean {
    return this.#waiting.has(id)
  }

  #anchor(ms: number): void {
    this.#anchorMs = ms
    this.#anchorRealMs = this.#real.now()
  }

  #schedule(): void {
    this.#real.clearTimeout(this.#pump as never)
    this.#pump = undefined
    const next = this.nextDue(true)
    if (next !== undefined) this.#pump = this.#real.setTimeout(() => this.#fire(), Math.max(0, Math.min(LONGEST_MS, (next - this.now()) / this.#rate)))
  }

  /** One at a time: what a timer does may cancel or set others. */
  #fire(): void {
    let first: Waiting | undefined
    for (const each of this.#waiting.values()) if (!first || each.dueMs < first.dueMs || (each.dueMs === first.dueMs && each.id < first.id)) first = each
    if (first && first.dueMs <= this.now()) {
      if (first.everyMs === undefined) this.#waiting.delete(first.id)
      // as the system does: rounds that were missed are not made up for
      else first.dueMs = first.dueMs + first.everyMs > this.now() ? first.dueMs + first.everyMs : this.now() + first.everyMs
      try {
        first.run()
      } finally {
        this.#schedule()
      }
      return
    }
    this.#schedule()
  }
}
