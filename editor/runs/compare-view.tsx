/** Two runs beside each other, step by step: other ways, other outcomes, other inputs, and what took much longer. */
import { Button, Switch } from '@mantine/core'
import { useMemo, useState } from 'react'
import type { Run } from '../../server/api/runs.ts'
import { may, useMe } from '../shared/me.ts'
import { formats, useLanguage } from '../shared/text/index.ts'
import { useRunWords } from '../shared/text/server-words.ts'
import { VirtualLines } from '../shared/virtual-lines.tsx'
import { comparable, compareRuns, type Pair, type Step, stepsOf } from './steps.ts'
import { useAllMessages } from './use-messages.ts'
import { useRun } from './use-run.ts'
import { useDurations, useRunsText } from './use-runs-text.ts'

const ROW_PX = 48

export function CompareView({ ids, onEnd, onStep }: { ids: readonly [string, string]; onEnd: () => void; onStep: (id: string, seq: number) => void }) {
  const text = useRunsText()
  const format = formats(useLanguage())
  const durationOf = useDurations()
  const { me } = useMe()
  const maySee = may(me, 'flows.messages')
  const first = useRun(ids[0])
  const second = useRun(ids[1])
  const messages = [useAllMessages(ids[0], maySee), useAllMessages(ids[1], maySee)] as const
  const [isOnlyDifferent, setOnlyDifferent] = useState(false)
  const [one, other] = messages
  const pairs = useMemo(
    () =>
      compareRuns(stepsOf(first.run?.detail ?? []), stepsOf(second.run?.detail ?? []), (side, seq) => {
        const found = (side === 0 ? one : other).get(seq)
        return found && comparable(found.msg)
      }),
    [first.run, second.run, one, other],
  )
  const different = pairs.filter(({ differences }) => differences.length > 0)
  const shown = isOnlyDifferent ? different : pairs
  const problem = first.error ?? second.error

  return (
    <article className="runs-detail" data-testid="run-compare">
      <header>
        <h2>{text.compareTitle}</h2>
        <span className="runs-actions">
          <Button size="xs" variant="default" onClick={onEnd}>
            {text.compareEnd}
          </Button>
        </span>
      </header>
      {problem && <p className="list-problem">{problem.status === 404 ? text.gone : problem.message}</p>}
      {(!first.run || !second.run) && !problem && <div className="list-skeleton" aria-hidden />}
      {first.run && second.run && (
        <>
          <div className="runs-pair-heads">
            <Head title={text.earlier} run={first.run} />
            <Head title={text.later} run={second.run} />
          </div>
          <div className="runs-compare-sum" role="status">
            {different.length === 0 ? text.same : text.differences(format.number(different.length))}
            <Switch size="xs" label={text.onlyDifferences} checked={isOnlyDifferent} onChange={(event) => setOnlyDifferent(event.currentTarget.checked)} />
          </div>
          <VirtualLines
            className="runs-pairs"
            label={text.compareTitle}
            count={shown.length}
            rowHeight={ROW_PX}
            row={(index) => {
              const pair = shown[index] as Pair
              return (
                <div
                  key={`${pair.first?.hop.seq ?? '-'} ${pair.second?.hop.seq ?? '-'}`}
                  className="runs-pair"
                  data-different={pair.differences.length > 0 || undefined}
                >
                  <Side step={pair.first} onChoose={(seq) => onStep(ids[0], seq)} />
                  <Side step={pair.second} onChoose={(seq) => onStep(ids[1], seq)} />
                  <span className="runs-pair-why">{pair.differences.map((difference) => wordFor(pair, difference, text, durationOf)).join(', ')}</span>
                </div>
              )
            }}
          />
        </>
      )}
    </article>
  )
}

function wordFor(
  { first, second }: Pair,
  difference: Pair['differences'][number],
  text: ReturnType<typeof useRunsText>,
  durationOf: (ms: number) => string,
): string {
  const by = durationOf(Math.abs((second?.tookMs ?? 0) - (first?.tookMs ?? 0)))
  switch (difference) {
    case 'missing':
      return text.missing
    case 'outcome':
    case 'error':
      return second?.hop.error ?? first?.hop.error ?? text.outcome[second?.hop.outcome ?? 'received']
    case 'input':
      return text.otherInput
    case 'slower':
      return text.slower(by)
    case 'faster':
      return text.faster(by)
  }
}

function Head({ title, run }: { title: string; run: Run }) {
  const text = useRunsText()
  const { summary } = useRunWords()
  const format = formats(useLanguage())
  return (
    <div>
      <strong>{title}</strong>
      <a className="cw-numbers" href={`#${run.id}`}>
        {format.dateTime(run.startedAt)}
      </a>
      <span className="list-state runs-state" data-state={run.state}>
        {text.state[run.state]}
      </span>
      <span className="list-note">{run.summary === undefined ? '' : summary(run.summary)}</span>
    </div>
  )
}

function Side({ step, onChoose }: { step: Step | undefined; onChoose: (seq: number) => void }) {
  const text = useRunsText()
  const durationOf = useDurations()
  if (!step) return <span className="runs-pair-none">{text.missing}</span>
  const { hop, name, tookMs } = step
  return (
    <button type="button" className="runs-pair-side" onClick={() => onChoose(hop.seq)} data-outcome={hop.outcome}>
      <span>{name}</span>
      <span className="cw-numbers">{tookMs === undefined ? '' : durationOf(tookMs)}</span>
      <strong>{text.outcome[hop.outcome]}</strong>
    </button>
  )
}
