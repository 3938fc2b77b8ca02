/** The tests that are kept with a flow: run one or all, look at what differs, change, rename, remove. */
import { ActionIcon, Button, Modal, TextInput } from '@mantine/core'
import { CircleCheck, CircleDashed, FlaskConical, ListChecks, Pencil, Play, SquarePen, Trash2, TriangleAlert } from 'lucide-react'
import { useState } from 'react'
import type { FlowTest } from '../../../server/api/flow-tests.ts'
import { useCommonText } from '../../shared/theme.tsx'
import { errorWords, useFindingText } from '../deploy/finding-words.ts'
import { KeepDialog } from './keep-dialog.tsx'
import type { RehearsalStore } from './rehearsal-store.ts'
import { Coverage } from './result-view.tsx'
import { isEnded, resultOf, TestOutcome } from './test-outcome.tsx'
import { TestRule } from './test-rule.tsx'
import { useRehearsalText } from './text.ts'

type Asked = 'rename' | 'remove' | 'expect'

export function TestList({ store, flowId }: { store: RehearsalStore; flowId: string }) {
  const text = useRehearsalText()
  const tests = store.tests.filter((test) => test.flowId === flowId)
  const [asked, setAsked] = useState<{ test: FlowTest; what: Asked }>()
  if (tests.length === 0)
    return (
      <div className="panel-empty" data-testid="rehearsal-no-tests">
        <FlaskConical size={28} aria-hidden />
        <strong>{text.tests.none}</strong>
        <span>{text.tests.noneText}</span>
        <Button variant="default" onClick={() => store.show('rehearse')}>
          {text.tests.toRehearsal}
        </Button>
      </div>
    )
  const coverage = store.coverageOfTests(flowId)
  const runs = tests.flatMap(({ id }) => store.runOf(id) ?? [])
  const ended = runs.filter(({ state }) => state === 'passed' || state === 'failed' || state === 'broken')
  return (
    <section aria-labelledby="rehearsal-tests" data-testid="rehearsal-tests">
      <div className="rehearsal-head">
        <h3 id="rehearsal-tests">{text.tests.title}</h3>
        <Button
          size="compact-sm"
          variant="default"
          leftSection={<Play size={15} aria-hidden />}
          disabled={store.isBusy}
          onClick={() => void store.runTests(tests)}
          data-testid="rehearsal-run-all"
        >
          {text.tests.runAll}
        </Button>
      </div>
      {ended.length > 0 && (
        <p className="form-help" role="status">
          {text.tests.summary(ended.filter(({ state }) => state === 'passed').length, ended.length)}
        </p>
      )}
      <ul className="rehearsal-list">
        {tests.map((test) => (
          <TestRow key={test.id} test={test} store={store} onAsk={(what) => setAsked({ test, what })} />
        ))}
      </ul>
      {coverage && <Coverage coverage={coverage} />}
      <TestRule store={store} flowId={flowId} />
      {asked?.what === 'expect' && (
        <KeepDialog store={store} test={asked.test} result={resultOf(store.runOf(asked.test.id))} onClose={() => setAsked(undefined)} />
      )}
      {asked?.what === 'rename' && <RenameDialog test={asked.test} store={store} onClose={() => setAsked(undefined)} />}
      {asked?.what === 'remove' && <RemoveDialog test={asked.test} store={store} onClose={() => setAsked(undefined)} />}
    </section>
  )
}

const ICONS = { waits: CircleDashed, runs: CircleDashed, passed: CircleCheck, failed: TriangleAlert, broken: TriangleAlert, none: CircleDashed }

function TestRow({ test, store, onAsk }: { test: FlowTest; store: RehearsalStore; onAsk: (what: Asked) => void }) {
  const text = useRehearsalText()
  const findings = useFindingText()
  const run = store.runOf(test.id)
  const state = run?.state ?? 'none'
  const Icon = ICONS[state]
  const { tests } = text
  const words = { waits: tests.waits, runs: tests.runs, passed: tests.passed, failed: tests.failed, broken: tests.failed, none: tests.notRun }
  return (
    <li className="rehearsal-test" data-testid={`rehearsal-test-${test.id}`} data-state={state}>
      <div className="rehearsal-test-head">
        <Icon size={18} aria-hidden />
        <div>
          <strong>{test.name}</strong>
          <span className="rehearsal-state">{words[state]}</span>
        </div>
        <ActionIcon
          variant="default"
          disabled={store.isBusy}
          aria-label={tests.run(test.name)}
          onClick={() => void store.runTests([test])}
          data-testid="rehearsal-run-test"
        >
          <Play size={15} aria-hidden />
        </ActionIcon>
        <ActionIcon variant="subtle" color="gray" aria-label={tests.open(test.name)} title={tests.open(test.name)} onClick={() => store.open(test)}>
          <SquarePen size={15} aria-hidden />
        </ActionIcon>
        <ActionIcon
          variant="subtle"
          color="gray"
          aria-label={tests.expectations(test.name)}
          title={tests.expectations(test.name)}
          onClick={() => onAsk('expect')}
          data-testid="rehearsal-edit-expectations"
        >
          <ListChecks size={15} aria-hidden />
        </ActionIcon>
        <ActionIcon variant="subtle" color="gray" aria-label={tests.rename(test.name)} title={tests.rename(test.name)} onClick={() => onAsk('rename')}>
          <Pencil size={15} aria-hidden />
        </ActionIcon>
        <ActionIcon variant="subtle" color="gray" aria-label={tests.remove(test.name)} title={tests.remove(test.name)} onClick={() => onAsk('remove')}>
          <Trash2 size={15} aria-hidden />
        </ActionIcon>
      </div>
      {run?.state === 'broken' && <p className="rehearsal-why">{errorWords(findings, run.error)}</p>}
      {isEnded(run) && <TestOutcome test={test} result={run.result} isMet={run.state === 'passed'} onShow={() => store.showResult(run.result)} />}
    </li>
  )
}

interface DialogProps {
  test: FlowTest
  store: RehearsalStore
  onClose: () => void
}

function RenameDialog({ test, store, onClose }: DialogProps) {
  const text = useRehearsalText().tests
  const common = useCommonText()
  const findings = useFindingText()
  const [name, setName] = useState(test.name)
  const [failure, setFailure] = useState<string>()
  return (
    <Modal opened onClose={onClose} title={text.rename(test.name)} closeButtonProps={{ 'aria-label': common.close }}>
      <form
        className="form"
        onSubmit={(event) => {
          event.preventDefault()
          store.put({ ...test, name: name.trim() }).then(onClose, (error: unknown) => setFailure(errorWords(findings, error)))
        }}
      >
        <TextInput label={text.name} maxLength={120} data-autofocus value={name} error={failure} onChange={(event) => setName(event.currentTarget.value)} />
        <Button type="submit" disabled={name.trim() === ''}>
          {text.save}
        </Button>
      </form>
    </Modal>
  )
}

function RemoveDialog({ test, store, onClose }: DialogProps) {
  const text = useRehearsalText().tests
  const common = useCommonText()
  const findings = useFindingText()
  const [failure, setFailure] = useState<string>()
  return (
    <Modal opened onClose={onClose} title={text.removeTitle} closeButtonProps={{ 'aria-label': common.close }}>
      <div className="form">
        <p className="form-help">{text.removeText(test.name)}</p>
        {failure !== undefined && (
          <p className="form-error" role="alert">
            {failure}
          </p>
        )}
        <div className="rehearsal-buttons">
          <Button
            color="red"
            onClick={() => store.remove(test.id).then(onClose, (error: unknown) => setFailure(errorWords(findings, error)))}
            data-testid="rehearsal-remove-yes"
          >
            {text.removeYes}
          </Button>
          <Button variant="default" data-autofocus onClick={onClose}>
            {text.cancel}
          </Button>
        </div>
      </div>
    </Modal>
  )
}
