/** What a virtual controller saw and did, for tests and short looks: everything received, answered and moved. */
import type { Point } from './controller/vector.ts'

/** Bytes as they came in, with the time on the wall clock (ms since 1970, with fractions). */
export interface ReceivedBytes {
  atMs: number
  bytes: Buffer
}

export interface AnsweredLine {
  atMs: number
  /** As the firmware read it: no spaces, no comments, upper case. */
  line: string
  /** `ok` or `error:N`. */
  answer: string
}

/** One line of the planner, when the motors began it. */
export interface BegunMove {
  atMs: number
  /** Machine mm. */
  from: Point
  to: Point
  /** The `N` word, 0 for none. */
  lineNumber: number
  /** On the way to the switches, where positions mean nothing yet. */
  isHoming: boolean
}

/** From the first step to standstill; `toMs` is absent while it lasts. */
export interface MovingTime {
  fromMs: number
  toMs?: number
}

const MAX_ENTRIES = 200_000

/** Appends; a log that grows too long forgets its older half. */
export function keep<T>(entries: T[], entry: T): void {
  entries.push(entry)
  if (entries.length > MAX_ENTRIES) entries.splice(0, MAX_ENTRIES / 2)
}

/** Milliseconds since 1970 of a moment of `performance.now()`. */
export const wallClock = (nowMs: number): number => performance.timeOrigin + nowMs
