/** One run: what happened in words, what it caused, its steps over time or over the flow, and the chosen step. */
import { Button, Modal, SegmentedControl } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { ArrowLeft, Columns2, Download, FlaskConical, RotateCcw, X } from 'lucide-react'
import { useMemo, useState } from 'react'
import { exportRun, type RunSummary } from '../../server/api/runs.ts'
import { call } from '../shared/api.ts'
import { CancelForm, useCancelText } from '../shared/cancelling/cancel-form.tsx'
import { may, useMe } from '../shared/me.ts'
import { formats, useLanguage } from '../shared/text/index.ts'
import { useRunWords } from '../shared/text/server-words.ts'
import { FlowDrawing } from './flow-drawing.tsx'
import { useReplay } from './replay-dialog.tsx'
import { RunLinks } from './run-links.tsx'
import { RunWaits } from './run-waits.tsx'
import { StepView } from './step-view.tsx'
import { nameOf, stepsOf } from './steps.ts'
import { usePins, useRun, useRunFlow } from './use-run.ts'
import { useDurations, useRunsText } from './use-runs-text.ts'
import { Waterfall } from './waterfall.tsx'

export interface RunDetailProps {
  id: string
  /** The chosen step. */
  seq: number | undefined
  summary: RunSummary | undefined
  onStep: (seq: number) => void
  onRun: (id: string) => void
  onCompare: () => void
  onBack: () => void
}

export function RunDetail({ id, seq, summary, onStep, onRun, onCompare, onBack }: RunDetailProps) {
  const text = useRunsText()
  const cancelText = useCancelText()
  const [isCancelling, setCancelling] = useState(false)
  const format = formats(useLanguage())
  const durationOf = useDurations()
  const { summary: say } = useRunWords()
  const { me } = useMe()
  const { run, error, reload: readAgain } = useRun(id, summary)
  const [view, setView] = useState<'timeline' | 'flow'>('timeline')
  const { flow, error: flowError } = useRunFlow(id, view === 'flow')
  const replay = useReplay(id, onRun)
  const { pins, reload } = usePins(may(me, 'flows.messages'))
  const steps = useMemo(() => stepsOf(run?.detail ?? []), [run])
  const failed = steps.find(({ hop }) => hop.outcome === 'failed')
  // what failed is what one comes to look at
  const shownSeq = seq ?? failed?.hop.seq
  const step = steps.find(({ hop }) => hop.seq === shownSeq)

  const download = async () => {
    try {
      const whole = await call(exportRun, { params: { runId: id } })
      const link = document.createElement('a')
      link.href = URL.createObjectURL(new Blob([JSON.stringify(whole, null, 2)], { type: 'application/json' }))
      link.download = `${id}.json`
      link.click()
      setTimeout(() => URL.revokeObjectURL(link.href), 1000)
      notifications.show({ message: text.exported })
    } catch (problem) {
      notifications.show({ color: 'red', message: (problem as Error).message })
    }
  }

  return (
    <article className="runs-detail" data-testid="run-detail">
      <button type="button" className="list-back" onClick={onBack}>
        <ArrowLeft size={16} aria-hidden /> {text.back}
      </button>
      {error && <p className="list-problem">{error.status === 404 ? text.gone : error.message}</p>}
      {!run && !error && <div className="list-skeleton" aria-hidden />}
      {run && (
        <>
          <header>
            <h2>{nameOf(run.trigger)}</h2>
            <span className="list-state runs-state" data-state={run.waitsFor ? 'waiting' : run.state}>
              {run.waitsFor ? text.waiting : text.state[run.state]}
            </span>
            <span className="runs-actions">
              {run.state === 'active' && may(me, 'jobs.manage') && (
                <Button size="xs" variant="default" leftSection={<X size={14} aria-hidden />} onClick={() => setCancelling(true)} data-testid="cancel-run">
                  {text.cancelRun}
                </Button>
              )}
              {may(me, 'flows.deploy') && (
                <Button
                  size="xs"
                  variant="default"
                  leftSection={<RotateCcw size={14} aria-hidden />}
                  onClick={() => replay.begin()}
                  loading={replay.isBusy}
                  title={text.replaySays}
                  data-testid="replay"
                >
                  {text.replay}
                </Button>
              )}
              {may(me, 'flows.deploy') && may(me, 'flows.messages') && (
                <Button
                  size="xs"
                  variant="default"
                  component="a"
                  href={`/#rehearse/run/${id}`}
                  leftSection={<FlaskConical size={14} aria-hidden />}
                  title={text.makeTestSays}
                  data-testid="make-test"
                >
                  {text.makeTest}
                </Button>
              )}
              <Button
                size="xs"
                variant="default"
                leftSection={<Columns2 size={14} aria-hidden />}
                onClick={onCompare}
                title={text.compareWith}
                data-testid="compare-with"
              >
                {text.compare}
              </Button>
              {may(me, 'flows.messages') && (
                <Button size="xs" variant="default" leftSection={<Download size={14} aria-hidden />} onClick={download} data-testid="export">
                  {text.exportJson}
                </Button>
              )}
            </span>
          </header>
          {run.summary && <p className="runs-summary">{say(run.summary)}</p>}
          {run.waitsFor && <RunWaits runId={run.id} what={run.waitsFor} />}
          <dl className="runs-facts cw-numbers">
            <div>
              <dt>{text.began}</dt>
              <dd>{format.dateTime(run.startedAt)}</dd>
            </div>
            {run.endedAt && (
              <div>
                <dt>{text.took}</dt>
                <dd>{durationOf(Date.parse(run.endedAt) - Date.parse(run.startedAt))}</dd>
              </div>
            )}
            <div>
              <dt>{run.trigger.flowName ?? text.flow}</dt>
              <dd>{text.hops(format.number(run.hops))}</dd>
            </div>
          </dl>
          {run.replayOf && (
            <p className="list-note">
              <a href={`#${run.replayOf}`}>{text.replayOf}</a>
            </p>
          )}
          {run.endedBySettling && <p className="list-note">{text.settled}</p>}
          {run.links.length > 0 && <RunLinks links={run.links} />}
          <section className="runs-way">
            <SegmentedControl
              size="xs"
              aria-label={text.view}
              value={view}
              onChange={(wanted) => setView(wanted === 'flow' ? 'flow' : 'timeline')}
              data={[
                { value: 'timeline', label: text.timeline },
                { value: 'flow', label: text.onFlow },
              ]}
              data-testid="run-view"
            />
            {run.detail.length < run.hops && run.detail.length > 0 && <p className="list-note">{text.onlyFirst(format.number(run.detail.length))}</p>}
            {steps.length === 0 ? (
              <p className="list-note">{run.state === 'active' ? text.noStepsYet : text.noSteps}</p>
            ) : view === 'timeline' ? (
              <Waterfall run={run} steps={steps} chosen={shownSeq} onChoose={onStep} />
            ) : flow ? (
              <FlowDrawing flow={flow} steps={steps} triggerId={run.trigger.nodeId} chosen={shownSeq} onChoose={onStep} />
            ) : (
              (flowError && <p className="list-problem">{flowError}</p>) || <div className="list-skeleton" aria-hidden />
            )}
          </section>
          {step ? (
            <StepView key={step.hop.seq} runId={id} step={step} me={me} pins={pins} onPinned={reload} onRetry={() => replay.begin(step.hop.seq)} />
          ) : (
            steps.length > 0 && <p className="list-note">{text.chooseStep}</p>
          )}
        </>
      )}
      {replay.dialog}
      <Modal opened={isCancelling} onClose={() => setCancelling(false)} title={cancelText.runTitle} closeButtonProps={{ 'aria-label': cancelText.close }}>
        <CancelForm of={{ runId: id }} onDone={readAgain} onClose={() => setCancelling(false)} />
      </Modal>
    </article>
  )
}
