/** Puts a dead letter aside, with the reason. */
import { Button, TextInput } from '@mantine/core'
import { useState } from 'react'
import { dismissJob } from '../../../server/api/jobs.ts'
import type { Job } from '../../../server/api/work.ts'
import { call } from '../../shared/api.ts'
import { WorkDialog } from '../../shared/work-dialog.tsx'
import { useAct } from '../use-act.ts'
import { useJobsText } from '../use-jobs-text.ts'
import type { DialogProps } from './asked.ts'

export function DismissDialog({ job, onClose, onChanged }: DialogProps & { job: Job }) {
  const text = useJobsText()
  const act = useAct()
  const [why, setWhy] = useState('')
  const dismiss = async () => {
    if (!(await act(() => call(dismissJob, { params: { jobId: job.id }, body: why.trim() ? { why: why.trim() } : {} }), text.dismissed))) return
    onChanged(job.queue)
    onClose()
  }
  return (
    <WorkDialog title={text.dismissTitle(job.name)} onClose={onClose} testId="dismiss-dialog">
      <form
        className="jobs-form"
        onSubmit={(event) => {
          event.preventDefault()
          void dismiss()
        }}
      >
        <p>{text.dismissText}</p>
        <TextInput
          label={text.why}
          description={text.dismissWhy}
          maxLength={300}
          value={why}
          onChange={(event) => setWhy(event.currentTarget.value)}
          data-autofocus
          data-testid="dismiss-why"
        />
        <Button type="submit" data-testid="dismiss-now">
          {text.dismiss}
        </Button>
      </form>
    </WorkDialog>
  )
}
