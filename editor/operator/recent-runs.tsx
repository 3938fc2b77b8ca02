/** The last runs: what happened, in words. */
import type { RunSummary } from '../../server/api/runs.ts'
import { formats, useLanguage } from '../shared/text/index.ts'
import { useRunWords } from '../shared/text/server-words.ts'
import { useOperatorText } from './use-operator-text.ts'

export function RecentRuns({ runs }: { runs: RunSummary[] }) {
  const text = useOperatorText()
  const format = formats(useLanguage())
  const { summary: say } = useRunWords()
  return (
    <section className="op-runs" aria-label={text.runs}>
      <header>
        <h2>{text.runs}</h2>
        <a href="/runs">{text.allRuns}</a>
      </header>
      {runs.length === 0 && <p>{text.noRuns}</p>}
      <ol>
        {runs.slice(0, 6).map((run) => (
          <li key={run.id} data-state={run.state}>
            <a href={`/runs#${run.id}`}>
              <time dateTime={run.startedAt}>{format.time(run.startedAt)}</time>
              <strong>{text.runState[run.state]}</strong>
              <span>{run.summary === undefined ? (run.trigger.nodeName ?? run.trigger.nodeType) : say(run.summary)}</span>
            </a>
          </li>
        ))}
      </ol>
    </section>
  )
}
