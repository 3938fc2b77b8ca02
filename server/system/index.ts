/** How the product's own processes are, as the launcher tells it. */
import { type Static, Type } from 'typebox'
import type { Logger } from '../../base/log.ts'
import { checker } from '../../base/schema.ts'
import { getSystem, ProcessView } from '../api/index.ts'
import { handle, type RouteHandler } from '../http/handler.ts'
import type { LiveHub } from '../http/live-hub.ts'
import type { Store } from '../store/index.ts'

type Process = Static<typeof ProcessView>
const launcherNote = checker(Type.Object({ kind: Type.Literal('processes'), processes: Type.Array(ProcessView), isSafeMode: Type.Boolean() }))

export interface System {
  readonly processes: readonly Process[]
  readonly isSafeMode: boolean
  onSafeMode(listener: (isSafeMode: boolean) => void): void
  /** A note of the launcher; others than ours are left alone. */
  take(note: unknown): void
  readonly handlers: readonly RouteHandler[]
}

export function createSystem(options: { store: Store; live: LiveHub; log: Logger; version: string }): System {
  const { store, live, log, version } = options
  const startedAt = new Date().toISOString()
  let processes: Process[] = []
  let isSafeMode = false
  const listeners: ((isSafeMode: boolean) => void)[] = []
  live.provide('system', () => processes)
  return {
    get processes() {
      return processes
    },
    get isSafeMode() {
      return isSafeMode
    },
    onSafeMode: (listener) => void listeners.push(listener),
    take(note) {
      if ((note as { kind?: unknown } | null)?.kind !== 'processes') return
      if (!launcherNote.is(note)) {
        log.error({ problems: launcherNote.errors(note).slice(0, 3) }, 'the launcher and the gateway do not understand each other')
        return
      }
      processes = note.processes
      live.publish('system', processes)
      if (note.isSafeMode === isSafeMode) return
      isSafeMode = note.isSafeMode
      for (const listener of listeners) listener(isSafeMode)
    },
    handlers: [handle(getSystem, () => ({ version, startedAt, processes, store: store.isAway ? ('away' as const) : ('ok' as const) }))],
  }
}
