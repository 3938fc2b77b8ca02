/** What makes a machine move, now or when its turn comes: said in words, done by a kept press. */
import { changeQueue, type JobQueue, retryJob } from '../../../server/api/jobs.ts'
import type { Job } from '../../../server/api/work.ts'
import { call } from '../../shared/api.ts'
import { HoldToConfirm } from '../../shared/machine/hold-to-confirm.tsx'
import { useServerWords } from '../../shared/text/server-words.ts'
import { WorkDialog } from '../../shared/work-dialog.tsx'
import { useAct } from '../use-act.ts'
import { useJobsText } from '../use-jobs-text.ts'
import type { DialogProps } from './asked.ts'

export function ReleaseDialog({ queue, next, onClose, onChanged }: DialogProps & { queue: JobQueue; next: string }) {
  const text = useJobsText()
  const act = useAct()
  const release = async () => {
    if (!(await act(() => call(changeQueue, { params: { queue: queue.queue }, body: { mode: 'open' } })))) return
    onChanged(queue.queue)
    onClose()
  }
  return (
    <WorkDialog title={text.releaseTitle(queue.name)} onClose={onClose} testId="release-dialog">
      <HoldToConfirm label={text.release} says={text.releaseSays(queue.name, next)} hint={text.keepPressed} testId="release-now" onConfirm={release} />
    </WorkDialog>
  )
}

export function RetryDialog({ job, onClose, onChanged }: DialogProps & { job: Job }) {
  const text = useJobsText()
  const say = useServerWords()
  const act = useAct()
  const retry = async () => {
    if (!(await act(() => call(retryJob, { params: { jobId: job.id } }), text.retried))) return
    onChanged()
    onClose()
  }
  return (
    <WorkDialog title={text.retryTitle(job.name)} onClose={onClose} testId="retry-dialog">
      {job.reason && <p>{say(job.reason)}</p>}
      <HoldToConfirm label={text.retry} says={text.retrySays(job.machineId ?? '', job.name)} hint={text.keepPressed} testId="retry-now" onConfirm={retry} />
    </WorkDialog>
  )
}
