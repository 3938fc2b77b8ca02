/** What a person asks a dialog for. */
import type { JobQueue, LetterFilter, QueuedJob } from '../../../server/api/jobs.ts'
import type { Job } from '../../../server/api/work.ts'

/** Dead letters that are dealt with together: what they were narrowed to, and how many were seen. */
export interface Letters {
  filter: LetterFilter
  total: number
  kinds: { program: number; flow: number; confirmation: number; maintenance: number }
}

export type Asked =
  | { what: 'hold'; queue: JobQueue; mode: 'held' | 'draining' }
  | { what: 'release'; queue: JobQueue /** What runs first. */; next: string }
  | { what: 'settings'; queue: JobQueue }
  | { what: 'plan'; job: QueuedJob }
  | { what: 'move'; job: QueuedJob }
  | { what: 'retry'; job: Job }
  | { what: 'cancel'; job: Job }
  | { what: 'dismiss'; job: Job }
  | { what: 'retry-all' | 'dismiss-all'; letters: Letters }
export type Ask = (asked: Asked) => void

export interface DialogProps {
  onClose: () => void
  onChanged: (queue?: string) => void
}
