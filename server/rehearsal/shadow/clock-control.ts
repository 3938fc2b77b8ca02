/** How the shadow runtime reaches the clock that was put under it (`preload.ts`). */

export const CLOCK = Symbol.for('cellwright.rehearsal.clock')

/** Times are milliseconds since the shadow runtime began. */
export interface ClockControl {
  setRate(rate: number): void
  jumpTo(ms: number): void
  now(): number
  /** When the next timer of a flow is due that fires once. */
  nextDue(): number | undefined
}

/** The clock of this process, if it has a virtual one. */
export function virtualClock(): ClockControl | undefined {
  return (globalThis as { [CLOCK]?: ClockControl })[CLOCK]
}
