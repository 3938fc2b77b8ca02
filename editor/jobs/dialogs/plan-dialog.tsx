/** The times of a waiting job. */
import { Button, TextInput } from '@mantine/core'
import { useState } from 'react'
import { planJob, type QueuedJob } from '../../../server/api/jobs.ts'
import { call } from '../../shared/api.ts'
import { WorkDialog } from '../../shared/work-dialog.tsx'
import { useAct } from '../use-act.ts'
import { useJobsText } from '../use-jobs-text.ts'
import type { DialogProps } from './asked.ts'

const TIMES = ['dueAt', 'notBefore', 'deadlineAt'] as const
type Time = (typeof TIMES)[number]

/** As a field of the browser wants it: local time without a zone. */
function localTime(iso: string | undefined): string {
  if (iso === undefined) return ''
  const at = new Date(iso)
  return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16)
}

export function PlanDialog({ job, onClose, onChanged }: DialogProps & { job: QueuedJob }) {
  const text = useJobsText()
  const act = useAct()
  const [times, setTimes] = useState<Record<Time, string>>(() => ({
    dueAt: localTime(job.dueAt),
    notBefore: localTime(job.notBefore),
    deadlineAt: localTime(job.deadlineAt),
  }))
  const words: Record<Time, [string, string]> = {
    dueAt: [text.dueAt, text.dueHelp],
    notBefore: [text.notBeforeAt, text.notBeforeHelp],
    deadlineAt: [text.deadlineAt, text.deadlineHelp],
  }
  const save = async () => {
    const changed = TIMES.filter((time) => times[time] !== localTime(job[time]))
    const body = Object.fromEntries(changed.map((time) => [time, times[time] === '' ? null : new Date(times[time]).toISOString()]))
    if (!(await act(() => call(planJob, { params: { jobId: job.id }, body })))) return
    onChanged(job.queue)
    onClose()
  }
  return (
    <WorkDialog title={text.planTitle(job.name)} onClose={onClose} testId="plan-dialog">
      <form
        className="jobs-form"
        onSubmit={(event) => {
          event.preventDefault()
          void save()
        }}
      >
        {TIMES.map((time) => (
          <TextInput
            key={time}
            type="datetime-local"
            label={words[time][0]}
            description={words[time][1]}
            value={times[time]}
            onChange={(event) => {
              const { value } = event.currentTarget
              setTimes((was) => ({ ...was, [time]: value }))
            }}
            data-testid={`plan-${time}`}
          />
        ))}
        <Button type="submit" data-testid="plan-save">
          {text.save}
        </Button>
      </form>
    </WorkDialog>
  )
}
