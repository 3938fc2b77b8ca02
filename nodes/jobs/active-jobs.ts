/** The flow jobs that this process is working on: started by a `cw-job-in`, ended by a `cw-job-out` or an error. */
import type { Message } from '../define-node/red.ts'

const runByJob = new Map<string, string>()

export function jobStarted(jobId: string, runId: string): void {
  runByJob.set(jobId, runId)
}

/** The running job that a message belongs to: by `msg.job`, or by its run when a node made a new message. */
export function activeJobOf(message: Message): string | undefined {
  const id = jobIdOf(message)
  if (id !== undefined) return runByJob.has(id) ? id : undefined
  if (!message._run) return undefined
  const jobs = [...runByJob].filter(([, runId]) => runId === message._run).map(([jobId]) => jobId)
  // two jobs of one run: a guess could end the wrong one
  return jobs.length === 1 ? jobs[0] : undefined
}

export function jobIdOf(message: Message): string | undefined {
  const id = (message.job as { id?: unknown } | undefined)?.id
  return typeof id === 'string' ? id : undefined
}

/** For what is asked of the product in the flow of a job: it is the job's child. */
export function parentOf(message: Message): { parentJob?: string } {
  const parentJob = activeJobOf(message)
  return parentJob === undefined ? {} : { parentJob }
}

/** @returns false when it had ended already */
export function jobEnded(jobId: string): boolean {
  return runByJob.delete(jobId)
}
