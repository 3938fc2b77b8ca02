/** The flow debugger in the designer: its actions, panel, signs on the canvas, bar and dialog. */
import './debugger.css'
import { notifications } from '@mantine/notifications'
import { CirclePause } from 'lucide-react'
import { useCallback, useEffect, useMemo, useRef, useState, useSyncExternalStore } from 'react'
import type { BreakpointPlace } from '../../../server/api/debugger.ts'
import { may, useMe } from '../../shared/me.ts'
import { droppedBy } from '../deploy/drops.ts'
import { errorWords, useFindingText } from '../deploy/finding-words.ts'
import type { SidePanel } from '../host/designer-host.ts'
import { useCanvas } from '../host/use-canvas.ts'
import { useActions, useHost } from '../host/use-host.ts'
import { byId, diffFlows } from '../model/diff.ts'
import { DEBUGGER_PANEL, debuggerActions } from './actions.ts'
import { ConditionDialog } from './condition-dialog.tsx'
import { DebuggerBar } from './debugger-bar.tsx'
import { DebuggerPanel } from './debugger-panel.tsx'
import { DebuggerStore } from './debugger-store.ts'
import { debuggerMarks, followOnCanvas, wireLayer } from './on-canvas.ts'
import { nameOf } from './places.ts'
import { useDebuggerText } from './text.ts'

export function DebuggerFeature() {
  const host = useHost()
  const canvas = useCanvas()
  const text = useDebuggerText()
  const { me } = useMe()
  const mayView = may(me, 'flows.view')
  const mayDebug = may(me, 'flows.code')
  const mayOperate = may(me, 'machines.operate')
  const [store] = useState(() => new DebuggerStore())
  const [asked, setAsked] = useState<BreakpointPlace>()
  const words = useRef(text)
  words.current = text
  const findings = useFindingText()
  const refusals = useRef(findings)
  refusals.current = findings

  useEffect(() => (mayView ? store.listen() : undefined), [store, mayView])
  useEffect(() => (mayDebug ? store.stay() : undefined), [store, mayDebug])
  // a deploy that drops what waits is not begun before somebody has read so
  useEffect(() => {
    const { concerns } = host.session
    const isConcerned: Parameters<typeof concerns.add>[0] = (kind, flows) => {
      const before = host.workspace.model.deployed()
      return droppedBy({ kind, waitingAt: store.state.waitingAt, diff: diffFlows(before, byId(flows)), before }).size > 0
    }
    concerns.add(isConcerned)
    return () => void concerns.delete(isConcerned)
  }, [host, store])
  useEffect(() => {
    store.onFailure = (error) => {
      const message = errorWords(refusals.current, error)
      host.say(message)
      notifications.show({ id: 'debugger-failed', color: 'red', title: words.current.said.failed, message, autoClose: 8_000 })
    }
    store.onCaught = ([first]) => {
      if (!first) return
      const { said, panel, reasons } = words.current
      host.say(said.caught(panel.before(nameOf(host.workspace, first.nodeId, first.nodeName)), reasons[first.why]))
    }
  }, [host, store])

  useEffect(() => {
    if (!canvas) return
    const ends = [
      canvas.addMarks(debuggerMarks({ store, workspace: host.workspace, text: () => words.current })),
      canvas.addLayer(wireLayer(store)),
      followOnCanvas(canvas, store),
    ]
    return () => {
      for (const end of ends) end()
    }
  }, [host, canvas, store])

  const openPanel = useCallback(() => {
    if (!store.isPanelShown) host.page?.openPanel(DEBUGGER_PANEL)
  }, [host, store])
  useActions(
    useMemo(
      () => (mayView ? debuggerActions({ host, store, text, mayDebug, askCondition: setAsked, openPanel }) : []),
      [host, store, text, mayDebug, mayView, openPanel],
    ),
  )
  const body = useMemo(
    (): SidePanel['body'] =>
      ({ onClose }) => <DebuggerPanel store={store} mayDebug={mayDebug} mayOperate={mayOperate} onClose={onClose} onCondition={setAsked} />,
    [store, mayDebug, mayOperate],
  )
  const count = useSyncExternalStore(store.watch, () => store.state.waitingCount)
  const ends = useRef<() => void>(undefined)
  useEffect(() => {
    if (!mayView) return
    const before = ends.current
    // taking its own place, it is never away: an open panel stays, and its button learns the new number
    ends.current = host.panels.add([{ id: DEBUGGER_PANEL, title: text.title, icon: CirclePause, order: 22, body, count: () => count }])
    before?.()
  }, [host, text, mayView, body, count])
  useEffect(() => () => ends.current?.(), [])
  return (
    <>
      <DebuggerBar store={store} mayDebug={mayDebug} onOpen={openPanel} />
      {asked && (
        <ConditionDialog
          at={asked}
          store={store}
          onClose={() => {
            setAsked(undefined)
            host.focus()
          }}
        />
      )}
    </>
  )
}
