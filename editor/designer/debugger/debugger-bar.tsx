/** While a flow is paused or a message waits: what is so, and what can be done, over the canvas and at the top of it. */
import { Button } from '@mantine/core'
import { CircleStop, Footprints, PanelRightOpen, Play } from 'lucide-react'
import { useSyncExternalStore } from 'react'
import { createPortal } from 'react-dom'
import type { MachineView } from '../../../server/api/machines.ts'
import { upsertBy, useLive } from '../../shared/live.ts'
import { useCanvas } from '../host/use-canvas.ts'
import { useHost } from '../host/use-host.ts'
import { useWorkspace } from '../use-workspace.ts'
import type { DebuggerStore } from './debugger-store.ts'
import { actsOn, nameOf } from './places.ts'
import { useDebuggerText } from './text.ts'

const byId = upsertBy<MachineView>(({ id }) => id)

export function DebuggerBar({ store, mayDebug, onOpen }: { store: DebuggerStore; mayDebug: boolean; onOpen: () => void }) {
  const text = useDebuggerText()
  const host = useHost()
  const workspace = useWorkspace('place', 'model')
  useSyncExternalStore(store.watch, store.version)
  const { state, current } = store
  const isPaused = store.isPaused(workspace.place)
  const isShown = isPaused || state.waitingCount > 0
  const moving = useMovingMachines(store, isShown)
  const place = useCanvas() && host.handle?.element?.closest('.designer-canvas')
  if (!isShown || !place) return null
  const isMotion = current?.motion !== undefined
  const title = isMotion ? text.whyNot.motion : mayDebug ? undefined : text.whyNot.right
  return createPortal(
    <section
      className="debugger-bar"
      data-beside-panel={store.isPanelShown || undefined}
      aria-label={text.bar.label}
      data-testid="debugger-bar"
      data-not-canvas
    >
      <div className="debugger-bar-row">
        <span className="debugger-bar-state" aria-hidden />
        <p role="status">
          {isPaused && <strong>{text.bar.paused}</strong>}
          {state.waitingCount > 0 && <strong>{text.bar.waiting(state.waitingCount)}</strong>}
          {current && (
            <button type="button" className="debugger-link" onClick={() => workspace.reveal(current.nodeId)}>
              {text.bar.waitsBefore(nameOf(workspace, current.nodeId, current.nodeName))}
            </button>
          )}
        </p>
        {current && (
          <>
            <Button
              size="compact-sm"
              variant="default"
              leftSection={<Footprints size={15} aria-hidden />}
              disabled={!mayDebug || isMotion}
              title={title ?? 'F10'}
              onClick={() => void store.goOn(current.id, { how: 'step' })}
              data-testid="debugger-step"
            >
              {text.bar.step}
            </Button>
            <Button
              size="compact-sm"
              variant="default"
              leftSection={<Play size={15} aria-hidden />}
              disabled={!mayDebug || isMotion}
              title={title ?? 'F8'}
              onClick={() => void store.goOn(current.id, { how: 'continue' })}
              data-testid="debugger-continue"
            >
              {text.bar.continue}
            </Button>
          </>
        )}
        {isPaused && workspace.place !== undefined && (
          <Button
            size="compact-sm"
            variant="default"
            leftSection={<Play size={15} aria-hidden />}
            disabled={!mayDebug}
            onClick={() => workspace.place !== undefined && void store.pause(workspace.place, false)}
            data-testid="debugger-resume"
          >
            {text.bar.resume}
          </Button>
        )}
        {!store.isPanelShown && (
          <Button
            size="compact-sm"
            variant={isMotion ? 'filled' : 'default'}
            leftSection={<PanelRightOpen size={15} aria-hidden />}
            onClick={onOpen}
            data-testid="debugger-open"
          >
            {text.bar.open}
          </Button>
        )}
        <Button
          size="compact-sm"
          variant="subtle"
          color="gray"
          leftSection={<CircleStop size={15} aria-hidden />}
          disabled={!mayDebug}
          onClick={() => {
            void store.end()
            host.focus()
          }}
          data-testid="debugger-end"
        >
          {text.bar.end}
        </Button>
      </div>
      {state.leftAt !== undefined && <p className="debugger-bar-note">{text.bar.left}</p>}
      {moving.length > 0 && (
        <p className="debugger-bar-note" role="alert">
          {text.bar.moving(moving.join(', '))}
        </p>
      )}
    </section>,
    place,
  )
}

/** Machines of flows in which something is held, and which move all the same. */
function useMovingMachines(store: DebuggerStore, isWanted: boolean): string[] {
  const workspace = useWorkspace('model')
  const { value } = useLive('machines', byId, isWanted)
  if (!isWanted || !value) return []
  const places = new Set([...store.state.paused.map(({ placeId }) => placeId), ...store.state.waiting.flatMap((each) => each.places)])
  const wanted = new Set<string>()
  for (const place of places) {
    for (const node of workspace.model.childrenOf(place)) {
      const machine = actsOn(workspace, node.id, '')
      if (machine) wanted.add(machine)
    }
  }
  return value
    .filter(({ id, guard, state }) => wanted.has(id) && guard === 'running' && state?.link === 'connected' && !state.isStanding)
    .map(({ name }) => name)
}
