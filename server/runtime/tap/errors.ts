/** The last error of each node, kept also while nobody watches: whoever opens the designer sees where something went wrong. */
import type { NodeError } from '../../api/activity.ts'
import type { LogRecord, NodeRed, RunningNode } from '../node-red.ts'
import { fileIdOf, filePlaceOf, filePlacesOf } from './wires.ts'

interface KnownError {
  id: string
  place: string | undefined
  error: NodeError
}

const KEPT = 500
const TEXT_KEPT = 500
const ERROR_LEVEL = 20

export interface NodeErrors {
  readonly all: ReadonlyMap<string, KnownError>
  /** When the counting of {@link thrownAt} began. */
  readonly since: Date
  /** Errors that nothing in the flows caught, by tab and subflow. */
  readonly thrownAt: ReadonlyMap<string, number>
  /** What a catch node was given. */
  caught(message: unknown): void
  close(): void
}

/**
 * @param options.onChange told of a node (by its id in the flow file) whenever its error came or went
 * @param options.onThrown told of a tab or subflow whenever an error was thrown on it
 */
export function keepErrors(
  red: Pick<NodeRed, 'log' | 'events' | 'nodes'>,
  options: { onChange: (id: string) => void; onThrown?: (place: string) => void },
): NodeErrors {
  const all = new Map<string, KnownError & { runtimeId: string; node: WeakRef<RunningNode> | undefined }>()
  const thrownAt = new Map<string, number>()
  const since = new Date()
  /** Several catch nodes may get the same error. */
  let lastCaught = ''

  function add(runtimeId: string, text: string, isCaught: boolean): void {
    const node = red.nodes.getNode(runtimeId)
    const id = node ? fileIdOf(node) : runtimeId
    for (const place of node && !isCaught ? filePlacesOf(node) : []) {
      thrownAt.set(place, (thrownAt.get(place) ?? 0) + 1)
      options.onThrown?.(place)
    }
    const before = all.get(id)
    all.delete(id)
    all.set(id, {
      id,
      place: node ? filePlaceOf(node) : before?.place,
      runtimeId,
      node: node ? new WeakRef(node) : undefined,
      error: { text: text.slice(0, TEXT_KEPT), at: new Date().toISOString(), count: (before?.error.count ?? 0) + 1, isCaught },
    })
    const oldest = all.keys().next()
    if (all.size > KEPT && !oldest.done) all.delete(oldest.value)
    options.onChange(id)
  }

  const handler = {
    emit(_event: string, record: LogRecord) {
      if (record.level === ERROR_LEVEL && typeof record.id === 'string') add(record.id, textOf(record.msg), false)
    },
  }
  /** A node that was made anew, or is gone, has no error yet. */
  const onStarted = () => {
    for (const [id, { runtimeId, node }] of all) {
      if (node?.deref() === (red.nodes.getNode(runtimeId) ?? undefined)) continue
      all.delete(id)
      options.onChange(id)
    }
  }
  red.log.addHandler(handler)
  red.events.on('flows:started', onStarted)

  return {
    all,
    since,
    thrownAt,
    caught(message) {
      const { error, _msgid } = message as { error?: { message?: unknown; source?: { id?: unknown; count?: unknown } }; _msgid?: unknown }
      const id = error?.source?.id
      if (typeof id !== 'string') return
      const key = `${id} ${String(_msgid)} ${String(error?.source?.count)}`
      if (key === lastCaught) return
      lastCaught = key
      // one more turn of the loop and the same message may fail there again
      setImmediate(() => {
        lastCaught = ''
      })
      add(id, String(error?.message ?? ''), true)
    },
    close() {
      red.log.removeHandler(handler)
      red.events.off('flows:started', onStarted)
    },
  }
}

function textOf(message: unknown): string {
  if (typeof message === 'string') return message
  const inner = (message as { message?: unknown } | null)?.message
  return typeof inner === 'string' ? inner : (JSON.stringify(message) ?? String(message))
}
