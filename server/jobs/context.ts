/** What the kinds of job share: the rows, the queues, and everybody who wants to hear of a change. */
import type { Kysely } from 'kysely'
import { messageOf, OperationalError } from '../../base/errors.ts'
import type { Logger } from '../../base/log.ts'
import type { Job, QueueControl } from '../api/index.ts'
import type { Runtime } from '../flows/contract.ts'
import { aloneHost, type Hosts } from '../hosts/contract.ts'
import type { LiveHub } from '../http/live-hub.ts'
import type { Runs } from '../runs/contract.ts'
import type { Database } from '../store/index.ts'
import type { JobTelemetry } from '../telemetry/contract.ts'
import { blockerEnded } from './dependencies.ts'
import type { Dispatch } from './dispatch.ts'
import type { Pump } from './pump-contract.ts'
import { type JobRow, type Progress, toJob } from './rows.ts'

export interface JobsContext {
  readonly db: Kysely<Database>
  readonly log: Logger
  readonly runs: Pick<Runs, 'open' | 'link' | 'fail' | 'isCancelled'>
  readonly dispatch: Dispatch
  /** Which gateway this is, for the rows it works on. */
  readonly host: string
  readonly hosts: Hosts
  /** Undefined without a collector. */
  readonly telemetry: JobTelemetry | undefined
  /** What a job is written with that this host is asked for. */
  asked(): { askedOn: string; deployment: number | undefined }
  readonly isClosing: boolean
  /** Tells everybody that a row changed: pages, listeners, and the node that waits for the job. */
  changed(row: JobRow): Job
  /** The same for a row that has ended, and looks at what depends on it. */
  ended(row: JobRow): Promise<Job>
  progressed(row: JobRow, progress: Progress): void
  /** A waiting row may be looked at: by this gateway at once, by the others through BullMQ, and at its times. */
  announce(row: JobRow): Promise<void>
  /** Who works a queue here looks at it. */
  wake(queue: string): void
  /** The same at a time; the earliest counts. BullMQ tells it to the others, and to us after a restart. */
  wakeAt(queue: string, at: Date): void
  /** See {@link Pump.reserve}. */
  reserve(queue: string, name: string): ReturnType<Pump['reserve']>
  addPump(pump: Pump): void
  removePump(pump: Pump): void
  /** Another host wrote this row: who works its queue here looks at it, and the node here that waits for it hears how it ended. */
  heard(job: Job): void
  /** Tells everybody how a queue is controlled now, and looks at it. */
  queueChanged(control: QueueControl): void
  /** The same, when another host has told everybody. */
  controlHeard(control: QueueControl): void
  /** Queues with a rate limit. */
  hasRate(queue: string): boolean
  /** Tells the node that asked how the job ended. */
  tellNode(row: JobRow): void
  /** Does a write again until the database has taken it. @throws what is not the world's fault, and `closing` */
  surely<T>(write: () => Promise<T>): Promise<T>
  /** Does work again as often as the database goes away in it. @throws what else goes wrong, and `closing` */
  throughAbsence<T>(work: () => Promise<T>): Promise<T>
}

const RETRY_MS = 500
const LONGEST_ALARM_MS = 3_600_000

export function createContext(deps: {
  db: Kysely<Database>
  log: Logger
  runs: Pick<Runs, 'open' | 'link' | 'fail' | 'isCancelled'>
  dispatch: Dispatch
  live: LiveHub
  host: string
  runtime: Pick<Runtime, 'peer'>
  /** @defaultValue the only one */
  hosts?: Hosts | undefined
  telemetry?: JobTelemetry | undefined
  /** Under which deployment jobs are asked for here. */
  deployment?: (() => number | undefined) | undefined
}): JobsContext & { onChange(listener: (job: Job) => void): void; close(): void } {
  const { db, log, runs, dispatch, live, host, runtime, hosts = aloneHost(host), telemetry } = deps
  const listeners: ((job: Job) => void)[] = []
  const pumps = new Map<string, Pump>()
  const rated = new Set<string>()
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

  const changed = (row: JobRow): Job => {
    const job = toJob(row)
    tell(job)
    tellNode(row)
    return job
  }

  const dispatchAt = async (row: JobRow, at?: Date): Promise<void> => {
    try {
      const add = () => dispatch.add(row.queue, row.id, at ? { at } : {})
      await (telemetry ? telemetry.within(row, add) : add())
    } catch (error) {
      // the row waits: it is found by the reconciler, and by every look at its queue
      if (!isClosing) log.warn({ jobId: row.id, queue: row.queue, reason: messageOf(error) }, 'a queue could not be told of a job')
    }
  }
  const alarms = new Map<string, { at: number; timer: NodeJS.Timeout }>()
  const wakeAt = (queue: string, time: Date): void => {
    const at = time.getTime()
    const set = alarms.get(queue)
    // looked at again before then, and set anew
    if (isClosing || at - Date.now() > LONGEST_ALARM_MS || (set && set.at <= at)) return
    clearTimeout(set?.timer)
    const timer = setTimeout(
      () => {
        alarms.delete(queue)
        pumps.get(queue)?.wake()
      },
      at - Date.now() + 1,
    )
    timer.unref()
    alarms.set(queue, { at, timer })
  }
  const announce = async (row: JobRow): Promise<void> => {
    const now = Date.now()
    const isLater = row.notBefore !== null && row.notBefore.getTime() > now
    if (row.notBefore && isLater) wakeAt(row.queue, row.notBefore)
    else pumps.get(row.queue)?.wake()
    await Promise.all([
      dispatchAt(row, isLater ? (row.notBefore ?? undefined) : undefined),
      ...(row.deadlineAt && row.deadlineAt.getTime() > now ? [dispatchAt(row, row.deadlineAt)] : []),
    ])
  }

  const ended = async (row: JobRow): Promise<Job> => {
    const job = changed(row)
    telemetry?.ended(row)
    if (row.kind === 'program' && row.startedAt === null) await again(() => tellNotRun(runs, row), isPassing)
    if (!row.hasDependents) return job
    for (const next of await again(() => blockerEnded(db, row), isPassing)) {
      if (next.state !== 'waiting') await ended(next)
      else {
        changed(next)
        if (next.blockedBy === 0) await announce(next)
      }
    }
    return job
  }

  const controlHeard = (control: QueueControl): void => {
    if (control.rate) rated.add(control.queue)
    else rated.delete(control.queue)
    if (control.mode !== 'held') pumps.get(control.queue)?.wake()
  }

  return {
    db,
    log,
    runs,
    dispatch,
    host,
    hosts,
    telemetry,
    asked: () => ({ askedOn: host, deployment: deps.deployment?.() }),
    get isClosing() {
      return isClosing
    },
    changed,
    ended,
    announce,
    wake: (queue) => pumps.get(queue)?.wake(),
    wakeAt,
    reserve: (queue, name) => pumps.get(queue)?.reserve(name),
    addPump: (pump) => void pumps.set(pump.queue, pump),
    removePump(pump) {
      if (pumps.get(pump.queue) === pump) pumps.delete(pump.queue)
    },
    heard(job) {
      if (job.state === 'waiting') return pumps.get(job.queue)?.wake()
      const { id, nodeId, state, outcome, reason } = job
      if (nodeId === undefined || state === 'active') return
      runtimePeer()?.notify('jobEnded', { jobId: id, state, ...(outcome === undefined ? {} : { outcome }), ...(reason === undefined ? {} : { reason }) })
    },
    hasRate: (queue) => rated.has(queue),
    queueChanged(control) {
      controlHeard(control)
      live.publish('job-queues', control)
    },
    controlHeard,
    progressed(row, progress) {
      tell({ ...toJob(row), progress: { done: progress.done, total: progress.total, ...(progress.text === undefined ? {} : { text: progress.text }) } })
      if (row.nodeId !== null) runtimePeer()?.notify('jobProgress', { jobId: row.id, done: progress.done, total: progress.total })
    },
    tellNode,
    surely: (write) => again(write, isPassing),
    throughAbsence: (work) => again(work, (error) => error instanceof OperationalError && (error.code === 'store-away' || error.code === 'store-full')),
    onChange: (listener) => {
      listeners.push(listener)
    },
    close() {
      isClosing = true
      for (const { timer } of alarms.values()) clearTimeout(timer)
    },
  }
}

const isPassing = (error: unknown): boolean => error instanceof OperationalError

/** Tells the run that asked for a program that it was not run. */
async function tellNotRun(runs: Pick<Runs, 'link'>, row: JobRow): Promise<void> {
  if (row.runId === null) return
  await runs.link(row.runId, { kind: 'program', id: row.programId ?? row.id, text: `program ${row.name} was not run: ${row.reason ?? 'cancelled'}` })
}

/** State, outcome and reason, as nodes hear of them. */
export function howItIs(row: JobRow): { state: JobRow['state']; outcome?: unknown; reason?: string } {
  return { state: row.state, ...(row.outcome === null ? {} : { outcome: row.outcome }), ...(row.reason === null ? {} : { reason: row.reason }) }
}
