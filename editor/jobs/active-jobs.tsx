/** What a queue runs: how far it is, and how to end it. */
import { Button } from '@mantine/core'
import { cancelJob } from '../../server/api/cancelling.ts'
import type { JobQueue } from '../../server/api/jobs.ts'
import type { Job } from '../../server/api/work.ts'
import { call } from '../shared/api.ts'
import { StopEffects, useStopEffectsOf } from '../shared/machine/stop-effects.tsx'
import { formats, useLanguage } from '../shared/text/index.ts'
import type { Ask } from './dialogs/asked.ts'
import { shortTime } from './short-time.ts'
import { useAct } from './use-act.ts'
import { useJobsText } from './use-jobs-text.ts'

interface ActiveJobsProps {
  queue: JobQueue
  mayManage: boolean
  onAsk: Ask
  onChanged: (queue?: string) => void
}

export function ActiveJobs({ queue, mayManage, onAsk, onChanged }: ActiveJobsProps) {
  const text = useJobsText()
  return (
    <section className="jobs-active" aria-label={text.running}>
      <h3>{text.running}</h3>
      {queue.active.length === 0 && <p className="jobs-note">{text.nothingRuns}</p>}
      <ul>
        {queue.active.map((job) => (
          <ActiveJob key={job.id} job={job} endAt={queue.activeEndAt} mayManage={mayManage} onAsk={onAsk} onChanged={onChanged} />
        ))}
      </ul>
    </section>
  )
}

function ActiveJob({ job, endAt, mayManage, onAsk, onChanged }: Omit<ActiveJobsProps, 'queue'> & { job: Job; endAt: string | undefined }) {
  const text = useJobsText()
  const format = formats(useLanguage())
  const act = useAct()
  const effects = useStopEffectsOf([job.machineId])
  const { progress } = job
  return (
    <li data-testid={`active-${job.id}`}>
      <a href={`#${job.id}`}>
        <strong>{job.name}</strong>
      </a>
      <span>{text.askedBy(job.requestedBy)}</span>
      {progress && <progress max={progress.total} value={progress.done} aria-label={job.name} />}
      {progress && (
        <span className="cw-numbers">
          {text.progress(format.number(progress.done), format.number(progress.total))}
          {progress.text ? ` · ${progress.text}` : ''}
        </span>
      )}
      {endAt !== undefined && <span className="cw-numbers">{text.doneAt(shortTime(endAt, format))}</span>}
      {job.runId !== undefined && <a href={`/runs#${job.runId}`}>{text.showRun}</a>}
      {mayManage && job.kind === 'program' && <StopEffects effects={effects} />}
      {mayManage && job.kind === 'program' && (
        <Button
          variant="default"
          size="xs"
          onClick={() => act(() => call(cancelJob, { params: { jobId: job.id }, body: {} })).then(() => onChanged(job.queue))}
          data-testid={`stop-${job.id}`}
        >
          {text.stop}
        </Button>
      )}
      {mayManage && job.kind === 'flow' && (
        <Button variant="default" size="xs" onClick={() => onAsk({ what: 'cancel', job })} data-testid={`cancel-${job.id}`}>
          {text.stopJob}
        </Button>
      )}
    </li>
  )
}
