/** The panel of rehearsals: what happens from outside, what came of it, and the tests that are kept. */
import { Button, SegmentedControl } from '@mantine/core'
import { CircleStop, Play } from 'lucide-react'
import { useEffect, useState, useSyncExternalStore } from 'react'
import type { FlowTest } from '../../../server/api/flow-tests.ts'
import type { RehearsalRequest } from '../../../server/api/rehearsal.ts'
import { formats } from '../../shared/text/index.ts'
import { errorWords, useFindingText } from '../deploy/finding-words.ts'
import { useHost } from '../host/use-host.ts'
import { kindOf } from '../model/raw.ts'
import { Panel } from '../panels/panel.tsx'
import { useWorkspace } from '../use-workspace.ts'
import { AnswerList } from './answer-list.tsx'
import { KeepDialog } from './keep-dialog.tsx'
import type { RehearsalStore, View } from './rehearsal-store.ts'
import { ResultView } from './result-view.tsx'
import { doingOf } from './result-words.ts'
import { StepList } from './step-list.tsx'
import { readAnswers, readSteps } from './steps.ts'
import { TestList } from './test-list.tsx'
import { useRehearsalText } from './text.ts'

const VIEWS: readonly View[] = ['rehearse', 'result', 'tests']

export function RehearsalPanel({ store, onClose }: { store: RehearsalStore; onClose: () => void }) {
  const text = useRehearsalText()
  const findings = useFindingText()
  const workspace = useWorkspace('place', 'model')
  useSyncExternalStore(store.watch, store.version)
  const [failure, setFailure] = useState<unknown>()
  const [isKeeping, setKeeping] = useState(false)
  useEffect(() => {
    store.showsPanel(true)
    store.load().catch(setFailure)
    return () => store.showsPanel(false)
  }, [store])
  const place = workspace.place === undefined ? undefined : workspace.model.get(workspace.place)
  const count = store.tests.filter(({ flowId }) => flowId === place?.id).length
  const problem = store.failure ?? failure
  return (
    <Panel title={text.title} onClose={onClose}>
      <div className="rehearsal" data-testid="rehearsal-panel">
        <SegmentedControl
          fullWidth
          size="sm"
          aria-label={text.tabs.label}
          value={store.view}
          onChange={(view) => store.show(view as View)}
          data={VIEWS.map((view) => ({ value: view, label: view === 'tests' && count > 0 ? `${text.tabs.tests} (${count})` : text.tabs[view] }))}
        />
        {problem !== undefined && (
          <div className="rehearsal-failed" role="alert" data-stopped={store.wasStopped || undefined} data-testid="rehearsal-failed">
            <strong>{store.wasStopped ? text.run.stopped : text.run.failed}</strong>
            <span>{errorWords(findings, problem)}</span>
          </div>
        )}
        {store.current && <Progress store={store} />}
        {!place || kindOf(place) === 'subflow' ? (
          <p className="panel-empty">{place ? text.whyNot.subflow : text.whyNot.noFlow}</p>
        ) : store.view === 'rehearse' ? (
          <Prepare key={place.id} store={store} flowId={place.id} />
        ) : store.view === 'tests' ? (
          <TestList store={store} flowId={place.id} />
        ) : (
          <ResultView store={store} flowId={place.id} onKeep={() => setKeeping(true)} />
        )}
      </div>
      {isKeeping && store.result && <KeepDialog store={store} result={store.result} onClose={() => setKeeping(false)} />}
    </Panel>
  )
}

function Progress({ store }: { store: RehearsalStore }) {
  const text = useRehearsalText()
  if (!store.current) return null
  return (
    <div className="rehearsal-progress" data-testid="rehearsal-progress">
      <span className="rehearsal-busy" aria-hidden />
      <span role="status">{doingOf(store.current, text)}</span>
      <Button
        size="compact-sm"
        variant="default"
        disabled={store.current.id === ''}
        leftSection={<CircleStop size={15} aria-hidden />}
        onClick={() => void store.stop()}
        data-testid="rehearsal-stop"
      >
        {text.run.stop}
      </Button>
    </div>
  )
}

function Prepare({ store, flowId }: { store: RehearsalStore; flowId: string }) {
  const text = useRehearsalText()
  const host = useHost()
  const [isChecked, setChecked] = useState(false)
  const [wrong, setWrong] = useState<string>()
  const { steps, answers, testId, ofRun } = store.caseOf(flowId)
  const test = store.tests.find(({ id }) => id === testId)
  const go = () => {
    setChecked(true)
    const request = readRequest()
    if (typeof request === 'string') {
      setWrong(request)
      return
    }
    setWrong(undefined)
    host.say(text.said.began)
    void store.rehearse(flowId, request)
  }
  const readRequest = (): Omit<RehearsalRequest, 'flows'> | string => {
    const read = readSteps(steps, host.workspace, text.wrong)
    const given = readAnswers(answers, text.wrong)
    if (!read) return text.wrong.steps
    if (!given) return text.wrong.answers
    return { steps: read, answers: given }
  }
  return (
    <form
      className="rehearsal-form"
      noValidate
      onSubmit={(event) => {
        event.preventDefault()
        go()
      }}
    >
      <p className="form-note">{text.promise}</p>
      {ofRun && (
        <div className="form-note" data-testid="rehearsal-of-run">
          <span>
            {text.ofRun.says(formats().dateTime(ofRun.startedAt))} <a href={`/runs#${ofRun.runId}`}>{text.recorded.run}</a>
          </span>
          {ofRun.notes.length > 0 && <span>{ofRun.notes.join(' ')}</span>}
        </div>
      )}
      {test && <Changing test={test} onLeave={() => store.setCase(flowId, { steps, answers })} />}
      <StepList store={store} flowId={flowId} isChecked={isChecked} />
      <AnswerList store={store} flowId={flowId} isChecked={isChecked} />
      <div className="rehearsal-begin">
        {wrong !== undefined && (
          <p className="form-error" role="alert">
            {wrong}
          </p>
        )}
        <Button type="submit" size="md" leftSection={<Play size={17} aria-hidden />} disabled={store.isBusy || steps.length === 0} data-testid="rehearsal-go">
          {text.run.go}
        </Button>
      </div>
    </form>
  )
}

function Changing({ test, onLeave }: { test: FlowTest; onLeave: () => void }) {
  const text = useRehearsalText()
  return (
    <div className="form-note">
      <span>{text.tests.changes(test.name)}</span>
      <Button size="compact-sm" variant="default" onClick={onLeave}>
        {text.tests.leave}
      </Button>
    </div>
  )
}
