/** What the journal says: each fact as it stands in a file, and what follows from them for a job whose end nobody wrote down whole. */
import type { JobEnd } from './contract.ts'

/** Begin of a job, on disk before its first line is sent. */
export interface JobStart {
  jobId: string
  programName: string
  sha256: string
  by: string
  totalLines: number
  startedAt: string
  /** Fencing token of the job. */
  token?: number
  /** The hold on the machine it runs under. */
  lease?: number
}

/**
 * One fact, as it stands in a file. `at` is the wall clock, which may be set forward or back; `ms` counts on from the start of
 * the process whatever the clock does.
 */
export type TimedRecord = JournalRecord & { at: number; ms?: number }

/** `job` counts are those after the fact. */
export type JournalRecord =
  | { kind: 'guard'; what: 'started' | 'ended'; pid: number; isRestart?: boolean; text?: string }
  | { kind: 'torn'; bytes: number }
  /** So many records were lost, since the disk took nothing for too long. */
  | { kind: 'gap'; records: number }
  | { kind: 'link'; what: 'open' | 'lost' | 'closed'; text: string }
  /** `lease`: the token under which it is done. */
  | { kind: 'request'; what: string; by: string; text?: string; lease?: number }
  | { kind: 'lease'; what: 'taken' | 'dropped' | 'expired'; token: number; holder: string; by?: string }
  | { kind: 'interlock'; id: string; state: 'safe' | 'unsafe' | 'unknown'; by?: string }
  | { kind: 'realtime'; byte: string }
  | { kind: 'sent'; text: string }
  /** Program lines: source line and text. */
  | { kind: 'program'; jobId: string; lines: [number, string][]; sent: number }
  /** Answered up to this line; answers that came at once are one record. */
  | { kind: 'acknowledged'; jobId: string; line: number; acknowledged: number }
  /** The first line of a running job whose motion is not proven done. */
  | { kind: 'progress'; jobId: string; line: number; text: string }
  | { kind: 'received'; text: string }
  | { kind: 'state'; state: string; positionMm: readonly number[] }
  | { kind: 'trust'; isTrusted: boolean; text: string }
  | { kind: 'job-start'; job: JobStart }
  | { kind: 'job-end'; end: JobEnd }
  /** Its begin could not be brought to the disk in time, so it was refused: it never ran, and may be started yet. */
  | { kind: 'job-withdrawn'; jobId: string }
  /** What is left of jobs long ago, in `jobs.log` only. */
  | { kind: 'jobs-past'; jobs: PastJob[] }

/** What is left of a job long ago: id, how it ended, when, lines acknowledged, lines in all. */
export type PastJob = [jobId: string, state: JobEnd['state'], endedAt: string, acknowledged: number, total: number]

/** A job that had begun and not ended when the last guard died. */
export interface UnfinishedJob {
  start: JobStart
  linesSent: number
  linesAcknowledged: number
  /** The first line whose motion was not proven done when that was last written down. */
  progress?: { line: number; text: string }
}

/** How a job ended whose guard died under it, as far as its journal tells. */
export function endOfUnfinished({ start, linesSent, linesAcknowledged }: UnfinishedJob, isPositionTrusted: boolean): JobEnd {
  return {
    jobId: start.jobId,
    state: 'interrupted',
    text:
      `The guard process ended while the program ran. At least ${linesSent} of ${start.totalLines} lines had been sent and ${linesAcknowledged} acknowledged. ` +
      'What was in the controller ran on to its end; nothing new was sent. The spindle may be on. Look at the machine before anything else.',
    linesSent,
    linesAcknowledged,
    totalLines: start.totalLines,
    durationMs: Math.max(0, Date.now() - Date.parse(start.startedAt)),
    isPositionTrusted,
    endedAt: new Date().toISOString(),
  }
}

/** What is told of a job of which only the short form is left. */
export function endOfPast([jobId, state, endedAt, acknowledged, total]: PastJob): JobEnd {
  return {
    jobId,
    state,
    text: 'It ended long ago; only how it ended is still on record.',
    linesSent: acknowledged,
    linesAcknowledged: acknowledged,
    totalLines: total,
    durationMs: 0,
    isPositionTrusted: false,
    endedAt,
  }
}
