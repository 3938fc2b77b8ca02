/** Run history: trace intake, queries, retention. `createRuns` is what the gateway's composition root calls. */
import { messageOf } from '../../base/errors.ts'
import type { Logger } from '../../base/log.ts'
import type { RpcNotice } from '../../base/rpc.ts'
import type { Run } from '../api/index.ts'
import type { Runtime } from '../flows/contract.ts'
import type { Hosts } from '../hosts/contract.ts'
import type { RouteHandler } from '../http/handler.ts'
import type { LiveHub } from '../http/live-hub.ts'
import type { gatewayRpc } from '../runtime/contract.ts'
import type { Store } from '../store/index.ts'
import { createVersions, type KeptVersions } from '../versions/index.ts'
import type { Runs } from './contract.ts'
import { createPins, type Pins } from './pins.ts'
import { listRuns } from './query.ts'
import { createRecorder } from './recorder.ts'
import type { RunMetrics } from './recorder-contract.ts'
import type { Retention } from './retention.ts'
import { type RouteDeps, runRoutes } from './routes.ts'
import { type RunRecord, toSummary } from './run-record.ts'
import { createTrimming } from './trimming.ts'

export { createKnownSecrets } from './known-secrets.ts'
export { retentionOf } from './retention.ts'

const KEEP: Retention = { maxRuns: 200_000, maxAgeDays: 30, maxBytes: 2_000_000_000, maxMessageBytes: 1_000_000_000, chunk: 2000 }
const LOOK_EVERY_MS = 10_000
/** Live changes a second that a page can use; beyond, the list is read again when somebody looks. */
const MAX_LIVE_PER_FLUSH = 20

export interface RunsPart extends Runs {
  /** Ends what an earlier life of the gateway left active, and begins to trim. */
  start(): Promise<void>
  routes(deps: Pick<RouteDeps, 'runtime' | 'currentFlows' | 'audit'>): RouteHandler[]
  /** What outputs are taken to send in rehearsals. */
  pins: Pins
  rpc: { notifications: { trace(notice: RpcNotice<typeof gatewayRpc, 'trace'>): void } }
  /** Counted since the process began; `hopsRecorded / (hopsRecorded + hopsDropped)` is the recorded share. */
  metrics(): RunMetrics
  /** Resolves when everything taken in so far is in the database. */
  flush(): Promise<void>
  close(): Promise<void>
}

export interface RunsDeps {
  store: Store
  log: Logger
  live: LiveHub
  runtime: Pick<Runtime, 'onConnection'>
  /** Secrets that must not stand in kept messages, as far as the gateway knows them. */
  secrets?: () => readonly string[] | Promise<readonly string[]>
  /** This host among those that share the database. @defaultValue the only one */
  hosts?: Hosts
  /** Told of every run that was written. */
  telemetry?: { run(record: RunRecord): void } | undefined
  /** The disk is too full for the steps of runs. @defaultValue never */
  isPaused?: () => boolean
  /** How often is looked whether the history is to be trimmed. @defaultValue 10000 */
  lookEveryMs?: number
  /** After the release of a held run, so long for news of it, in ms. @defaultValue 2000 */
  graceMs?: number
  /** @defaultValue {@link KEEP} */
  keep?: Partial<Retention>
  /** Versions of settings. @defaultValue a keeper of its own */
  versions?: Pick<KeptVersions, 'keep' | 'own'>
}

export function createRuns(deps: RunsDeps): RunsPart {
  const { log, live, runtime } = deps
  const { db } = deps.store
  const listeners: ((run: { id: string; state: Run['state']; summary?: string }) => void)[] = []
  const elsewhere: ((runId: string) => void)[] = []

  const onWritten = (records: RunRecord[]) => {
    if (deps.telemetry) for (const record of records) deps.telemetry.run(record)
    for (const record of records) {
      if (record.state !== 'active') {
        const awaited = enders.get(record.id)
        enders.delete(record.id)
        for (const listener of awaited ?? []) listener()
      }
      // a run that only flows through a thousand times a second interests nobody by itself
      if (!listeners.length || (!record.links.length && record.state === 'completed')) continue
      const { id, state, summary } = toSummary(record)
      for (const listener of listeners) listener({ id, state, ...(summary === undefined ? {} : { summary }) })
    }
    const linked = records.filter((record) => record.links.length)
    const told = new Set([...records.slice(-MAX_LIVE_PER_FLUSH), ...linked.slice(-MAX_LIVE_PER_FLUSH)])
    for (const record of told) live.publish('runs', toSummary(record))
  }

  const enders = new Map<string, (() => void)[]>()
  const recorder = createRecorder({
    db,
    log,
    onWritten,
    onCancelledElsewhere(runId) {
      for (const listener of elsewhere) listener(runId)
    },
    host: deps.hosts?.name,
    secrets: deps.secrets ?? (() => []),
    keepsMessages: () => trimming.keepsMessages,
    ...(deps.isPaused === undefined ? {} : { isPaused: deps.isPaused }),
    ...(deps.graceMs === undefined ? {} : { graceMs: deps.graceMs }),
  })
  const trimming = createTrimming({
    db,
    log,
    usual: { ...KEEP, ...deps.keep },
    runsRecorded: () => recorder.metrics().runsRecorded,
    lookEveryMs: deps.lookEveryMs ?? LOOK_EVERY_MS,
    versions: deps.versions ?? createVersions(db),
  })
  const pins = createPins(db)
  live.provide('runs', () => listRuns(db, { limit: 50 }))

  let interrupting: Promise<void> = Promise.resolve()
  const interrupt = (why: string) => {
    interrupting = interrupting.then(() => recorder.interruptActive(why)).catch((error) => log.error({ err: error }, 'active runs could not be ended'))
    return interrupting
  }
  runtime.onConnection((isConnected) => {
    if (!isConnected) void interrupt('the flow runtime went away while the run was active')
  })

  const { hosts } = deps
  hosts?.onGone((name) => {
    recorder
      .interruptOf(name, `host "${name}" went away while the run was active in its flow runtime`)
      .catch((error) => log.warn({ host: name, reason: messageOf(error) }, 'runs of a host that is gone could not be ended; the next host to notice does'))
  })
  hosts?.bus.on('live', (body) => {
    const { topic, change } = body as { topic: string; change: { runId?: string; endedAt?: string } }
    // what it did elsewhere is part of the run's story
    if (topic === 'jobs' && change.runId !== undefined && change.endedAt !== undefined)
      recorder.relink(change.runId).catch((error) => log.debug({ reason: messageOf(error) }, 'what another host noted at a run was not read'))
  })

  return {
    open: (run) => recorder.open(run),
    link: (runId, link) => recorder.link(runId, link),
    linkOnce: (runId, link) => recorder.linkOnce(runId, link),
    fail: (runId, why) => recorder.fail(runId, why),
    cancel: (runId, why) => recorder.cancel(runId, why),
    isCancelled: (runId) => recorder.isCancelled(runId),
    cancelWhenDone: (runId, why) => recorder.cancelWhenDone(runId, why),
    stateOf: (runId) => recorder.stateOf(runId),
    onCancelledElsewhere: (listener) => {
      elsewhere.push(listener)
    },
    hold: (runId, why) => recorder.hold(runId, why),
    release: (runId) => recorder.release(runId),
    held: () => recorder.held(),
    unheard: () => recorder.unheard(),
    endUnheard: () => recorder.endUnheard(),
    interruptActive: (why) => recorder.interruptActive(why),
    onChange: (listener) => {
      listeners.push(listener)
    },
    whenEnded(runId, listener) {
      enders.set(runId, [...(enders.get(runId) ?? []), listener])
    },
    async start() {
      await recorder.load()
      await recorder.interruptActive('the gateway was restarted while the run was active')
      await trimming.start()
    },
    pins,
    routes: (rest) => runRoutes({ db, recorder, pins, trimming, ...rest }),
    rpc: { notifications: { trace: (notice) => recorder.trace(notice) } },
    metrics: () => recorder.metrics(),
    flush: () => recorder.flush(),
    async close() {
      trimming.close()
      // a database that is away is not waited for any more: the next life ends what was active
      recorder.hurry()
      await interrupting
      await recorder.close()
    },
  }
}
