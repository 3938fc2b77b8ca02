/** The run history: a live list, and one run beside it, or two compared. */
import '../shared/list-page/list-page.css'
import './runs.css'
import { Button } from '@mantine/core'
import { Archive } from 'lucide-react'
import { useState } from 'react'
import type { RunSummary } from '../../server/api/runs.ts'
import { Frame } from '../shared/frame.tsx'
import { useLive } from '../shared/live.ts'
import { formats, useLanguage } from '../shared/text/index.ts'
import { useRunWords } from '../shared/text/server-words.ts'
import { useHash } from '../shared/use-hash.ts'
import { VirtualLines } from '../shared/virtual-lines.tsx'
import { readAddress, writeAddress } from './address.ts'
import { CompareView } from './compare-view.tsx'
import { FilterBar } from './filter-bar.tsx'
import { RetentionDialog } from './retention-dialog.tsx'
import { RunDetail } from './run-detail.tsx'
import { filterIn, isFiltered, type RunFilter, searchOf } from './run-filter.ts'
import { nameOf } from './steps.ts'
import { useRunList } from './use-run-list.ts'
import { useRunsText } from './use-runs-text.ts'

const ROW_PX = 76

export function RunsPage() {
  const text = useRunsText()
  const format = formats(useLanguage())
  const [filter, narrow] = useState(() => filterIn(location.search))
  const setFilter = (next: RunFilter) => {
    narrow(next)
    // it can be linked and read again, and going back still leaves the page
    history.replaceState(history.state, '', `${location.pathname}${searchOf(next)}${location.hash}`)
  }
  const list = useRunList(filter)
  const [hash, go] = useHash()
  const { runId, seq, otherId } = readAddress(hash)
  /** The next run that is clicked is the one to compare with. */
  const [isChoosingOther, setChoosingOther] = useState(false)
  const [isKeeping, setKeeping] = useState(false)
  const { runs } = list
  const disk = useLive('health', (_, change) => change).value?.disk.state
  const isPaused = disk === 'critical' || disk === 'full'

  const choose = (id: string) => {
    if (!isChoosingOther || runId === undefined || id === runId) return go(writeAddress({ runId: id }))
    setChoosingOther(false)
    // what was first is on the left
    const [first = runId, second] = [runId, id].toSorted()
    go(writeAddress({ runId: first, otherId: second }))
  }

  return (
    <Frame page="runs">
      <div className="runs-page" data-chosen={runId !== undefined && !isChoosingOther ? true : undefined}>
        <section className="runs-list" aria-label={text.title}>
          <header>
            <div className="runs-list-head">
              <h1>{text.title}</h1>
              <Button size="xs" variant="subtle" leftSection={<Archive size={14} aria-hidden />} onClick={() => setKeeping(true)} data-testid="retention">
                {text.keep.open}
              </Button>
            </div>
            <FilterBar filter={filter} onChange={setFilter} />
          </header>
          {isChoosingOther && (
            <p className="runs-choosing" role="status">
              {text.compareChoose}
              <Button size="xs" variant="default" onClick={() => setChoosingOther(false)}>
                {text.cancel}
              </Button>
            </p>
          )}
          {isPaused && (
            <p className="list-problem" role="status" data-testid="history-paused">
              {text.paused}
            </p>
          )}
          {list.isStale && <p className="list-note">{text.stale}</p>}
          {list.error && <p className="list-problem">{list.error}</p>}
          {!list.isKnown && !list.error && <div className="list-skeleton" aria-hidden />}
          {list.isKnown && runs.length === 0 && !isFiltered(filter) && (
            <div className="runs-empty">
              <h2>{text.empty}</h2>
              <p>{text.emptyText}</p>
            </div>
          )}
          {list.isKnown && runs.length === 0 && isFiltered(filter) && !list.isLoading && <p className="list-note">{text.noMatch}</p>}
          {runs.length > 0 && (
            <VirtualLines
              className="runs-lines"
              label={text.list}
              count={runs.length}
              rowHeight={ROW_PX}
              onEnd={(isAtEnd) => {
                if (isAtEnd && list.lookedBackTo === undefined) list.more()
              }}
              testId="run-list"
              row={(index) => {
                const run = runs[index] as RunSummary
                return <RunLine key={run.id} run={run} isChosen={run.id === runId || run.id === otherId} onChoose={() => choose(run.id)} />
              }}
            />
          )}
          {runs.length > 0 && list.isAtEnd && <p className="list-note">{text.noMore}</p>}
          {list.lookedBackTo !== undefined && !list.isAtEnd && (
            <p className="list-note">
              {text.lookedBack(format.dateTime(list.lookedBackTo))}{' '}
              <Button size="xs" variant="default" onClick={list.more} loading={list.isLoading}>
                {text.further}
              </Button>
            </p>
          )}
        </section>
        {runId === undefined ? (
          <p className="runs-detail list-choose">{text.choose}</p>
        ) : otherId === undefined ? (
          <RunDetail
            key={runId}
            id={runId}
            seq={seq}
            summary={runs.find((run) => run.id === runId)}
            onStep={(wanted) => go(writeAddress({ runId, seq: wanted }))}
            onRun={(id) => go(writeAddress({ runId: id }))}
            onCompare={() => setChoosingOther(true)}
            onBack={() => go('')}
          />
        ) : (
          <CompareView
            key={`${runId} ${otherId}`}
            ids={[runId, otherId]}
            onEnd={() => go(writeAddress({ runId }))}
            onStep={(id, wanted) => go(writeAddress({ runId: id, seq: wanted }))}
          />
        )}
        {isKeeping && <RetentionDialog onClose={() => setKeeping(false)} />}
      </div>
    </Frame>
  )
}

function RunLine({ run, isChosen, onChoose }: { run: RunSummary; isChosen: boolean; onChoose: () => void }) {
  const text = useRunsText()
  const { summary } = useRunWords()
  const format = formats(useLanguage())
  return (
    <button type="button" className="runs-line" aria-pressed={isChosen} onClick={onChoose} data-testid={`run-${run.id}`} data-state={run.state}>
      <span className="list-state runs-state" data-state={run.waitsFor ? 'waiting' : run.state}>
        {run.waitsFor ? text.waiting : text.state[run.state]}
      </span>
      <strong>{nameOf(run.trigger)}</strong>
      <time className="cw-numbers" dateTime={run.startedAt}>
        {format.dateTime(run.startedAt)}
      </time>
      <span className="runs-line-summary">
        {run.waitsFor ? text.waitsFor(run.waitsFor) : run.summary === undefined ? text.hops(format.number(run.hops)) : summary(run.summary)}
      </span>
    </button>
  )
}
