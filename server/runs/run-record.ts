/** A run as the gateway holds it in memory while it is active or has just ended, and how traces change it. */
import type { Static } from 'typebox'
import type { Hop, Run, RunSummary } from '../api/index.ts'
import { summarize } from './summary.ts'
import { DETAILED_HOPS, type TracedRun } from './trace.ts'

type HopEntry = Static<typeof Hop>
/** What the column holds. */
const MAX_INTEGER = 2 ** 31 - 1

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
    givenUp: undefined,
  }
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

/** Puts one batch's news of a run into its record. */
export function applyTrace(record: RunRecord, traced: TracedRun): void {
  // a message after the end: settling was too early, or the gateway had given the run up
  if (record.state !== 'active' && (traced.isNew || traced.detail.length || traced.end)) {
    record.state = 'active'
    record.endedAt = undefined
    record.endText = undefined
    record.endedBySettling = false
  }
  // opened from outside (a press, a job): the runtime knows the node better
  if (traced.isNew && record.hops === 0 && (record.trigger.nodeId === traced.trigger.id || record.trigger.nodeId === ''))
    record.trigger = triggerOf(traced.trigger)
  record.hops = Math.min(Math.max(record.hops, traced.hops), MAX_INTEGER)
  for (const { seq, node, from, atMs, outcome, error } of traced.detail) {
    if (record.detail.length >= DETAILED_HOPS) break
    record.detail.push({
      seq,
      nodeId: clean(node.id),
      nodeType: clean(node.type),
      ...(node.name === undefined ? {} : { nodeName: clean(node.name) }),
      ...(from === undefined ? {} : { from: clean(from) }),
      atMs,
      outcome,
      ...(error === undefined ? {} : { error: clean(error) }),
    })
  }
  for (const { seq, outcome, error } of traced.late) {
    // nearly always at its own place; not so in a run that was taken up again
    const hop = record.detail[seq]?.seq === seq ? record.detail[seq] : record.detail.find((entry) => entry.seq === seq)
    if (!hop) continue
    hop.outcome = outcome
    if (error !== undefined) hop.error = clean(error)
  }
  if (traced.end) {
    record.state = traced.end.state
    record.endedAt = traced.end.endedAt
    record.endText = traced.end.text === undefined ? undefined : clean(traced.end.text)
    record.endedBySettling = traced.end.endedBySettling
  }
}

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
