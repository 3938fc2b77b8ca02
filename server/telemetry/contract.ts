/** Telemetry of jobs, as those who do them use it. */
import type { Selectable } from 'kysely'
import type { Database } from '../store/tables.ts'

/** Which trace a job stands in. */
export interface TracedJob {
  id: string
  runId: string | null
}

/** What is told of jobs. Never throws by itself. */
export interface JobTelemetry {
  /** Spans that are made in `work` (BullMQ's, calls to outside systems) stand below the job, in the trace of its run. */
  within<T>(job: TracedJob, work: () => T): T
  /** A job has ended. */
  ended(
    job: TracedJob & Pick<Selectable<Database['job']>, 'kind' | 'queue' | 'name' | 'state' | 'createdAt' | 'startedAt' | 'endedAt' | 'attempts' | 'reason'>,
  ): void
  /** A call to an outside system, below what stands around it. */
  outside<T>(call: { name: string; attributes: Record<string, string> }, work: () => Promise<T>): Promise<T>
}
