/** The run history: a live list, and one run beside it. */
import './runs.css'
import { Button, SegmentedControl, TextInput } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { Search } from 'lucide-react'
import { useEffect, useState } from 'react'
import { listRuns, type RunSummary } from '../../server/api/work.ts'
import { call } from '../shared/api.ts'
import { Frame } from '../shared/frame.tsx'
import { upsertBy, useLive } from '../shared/live.ts'
import { formats, useLanguage } from '../shared/text/index.ts'
import { RunDetail } from './run-detail.tsx'
import { filterRuns, mergeRuns, type RunFilter } from './run-filter.ts'
import { useRunsText } from './use-runs-text.ts'

const PAGE = 50
const STATES = ['active', 'completed', 'failed', 'interrupted'] as const

export function RunsPage() {
  const text = useRunsText()
  const live = useLive(
    'runs',
    upsertBy((run) => run.id),
  )
  const [older, setOlder] = useState<RunSummary[]>([])
  const [isAtEnd, setAtEnd] = useState(false)
  const [filter, setFilter] = useState<RunFilter>({ text: '', state: undefined })
  const [chosen, choose] = useChosen()
  const known = mergeRuns(live.value ?? [], older)
  const shown = filterRuns(known, filter)

  const loadOlder = () =>
    call(listRuns, { query: { limit: PAGE, ...(known.length ? { before: known.at(-1)?.id } : {}) } as { limit: number } }).then(
      (page) => {
        setOlder((before) => mergeRuns(before, page))
        setAtEnd(page.length < PAGE)
      },
      (error: Error) => notifications.show({ color: 'red', message: error.message }),
    )

  return (
    <Frame page="runs">
      <div className="runs-page" data-chosen={chosen ? true : undefined}>
        <section className="runs-list" aria-label={text.title}>
          <header>
            <h1>{text.title}</h1>
            <TextInput
              aria-label={text.search}
              placeholder={text.search}
              leftSection={<Search size={16} aria-hidden />}
              value={filter.text}
              onChange={(event) => setFilter({ ...filter, text: event.currentTarget.value })}
              data-testid="search-runs"
            />
            <SegmentedControl
              aria-label={text.title}
              size="xs"
              value={filter.state ?? 'all'}
              onChange={(value) => setFilter({ ...filter, state: STATES.find((state) => state === value) })}
              data={[{ value: 'all', label: text.all }, ...STATES.map((state) => ({ value: state, label: text.state[state] }))]}
            />
          </header>
          {live.isStale && <p className="runs-note">{text.stale}</p>}
          {live.value === undefined && <div className="runs-skeleton" aria-hidden />}
          {live.value && known.length === 0 && (
            <div className="runs-empty">
              <h2>{text.empty}</h2>
              <p>{text.emptyText}</p>
            </div>
          )}
          {known.length > 0 && shown.length === 0 && <p className="runs-note">{text.noMatch}</p>}
          <ol>
            {shown.map((run) => (
              <RunLine key={run.id} run={run} isChosen={run.id === chosen} onChoose={() => choose(run.id)} />
            ))}
          </ol>
          {known.length > 0 &&
            (isAtEnd ? (
              <p className="runs-note">{text.noMore}</p>
            ) : (
              <Button variant="default" onClick={loadOlder}>
                {text.older}
              </Button>
            ))}
        </section>
        {chosen ? (
          <RunDetail id={chosen} summary={known.find((run) => run.id === chosen)} onBack={() => choose(undefined)} />
        ) : (
          <p className="runs-detail runs-choose">{text.choose}</p>
        )}
      </div>
    </Frame>
  )
}

function RunLine({ run, isChosen, onChoose }: { run: RunSummary; isChosen: boolean; onChoose: () => void }) {
  const text = useRunsText()
  const format = formats(useLanguage())
  return (
    <li>
      <button type="button" aria-pressed={isChosen} onClick={onChoose} data-testid={`run-${run.id}`} data-state={run.state}>
        <span className="runs-state" data-state={run.state}>
          {text.state[run.state]}
        </span>
        <strong>{run.trigger.nodeName || run.trigger.nodeType}</strong>
        <time className="cw-numbers" dateTime={run.startedAt}>
          {format.dateTime(run.startedAt)}
        </time>
        <span className="runs-line-summary">{run.summary ?? text.hops(format.number(run.hops))}</span>
      </button>
    </li>
  )
}

/** The chosen run stands in the address, so that it can be linked and the browser's back works. */
function useChosen(): [string | undefined, (id: string | undefined) => void] {
  const [chosen, setChosen] = useState(() => location.hash.slice(1) || undefined)
  useEffect(() => {
    const follow = () => setChosen(location.hash.slice(1) || undefined)
    addEventListener('hashchange', follow)
    return () => removeEventListener('hashchange', follow)
  }, [])
  return [
    chosen,
    (id) => {
      location.hash = id ?? ''
    },
  ]
}
