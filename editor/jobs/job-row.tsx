/** A waiting job on one line: what it is, when it should be done, what keeps it. */
import { Hourglass, TriangleAlert } from 'lucide-react'
import type { QueuedJob } from '../../server/api/jobs.ts'
import { formats, useLanguage } from '../shared/text/index.ts'
import { shortTime } from './short-time.ts'
import { useJobsText } from './use-jobs-text.ts'

export function JobRow({ job, index, isHeld }: { job: QueuedJob; index: number; isHeld: boolean }) {
  const text = useJobsText()
  const format = formats(useLanguage())
  const at = (iso: string) => shortTime(iso, format)
  const keeps = [
    job.blockedBy === undefined ? undefined : text.blocked(String(job.blockedBy)),
    job.notBefore !== undefined && Date.parse(job.notBefore) > Date.now() ? text.notBefore(at(job.notBefore)) : undefined,
    job.deadlineAt === undefined ? undefined : text.deadline(at(job.deadlineAt)),
    job.reason,
  ].filter(Boolean)
  return (
    <>
      <span className="jobs-place cw-numbers">{format.number(index + 1)}</span>
      <span className="jobs-what">
        <strong title={job.name}>{job.name}</strong>
        <span title={keeps.join(' · ')}>
          {text.askedBy(job.requestedBy)}
          {job.attempts !== undefined && ` · ${text.attempts(String(job.attempts))}`}
          {keeps.length > 0 && (
            <em>
              <Hourglass size={12} aria-hidden /> {keeps.join(' · ')}
            </em>
          )}
        </span>
      </span>
      <span className="jobs-marks">
        {job.priority !== 0 && (
          <span className="jobs-mark">
            {job.priority === -10 ? text.priority.urgent : job.priority === 10 ? text.priority.low : text.priorityNumber(String(job.priority))}
          </span>
        )}
        {job.dueAt !== undefined && (
          <span className="jobs-mark cw-numbers" data-tone={job.isLate ? 'warning' : undefined} data-testid={`due-${job.id}`}>
            {job.isLate && <TriangleAlert size={14} aria-hidden />}
            {job.isLate ? `${text.lateOne}: ` : ''}
            {text.due(at(job.dueAt))}
          </span>
        )}
      </span>
      <span className="jobs-when cw-numbers">
        {job.startAt !== undefined && job.endAt !== undefined && !isHeld && <span>{text.from(at(job.startAt), at(job.endAt))}</span>}
        {job.kind === 'program' && <span>{job.estimateS === undefined ? text.takesUnknown : text.takes(format.span(job.estimateS))}</span>}
      </span>
    </>
  )
}
