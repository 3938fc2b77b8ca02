/** Jobs as the other parts of the gateway use them. The row in PostgreSQL is the truth; BullMQ dispatches. */
import type { Job, JobPlan, StartOptions } from '../api/index.ts'

export interface Jobs {
  /** Queues a program on `machine-<id>`; the same key is one job, and the first one is returned. */
  startProgram(request: {
    machineId: string
    programId: string
    requestedBy: string
    key?: string
    runId?: string
    nodeId?: string
    /** Kept with the job, for its start. */
    options?: StartOptions
    /** The job runs under this lease; whose it is was judged before. */
    lease?: number
    plan?: JobPlan
    /** The flow job in whose flow it is asked for. */
    parentJob?: string
  }): Promise<Job>
  /** Queues a flow job for the `cw-job-in` of that name. */
  enqueueFlow(request: {
    name: string
    payload: unknown
    requestedBy: string
    key?: string
    plan?: JobPlan
    runId?: string
    nodeId?: string
    parentJob?: string
  }): Promise<Job>
  /** Brings a waiting outbox row (server/connections) to the outside system; retried with backoff. */
  enqueueConfirmation(request: { outboxId: string; connectionId: string; name: string; runId?: string }): Promise<Job>
  get(jobId: string): Promise<Job>
  onChange(listener: (job: Job) => void): void
}
