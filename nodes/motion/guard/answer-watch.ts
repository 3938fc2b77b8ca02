/**
 * Compares what the controller says of its buffers with what it still owes. The protocol has no checksum and no numbers:
 * an answer that was lost, or came twice, shows only in the count. Pure.
 */
import type { StatusReport } from '../grbl/index.ts'

export interface AnswerSituation {
  report: StatusReport
  /** Of its receive buffer, as it said at `$I`. */
  rxBytes: number
  plannerBlocks: number
  /** Lines not answered yet, oldest first. */
  outstanding: readonly string[]
  outstandingBytes: number
  /** Idle (or in alarm) for so long, without an answer and without a line sent to an empty window. */
  silentMs: number
  /** How long the dwells among them may take. */
  dwellMs: number
  /** A line that the controller may take its time over is unanswered for so long before it counts as lost. */
  lostAnswerMs: number
}

/**
 * `lost`: everything was carried out and an answer is missing. `doubled`: it holds more than it owes, so an answer was
 * counted that was none, and its buffer may have run over.
 */
export type AnswerVerdict = 'fine' | 'lost' | 'doubled'

/** An idle controller reads a plain line at once; only the link's own delay stands before the answer. */
const PLAIN_LINE_MS = 1500
/** The same with its buffers reported empty. */
const EMPTY_BUFFERS_MS = 700
/** Answered when a switch has been thrown or the EEPROM was written. */
const SHORT_WAIT = /G0*(?:10|28|30|5[4-9])|M0*(?:2|5|7|8|9|30)(?!\d)/
const SHORT_WAIT_MS = 3000
/** Answered when something else is done: a spindle at its speed, a tool changed, homing, probing. */
const LONG_WAIT = /^\$|G38|M0*(?:[0-1346]|60)(?!\d)/

export function watchAnswers(situation: AnswerSituation): AnswerVerdict {
  const { report, rxBytes, plannerBlocks, outstanding, outstandingBytes, silentMs, dwellMs, lostAnswerMs } = situation
  const { buffer } = report
  // bytes it holds were sent and not answered; one for controllers that count the free bytes of a ring
  if (buffer && rxBytes - buffer.rxBytes > outstandingBytes + 1) return 'doubled'
  // a plain alarm answers every line, if only with an error; after a critical one nothing is outstanding
  if ((report.state !== 'idle' && report.state !== 'alarm') || outstanding.length === 0) return 'fine'
  const has = (kind: RegExp) => outstanding.some((text) => kind.test(text))
  const isEmpty = buffer !== undefined && buffer.rxBytes >= rxBytes - 1 && buffer.plannerBlocks >= plannerBlocks - 1
  const shortMs = has(SHORT_WAIT) ? SHORT_WAIT_MS : isEmpty ? EMPTY_BUFFERS_MS : PLAIN_LINE_MS
  // Grbl counts a dwell in 50 ms steps that its interrupts stretch
  return silentMs > (has(LONG_WAIT) ? lostAnswerMs : Math.min(lostAnswerMs, shortMs)) + dwellMs * 1.1 ? 'lost' : 'fine'
}
