/** Holds a queue or runs it empty, with a reason for the others. */
import { Button, TextInput } from '@mantine/core'
import { useState } from 'react'
import { changeQueue, type JobQueue } from '../../../server/api/jobs.ts'
import { call } from '../../shared/api.ts'
import { WorkDialog } from '../../shared/work-dialog.tsx'
import { nameOf } from '../queue-name.ts'
import { useAct } from '../use-act.ts'
import { useJobsText } from '../use-jobs-text.ts'
import type { DialogProps } from './asked.ts'

export function HoldDialog({ queue, mode, onClose, onChanged }: DialogProps & { queue: JobQueue; mode: 'held' | 'draining' }) {
  const text = useJobsText()
  const act = useAct()
  const [why, setWhy] = useState('')
  const params = { queue: queue.queue }
  const hold = async () => {
    const body = { mode, ...(why.trim() ? { why: why.trim() } : {}) }
    if (!(await act(() => call(changeQueue, { params, body })))) return
    onChanged(queue.queue)
    onClose()
  }
  return (
    <WorkDialog title={text.holdTitle(nameOf(queue, text))} onClose={onClose} testId="hold-dialog">
      <form
        className="jobs-form"
        onSubmit={(event) => {
          event.preventDefault()
          void hold()
        }}
      >
        <p>{mode === 'held' ? text.holdText : text.drainText}</p>
        <TextInput
          label={text.why}
          description={text.whyHint}
          value={why}
          maxLength={300}
          onChange={(event) => setWhy(event.currentTarget.value)}
          data-autofocus
          data-testid="why"
        />
        <Button type="submit" data-testid="hold-now">
          {mode === 'held' ? text.hold : text.drain}
        </Button>
      </form>
    </WorkDialog>
  )
}
