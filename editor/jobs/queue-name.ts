/** The name of a queue. */
import type { JobQueue } from '../../server/api/jobs.ts'
import type { useJobsText } from './use-jobs-text.ts'

/** What people call a queue. */
export function nameOf(queue: JobQueue, text: ReturnType<typeof useJobsText>): string {
  return queue.kind === 'machine' ? queue.name : text.queue[queue.kind]
}
