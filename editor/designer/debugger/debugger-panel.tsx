/** The debugger's panel: what waits, what is in it, breakpoints, paused flows, and the rules. */
import { ActionIcon, Button, Switch, Tooltip } from '@mantine/core'
import { CirclePause, CircleStop, FastForward, Pencil, Play, Trash2 } from 'lucide-react'
import { useEffect, useSyncExternalStore } from 'react'
import { type Breakpoint, type BreakpointPlace, motionRoleOf } from '../../../server/api/debugger.ts'
import { labelOf } from '../model/scene.ts'
import { Panel } from '../panels/panel.tsx'
import { useWorkspace } from '../use-workspace.ts'
import type { DebuggerStore } from './debugger-store.ts'
import { nameOf, placeText } from './places.ts'
import { useDebuggerText } from './text.ts'
import { WaitingList } from './waiting-list.tsx'
import { WaitingView } from './waiting-view.tsx'

export function DebuggerPanel({
  store,
  mayDebug,
  mayOperate,
  onClose,
  onCondition,
}: {
  store: DebuggerStore
  mayDebug: boolean
  mayOperate: boolean
  onClose: () => void
  onCondition: (at: BreakpointPlace) => void
}) {
  const text = useDebuggerText()
  useSyncExternalStore(store.watch, store.version)
  useEffect(() => {
    store.showsPanel(true)
    return () => store.showsPanel(false)
  }, [store])
  const { state, current } = store
  const isEmpty = state.breakpoints.length === 0 && state.waitingCount === 0 && state.paused.length === 0
  return (
    <Panel title={text.title} onClose={onClose}>
      <div className="debugger" data-testid="debugger">
        {store.refusal && <p className="panel-empty">{text.panel.refused}</p>}
        {state.leftAt !== undefined && <p className="debugger-note">{text.bar.left}</p>}
        {!mayDebug && !isEmpty && <p className="debugger-note">{text.whyNot.right}</p>}
        {isEmpty && !store.refusal && (
          <div className="panel-empty">
            <CirclePause size={28} aria-hidden />
            <strong>{text.panel.none}</strong>
            <span>{text.panel.noneText}</span>
          </div>
        )}
        {state.waitingCount > 0 && (
          <section aria-labelledby="debugger-waiting">
            <div className="debugger-head">
              <h3 id="debugger-waiting">
                {text.panel.waiting} ({state.waitingCount})
              </h3>
              <Tooltip label={text.panel.allText}>
                <Button
                  size="compact-sm"
                  variant="subtle"
                  leftSection={<FastForward size={15} aria-hidden />}
                  disabled={!mayDebug}
                  onClick={() => void store.goOnAll()}
                  data-testid="debugger-all"
                >
                  {text.panel.all}
                </Button>
              </Tooltip>
            </div>
            <WaitingList store={store} />
            {current && <WaitingView key={current.id} store={store} waiting={current} mayDebug={mayDebug} mayOperate={mayOperate} />}
          </section>
        )}
        {(state.lost.full > 0 || state.lost.deploy > 0) && (
          <p className="debugger-note">
            {[state.lost.full > 0 && text.panel.lostFull(state.lost.full), state.lost.deploy > 0 && text.panel.lostDeploy(state.lost.deploy)]
              .filter(Boolean)
              .join(' ')}
          </p>
        )}
        {state.paused.length > 0 && <PausedFlows store={store} mayDebug={mayDebug} />}
        {state.breakpoints.length > 0 && (
          <section aria-labelledby="debugger-breakpoints">
            <div className="debugger-head">
              <h3 id="debugger-breakpoints">{text.panel.breakpoints}</h3>
              <Button
                size="compact-sm"
                variant="subtle"
                color="gray"
                leftSection={<CircleStop size={15} aria-hidden />}
                disabled={!mayDebug}
                onClick={() => void store.end()}
              >
                {text.panel.end}
              </Button>
            </div>
            <ul className="debugger-list">
              {state.breakpoints.map((breakpoint) => (
                <BreakpointRow key={breakpoint.id} breakpoint={breakpoint} store={store} mayDebug={mayDebug} onCondition={onCondition} />
              ))}
            </ul>
          </section>
        )}
        <details className="debugger-rules">
          <summary>{text.panel.rules}</summary>
          <ol>
            {text.rules.map((rule) => (
              <li key={rule}>{rule}</li>
            ))}
          </ol>
        </details>
      </div>
    </Panel>
  )
}

function PausedFlows({ store, mayDebug }: { store: DebuggerStore; mayDebug: boolean }) {
  const text = useDebuggerText()
  const workspace = useWorkspace('model')
  return (
    <section aria-labelledby="debugger-paused">
      <div className="debugger-head">
        <h3 id="debugger-paused">{text.panel.paused}</h3>
      </div>
      <ul className="debugger-list">
        {store.state.paused.map(({ placeId, by }) => {
          const flow = workspace.model.get(placeId)
          const name = flow ? String(flow.label || labelOf(flow, undefined)) : placeId
          return (
            <li key={placeId}>
              <button type="button" className="debugger-link" disabled={!flow} onClick={() => workspace.open(placeId)}>
                {name}
              </button>
              <span className="debugger-dim">{text.panel.pausedBy(by)}</span>
              <Button
                size="compact-sm"
                variant="default"
                leftSection={<Play size={15} aria-hidden />}
                disabled={!mayDebug}
                onClick={() => void store.pause(placeId, false)}
                aria-label={`${text.panel.resume}: ${name}`}
              >
                {text.panel.resume}
              </Button>
            </li>
          )
        })}
      </ul>
    </section>
  )
}

function BreakpointRow({
  breakpoint: { id, at, isOn, condition, hits },
  store,
  mayDebug,
  onCondition,
}: {
  breakpoint: Breakpoint
  store: DebuggerStore
  mayDebug: boolean
  onCondition: (at: BreakpointPlace) => void
}) {
  const text = useDebuggerText()
  const workspace = useWorkspace('model', 'types')
  const place = placeText(workspace, at, text)
  const nodeId = at.kind === 'node' ? at.nodeId : at.to
  const node = workspace.model.get(nodeId)
  const acts = node !== undefined && motionRoleOf(node.type, node.command) === 'acts'
  return (
    <li data-testid={`breakpoint-${id}`} data-on={isOn || undefined}>
      <Switch
        size="xs"
        checked={isOn}
        disabled={!mayDebug}
        aria-label={text.panel.isOn(place)}
        onChange={(event) => void store.setBreakpoint(at, { condition, isOn: event.currentTarget.checked })}
      />
      <div className="debugger-row">
        <button type="button" className="debugger-link" disabled={!node} onClick={() => workspace.reveal(nodeId)} title={text.panel.show}>
          {at.kind === 'node' ? nameOf(workspace, at.nodeId) : text.panel.wire(nameOf(workspace, at.from), nameOf(workspace, at.to))}
        </button>
        {condition && <code>{condition}</code>}
        <span className="debugger-dim">
          {[!node && text.panel.notRunning, acts && text.reasons.motion, hits > 0 && text.panel.hits(hits)].filter(Boolean).join(' · ')}
        </span>
      </div>
      <ActionIcon variant="subtle" color="gray" disabled={!mayDebug} aria-label={text.panel.edit(place)} onClick={() => onCondition(at)}>
        <Pencil size={15} aria-hidden />
      </ActionIcon>
      <ActionIcon variant="subtle" color="gray" disabled={!mayDebug} aria-label={text.panel.remove(place)} onClick={() => void store.removeBreakpoint(id)}>
        <Trash2 size={15} aria-hidden />
      </ActionIcon>
    </li>
  )
}
