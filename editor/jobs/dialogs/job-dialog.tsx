/** One job: its times and tries, what it was given and what came of it, and the jobs around it. */
import { Button } from '@mantine/core'
import { useEffect, useState } from 'react'
import { getJobDetails, type JobDetails, type JobKin } from '../../../server/api/jobs.ts'
import type { Job } from '../../../server/api/work.ts'
import { ValueTree } from '../../designer/panels/value-tree.tsx'
import { call } from '../../shared/api.ts'
import { formats, useLanguage } from '../../shared/text/index.ts'
import { useServerWords } from '../../shared/text/server-words.ts'
import { WorkDialog } from '../../shared/work-dialog.tsx'
import { adviceFor } from '../advice.ts'
import type { Rights } from '../rights.ts'
import { useJobsText } from '../use-jobs-text.ts'
import type { Ask } from './asked.ts'

const OPEN: ReadonlySet<string> = new Set(['payload', 'outcome'])

interface JobDialogProps extends Rights {
  jobId: string
  /** Grows with every change of the job's queue. */
  version: number
  onAsk: Ask
  onJob: (jobId: string) => void
  /** Which queue it is in, as soon as that is known. */
  onQueue: (queue: string) => void
  onClose: () => void
}

export function JobDialog({ jobId, version, mayManage, onAsk, onJob, onQueue, onClose }: JobDialogProps) {
  const text = useJobsText()
  const say = useServerWords()
  const { details, problem } = useDetails(jobId, version)
  const queue = details?.job.queue
  useEffect(() => {
    if (queue !== undefined) onQueue(queue)
  }, [queue, onQueue])
  const job = details?.job
  const isBad = job !== undefined && (job.state === 'failed' || job.state === 'interrupted')
  const advice = job && isBad && job.handledAt === undefined ? adviceFor(job, text) : undefined
  return (
    <WorkDialog title={job?.name ?? text.detail.title} size="wide" onClose={onClose} testId="job-dialog">
      {problem && <p className="list-problem">{problem}</p>}
      {!details && !problem && <div className="list-skeleton" aria-hidden />}
      {details && job && (
        <div className="jobs-detail">
          <p className="jobs-detail-state">
            <span className="jobs-state" data-state={job.state}>
              {text.state[job.state]}
            </span>
            {job.reason && say(job.reason)}
          </p>
          {advice && <p>{advice.toDo}</p>}
          <Facts details={details} />
          <KinList title={text.detail.dependsOn} kin={details.dependsOn} onJob={onJob} />
          {details.dependsOn.length > 0 && details.whenBlockerFails && <p className="jobs-note">{text.detail.whenFails[details.whenBlockerFails]}</p>}
          <KinList title={text.detail.dependents} kin={details.dependents} onJob={onJob} />
          <KinList title={text.detail.parent} kin={details.parent ? [details.parent] : []} onJob={onJob} />
          <KinList title={text.detail.children} kin={details.children} onJob={onJob} />
          <KinList title={text.detail.retriedAs} kin={details.retriedAs ? [details.retriedAs] : []} onJob={onJob} />
          {details.payload !== undefined && details.payload !== null && <Data title={text.detail.payload} value={details.payload} path="payload" />}
          {job.outcome !== undefined && job.outcome !== null && <Data title={text.detail.outcome} value={job.outcome} path="outcome" />}
          <div className="jobs-controls">
            {job.runId !== undefined && (
              <Button component="a" variant="default" href={`/runs#${job.runId}`}>
                {text.showRun}
              </Button>
            )}
            <Button component="a" variant="default" href={`/runs?job=${encodeURIComponent(job.id)}`}>
              {text.allRuns}
            </Button>
            {mayManage && job.kind === 'flow' && job.state === 'active' && (
              <Button variant="default" onClick={() => onAsk({ what: 'cancel', job })}>
                {text.stopJob}
              </Button>
            )}
          </div>
        </div>
      )}
    </WorkDialog>
  )
}

function Facts({ details: { job, key } }: { details: JobDetails }) {
  const text = useJobsText()
  const format = formats(useLanguage())
  const at = (iso: string | undefined) => (iso === undefined ? undefined : format.dateTime(iso))
  const facts: [string, string | undefined][] = [
    [text.detail.askedBy, job.requestedBy],
    [text.detail.asked, at(job.createdAt)],
    [text.detail.began, at(job.startedAt)],
    [text.detail.ended, at(job.endedAt)],
    [text.detail.waited, spanOf(job.createdAt, job.startedAt, format)],
    [text.detail.took, spanOf(job.startedAt, job.endedAt, format)],
    [text.dueAt, at(job.dueAt)],
    [text.notBeforeAt, at(job.notBefore)],
    [text.deadlineAt, at(job.deadlineAt)],
    [text.priorities, job.priority === 0 ? undefined : format.number(job.priority)],
    [text.detail.tries, job.attempts === undefined ? undefined : format.number(job.attempts)],
    [text.detail.key, key],
    [text.detail.handled, job.handledAt === undefined ? undefined : handledOf(job, text)],
    [text.detail.id, job.id],
  ]
  return (
    <dl className="jobs-facts">
      {facts.map(([name, value]) =>
        value === undefined ? null : (
          <div key={name}>
            <dt>{name}</dt>
            <dd className="cw-numbers">{value}</dd>
          </div>
        ),
      )}
    </dl>
  )
}

function handledOf({ handledBy, handledWhy, retryOf }: Job, text: ReturnType<typeof useJobsText>): string {
  if (handledWhy !== undefined) return text.handled(handledBy ?? '', handledWhy)
  return [handledBy, retryOf].filter(Boolean).join(', ')
}

function spanOf(from: string | undefined, to: string | undefined, format: ReturnType<typeof formats>): string | undefined {
  if (from === undefined || to === undefined) return undefined
  return format.span(Math.max(0, (Date.parse(to) - Date.parse(from)) / 1000))
}

function KinList({ title, kin, onJob }: { title: string; kin: readonly JobKin[]; onJob: (jobId: string) => void }) {
  const text = useJobsText()
  if (!kin.length) return null
  return (
    <section>
      <h3>{title}</h3>
      <ul className="jobs-kin">
        {kin.map(({ id, name, state }) => (
          <li key={id}>
            <button type="button" className="jobs-link" onClick={() => onJob(id)} data-testid={`kin-${id}`}>
              {name}
            </button>
            <span className="jobs-state" data-state={state}>
              {text.state[state]}
            </span>
          </li>
        ))}
      </ul>
    </section>
  )
}

function Data({ title, value, path }: { title: string; value: unknown; path: string }) {
  return (
    <section>
      <h3>{title}</h3>
      <ValueTree
        value={value}
        path={path}
        isOpen
        open={OPEN}
        note={() => undefined}
        copy={(copied) => void navigator.clipboard.writeText(copied).catch(() => {})}
      />
    </section>
  )
}

/** @param version another one: read again */
function useDetails(jobId: string, version: number): { details: JobDetails | undefined; problem: string | undefined } {
  const [known, setKnown] = useState<{ jobId: string; details?: JobDetails; problem?: string }>({ jobId })
  // biome-ignore lint/correctness/useExhaustiveDependencies: `version` says that something of its queue has changed
  useEffect(() => {
    const leaving = new AbortController()
    call(getJobDetails, { params: { jobId }, signal: leaving.signal }).then(
      (details) => setKnown({ jobId, details }),
      (error: Error) => leaving.signal.aborted || setKnown({ jobId, problem: error.message }),
    )
    return () => leaving.abort()
  }, [jobId, version])
  return known.jobId === jobId ? { details: known.details, problem: known.problem } : { details: undefined, problem: undefined }
}
