/** How long a program still takes: the time estimate, corrected by how long the part done really took. Pure. */
import { secondsUntilDone, type TimelineData } from '../../gcode/estimate/index.ts'

/** Estimated seconds that must be done before the real pace says anything. */
const ENOUGH_S = 5
/** And real ones: acknowledgements run ahead of the machine by what its planner holds. */
const ENOUGH_REAL_S = 1

export class TimeLeft {
  readonly #timeline: TimelineData
  #doneS = 0
  /** What the part done should have taken with the overrides it ran at. */
  #plannedS = 0
  #realS = 0
  #lastMs: number | undefined

  /** @param fromLine lines sent before this program's first: it was started in its middle */
  constructor(timeline: TimelineData, fromLine = 0) {
    this.#timeline = timeline
    this.#doneS = secondsUntilDone(timeline, fromLine)
  }

  /**
   * @param line how many lines of the program are acknowledged
   * @param nowMs monotonic
   * @param feedPercent feed override in force
   */
  acknowledged(line: number, nowMs: number, feedPercent: number): void {
    const doneS = secondsUntilDone(this.#timeline, line)
    this.#plannedS += Math.max(0, doneS - this.#doneS) / factor(feedPercent)
    this.#doneS = Math.max(doneS, this.#doneS)
    if (this.#lastMs !== undefined) this.#realS += (nowMs - this.#lastMs) / 1000
    this.#lastMs = nowMs
  }

  /** A hold or a wait for a person: this time says nothing of the pace. */
  paused(): void {
    this.#lastMs = undefined
  }

  /** Goes on after {@link paused}. */
  resumed(nowMs: number): void {
    this.#lastMs ??= nowMs
  }

  remainingS(feedPercent: number): number {
    const isKnown = this.#plannedS >= ENOUGH_S && this.#realS >= ENOUGH_REAL_S
    const pace = isKnown ? this.#realS / this.#plannedS : 1
    return Math.max(0, ((this.#timeline.totalS - this.#doneS) / factor(feedPercent)) * pace)
  }
}

const factor = (percent: number) => Math.max(0.1, percent / 100)
