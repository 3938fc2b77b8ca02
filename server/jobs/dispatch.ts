/**
 * How jobs reach their worker: BullMQ on PostgreSQL or on Redis. It carries nothing but the id of a row
 * in `job`, which is the truth: the worker claims the row, so that a delivery too many does nothing.
 *
 * Excluded: what a job does, its state, its history.
 */
import type { Job as BullJob, Queue as BullQueue, Worker as BullWorker, JobsOptions, WorkerOptions } from 'bullmq'
import { UnrecoverableError } from 'bullmq'
import { messageOf, OperationalError } from '../../base/errors.ts'
import type { Logger } from '../../base/log.ts'

/** What a queue promises. `once`: never delivered again by itself. `until-done`: delivered again, with growing pauses, until it succeeds. */
type Delivery = 'once' | 'until-done'

export interface Dispatch {
  readonly kind: 'postgres' | 'redis'
  /**
   * Puts the id of a waiting row into a queue. The same id twice is one delivery while the first waits.
   * @param options.priority 0 goes first, in order; then 1, 2, …
   */
  add(queue: string, rowId: string, options: { delivery: Delivery; priority?: number }): Promise<void>
  /** Where the delivery of an id is: waiting, with a worker (perhaps a dead one), or gone. */
  stateOf(queue: string, rowId: string): Promise<'waiting' | 'worked' | 'gone'>
  /** Takes a waiting id out, as far as it is still there. */
  remove(queue: string, rowId: string): Promise<void>
  /** Begins to work a queue. A rejection counts as a failed try; with `until-done` it is tried again, unless it is a {@link GiveUp}. */
  work(queue: string, options: WorkOptions, run: (rowId: string) => Promise<void>): Promise<QueueWorker>
  close(): Promise<void>
}

interface WorkOptions {
  delivery: Delivery
  concurrency: number
  /** After this long without a sign of life a delivery counts as stalled. @defaultValue 30000 */
  lockMs?: number
  /** How often stalled deliveries are looked for. @defaultValue 30000 */
  stalledCheckMs?: number
  /** Renew the lock while working; off only in tests of what happens then. @defaultValue true */
  renewsLock?: boolean
  /** First pause before another try, doubled each time. @defaultValue 1000 */
  backoffMs?: number
}

export interface QueueWorker {
  /** Runs nothing new until `resume`; what runs goes on. */
  pause(): void
  resume(): void
  /** Takes nothing new and does not wait for what runs: its row tells the next life. */
  close(): Promise<void>
}

/** Trying again cannot help. */
export class GiveUp extends UnrecoverableError {}

/** The part of BullMQ that both backends share. */
export interface Bull {
  kind: Dispatch['kind']
  queue(name: string): BullQueue
  worker(name: string, process: (job: BullJob) => Promise<void>, options: Omit<WorkerOptions, 'connection'>): BullWorker
  close(): Promise<void>
}

/** Longest pause between two tries. */
const MAX_BACKOFF_MS = 60_000
/** "Until done": more tries than a life has minutes. */
const MANY = 1_000_000
const TELL_AGAIN_MS = 30_000
const WAITING_STATES = new Set(['waiting', 'prioritized', 'delayed', 'waiting-children'])

export function createDispatch(bull: Bull, log: Logger): Dispatch {
  const queues = new Map<string, BullQueue>()
  const workers = new Set<QueueWorker>()

  const told = new Map<string, number>()
  /** Trouble with the database comes many times a second: each kind is told now and then. */
  const trouble = (queue: string, error: Error) => {
    const reason = messageOf(error)
    const now = performance.now()
    if (now - (told.get(reason) ?? Number.NEGATIVE_INFINITY) < TELL_AGAIN_MS) return
    if (told.size > 100) told.clear()
    told.set(reason, now)
    log.warn({ queue, reason }, 'job dispatching has trouble')
  }

  const queueOf = (name: string): BullQueue => {
    let queue = queues.get(name)
    if (!queue) {
      queue = bull.queue(name)
      queue.on('error', (error) => trouble(name, error))
      queues.set(name, queue)
    }
    return queue
  }

  return {
    kind: bull.kind,
    async add(name, rowId, { delivery, priority = 0 }) {
      const queue = queueOf(name)
      const state = await queue.getJobState(rowId)
      if (WAITING_STATES.has(state)) return
      const options: JobsOptions = {
        // a delivery of an earlier life may hold the id as active: another one is harmless, since the row is claimed
        jobId: state === 'unknown' ? rowId : `${rowId}-${Date.now().toString(36)}`,
        attempts: delivery === 'once' ? 1 : MANY,
        removeOnComplete: true,
        removeOnFail: true,
        ...(priority ? { priority } : {}),
        ...(delivery === 'until-done' ? { backoff: { type: 'custom' } } : {}),
      }
      await queue.add('row', { rowId }, options)
    },
    async stateOf(name, rowId) {
      const state = await queueOf(name).getJobState(rowId)
      return WAITING_STATES.has(state) ? 'waiting' : state === 'active' ? 'worked' : 'gone'
    },
    async remove(name, rowId) {
      // 0: not there, or a worker has it already
      await queueOf(name).remove(rowId)
    },
    async work(name, options, run) {
      const { delivery, concurrency, lockMs = 30_000, stalledCheckMs = 30_000, renewsLock = true, backoffMs = 1000 } = options
      // not BullMQ's own pause: a worker paused so still takes a delivery it was waiting for. Here deliveries are held, unclaimed
      let paused: { until: Promise<void>; end: () => void } | undefined
      const work = async (job: BullJob) => {
        while (paused) await paused.until
        await run(String((job.data as { rowId?: unknown }).rowId))
      }
      const worker = bull.worker(name, work, {
        concurrency,
        lockDuration: lockMs,
        stalledInterval: stalledCheckMs,
        skipLockRenewal: !renewsLock,
        // `once`: a stalled delivery fails instead of being given to another worker (reference: BullMQ "stalled jobs")
        maxStalledCount: delivery === 'once' ? 0 : MANY,
        // how often an idle worker looks by itself, in seconds; new jobs wake it
        drainDelay: 15,
        runRetryDelay: 2000,
        settings: { backoffStrategy: (attempts: number) => Math.min(backoffMs * 2 ** Math.min(attempts - 1, 20), MAX_BACKOFF_MS) },
      })
      worker.on('error', (error) => trouble(name, error))
      worker.on('failed', (job, error) => {
        if (!(error instanceof OperationalError)) log.warn({ queue: name, rowId: job?.data.rowId, reason: messageOf(error) }, 'a delivery failed')
      })
      await worker.waitUntilReady()
      const own: QueueWorker = {
        pause() {
          if (paused) return
          let end: () => void = () => {}
          const until = new Promise<void>((resolve) => {
            end = resolve
          })
          paused = { until, end }
        },
        resume() {
          const last = paused
          paused = undefined
          last?.end()
        },
        async close() {
          workers.delete(own)
          // a forced close alone leaves the worker's blocking wait, and with it the process, alive
          await worker.getBackend().disconnectBlocking(false)
          await worker.close(true)
        },
      }
      workers.add(own)
      return own
    },
    async close() {
      await Promise.all([...workers].map((worker) => worker.close()))
      await Promise.all([...queues.values()].map((queue) => queue.close()))
      await bull.close()
    },
  }
}
