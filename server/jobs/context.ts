/** What the three kinds of job share: the rows, and everybody who wants to hear of a change. */
import type { Kysely } from 'kysely'
import { messageOf, OperationalError } from '../../base/errors.ts'
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
  /** Tells the node that asked how the job ended. */
  tellNode(row: JobRow): void
  /** Does a write again until the database has taken it. @throws what is not the world's fault, and `closing` */
  surely<T>(write: () => Promise<T>): Promise<T>
  /** Does work again as often as the database goes away in it. @throws what else goes wrong, and `closing` */
  throughAbsence<T>(work: () => Promise<T>): Promise<T>
}

const RETRY_MS = 500

export function createContext(deps: {
  db: Kysely<Database>
  log: Logger
  runs: Pick<Runs, 'open' | 'link'>
  dispatch: Dispatch
  live: LiveHub
  runtime: Pick<Runtime, 'peer'>
}): JobsContext & { onChange(listener: (job: Job) => void): void; close(): void } {
  const { db, log, runs, dispatch, live, runtime } = deps
  const listeners: ((job: Job) => void)[] = []
  let isClosing = false

  const tell = (job: Job) => {
    live.publish('jobs', job)
    for (const listener of listeners) listener(job)
  }
  /** The runtime, or undefined while it is away: when it is back it asks how its jobs are. */
  const runtimePeer = () => {
    try {
      return runtime.peer()
    } catch (error) {
      if (error instanceof OperationalError) return undefined
      throw error
    }
  }
  const tellNode = (row: JobRow) => {
    if (row.nodeId === null || row.state === 'waiting' || row.state === 'active') return
    runtimePeer()?.notify('jobEnded', { jobId: row.id, ...howItIs(row) })
  }

  const again = async <T>(work: () => Promise<T>, isPassing: (error: unknown) => boolean): Promise<T> => {
    for (let tries = 0; ; tries += 1) {
      try {
        return await work()
      } catch (error) {
        if (!isPassing(error)) throw error
        if (isClosing) throw new OperationalError({ code: 'closing', message: 'The gateway is ending; the next one goes on with this job.' })
        if (tries === 0) log.warn({ reason: messageOf(error) }, 'a job waits for the database')
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS))
      }
    }
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
      if (row.nodeId !== null) runtimePeer()?.notify('jobProgress', { jobId: row.id, ...progress })
    },
    tellNode,
    surely: (write) => again(write, (error) => error instanceof OperationalError),
    throughAbsence: (work) => again(work, (error) => error instanceof OperationalError && error.code === 'store-away'),
    onChange: (listener) => {
      listeners.push(listener)
    },
    close() {
      isClosing = true
    },
  }
}

/** State, outcome and reason, as nodes hear of them. */
export function howItIs(row: JobRow): { state: JobRow['state']; outcome?: unknown; reason?: string } {
  return { state: row.state, ...(row.outcome === null ? {} : { outcome: row.outcome }), ...(row.reason === null ? {} : { reason: row.reason }) }
}
