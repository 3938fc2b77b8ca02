/** Keeps the messages of runs and jobs that were stopped from going any further: what is in a node now does not come to the next one. */
import type { NodeRed, SendEvent } from './node-red.ts'

const HOOK = 'preDeliver.cellwright-stopped'
/** A message may sit in a node for long; older stops than these are forgotten. */
const REMEMBERED = 20_000

export interface StoppedRuns {
  runs(ids: readonly string[], reason: string): void
  /** Only what carries the job as `job in` gave it out. */
  jobs(ids: readonly string[]): void
  /** Whether a run was stopped: nothing more is asked for it either. */
  isStopped(runId: string): boolean
}

/** @param onHalt a message of a run was kept from going on: the run, and why it was stopped */
export function createStoppedRuns(red: Pick<NodeRed, 'hooks'>, onHalt: (runId: string, reason: string) => void): StoppedRuns {
  const stopped = new Map<string, string>()
  const stoppedJobs = new Map<string, true>()
  let isHooked = false
  const halts = (event: unknown): false | undefined => {
    const { msg } = event as SendEvent
    const runId = String(msg._run)
    const reason = stopped.get(runId)
    if (reason !== undefined) {
      // sending has opened the run again in the history
      onHalt(runId, reason)
      return false
    }
    // with a state it is the news of how a job ended, which somebody waited for
    const job = msg.job as { id?: unknown; state?: unknown } | undefined
    return job && typeof job.id === 'string' && job.state === undefined && stoppedJobs.has(job.id) ? false : undefined
  }
  const remember = <T>(all: Map<string, T>, ids: readonly string[], value: T) => {
    if (!ids.length) return
    // no hook until it is needed: every hop pays for one
    if (!isHooked) red.hooks.add(HOOK, halts)
    isHooked = true
    for (const id of ids) all.set(id, value)
    for (const id of all.keys()) {
      if (all.size <= REMEMBERED) break
      all.delete(id)
    }
  }
  return {
    runs: (ids, reason) => remember(stopped, ids, reason),
    jobs: (ids) => remember(stoppedJobs, ids, true as const),
    isStopped: (runId) => stopped.has(runId),
  }
}
