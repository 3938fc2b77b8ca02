/** The messages that wait, oldest first: one of them is looked at. */
import { useEffect, useRef, useState, useSyncExternalStore } from 'react'
import type { WaitingMessage } from '../../../server/api/debugger.ts'
import { formats, useLanguage } from '../../shared/text/index.ts'
import { useWorkspace } from '../use-workspace.ts'
import type { DebuggerStore } from './debugger-store.ts'
import { nameOf } from './places.ts'
import { useDebuggerText } from './text.ts'

const SHOWN = 50

export function WaitingList({ store }: { store: DebuggerStore }) {
  const text = useDebuggerText()
  useSyncExternalStore(store.watch, store.version)
  const list = useRef<HTMLUListElement>(null)
  const { state, current } = store
  const shown = state.waiting.slice(0, SHOWN)
  const move = (by: number) => {
    const index = shown.findIndex(({ id }) => id === current?.id)
    const next = shown[Math.min(shown.length - 1, Math.max(0, index + by))]
    if (!next) return
    store.select(next.id)
    list.current?.querySelector<HTMLElement>(`[data-id="${next.id}"]`)?.focus()
  }
  return (
    <>
      <ul className="debugger-waiting" ref={list} aria-label={text.panel.waiting}>
        {shown.map((waiting) => (
          <li key={waiting.id}>
            <button
              type="button"
              data-id={waiting.id}
              data-testid={`waiting-${waiting.nodeId}`}
              aria-pressed={waiting.id === current?.id}
              data-motion={waiting.motion !== undefined || undefined}
              onClick={() => store.select(waiting.id)}
              onKeyDown={(event) => {
                if (event.key !== 'ArrowDown' && event.key !== 'ArrowUp') return
                event.preventDefault()
                move(event.key === 'ArrowDown' ? 1 : -1)
              }}
            >
              <Facts waiting={waiting} />
            </button>
          </li>
        ))}
      </ul>
      {state.waitingCount > shown.length && <p className="debugger-dim">{text.panel.more(state.waitingCount - shown.length)}</p>}
    </>
  )
}

function Facts({ waiting }: { waiting: WaitingMessage }) {
  const text = useDebuggerText()
  const workspace = useWorkspace('model')
  const since = useAge(waiting.since)
  return (
    <>
      <strong>{text.panel.before(nameOf(workspace, waiting.nodeId, waiting.nodeName ?? waiting.nodeType))}</strong>
      {waiting.payload !== undefined && <code>{waiting.payload}</code>}
      <span>
        {[
          waiting.from && text.panel.from(nameOf(workspace, waiting.from.id)),
          text.reasons[waiting.why],
          text.panel.since(since),
          waiting.isEdited && text.panel.edited,
        ]
          .filter(Boolean)
          .join(' · ')}
      </span>
    </>
  )
}

/** How long ago that was, kept up to the second. */
export function useAge(since: string): string {
  const format = formats(useLanguage())
  const [now, setNow] = useState(() => Date.now())
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1000)
    return () => clearInterval(timer)
  }, [])
  return format.span(Math.max(0, (now - Date.parse(since)) / 1000))
}
