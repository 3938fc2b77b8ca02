/** What to do about a job that ended badly, and where. */
import type { Job } from '../../server/api/work.ts'
import type { useJobsText } from './use-jobs-text.ts'

type Text = ReturnType<typeof useJobsText>

export interface Advice {
  /** Why in a few words; absent where only the reason tells. */
  cause?: string
  toDo: string
  /** Where to look. */
  link?: { href: string; label: string }
}

export function adviceFor(job: Job, text: Text): Advice {
  const { cause } = job
  const link = placeOf(job, text)
  return { ...(cause === undefined ? {} : { cause: text.causes[cause] }), toDo: text.advice[cause ?? 'other'], ...(link ? { link } : {}) }
}

function placeOf({ kind, cause, runId, machineId }: Job, text: Text): Advice['link'] {
  if (kind === 'program' && machineId !== undefined) return { href: `/machines#${encodeURIComponent(machineId)}`, label: text.toMachine }
  if (cause === 'no-taker') return { href: '/', label: text.toDesigner }
  return runId === undefined ? undefined : { href: `/runs#${encodeURIComponent(runId)}`, label: text.toRuns }
}
