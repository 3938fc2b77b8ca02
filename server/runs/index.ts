/** Run history: trace intake, queries, retention. `createRuns` is what the gateway's composition root calls. */
import { messageOf, UserError } from '../../base/errors.ts'
import type { Logger } from '../../base/log.ts'
import type { RpcNotice } from '../../base/rpc.ts'
import { getRun, listRuns as listRunsRoute, type Run } from '../api/index.ts'
import type { Runtime } from '../flows/contract.ts'
import { handle, type RouteHandler } from '../http/handler.ts'
import type { LiveHub } from '../http/live-hub.ts'
import type { gatewayRpc } from '../runtime/contract.ts'
import type { Store } from '../store/index.ts'
import type { Runs } from './contract.ts'
import { createRecorder, type RunMetrics } from './recorder.ts'
import { listRuns, readRuns, rowToRun, trimRuns } from './rows.ts'
import { type RunRecord, toSummary } from './run-record.ts'

const KEEP = { maxRuns: 200_000, maxAgeDays: 30, chunk: 2000 }
const TRIM_EVERY_MS = 10 * 60_000
/** Live changes a second that a page can use; beyond, the list is read again when somebody looks. */
const MAX_LIVE_PER_FLUSH = 20

export interface RunsPart extends Runs {
  /** Ends what an earlier life of the gateway left active, and begins to trim. */
  start(): Promise<void>
  routes: RouteHandler[]
  rpc: { notifications: { trace(notice: RpcNotice<typeof gatewayRpc, 'trace'>): void } }
  /** Counted since the process began; `hopsRecorded / (hopsRecorded + hopsDropped)` is the recorded share. */
  metrics(): RunMetrics
  /** Resolves when everything taken in so far is in the database. */
  flush(): Promise<void>
  close(): Promise<void>
}

export function createRuns(deps: { store: Store; log: Logger; live: LiveHub; runtime: Pick<Runtime, 'onConnection'> }): RunsPart {
  const { log, live, runtime } = deps
  const { db } = deps.store
  const listeners: ((run: { id: string; state: Run['state']; summary?: string }) => void)[] = []
  let trimming: NodeJS.Timeout | undefined

  const onWritten = (records: RunRecord[]) => {
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
  const recorder = createRecorder({ db, log, onWritten })
  live.provide('runs', () => listRuns(db, { limit: 50 }))

  let interrupting: Promise<void> = Promise.resolve()
  const interrupt = (why: string) => {
    interrupting = interrupting.then(() => recorder.interruptActive(why)).catch((error) => log.error({ err: error }, 'active runs could not be ended'))
    return interrupting
  }
  runtime.onConnection((isConnected) => {
    if (!isConnected) void interrupt('the flow runtime went away while the run was active')
  })

  const trim = async () => {
    try {
      const removed = await trimRuns(db, KEEP)
      if (removed) log.info({ removed }, 'old runs were removed')
    } catch (error) {
      log.warn({ reason: messageOf(error) }, 'old runs could not be removed; tried again later')
    }
  }

  return {
    open: (run) => recorder.open(run),
    link: (runId, link) => recorder.link(runId, link),
    linkOnce: (runId, link) => recorder.linkOnce(runId, link),
    fail: (runId, why) => recorder.fail(runId, why),
    interruptActive: (why) => recorder.interruptActive(why),
    onChange: (listener) => {
      listeners.push(listener)
    },
    whenEnded(runId, listener) {
      enders.set(runId, [...(enders.get(runId) ?? []), listener])
    },
    async start() {
      await recorder.interruptActive('the gateway was restarted while the run was active')
      trimming = setInterval(trim, TRIM_EVERY_MS)
    },
    routes: [
      handle(listRunsRoute, async ({ query }) => listRuns(db, query)),
      handle(getRun, async ({ params }) => {
        await recorder.flush()
        const found = (await readRuns(db, [params.runId])).get(params.runId)
        if (!found) throw new UserError({ code: 'run-not-found', message: 'There is no such run, or it is older than what the history keeps.', status: 404 })
        return rowToRun(found)
      }),
    ],
    rpc: { notifications: { trace: (notice) => recorder.trace(notice) } },
    metrics: () => recorder.metrics(),
    flush: () => recorder.flush(),
    async close() {
      clearInterval(trimming)
      // a database that is away is not waited for any more: the next life ends what was active
      recorder.hurry()
      await interrupting
      await recorder.close()
    },
  }
}
