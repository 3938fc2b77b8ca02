/** What came of a rehearsal. */
import { Button } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { CircleCheck, CircleStop, RotateCcw, Theater, TriangleAlert } from 'lucide-react'
import { type ReactNode, useEffect, useMemo, useRef, useState } from 'react'
import type { CaughtCall, RehearsalReport, SentMessage } from '../../../server/api/rehearsal.ts'
import { formats } from '../../shared/text/index.ts'
import { errorWords, useFindingText } from '../deploy/finding-words.ts'
import { useCopy } from '../panels/debug-panel.tsx'
import { ValueTree } from '../panels/value-tree.tsx'
import { useWorkspace } from '../use-workspace.ts'
import { branchesOf } from './coverage.ts'
import { LegendKeys } from './legend.tsx'
import { MachineResult } from './machine-result.tsx'
import type { RehearsalStore, Result } from './rehearsal-store.ts'
import { nodeName, portText, spanOf, stepText } from './result-words.ts'
import { SourceBadge } from './source-badge.tsx'
import { useRehearsalText } from './text.ts'

const STATE_ICONS = { completed: CircleCheck, failed: TriangleAlert, stopped: CircleStop }
/** Of a long list; the rest is counted. */
const MOST = 100

export function ResultView({ store, flowId, onKeep }: { store: RehearsalStore; flowId: string; onKeep: () => void }) {
  const text = useRehearsalText()
  const findings = useFindingText()
  const workspace = useWorkspace('model', 'types')
  const { result } = store
  if (!result)
    return (
      <div className="panel-empty">
        <Theater size={28} aria-hidden />
        <strong>{text.result.none}</strong>
        <span>{text.result.noneText}</span>
        <Button variant="default" onClick={() => store.show('rehearse')}>
          {text.tests.toRehearsal}
        </Button>
      </div>
    )
  const { report } = result
  const isChanging = store.caseOf(result.flowId).testId !== undefined
  const keep = async () => {
    const label = String(workspace.model.get(result.flowId)?.label ?? '')
    const { ofRun } = store.caseOf(result.flowId)
    const name = text.tests.nameAt(label, formats().dateTime(ofRun?.startedAt ?? new Date().toISOString()), ofRun !== undefined)
    try {
      await store.keep(result, name)
      notifications.show({ message: text.tests.kept(name) })
      store.show('tests')
    } catch (error) {
      notifications.show({ color: 'red', message: errorWords(findings, error) })
    }
  }
  const tab = workspace.model.get(result.flowId)
  return (
    <div className="rehearsal-result" data-testid="rehearsal-result" data-state={report.state}>
      <Head report={report} />
      {result.flowId !== flowId && <p className="form-help">{text.result.of(String(tab?.label ?? result.flowId))}</p>}
      {report.isWithoutContents && <p className="form-note">{text.result.withoutContents}</p>}
      {result.modelVersion !== workspace.model.version && <p className="form-note">{text.result.old}</p>}
      <div className="rehearsal-buttons">
        {!isChanging && (
          <Button size="compact-sm" disabled={store.isBusy} onClick={() => void keep()} data-testid="rehearsal-keep-now">
            {text.run.keepNow}
          </Button>
        )}
        <Button size="compact-sm" variant={isChanging ? 'filled' : 'default'} disabled={store.isBusy} onClick={onKeep} data-testid="rehearsal-keep">
          {isChanging ? text.run.keepChanged : text.run.keep}
        </Button>
        <Button
          size="compact-sm"
          variant="default"
          leftSection={<RotateCcw size={15} aria-hidden />}
          disabled={store.isBusy}
          onClick={() => {
            const { flows: _, ...request } = result.request
            void store.rehearse(result.flowId, request)
          }}
        >
          {text.run.again}
        </Button>
      </div>
      {report.errors.length > 0 && (
        <Section title={text.result.errors} count={report.errors.length}>
          <List items={report.errors} keyOf={(_, index) => String(index)}>
            {({ nodeId, text: why, atMs }) => (
              <div className="rehearsal-error">
                {nodeId !== '' && <NodeLink id={nodeId} />}
                <span>{why}</span>
                <At ms={atMs} />
              </div>
            )}
          </List>
        </Section>
      )}
      <Steps result={result} />
      <Section title={text.result.machines}>
        {report.machines.length === 0 && <p className="form-help">{text.result.nothingMoved}</p>}
        {report.machines.map((machine) => (
          <MachineResult key={machine.id} machine={machine} />
        ))}
      </Section>
      <Section title={text.result.calls} count={report.calls.length}>
        {report.calls.length === 0 ? (
          <p className="form-help">{text.result.noCalls}</p>
        ) : (
          <List items={report.calls} keyOf={(_, index) => String(index)} testId="rehearsal-call">
            {(caught) => <Call caught={caught} />}
          </List>
        )}
      </Section>
      {report.waiting.length > 0 && (
        <Section title={text.result.waiting} count={report.waiting.length}>
          <List items={report.waiting} keyOf={(_, index) => String(index)}>
            {({ nodeId, text: what }) => (
              <div className="rehearsal-error">
                {nodeId !== undefined && <NodeLink id={nodeId} />}
                <span>{what}</span>
              </div>
            )}
          </List>
        </Section>
      )}
      <Coverage coverage={report.coverage} />
      <Messages sent={report.sent} />
    </div>
  )
}

function Head({ report }: { report: RehearsalReport }) {
  const text = useRehearsalText().result
  const Icon = STATE_ICONS[report.state]
  const head = useRef<HTMLElement>(null)
  // the button that was pressed is gone: keys go on here, and Escape closes the panel
  // biome-ignore lint/correctness/useExhaustiveDependencies: with every result anew
  useEffect(() => head.current?.focus({ preventScroll: true }), [report])
  return (
    <header ref={head} tabIndex={-1} className="rehearsal-outcome" data-state={report.state}>
      <Icon size={22} aria-hidden />
      <div>
        <strong>{text.state[report.state]}</strong>
        {report.state !== 'completed' && <p>{report.text}</p>}
        <p className="cw-numbers">{text.times(spanOf(report.durationMs), spanOf(report.tookMs))}</p>
        <p className="rehearsal-dim" data-testid="rehearsal-isolation">
          {text.isolation[report.isolation.network]}
        </p>
      </div>
    </header>
  )
}

function Steps({ result: { request, report } }: { result: Result }) {
  const text = useRehearsalText()
  const workspace = useWorkspace('model', 'types')
  return (
    <Section title={text.result.steps}>
      <ol className="rehearsal-list">
        {report.steps.map(({ state, text: why, atMs, from }, index) => {
          const step = request.steps[index]
          return (
            // biome-ignore lint/suspicious/noArrayIndexKey: the report's steps are those of the request, in their order
            <li key={index} className="rehearsal-done" data-state={state}>
              <span>{step ? stepText(step, workspace, text) : why}</span>
              <span className="rehearsal-state">{text.result.stepStates[state]}</span>
              <At ms={atMs} />
              {from !== undefined && step && (step.do !== 'give' || step.message !== undefined) && (
                <SourceBadge from={from} at={'origin' in step && step.origin?.from === 'recorded' ? step.origin.at : undefined} />
              )}
              {state === 'failed' && <p className="rehearsal-why">{why}</p>}
            </li>
          )
        })}
      </ol>
    </Section>
  )
}

function Call({ caught: { nodeId, system, what, body, answer, answeredFrom, recorded, isReplaced, atMs } }: { caught: CaughtCall }) {
  const all = useRehearsalText()
  const text = all.result
  return (
    <details className="rehearsal-fold">
      <summary>
        <strong>{isReplaced ? text.stoodIn : system}</strong> <span>{what}</span>
        <span className="rehearsal-dim">
          <At ms={atMs} />
        </span>
        <SourceBadge from={answeredFrom} at={recorded?.at} />
      </summary>
      <NodeLink id={nodeId} /> {recorded && <a href={`/runs#${recorded.runId}`}>{all.recorded.run}</a>}
      <p className="rehearsal-dim">{text.body}</p>
      <Tree value={body} path={text.body} />
      {answer !== undefined && (
        <>
          <p className="rehearsal-dim">{text.answer}</p>
          <Tree value={answer} path={text.answer} />
        </>
      )}
    </details>
  )
}

export function Coverage({ coverage }: Pick<RehearsalReport, 'coverage'>) {
  const text = useRehearsalText()
  const workspace = useWorkspace('model', 'types')
  const { nodes, nodesMissed, wires, wiresMissed } = coverage
  const share = (some: number, rest: number) => `${some}/${some + rest}`
  const isAll = nodesMissed.length === 0 && wiresMissed.length === 0
  const branches = branchesOf(coverage)
  return (
    <Section title={text.result.coverage}>
      <p className="form-help">
        {isAll
          ? text.result.allCovered
          : text.result.covered(
              share(nodes.length, nodesMissed.length),
              share(wires.length, wiresMissed.length),
              branches.taken + branches.missed.length > 0 ? share(branches.taken, branches.missed.length) : undefined,
            )}
      </p>
      <div className="rehearsal-keys">
        <LegendKeys />
      </div>
      {!isAll && (
        <>
          <h4>{text.result.missed}</h4>
          <ul className="rehearsal-list" data-testid="rehearsal-missed">
            {nodesMissed.slice(0, MOST).map((id) => (
              <li key={id}>
                <NodeLink id={id} />
              </li>
            ))}
            {wiresMissed
              // a wire to or from a node that was never reached is told by the node
              .filter(({ from, to }) => !nodesMissed.includes(from) && !nodesMissed.includes(to))
              .slice(0, MOST)
              .map(({ from, port, to }) => (
                <li key={`${from} ${port} ${to}`}>
                  {text.result.wire(nodeName(workspace, from), portText(workspace, from, port, text), nodeName(workspace, to))}
                </li>
              ))}
          </ul>
        </>
      )}
    </Section>
  )
}

function Messages({ sent }: { sent: readonly SentMessage[] }) {
  const text = useRehearsalText()
  const workspace = useWorkspace('model', 'types')
  const byNode = useMemo(() => [...Map.groupBy(sent, ({ from }) => from)], [sent])
  const [open, setOpen] = useState<ReadonlySet<string>>(new Set())
  if (byNode.length === 0) return null
  return (
    <Section title={text.result.messages} count={sent.length}>
      {byNode.map(([id, messages]) => (
        <details
          key={id}
          className="rehearsal-fold"
          onToggle={(event) => {
            if (event.currentTarget.open) setOpen(new Set([...open, id]))
          }}
        >
          <summary>{text.result.messagesOf(nodeName(workspace, id), messages.length)}</summary>
          {open.has(id) && (
            <List items={messages} keyOf={(_, index) => String(index)}>
              {({ port, to, message, atMs }) => (
                <>
                  <span className="rehearsal-dim">
                    {text.result.sentTo(portText(workspace, id, port, text), nodeName(workspace, to))} · <At ms={atMs} />
                  </span>
                  <Tree value={message} path="msg" />
                </>
              )}
            </List>
          )}
        </details>
      ))}
    </Section>
  )
}

function Section({ title, count, children }: { title: string; count?: number; children: ReactNode }) {
  return (
    <section aria-label={title}>
      <h3>{count === undefined ? title : `${title} (${count})`}</h3>
      {children}
    </section>
  )
}

function List<T>({
  items,
  keyOf,
  testId,
  children,
}: {
  items: readonly T[]
  keyOf: (item: T, index: number) => string
  testId?: string
  children: (item: T) => ReactNode
}) {
  const text = useRehearsalText().result
  return (
    <ul className="rehearsal-list">
      {items.slice(0, MOST).map((item, index) => (
        <li key={keyOf(item, index)} data-testid={testId}>
          {children(item)}
        </li>
      ))}
      {items.length > MOST && <li className="rehearsal-dim">{text.more(items.length - MOST)}</li>}
    </ul>
  )
}

function At({ ms }: { ms: number }) {
  const text = useRehearsalText().result
  return <span className="rehearsal-dim cw-numbers">{text.at(spanOf(ms))}</span>
}

function NodeLink({ id }: { id: string }) {
  const text = useRehearsalText().result
  const workspace = useWorkspace('model', 'types')
  return (
    <button type="button" className="rehearsal-link" title={text.show} disabled={!workspace.model.get(id)} onClick={() => workspace.reveal(id)}>
      {nodeName(workspace, id)}
    </button>
  )
}

export function Tree({ value, path }: { value: unknown; path: string }) {
  return <ValueTree value={value} path={path} isOpen copy={useCopy()} />
}
