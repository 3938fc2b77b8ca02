/** Cancels a flow job that is worked on, with what hangs on it. */
import type { Job } from '../../../server/api/work.ts'
import { CancelForm, useCancelText } from '../../shared/cancelling/cancel-form.tsx'
import { WorkDialog } from '../../shared/work-dialog.tsx'
import type { DialogProps } from './asked.ts'

export function CancelDialog({ job, onClose, onChanged }: DialogProps & { job: Job }) {
  const text = useCancelText()
  return (
    <WorkDialog title={text.jobTitle(job.name)} onClose={onClose} testId="cancel-dialog">
      <CancelForm of={{ jobId: job.id, name: job.name }} onDone={() => onChanged(job.queue)} onClose={onClose} />
    </WorkDialog>
  )
}
