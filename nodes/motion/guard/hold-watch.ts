/** Follows a hold from the byte to the report that shows it, and to its end. Pure. */
import type { StatusReport } from '../grbl/index.ts'

export type HoldWatch =
  | { kind: 'none' }
  /** `!` went out; so many reports since. */
  | { kind: 'asked'; reports: number }
  /** A report showed it: by us, by M0, a door, a button at the machine. */
  | { kind: 'seen' }

/** After so many reports that still show motion, the `!` is taken for lost. */
const PATIENCE_REPORTS = 3
/** A jog brakes first, and every cancel that comes as it ends may strand the controller (`jog-end.ts`). */
const PATIENCE_IN_JOG = 10

/**
 * What a report says of the hold.
 * @param isJobRunning a program is being streamed: idle may be the moment before its next move
 * @returns `mustRepeat`: the `!` did not arrive
 */
export function watchHold(hold: HoldWatch, report: StatusReport, isJobRunning: boolean): { hold: HoldWatch; mustRepeat: boolean } {
  const { state } = report
  if (state === 'hold' || state === 'door' || state === 'tool') return { hold: { kind: 'seen' }, mustRepeat: false }
  switch (hold.kind) {
    case 'none':
      return { hold, mustRepeat: false }
    case 'seen':
      return { hold: { kind: 'none' }, mustRepeat: false }
    case 'asked': {
      const reports = hold.reports + 1
      const mayStillMove = state === 'run' || state === 'jog' || (state === 'idle' && isJobRunning)
      // in jog it ended the jog; in alarm, check and homing it means nothing
      if (!mayStillMove && reports >= 2) return { hold: { kind: 'none' }, mustRepeat: false }
      return { hold: { kind: 'asked', reports }, mustRepeat: state === 'jog' ? reports % PATIENCE_IN_JOG === 0 : mayStillMove && reports >= PATIENCE_REPORTS }
    }
    default:
      return hold satisfies never
  }
}
