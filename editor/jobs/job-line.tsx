/** A job that has ended, on one line: how, when and why, and what may be done about it. */
import { Button } from '@mantine/core'
import { RotateCcw } from 'lucide-react'
import type { ReactNode } from 'react'
import { retryJob } from '../../server/api/jobs.ts'
import type { Job } from '../../server/api/work.ts'
import { call } from '../shared/api.ts'
import { formats, useLanguage } from '../shared/text/index.ts'
import { useServerWords } from '../shared/text/server-words.ts'
import { type Advice, adviceFor } from './advice.ts'
import type { Ask } from './dialogs/asked.ts'
import type { Rights } from './rights.ts'
import { useAct } from './use-act.ts'
import { useJobsText } from './use-jobs-text.ts'

interface JobLineProps extends Rights {
  job: Job
  /** Where it failed, for a list of several queues. */
  where?: string
  /** Says what to do about it. @defaultValue false */
  withAdvice?: boolean
  /** Stands behind "try again". */
  more?: ReactNode
  onAsk: Ask
}

export function JobLine({ job, where, more, withAdvice = false, mayManage, mayMove, onAsk }: JobLineProps) {
  const text = useJobsText()
  const say = useServerWords()
  const format = formats(useLanguage())
  const act = useAct()
  const isBad = job.state === 'failed' || job.state === 'interrupted'
  const isRepeatable =
    job.state !== 'completed' && job.handledAt === undefined && mayManage && (job.kind !== 'program' || mayMove) && job.kind !== 'maintenance'
  const retry = () => {
    if (job.kind === 'program') onAsk({ what: 'retry', job })
    else void act(() => call(retryJob, { params: { jobId: job.id } }), text.retried)
  }
  return (
    <li data-testid={`ended-${job.id}`} data-state={job.state}>
      <span className="jobs-state" data-state={job.state}>
        {text.state[job.state]}
      </span>
      <span className="jobs-what">
        <a href={`#${job.id}`}>
          <strong>{job.name}</strong>
        </a>
        <span>
          {[where, text.askedBy(job.requestedBy), job.handledAt !== undefined && isBad ? text.retryOf : undefined].filter(Boolean).join(' · ')}
          {job.runId !== undefined && (
            <>
              {' · '}
              <a href={`/runs#${job.runId}`}>{text.showRun}</a>
            </>
          )}
        </span>
        {job.reason && <em>{say(job.reason)}</em>}
        {job.handledWhy !== undefined && <span>{text.handled(job.handledBy ?? '', job.handledWhy)}</span>}
        {withAdvice && <AdviceView advice={adviceFor(job, text)} />}
      </span>
      <time className="cw-numbers" dateTime={job.endedAt}>
        {job.endedAt === undefined ? '' : format.dateTime(job.endedAt)}
      </time>
      <span className="jobs-line-actions">
        {isRepeatable && (
          <Button variant="default" size="xs" leftSection={<RotateCcw size={14} aria-hidden />} onClick={retry} data-testid={`retry-${job.id}`}>
            {isBad ? text.retry : text.again}
          </Button>
        )}
        {more}
      </span>
    </li>
  )
}

function AdviceView({ advice: { cause, toDo, link } }: { advice: Advice }) {
  return (
    <span className="jobs-advice">
      {cause && <strong>{cause}. </strong>}
      {toDo}
      {link && (
        <>
          {' '}
          <a href={link.href}>{link.label}</a>
        </>
      )}
    </span>
  )
}
