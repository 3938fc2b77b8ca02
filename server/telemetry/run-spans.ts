/** A run that has ended as spans: one for the run, one for each step that is described. What messages held is never in them. */
import { ROOT_CONTEXT, SpanStatusCode, type Tracer, trace } from '@opentelemetry/api'
import type { RunRecord } from '../runs/run-record.ts'
import { type ChosenIds, idsOfRun } from './ids.ts'

/** Beyond, runs are left out: making spans must not slow the gateway. */
const SPANS_A_SECOND = 5000

export interface RunSpans {
  take(record: RunRecord): void
  /** Runs that were left out. */
  readonly leftOut: number
}

export function createRunSpans({ tracer, ids, now = Date.now }: { tracer: Tracer; ids: ChosenIds; now?: () => number }): RunSpans {
  /** A run may be written again after its end; it is told of once. */
  const told = new WeakSet<RunRecord>()
  let second = 0
  let made = 0
  let leftOut = 0

  return {
    take(record) {
      if (record.state === 'active' || told.has(record)) return
      told.add(record)
      const current = Math.floor(now() / 1000)
      if (current !== second) {
        second = current
        made = 0
      }
      made += 1 + record.detail.length
      if (made > SPANS_A_SECOND) {
        leftOut += 1
        return
      }
      tell(record)
    },
    get leftOut() {
      return leftOut
    },
  }

  function tell(record: RunRecord): void {
    const { trigger, startedAt } = record
    const endedAt = record.endedAt ?? startedAt
    const run = ids.with(idsOfRun(record.id), () =>
      tracer.startSpan(
        `run ${trigger.nodeName || trigger.nodeType}`,
        {
          root: true,
          startTime: startedAt,
          attributes: {
            'cellwright.run.id': record.id,
            'cellwright.run.state': record.state,
            'cellwright.run.hops': record.hops,
            'cellwright.trigger.id': trigger.nodeId,
            'cellwright.trigger.type': trigger.nodeType,
            ...(trigger.flowId === undefined ? {} : { 'cellwright.flow.id': trigger.flowId }),
            ...(trigger.flowName === undefined ? {} : { 'cellwright.flow.name': trigger.flowName }),
            ...(record.replayOf === undefined ? {} : { 'cellwright.run.replay_of': record.replayOf }),
          },
        },
        ROOT_CONTEXT,
      ),
    )
    const within = trace.setSpan(ROOT_CONTEXT, run)
    for (const hop of record.detail) {
      const span = tracer.startSpan(
        hop.nodeName || hop.nodeType,
        {
          startTime: startedAt + hop.atMs,
          attributes: {
            'cellwright.node.id': hop.nodeId,
            'cellwright.node.type': hop.nodeType,
            'cellwright.hop': hop.seq,
            ...(hop.bytes === undefined ? {} : { 'cellwright.payload.bytes': hop.bytes }),
          },
        },
        within,
      )
      if (hop.outcome === 'failed') span.setStatus({ code: SpanStatusCode.ERROR, ...(hop.error === undefined ? {} : { message: hop.error }) })
      span.end(startedAt + (hop.doneMs ?? hop.atMs))
    }
    for (const { kind, id, at } of record.links) run.addEvent(kind, { 'cellwright.id': id }, new Date(at))
    if (record.state === 'failed' || record.state === 'interrupted') run.setStatus({ code: SpanStatusCode.ERROR, message: record.endText ?? record.state })
    run.end(endedAt)
  }
}
