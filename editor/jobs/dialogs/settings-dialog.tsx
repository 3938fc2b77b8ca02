/** How fast a queue may be, and what a broken-off program does to those behind it. */
import { Button, NumberInput, Select } from '@mantine/core'
import { useState } from 'react'
import { changeQueue, type JobQueue } from '../../../server/api/jobs.ts'
import { call } from '../../shared/api.ts'
import { reasonOf, VersionReason } from '../../shared/version-reason.tsx'
import { WorkDialog } from '../../shared/work-dialog.tsx'
import { nameOf } from '../queue-name.ts'
import { useAct } from '../use-act.ts'
import { useJobsText } from '../use-jobs-text.ts'
import type { DialogProps } from './asked.ts'

export function SettingsDialog({ queue, onClose, onChanged }: DialogProps & { queue: JobQueue }) {
  const text = useJobsText()
  const act = useAct()
  const [jobs, setJobs] = useState<number | string>(queue.rate?.jobs ?? '')
  const [seconds, setSeconds] = useState<number | string>(queue.rate?.seconds ?? 60)
  const [afterBreak, setAfterBreak] = useState(queue.afterBreak)
  const [reason, setReason] = useState('')
  const save = async () => {
    const rate = typeof jobs === 'number' && typeof seconds === 'number' ? { jobs, seconds } : null
    if (!(await act(() => call(changeQueue, { params: { queue: queue.queue }, body: { rate, afterBreak, ...reasonOf(reason) } })))) return
    onChanged(queue.queue)
    onClose()
  }
  return (
    <WorkDialog title={text.settingsTitle(nameOf(queue, text))} onClose={onClose} testId="settings-dialog">
      <form
        className="jobs-form"
        onSubmit={(event) => {
          event.preventDefault()
          void save()
        }}
      >
        <NumberInput label={text.rateJobs} description={text.rateHelp} value={jobs} onChange={setJobs} min={1} max={100_000} allowDecimal={false} />
        <NumberInput label={text.rateSeconds} value={seconds} onChange={setSeconds} min={0.1} max={86_400} />
        {queue.kind === 'machine' && (
          <Select
            label={text.afterBreak}
            value={afterBreak}
            onChange={(value) => value && setAfterBreak(value as JobQueue['afterBreak'])}
            data={(['cancel', 'hold'] as const).map((value) => ({ value, label: text.afterBreaks[value] }))}
            allowDeselect={false}
            data-testid="after-break"
          />
        )}
        <VersionReason value={reason} onChange={setReason} />
        <Button type="submit" data-testid="settings-save">
          {text.save}
        </Button>
      </form>
    </WorkDialog>
  )
}
