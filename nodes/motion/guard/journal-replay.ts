/**
 * What a machine was doing at a moment, put together again from its journal alone: every record is fed in, and the state
 * after it can be asked for. Pure.
 */
import type { JobEnd } from './contract.ts'
import type { JobStart, TimedRecord } from './journal-records.ts'

export interface ReplayedState {
  /** Of the last record; undefined before the first. */
  at: number | undefined
  guard: 'unknown' | 'running' | 'ended'
  link: 'unknown' | 'open' | 'lost' | 'closed'
  /** As the controller reported it: `run`, `hold:0`, … */
  controller: string
  positionMm: readonly number[]
  isPositionTrusted: boolean
  trustText: string
  job: { start: JobStart; sent: number; acknowledged: number; line: number } | undefined
  lastEnd: JobEnd | undefined
  lease: { token: number; holder: string } | undefined
  /** Who asked for something last, and for what. */
  lastRequest: { at: number; what: string; by: string; text?: string } | undefined
  interlocks: Map<string, string>
  /** The last thing the controller said of itself, and the last real-time byte it was sent. */
  lastReceived: { at: number; text: string } | undefined
  lastRealtime: { at: number; byte: string } | undefined
}

export class Replay {
  readonly state: ReplayedState = {
    at: undefined,
    guard: 'unknown',
    link: 'unknown',
    controller: 'unknown',
    positionMm: [],
    isPositionTrusted: true,
    trustText: '',
    job: undefined,
    lastEnd: undefined,
    lease: undefined,
    lastRequest: undefined,
    interlocks: new Map(),
    lastReceived: undefined,
    lastRealtime: undefined,
  }

  feed(record: TimedRecord): void {
    const { state } = this
    const { at } = record
    state.at = at
    switch (record.kind) {
      case 'guard':
        state.guard = record.what === 'started' ? 'running' : 'ended'
        if (record.what === 'started') {
          // whatever the one before it knew of the link died with it
          state.link = 'unknown'
          state.controller = 'unknown'
          state.lease = undefined
          state.interlocks.clear()
        }
        break
      case 'link':
        state.link = record.what
        if (record.what !== 'open') state.controller = 'unknown'
        break
      case 'state':
        state.controller = record.state
        state.positionMm = record.positionMm
        break
      case 'trust':
        state.isPositionTrusted = record.isTrusted
        state.trustText = record.text
        break
      case 'request':
        state.lastRequest = { at, what: record.what, by: record.by, ...(record.text === undefined ? {} : { text: record.text }) }
        break
      case 'lease':
        state.lease = record.what === 'taken' ? { token: record.token, holder: record.holder } : undefined
        break
      case 'interlock':
        state.interlocks.set(record.id, record.state)
        break
      case 'realtime':
        state.lastRealtime = { at, byte: record.byte }
        break
      case 'received':
        state.lastReceived = { at, text: record.text }
        break
      case 'job-start':
        state.job = { start: record.job, sent: 0, acknowledged: 0, line: 0 }
        break
      case 'program':
        if (state.job?.start.jobId === record.jobId) state.job.sent = record.sent
        break
      case 'acknowledged':
        if (state.job?.start.jobId === record.jobId) {
          state.job.acknowledged = record.acknowledged
          state.job.line = record.line
        }
        break
      case 'job-end':
        state.lastEnd = record.end
        if (state.job?.start.jobId === record.end.jobId) state.job = undefined
        break
      case 'job-withdrawn':
        if (state.job?.start.jobId === record.jobId) state.job = undefined
        break
      case 'sent':
      case 'progress':
      case 'torn':
      case 'gap':
      case 'jobs-past':
        break
      default:
        record satisfies never
    }
  }
}
