/** What the three kinds of job share: the rows, and everybody who wants to hear of a change. */
import type { Kysely } from 'kysely'
import { OperationalError } from '../../base/errors.ts'
import type { Logger } from '../../base/log.ts'
import type { Job } from '../api/index.ts'
import type { Runtime } from '../flows/contract.ts'
import type { LiveHub } from '../http/live-hub.ts'
import type { Runs } from '../runs/contract.ts'
import type { Database } from '../store/index.ts'
import type { Dispatch } from './dispatch.ts'
import { type JobRow, toJob } from './rows.ts'

export interface JobsContext {
  readonly db: Kysely<Database>
  readonly log: Logger
  readonly runs: Pick<Runs, 'open' | 'link'>
  readonly dispatch: Dispatch
  readonly isClosing: boolean
  /** Tells everybody that a row changed: pages, listeners, and the node that waits for the job. */
  changed(row: JobRow): Job
  progressed(row: JobRow, progress: { done: number; total: number }): void
  /** Tells the node that asked how the job ended, also one that asks again later. */
  tellNode(row: JobRow): void
  /** Does a write again until the database has taken it. @throws what is not the world's fault, and `closing` */
  surely<T>(write: () => Promise<T>): Promise<T>
}

const RETRY_MS = 500
/** Ends kept for a runtime that is away. */
const MAX_UNTOLD = 1000

export function createContext(deps: {
  db: Kysely<Database>
  log: Logger
  runs: Pick<Runs, 'open' | 'link'>
  dispatch: Dispatch
  live: LiveHub
  runtime: Pick<Runtime, 'peer' | 'onConnection'>
}): JobsContext & { onChange(listener: (job: Job) => void): void; close(): void } {
  const { db, log, runs, dispatch, live, runtime } = deps
  const listeners: ((job: Job) => void)[] = []
  const untold = new Map<string, JobRow>()
  let isClosing = false
  let isConnected = false

  const tell = (job: Job) => {
    live.publish('jobs', job)
    for (const listener of listeners) listener(job)
  }
  const tellNode = (row: JobRow) => {
    if (row.nodeId === null || row.state === 'waiting' || row.state === 'active') return
    if (!isConnected) {
      untold.set(row.id, row)
      const [oldest] = untold.keys()
      if (untold.size > MAX_UNTOLD && oldest !== undefined) untold.delete(oldest)
      return
    }
    runtime.peer().notify('jobEnded', {
      jobId: row.id,
      state: row.state,
      ...(row.outcome === null ? {} : { outcome: row.outcome }),
      ...(row.reason === null ? {} : { reason: row.reason }),
    })
  }
  runtime.onConnection((connected) => {
    isConnected = connected
    if (!connected) return
    const rows = [...untold.values()]
    untold.clear()
    for (const row of rows) tellNode(row)
  })
  try {
    runtime.peer()
    isConnected = true
  } catch (error) {
    if (!(error instanceof OperationalError)) throw error
    // not there yet: it connects later
  }

  return {
    db,
    log,
    runs,
    dispatch,
    get isClosing() {
      return isClosing
    },
    changed(row) {
      const job = toJob(row)
      tell(job)
      tellNode(row)
      return job
    },
    progressed(row, progress) {
      tell({ ...toJob(row), progress })
      if (row.nodeId !== null && isConnected) runtime.peer().notify('jobProgress', { jobId: row.id, ...progress })
    },
    tellNode,
    async surely(write) {
      for (let tries = 0; ; tries += 1) {
        try {
          return await write()
        } catch (error) {
          if (!(error instanceof OperationalError)) throw error
          if (isClosing) throw new OperationalError({ code: 'closing', message: 'The gateway is ending; the next one goes on with this job.' })
          if (tries === 0) log.warn({ reason: error.message }, 'a job waits for the database')
          await new Promise((resolve) => setTimeout(resolve, RETRY_MS))
        }
      }
    },
    onChange: (listener) => {
      listeners.push(listener)
    },
    close() {
      isClosing = true
    },
  }
}
