/** One run: what happened in words, what it caused, and the way of its message. */
import { ArrowLeft, Cog, FileCheck2, FileCode2, Hand, Package, Ruler, Server } from 'lucide-react'
import { useEffect, useState } from 'react'
import { getRun, type Run, type RunSummary } from '../../server/api/work.ts'
import { ApiError, call } from '../shared/api.ts'
import { formats, useLanguage } from '../shared/text/index.ts'
import { duration } from './run-filter.ts'
import { useRunsText } from './use-runs-text.ts'

const LINK_ICONS = { job: Cog, program: FileCode2, confirmation: FileCheck2, workOrder: Package, press: Hand, measurement: Ruler, process: Server }

export function RunDetail({ id, summary, onBack }: { id: string; summary: RunSummary | undefined; onBack: () => void }) {
  const text = useRunsText()
  const format = formats(useLanguage())
  const { run, error } = useRun(id, summary)
  return (
    <article className="runs-detail" aria-live="polite" data-testid="run-detail">
      <button type="button" className="runs-back" onClick={onBack}>
        <ArrowLeft size={16} aria-hidden /> {text.back}
      </button>
      {error && <p className="runs-problem">{error.status === 404 ? text.gone : error.message}</p>}
      {!run && !error && <div className="runs-skeleton" aria-hidden />}
      {run && (
        <>
          <header>
            <h2>{run.trigger.nodeName ?? run.trigger.nodeType}</h2>
            <span className="runs-state" data-state={run.state}>
              {text.state[run.state]}
            </span>
          </header>
          {run.summary && <p className="runs-summary">{run.summary}</p>}
          <dl className="runs-facts cw-numbers">
            <div>
              <dt>{text.began}</dt>
              <dd>{format.dateTime(run.startedAt)}</dd>
            </div>
            {run.endedAt && (
              <div>
                <dt>{text.took}</dt>
                <dd>{duration(Date.parse(run.endedAt) - Date.parse(run.startedAt))}</dd>
              </div>
            )}
            <div>
              <dt>{run.trigger.flowName ?? ''}</dt>
              <dd>{text.hops(format.number(run.hops))}</dd>
            </div>
          </dl>
          {run.endedBySettling && <p className="runs-note">{text.settled}</p>}
          {run.links.length > 0 && <Links links={run.links} />}
          <section>
            <h3>{text.path}</h3>
            {run.detail.length < run.hops && <p className="runs-note">{text.onlyFirst(format.number(run.detail.length))}</p>}
            <ol className="runs-hops">
              {run.detail.map((hop) => (
                <li key={hop.seq} data-outcome={hop.outcome}>
                  <span className="cw-numbers">{duration(hop.atMs)}</span>
                  <a href={`/#node/${encodeURIComponent(hop.nodeId)}`} title={text.inDesigner}>
                    {hop.nodeName || hop.nodeType}
                  </a>
                  <span>{hop.nodeName ? hop.nodeType : ''}</span>
                  <strong>{text.outcome[hop.outcome]}</strong>
                  {hop.error && <em>{hop.error}</em>}
                </li>
              ))}
            </ol>
          </section>
        </>
      )}
    </article>
  )
}

function Links({ links }: { links: Run['links'] }) {
  const text = useRunsText()
  const format = formats(useLanguage())
  return (
    <section>
      <h3>{text.links}</h3>
      <ul className="runs-links">
        {links.map((link) => {
          const Icon = LINK_ICONS[link.kind]
          return (
            <li key={`${link.kind} ${link.id} ${link.at} ${link.text}`}>
              <Icon size={18} aria-hidden />
              <strong>{text.kind[link.kind]}</strong>
              <span>{link.text}</span>
              <time className="cw-numbers" dateTime={link.at}>
                {format.time(link.at)}
              </time>
            </li>
          )
        })}
      </ul>
    </section>
  )
}

/** The run, read again whenever its line in the list changes. */
function useRun(id: string, summary: RunSummary | undefined): { run: Run | undefined; error: ApiError | undefined } {
  const [known, setKnown] = useState<{ run: Run | undefined; error: ApiError | undefined }>({ run: undefined, error: undefined })
  const version = summary ? `${summary.state} ${summary.hops} ${summary.endedAt ?? ''}` : ''
  // biome-ignore lint/correctness/useExhaustiveDependencies: `version` says that the run has changed
  useEffect(() => {
    const leaving = new AbortController()
    call(getRun, { params: { runId: id }, signal: leaving.signal }).then(
      (run) => setKnown({ run, error: undefined }),
      (error: unknown) => {
        if (!leaving.signal.aborted)
          setKnown({ run: undefined, error: error instanceof ApiError ? error : new ApiError({ code: 'unknown', status: 0, message: String(error) }) })
      },
    )
    return () => leaving.abort()
  }, [id, version])
  return known.run?.id === id || known.error ? known : { run: undefined, error: undefined }
}
