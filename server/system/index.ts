/** How the product is: its own processes, as the launcher tells it; the database; the room on the disk. */
import { type Static, Type } from 'typebox'
import type { Logger } from '../../base/log.ts'
import { checker } from '../../base/schema.ts'
import { type DiskView, getSystem, type Health, ProcessView } from '../api/index.ts'
import { handle, type RouteHandler } from '../http/handler.ts'
import type { LiveHub } from '../http/live-hub.ts'
import type { SchemaFacts, Store } from '../store/index.ts'
import { bytesInWords, type DiskRule, isTooFull, lookAtDisk } from './disk.ts'

type Process = Static<typeof ProcessView>
const launcherNote = checker(Type.Object({ kind: Type.Literal('processes'), processes: Type.Array(ProcessView), isSafeMode: Type.Boolean() }))

/** How often the disk is asked: it fills while a program of gigabytes is stored. */
const LOOK_MS = 1000
/** A free space that changed by less is the same for a person. */
const TELL_BYTES = 8 * 1024 * 1024

export interface System {
  readonly processes: readonly Process[]
  readonly isSafeMode: boolean
  readonly disk: DiskView
  /** From how full on a disk is what. */
  readonly rule: DiskRule | undefined
  /** When this gateway began. */
  readonly startedAt: string
  readonly areQueuesAway: boolean
  onSafeMode(listener: (isSafeMode: boolean) => void): void
  /** A note of the launcher; others than ours are left alone. */
  take(note: unknown): void
  /** Where to ask whether the queues' Redis answers. @defaultValue there is none */
  watchQueues(areAway: () => boolean): void
  /** Where to ask why a newer certificate is not shown. @defaultValue nothing is wrong with it */
  watchTls(trouble: () => string | undefined): void
  /** Why the product is not ready because of its disk; undefined when there is room. */
  diskProblem(): string | undefined
  /** Why no program is begun now, in a sentence for whoever asked; undefined when one may. */
  motionObstacle(): string | undefined
  /** The steps of runs are not recorded: the disk is too full. */
  readonly isHistoryPaused: boolean
  /** Told at each change of the disk's state. */
  onDisk(listener: (disk: DiskView, before: DiskView['state']) => void): void
  readonly handlers: readonly RouteHandler[]
  close(): void
}

/** It names files of the server. */
const withoutTls = ({ tlsTrouble: _, ...health }: Health): Health => health

export async function createSystem(options: {
  store: Pick<Store, 'isAway' | 'onAway'>
  live: LiveHub
  log: Logger
  version: string
  schema: SchemaFacts
  /** Directories whose disks must have room. */
  dirs: readonly string[]
  rule?: DiskRule
}): Promise<System> {
  const { store, live, log, version, schema, dirs, rule } = options
  const startedAt = new Date().toISOString()
  let processes: Process[] = []
  let isSafeMode = false
  const listeners: ((isSafeMode: boolean) => void)[] = []
  live.provide('system', () => processes)

  let disk = await lookAtDisk(dirs, undefined, rule)
  const diskListeners: Parameters<System['onDisk']>[0][] = []
  let areQueuesAway = () => false
  let tlsTrouble: () => string | undefined = () => undefined
  const health = (): Health => {
    const trouble = tlsTrouble()
    return { store: store.isAway ? 'away' : 'ok', queues: areQueuesAway() ? 'away' : 'ok', disk, ...(trouble === undefined ? {} : { tlsTrouble: trouble }) }
  }
  let told = health()
  live.provide('health', health, { without: 'system.view', snapshot: withoutTls, change: withoutTls })
  const tell = () => {
    const now = health()
    const isSame =
      now.store === told.store &&
      now.queues === told.queues &&
      now.tlsTrouble === told.tlsTrouble &&
      now.disk.state === told.disk.state &&
      (now.disk.state === 'ok' || Math.abs(now.disk.freeBytes - told.disk.freeBytes) < TELL_BYTES)
    if (isSame) return
    told = now
    live.publish('health', now)
  }
  const sayDisk = () => {
    const facts = { path: disk.path, freeBytes: disk.freeBytes }
    if (disk.state === 'full') log.error(facts, 'the disk is full: what must be stored is refused until there is room')
    else if (disk.state === 'critical') log.error(facts, 'the disk is nearly full: no program is begun, and the steps of runs are not recorded')
    else if (disk.state === 'low') log.warn(facts, 'the disk is filling up')
    else log.info(facts, 'the disk has room')
  }
  if (disk.state !== 'ok') sayDisk()
  let isLooking = false
  const look = async () => {
    if (isLooking) return
    isLooking = true
    try {
      const before = disk.state
      disk = await lookAtDisk(dirs, before, rule)
      if (disk.state !== before) sayDisk()
      tell()
      if (disk.state !== before) for (const listener of diskListeners) listener(disk, before)
    } finally {
      isLooking = false
    }
  }
  const timer = setInterval(() => void look(), LOOK_MS)
  timer.unref()
  store.onAway(tell)

  return {
    get processes() {
      return processes
    },
    get isSafeMode() {
      return isSafeMode
    },
    get disk() {
      return disk
    },
    rule,
    startedAt,
    get areQueuesAway() {
      return areQueuesAway()
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
    watchTls(trouble) {
      tlsTrouble = trouble
    },
    watchQueues(areAway) {
      areQueuesAway = areAway
    },
    diskProblem: () => (disk.state === 'full' ? `the disk of ${disk.path} is full (${bytesInWords(disk.freeBytes)} free)` : undefined),
    motionObstacle: () =>
      isTooFull(disk)
        ? `No program is begun: the disk of ${disk.path} is nearly full (${bytesInWords(disk.freeBytes)} free), and what the machine does must be written down to its end. What runs goes on; jog, home, HOLD and STOP work. Make room (Settings, Health says what takes it), then start it again.`
        : undefined,
    get isHistoryPaused() {
      return isTooFull(disk)
    },
    onDisk: (listener) => void diskListeners.push(listener),
    handlers: [handle(getSystem, () => ({ version, schema, startedAt, processes, ...health() }))],
    close: () => clearInterval(timer),
  }
}
