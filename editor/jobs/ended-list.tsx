/** What has ended in a queue, newest first. */
import { Button } from '@mantine/core'
import { useEffect, useState } from 'react'
import type { JobQueue } from '../../server/api/jobs.ts'
import { type Job, listJobs } from '../../server/api/work.ts'
import { call } from '../shared/api.ts'
import type { Ask } from './dialogs/asked.ts'
import { JobLine } from './job-line.tsx'
import type { Rights } from './rights.ts'
import { useAct } from './use-act.ts'
import { useJobsText } from './use-jobs-text.ts'

const PAGE = 50

export function EndedList({ queue, version, mayManage, mayMove, onAsk }: Rights & { queue: JobQueue; version: number; onAsk: Ask }) {
  const text = useJobsText()
  const act = useAct()
  const [jobs, setJobs] = useState<Job[]>()
  const [isAtEnd, setAtEnd] = useState(false)
  const name = queue.queue
  // biome-ignore lint/correctness/useExhaustiveDependencies: `version` says that something has ended
  useEffect(() => {
    let isGone = false
    call(listJobs, { query: { queue: name, limit: PAGE, isEnded: true } }).then(
      (found) => {
        if (isGone) return
        setJobs(found)
        setAtEnd(found.length < PAGE)
      },
      () => isGone || setJobs([]),
    )
    return () => {
      isGone = true
    }
  }, [name, version])
  const older = () =>
    act(() => call(listJobs, { query: { queue: name, limit: PAGE, isEnded: true, before: jobs?.at(-1)?.id ?? '' } })).then((page) => {
      if (!page) return
      setJobs((was) => [...(was ?? []), ...page])
      setAtEnd(page.length < PAGE)
    })
  if (!jobs) return <div className="list-skeleton" aria-hidden />
  if (!jobs.length) return <p className="jobs-note">{text.noEnded}</p>
  return (
    <>
      <ol className="jobs-lines">
        {jobs.map((job) => (
          <JobLine key={job.id} job={job} mayManage={mayManage} mayMove={mayMove} onAsk={onAsk} />
        ))}
      </ol>
      {!isAtEnd && (
        <Button variant="default" onClick={older}>
          {text.older}
        </Button>
      )}
    </>
  )
}
