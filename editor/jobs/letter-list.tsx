/** Dead letters: what failed, why, what to do about it, and one press to try it again; or all that match together. */
import { Button } from '@mantine/core'
import { useEffect, useState } from 'react'
import { type JobQueue, type LetterFilter, listDeadLetters } from '../../server/api/jobs.ts'
import type { ResponseOf } from '../../server/api/route.ts'
import type { Job } from '../../server/api/work.ts'
import { call } from '../shared/api.ts'
import { formats, useLanguage } from '../shared/text/index.ts'
import type { Ask } from './dialogs/asked.ts'
import { JobLine } from './job-line.tsx'
import { LetterFilterBar } from './letter-filter.tsx'
import { nameOf } from './queue-name.ts'
import type { Rights } from './rights.ts'
import { useAct } from './use-act.ts'
import { useJobsText } from './use-jobs-text.ts'

const PAGE = 100
const TYPING_MS = 250

export function LetterList({ queues, version, mayManage, mayMove, onAsk }: Rights & { queues: readonly JobQueue[]; version: number; onAsk: Ask }) {
  const text = useJobsText()
  const format = formats(useLanguage())
  const act = useAct()
  const [filter, setFilter] = useState<LetterFilter>({})
  const { known, problem, add } = useLetters(filter, version)
  const isNarrowed = Object.keys(filter).length > 0
  const older = async () => {
    const page = await act(() => call(listDeadLetters, { query: { ...filter, limit: PAGE, before: known?.jobs.at(-1)?.id ?? '' } }))
    if (page) add(page)
  }
  const all = known && { filter, total: known.total, kinds: known.kinds }
  return (
    <section className="jobs-queue" aria-label={text.queue.letters} data-testid="letters">
      <header>
        <h2>{text.queue.letters}</h2>
        {mayManage && all && all.total > 0 && (
          <div className="jobs-controls">
            <Button variant="default" onClick={() => onAsk({ what: 'retry-all', letters: all })} data-testid="retry-all">
              {text.retryAll}
            </Button>
            <Button variant="default" onClick={() => onAsk({ what: 'dismiss-all', letters: all })} data-testid="dismiss-all">
              {text.dismissAll}
            </Button>
          </div>
        )}
      </header>
      <p className="jobs-note">{text.meaning.letters}</p>
      {(isNarrowed || (known?.total ?? 0) > 0) && <LetterFilterBar queues={queues} version={version} filter={filter} onChange={setFilter} />}
      {problem && <p className="list-problem">{problem}</p>}
      {!known && !problem && <div className="list-skeleton" aria-hidden />}
      {known?.jobs.length === 0 && isNarrowed && <p className="jobs-note">{text.noLetterMatch}</p>}
      {known?.jobs.length === 0 && !isNarrowed && (
        <div className="jobs-empty">
          <h3>{text.noLetters}</h3>
          <p>{text.noLettersText}</p>
        </div>
      )}
      {known && known.total > 0 && (
        <p className="jobs-note cw-numbers" role="status" data-testid="letter-count">
          {text.letterCount(format.number(known.total))}
        </p>
      )}
      <ol className="jobs-lines">
        {known?.jobs.map((job) => (
          <JobLine
            key={job.id}
            job={job}
            where={whereOf(job, queues, text)}
            withAdvice
            mayManage={mayManage}
            mayMove={mayMove}
            onAsk={onAsk}
            more={
              mayManage && (
                <Button variant="subtle" size="xs" onClick={() => onAsk({ what: 'dismiss', job })} data-testid={`dismiss-${job.id}`}>
                  {text.dismiss}
                </Button>
              )
            }
          />
        ))}
      </ol>
      {known && known.jobs.length < known.total && (
        <Button variant="default" onClick={older}>
          {text.older}
        </Button>
      )}
    </section>
  )
}

type Letters = ResponseOf<typeof listDeadLetters>

/** @param version another one: read again */
function useLetters(filter: LetterFilter, version: number): { known: Letters | undefined; problem: string | undefined; add: (page: Letters) => void } {
  const [known, setKnown] = useState<Letters>()
  const [problem, setProblem] = useState<string>()
  // biome-ignore lint/correctness/useExhaustiveDependencies: `version` says that something has ended or was dealt with
  useEffect(() => {
    const leaving = new AbortController()
    const { signal } = leaving
    const timer = setTimeout(
      () =>
        call(listDeadLetters, { query: { ...filter, limit: PAGE }, signal }).then(
          (found) => {
            setKnown(found)
            setProblem(undefined)
          },
          (error: Error) => signal.aborted || setProblem(error.message),
        ),
      filter.text ? TYPING_MS : 0,
    )
    return () => {
      clearTimeout(timer)
      leaving.abort()
    }
  }, [filter, version])
  return { known, problem, add: (page) => setKnown((was) => ({ ...page, jobs: [...(was?.jobs ?? []), ...page.jobs] })) }
}

function whereOf(job: Job, queues: readonly JobQueue[], text: ReturnType<typeof useJobsText>): string {
  const queue = queues.find(({ queue: name }) => name === job.queue)
  return queue ? nameOf(queue, text) : job.queue
}
