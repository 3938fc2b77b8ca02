/**
 * Jobs as spans in the trace of their run: one from when a job was asked for until it ended, below it BullMQ's own spans of
 * its deliveries and the calls to outside systems. A job without a run has a trace of its own.
 */
import { type Context, context, ROOT_CONTEXT, SpanKind, SpanStatusCode, TraceFlags, type Tracer, trace } from '@opentelemetry/api'
import type { JobTelemetry, TracedJob } from './contract.ts'
import { type ChosenIds, idsOfRun, type RunIds } from './ids.ts'

/** @param isSampled whether the trace of that id is told at all */
export function createJobSpans({ tracer, ids, isSampled }: { tracer: Tracer; ids: ChosenIds; isSampled: (traceId: string) => boolean }): JobTelemetry {
  const traceOf = (job: TracedJob) => idsOfRun(job.runId ?? job.id).traceId
  const spanIdOf = (job: TracedJob) => idsOfRun(job.id).spanId
  const within = (ofSpan: RunIds): Context =>
    trace.setSpanContext(ROOT_CONTEXT, { ...ofSpan, isRemote: true, traceFlags: isSampled(ofSpan.traceId) ? TraceFlags.SAMPLED : TraceFlags.NONE })

  return {
    within: (job, work) => context.with(within({ traceId: traceOf(job), spanId: spanIdOf(job) }), work),
    ended(job) {
      const { id, runId, kind, queue, name, state, createdAt, startedAt, endedAt, attempts, reason } = job
      const parent = runId === null ? ROOT_CONTEXT : within(idsOfRun(runId))
      const attributes = {
        'cellwright.job.id': id,
        'cellwright.job.kind': kind,
        'cellwright.job.queue': queue,
        'cellwright.job.state': state,
        'cellwright.job.attempts': attempts,
        ...(startedAt === null ? {} : { 'cellwright.job.waited_ms': startedAt.getTime() - createdAt.getTime() }),
        ...(runId === null ? {} : { 'cellwright.run.id': runId }),
      }
      const span = ids.with({ traceId: traceOf(job), spanId: spanIdOf(job) }, () =>
        tracer.startSpan(`job ${name}`, { startTime: createdAt, attributes, root: runId === null }, parent),
      )
      if (startedAt) span.addEvent('begun', {}, startedAt)
      if (state === 'failed' || state === 'interrupted') span.setStatus({ code: SpanStatusCode.ERROR, ...(reason === null ? {} : { message: reason }) })
      span.end(endedAt ?? new Date())
    },
    outside({ name, attributes }, work) {
      return tracer.startActiveSpan(name, { kind: SpanKind.CLIENT, attributes }, async (span) => {
        try {
          return await work()
        } catch (error) {
          span.setStatus({ code: SpanStatusCode.ERROR, message: error instanceof Error ? error.message : String(error) })
          throw error
        } finally {
          span.end()
        }
      })
    },
  }
}
