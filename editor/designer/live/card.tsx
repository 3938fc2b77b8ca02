/** What passed along a wire or through a node: counts, times, and the last message, as it was when it left. */
import { CloseButton } from '@mantine/core'
import { Pin } from 'lucide-react'
import {
  type CSSProperties,
  type PointerEvent as ReactPointerEvent,
  type RefObject,
  useCallback,
  useEffect,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
  useSyncExternalStore,
} from 'react'
import type { PassedMessage } from '../../../server/api/activity.ts'
import { ApiError } from '../../shared/api.ts'
import { may, useMe } from '../../shared/me.ts'
import { useHost } from '../host/use-host.ts'
import { labelOf, partOfSubflow } from '../model/scene.ts'
import { useCopy } from '../panels/debug-panel.tsx'
import { ValueTree } from '../panels/value-tree.tsx'
import type { ActivityStore } from './activity-store.ts'
import { useLiveFormats } from './format.ts'
import { type Asked, cutsByPath, passedMessage } from './last-messages.ts'
import { useLiveText } from './text.ts'

export type CardTarget = { on: 'wire'; id: string } | { on: 'node'; id: string }
export interface OpenCard {
  target: CardTarget
  /** Beside this point of the window. */
  at: { x: number; y: number }
  /** It stays until it is closed, and takes the keyboard. */
  isPinned: boolean
}

const AWAY_PX = 14
const ASK_AGAIN_MS = 500
const MOST_OUTPUTS = 4
/** What nearly everybody looks for is open. */
const PAYLOAD: ReadonlySet<string> = new Set(['msg.payload'])

export function Card({
  card,
  store,
  onPin,
  onClose,
  onNear,
}: {
  card: OpenCard
  store: ActivityStore
  onPin: () => void
  onClose: () => void
  /** The pointer is on the card: it stays. */
  onNear: (isNear: boolean) => void
}) {
  const text = useLiveText().card
  const root = useRef<HTMLElement>(null)
  const [place, setPlace] = useState<CSSProperties>({ opacity: 0 })
  const { at, isPinned, target } = card
  useLayoutEffect(() => {
    const element = root.current
    if (!element) return
    const put = () => {
      // somebody has put it where it is
      if (element.dataset.moved !== undefined) return
      const { width, height } = element.getBoundingClientRect()
      const left = at.x + AWAY_PX + width > innerWidth ? Math.max(8, at.x - AWAY_PX - width) : at.x + AWAY_PX
      setPlace({ left, top: Math.max(8, Math.min(at.y + AWAY_PX, innerHeight - height - 8)) })
    }
    put()
    // it grows when the message has come
    const size = new ResizeObserver(put)
    size.observe(element)
    return () => size.disconnect()
  }, [at])
  const move = useMoving(root, setPlace)
  useEffect(() => {
    if (isPinned) root.current?.focus({ preventScroll: true })
  }, [isPinned])
  return (
    <section
      ref={root}
      className="live-card"
      data-testid="live-card"
      data-pinned={isPinned || undefined}
      role="dialog"
      aria-label={text.label}
      tabIndex={-1}
      style={place}
      onPointerDown={move}
      onPointerEnter={() => onNear(true)}
      onPointerLeave={() => onNear(false)}
      onKeyDown={(event) => {
        if (event.key !== 'Escape') return
        event.preventDefault()
        event.stopPropagation()
        onClose()
      }}
    >
      <div className="live-card-buttons">
        {!isPinned && (
          <button type="button" className="live-card-pin" title={text.pin} aria-label={text.pin} onClick={onPin}>
            <Pin size={14} aria-hidden />
          </button>
        )}
        <CloseButton size="sm" aria-label={text.close} onClick={onClose} />
      </div>
      {target.on === 'wire' ? <WireCard id={target.id} store={store} /> : <NodeCard id={target.id} store={store} />}
    </section>
  )
}

/** The card is moved by its title. */
function useMoving(root: RefObject<HTMLElement | null>, put: (place: CSSProperties) => void): (event: ReactPointerEvent) => void {
  return (event) => {
    const element = root.current
    if (!element || !(event.target instanceof Element) || !event.target.closest('h3')) return
    event.preventDefault()
    element.dataset.moved = ''
    element.focus({ preventScroll: true })
    const { left, top } = element.getBoundingClientRect()
    const grip = { x: event.clientX - left, y: event.clientY - top }
    element.setPointerCapture(event.pointerId)
    const abort = new AbortController()
    const { signal } = abort
    element.addEventListener(
      'pointermove',
      (moved) =>
        put({ left: Math.max(0, Math.min(moved.clientX - grip.x, innerWidth - 80)), top: Math.max(0, Math.min(moved.clientY - grip.y, innerHeight - 40)) }),
      { signal },
    )
    for (const name of ['pointerup', 'pointercancel'] as const) element.addEventListener(name, () => abort.abort(), { signal })
  }
}

function WireCard({ id, store }: { id: string; store: ActivityStore }) {
  const text = useLiveText().card
  const host = useHost()
  useSyncExternalStore(store.watch, () => store.version)
  const nameOf = useNameOf()
  const wire = host.canvas?.scene.wires.get(id)
  if (!wire) return null
  const { from, to } = wire
  const count = store.wires.get(id)?.count ?? 0
  return (
    <>
      <h3>{text.wire(nameOf(from.id), nameOf(to.id))}</h3>
      <Counted count={count} rate={store.rateOf(id)} store={store} />
      {count > 0 && <Message asked={{ from: from.id, port: from.port, to: to.id }} count={count} />}
    </>
  )
}

function Counted({ count, rate, store }: { count: number; rate: number; store: ActivityStore }) {
  const text = useLiveText().card
  const format = useLiveFormats()
  if (count === 0) return <p className="live-card-quiet">{text.noneHere}</p>
  return (
    <p className="live-card-facts cw-numbers">
      <span>{count === 1 ? text.one : text.count(format.count(count))}</span>
      {rate > 0 && <span>{text.perSecond(format.rate(rate))}</span>}
      {store.since && <span className="live-card-quiet">{text.since(format.time(store.since))}</span>}
    </p>
  )
}

function NodeCard({ id, store }: { id: string; store: ActivityStore }) {
  const text = useLiveText().card
  const host = useHost()
  const format = useLiveFormats()
  useSyncExternalStore(store.watch, () => store.version)
  const nameOf = useNameOf()
  const node = store.nodes.get(id)
  const scene = host.canvas?.scene.nodes.get(id)
  const error = store.errorOf(id)
  const share = store.shareOf(id)
  const outputs = Array.from({ length: Math.min(scene?.outputs ?? 0, MOST_OUTPUTS) }, (_, port) => port)
  const wired = outputs.map((port) => {
    const counts = [...(host.canvas?.area.wiresOf(id) ?? [])].flatMap((wireId) => {
      const wire = host.canvas?.scene.wires.get(wireId)
      return wire?.from.id === id && wire.from.port === port ? [store.wires.get(wireId)?.count ?? 0] : []
    })
    return { port, count: Math.max(0, ...counts) }
  })
  const working = node?.finished === undefined ? 0 : node.received - node.finished
  return (
    <>
      <h3>{nameOf(id)}</h3>
      {!node || node.received === 0 ? (
        <Counted count={0} rate={0} store={store} />
      ) : (
        <dl className="live-card-figures cw-numbers">
          <dt>{text.received}</dt>
          <dd>{format.count(node.received)}</dd>
          {working > 0 && (
            <>
              <dt>{text.working}</dt>
              <dd>{format.count(working)}</dd>
            </>
          )}
          {node.latency && (
            <>
              <dt>{text.latency}</dt>
              <dd>
                {format.ms(node.latency.lastMs)}{' '}
                <span className="live-card-quiet">{text.latencyText(format.ms(node.latency.meanMs), format.ms(node.latency.maxMs))}</span>
              </dd>
            </>
          )}
          {share >= 0.001 && (
            <>
              <dt>{text.busy}</dt>
              <dd>{format.percent(share)}</dd>
            </>
          )}
        </dl>
      )}
      {error && (
        <p className="live-card-error">
          <strong>
            {text.error} {format.time(new Date(error.at))}
            {error.isCaught && ` (${text.caught})`}
          </strong>
          <span>{error.text}</span>
        </p>
      )}
      {(scene?.inputs ?? 0) > 0 && node !== undefined && node.received > 0 && <Message title={text.into} asked={{ to: id }} count={node.received} />}
      {wired
        .filter(({ count }) => count > 0)
        .map(({ port, count }) => (
          <Message key={port} title={text.out(scene?.outputLabels[port] || String(port + 1))} asked={{ from: id, port }} count={count} />
        ))}
    </>
  )
}

interface MessageProps {
  title?: string
  asked: Asked
  /** How many there were: another number, and it is asked again (twice a second at most). */
  count: number
}

function Message(props: MessageProps) {
  const text = useLiveText().card
  const { me } = useMe()
  if (may(me, 'flows.messages')) return <SeenMessage {...props} />
  // said once a card, not at every output
  return props.title === undefined || props.asked.to !== undefined ? <p className="live-card-quiet">{text.hidden}</p> : null
}

function SeenMessage({ title, asked, count }: MessageProps) {
  const text = useLiveText().card
  const format = useLiveFormats()
  const copy = useCopy()
  const [state, setState] = useState<{ is: 'loading' } | { is: 'failed' } | { is: 'there'; message: PassedMessage | undefined }>({ is: 'loading' })
  const { from, port, to } = asked
  const ask = useRef<() => void>(undefined)
  useEffect(() => {
    const abort = new AbortController()
    let timer: ReturnType<typeof setTimeout> | undefined
    let isAsking = false
    let isWanted = false
    // one question at a time: on a busy wire the next message comes before the answer
    const now = async () => {
      isAsking = true
      isWanted = false
      try {
        const message = await passedMessage(
          { ...(from === undefined ? {} : { from }), ...(port === undefined ? {} : { port }), ...(to === undefined ? {} : { to }) },
          abort.signal,
        )
        if (!abort.signal.aborted) setState({ is: 'there', message })
      } catch (error) {
        if (abort.signal.aborted) return
        if (!(error instanceof ApiError)) throw error
        setState({ is: 'failed' })
      } finally {
        if (!abort.signal.aborted)
          timer = setTimeout(() => {
            isAsking = false
            if (isWanted) void now()
          }, ASK_AGAIN_MS)
      }
    }
    ask.current = () => {
      isWanted = true
      if (!isAsking) void now()
    }
    return () => {
      abort.abort()
      clearTimeout(timer)
    }
  }, [from, port, to])
  // biome-ignore lint/correctness/useExhaustiveDependencies: another count means another message
  useEffect(() => ask.current?.(), [count, from, port, to])
  const message = state.is === 'there' ? state.message : undefined
  const cuts = useMemo(() => cutsByPath(message?.cuts ?? []), [message])
  const note = useCallback(
    (path: string) => {
      const cut = cuts.get(path)
      if (!cut) return undefined
      const words = text.cut[cut.why]
      return typeof words === 'string' ? words : words(format.count(cut.length ?? 0))
    },
    [cuts, text, format],
  )
  return (
    <div className="live-card-message">
      {(title || message) && (
        <p className="live-card-when">
          {title && <strong>{title}</strong>}
          {message && <time dateTime={message.at}>{text.at(format.time(new Date(message.at)))}</time>}
        </p>
      )}
      {state.is === 'loading' && <p className="live-card-quiet">{text.loading}</p>}
      {state.is === 'failed' && <p className="live-card-quiet">{text.failed}</p>}
      {state.is === 'there' && !message && <p className="live-card-quiet">{text.gone}</p>}
      {message && (
        <>
          <ValueTree value={message.msg} path="msg" isOpen open={PAYLOAD} copy={copy} note={note} />
          {message.newer > 0 && <p className="live-card-quiet">{text.newer(format.count(message.newer))}</p>}
        </>
      )}
    </div>
  )
}

/** The name of anything on the canvas, a subflow's own ports included. */
function useNameOf(): (id: string) => string {
  const { workspace } = useHost()
  return (id) => {
    const part = partOfSubflow(id)
    const node = workspace.model.get(part?.subflow ?? id)
    if (!node) return id
    return part ? `${labelOf(node, undefined)} ${part.side === 'out' ? part.index + 1 : part.side}` : labelOf(node, workspace.types.get(node.type))
  }
}
