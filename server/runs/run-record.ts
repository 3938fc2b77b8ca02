/** A run as the gateway holds it in memory while it is active or has just ended, and how traces change it. */
import type { Static } from 'typebox'
import type { Hop, Run, RunSummary } from '../api/index.ts'
import { summarize } from './summary.ts'
import { DETAILED_HOPS, type TracedMessage, type TracedRun } from './trace.ts'

type HopEntry = Static<typeof Hop>
/** What the column holds. */
const MAX_INTEGER = 2 ** 31 - 1
/** Characters; the runtime keeps to less. */
const MAX_MESSAGE = 200_000

export interface RunRecord {
  id: string
  state: Run['state']
  trigger: Run['trigger']
  startedAt: number
  endedAt: number | undefined
  hops: number
  /** Hops of `hops` that are in the database already. */
  hopsStored: number
  detail: HopEntry[]
  links: Run['links']
  endText: string | undefined
  endedBySettling: boolean
  /** Where it stands with the database: `new` may meet an older row of the same id, `unread` must be read before anything is changed. */
  row: 'new' | 'unread' | 'known'
  /** Traces that came before the row was read. */
  waiting: TracedRun[]
  /** What steps were given, not yet in the database. */
  messages: TracedMessage[]
  /** Words of the flow came with it that may hold a secret. */
  hasWords: boolean
  /** What it waits for, while it is held. */
  waitsFor: string | undefined
  replayOf: string | undefined
  /** Why it is cancelled should it end well: a person cancelled a part of it. */
  cancelled: string | undefined
  /** A runtime that took the run up after a restart counts from 0 and from its own beginning. */
  shift: { seq: number; hops: number; ms: number }
  /** The run was given up before its row was read. */
  givenUp: { at: number; why: string } | undefined
}

/** A record for a run that this process has not met before. */
export function beginRecord(run: { id: string; trigger: Run['trigger']; startedAt: number; row: RunRecord['row'] }): RunRecord {
  return {
    ...run,
    state: 'active',
    endedAt: undefined,
    hops: 0,
    hopsStored: 0,
    detail: [],
    links: [],
    endText: undefined,
    endedBySettling: false,
    waiting: [],
    messages: [],
    hasWords: false,
    waitsFor: undefined,
    replayOf: undefined,
    cancelled: undefined,
    shift: { seq: 0, hops: 0, ms: 0 },
    givenUp: undefined,
  }
}

/** What the row of a run says, that this memory did not know. */
export function fillFromRow(record: RunRecord, run: Run): void {
  record.state = run.state
  record.trigger = run.trigger
  record.startedAt = Date.parse(run.startedAt)
  record.endedAt = run.endedAt === undefined ? undefined : Date.parse(run.endedAt)
  record.hops = Math.max(record.hops, run.hops)
  record.hopsStored = run.hops
  record.detail = run.detail
  record.links = run.links
  record.endedBySettling = run.endedBySettling
  record.waitsFor = run.waitsFor
  record.replayOf = run.replayOf
}

/** PostgreSQL's text and jsonb cannot hold the character 0. */
function clean(text: string): string {
  return text.includes('\0') ? text.replaceAll('\0', '') : text
}

export function triggerOf(node: TracedRun['trigger']): Run['trigger'] {
  const { id, type, name, flowId, flowName } = node
  return {
    nodeId: clean(id),
    nodeType: clean(type),
    ...(name === undefined ? {} : { nodeName: clean(name) }),
    ...(flowId === undefined ? {} : { flowId: clean(flowId) }),
    ...(flowName === undefined ? {} : { flowName: clean(flowName) }),
  }
}

/** Puts one batch's news of a run into its record; a run that is held does not end by it. */
export function applyTrace(record: RunRecord, traced: TracedRun, isHeld = false): void {
  // what a person cancelled stays so, whatever of it was still on its way
  const isCancelled = record.state === 'cancelled'
  // a message after the end: settling was too early, or the gateway had given the run up
  if (record.state !== 'active' && !isCancelled && (traced.isNew || traced.detail.length || traced.end)) {
    record.state = 'active'
    record.endedAt = undefined
    record.endText = undefined
    record.endedBySettling = false
  }
  // opened from outside (a press, a job): the runtime knows the node better
  if (traced.isNew && record.hops === 0 && (record.trigger.nodeId === traced.trigger.id || record.trigger.nodeId === ''))
    record.trigger = triggerOf(traced.trigger)
  if (traced.isNew) record.shift = shiftOf(record, traced)
  const { shift } = record
  record.hops = Math.min(Math.max(record.hops, traced.hops + shift.hops), MAX_INTEGER)
  for (const { seq, node, from, atMs, doneMs, bytes, outcome, error } of traced.detail) {
    if (record.detail.length >= DETAILED_HOPS) break
    record.detail.push({
      seq: seq + shift.seq,
      nodeId: clean(node.id),
      nodeType: clean(node.type),
      ...(node.name === undefined ? {} : { nodeName: clean(node.name) }),
      ...(from === undefined ? {} : { from: clean(from) }),
      atMs: round(atMs + shift.ms),
      ...(doneMs === undefined ? {} : { doneMs: round(doneMs + shift.ms) }),
      ...(bytes === undefined ? {} : { bytes: Math.min(bytes, MAX_INTEGER) }),
      outcome,
      ...(error === undefined ? {} : { error: clean(error) }),
    })
    if (error !== undefined) record.hasWords = true
  }
  for (const { seq, doneMs, outcome, error } of traced.late) {
    const hop = hopOf(record, seq + shift.seq)
    if (!hop) continue
    hop.outcome = outcome
    if (doneMs !== undefined) hop.doneMs = round(doneMs + shift.ms)
    if (error === undefined) continue
    hop.error = clean(error)
    record.hasWords = true
  }
  for (const message of traced.messages) {
    const hop = hopOf(record, message.seq + shift.seq)
    if (!hop || message.json.length > MAX_MESSAGE) continue
    hop.message = message.isWhole ? 'whole' : 'part'
    record.messages.push({ ...message, seq: hop.seq })
  }
  if (traced.end && !isHeld && !isCancelled) {
    endRecord(record, { ...traced.end, text: traced.end.text === undefined ? undefined : clean(traced.end.text) })
    if (traced.end.text !== undefined) record.hasWords = true
  }
}

/** What ended well, and of which a part was cancelled, ends as cancelled. */
export function endRecord(
  record: RunRecord,
  end: { state: 'completed' | 'failed'; endedAt: number; text: string | undefined; endedBySettling: boolean },
): void {
  const isCancelled = end.state === 'completed' && record.cancelled !== undefined
  record.state = isCancelled ? 'cancelled' : end.state
  record.endedAt = end.endedAt
  record.endText = isCancelled ? record.cancelled : end.text
  record.endedBySettling = end.endedBySettling && !isCancelled
}

/** Nearly always at its own place; not so in a run that was taken up again. */
function hopOf(record: RunRecord, seq: number): HopEntry | undefined {
  return record.detail[seq]?.seq === seq ? record.detail[seq] : record.detail.find((entry) => entry.seq === seq)
}

/** Another runtime goes on with a run that waited: what it tells comes after what there is. */
function shiftOf(record: RunRecord, traced: TracedRun): RunRecord['shift'] {
  const ms = traced.startedAt - record.startedAt
  const seq = (record.detail.at(-1)?.seq ?? -1) + 1 - traced.firstSeq
  if (Math.abs(ms) <= 2 || seq <= 0) return record.shift
  return { seq, hops: record.hops, ms }
}

const round = (ms: number) => Math.round(ms * 10) / 10

/** Undefined while the run goes on and nothing is linked to it yet. */
export function summaryOf(record: RunRecord): string | undefined {
  if (record.state === 'active' && !record.links.length) return undefined
  return summarize(record)
}

export function toSummary(record: RunRecord): RunSummary {
  const summary = summaryOf(record)
  return {
    id: record.id,
    state: record.state,
    trigger: record.trigger,
    startedAt: new Date(record.startedAt).toISOString(),
    ...(record.endedAt === undefined ? {} : { endedAt: new Date(record.endedAt).toISOString() }),
    hops: record.hops,
    ...(summary === undefined ? {} : { summary }),
    endedBySettling: record.endedBySettling,
    ...(record.waitsFor === undefined ? {} : { waitsFor: record.waitsFor }),
    ...(record.replayOf === undefined ? {} : { replayOf: record.replayOf }),
  }
}

/** Ends a run that was active as interrupted, and keeps why with it, should it go on all the same. @returns the link, if it was active */
export function giveUp(record: RunRecord, { at, why }: { at: number; why: string }): Run['links'][number] | undefined {
  if (record.state !== 'active') return undefined
  record.state = 'interrupted'
  record.endedAt = at
  record.endText = why
  const link = { kind: 'process' as const, id: 'interruption', text: why, at: new Date(at).toISOString() }
  record.links.push(link)
  return link
}
