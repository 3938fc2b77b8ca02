/**
 * How the gateways hear that a queue has work: BullMQ on PostgreSQL or on Redis. A delivery says "look at your
 * rows", now or at a time; which row is next is decided when one is taken (`claim.ts`). So a delivery too many
 * does nothing, and order, holds and times change without touching BullMQ.
 *
 * Excluded: what a job does, its state, its order, its history.
 */
import type { Job as BullJob, Queue as BullQueue, Worker as BullWorker, QueueOptions, WorkerOptions } from 'bullmq'
import { messageOf, OperationalError } from '../../base/errors.ts'
import type { Logger } from '../../base/log.ts'

export interface Dispatch {
  readonly kind: 'postgres' | 'redis'
  /** BullMQ itself, for what else is scheduled. */
  readonly bull: Bull
  /**
   * Tells whoever works the queue of a row. The same id twice is one delivery while the first waits.
   * @param options.at not before then @defaultValue now
   */
  add(queue: string, rowId: string, options?: { at?: Date }): Promise<void>
  /** Delivers `due:<id>` again and again, to one of the gateways each time. Said twice, it is one schedule. */
  every(queue: string, id: string, everyMs: number): Promise<void>
  /** Where the delivery of an id is: waiting, with a worker (perhaps a dead one), or gone. */
  stateOf(queue: string, rowId: string): Promise<'waiting' | 'worked' | 'gone'>
  /** Takes a waiting delivery out, as far as it is still there. */
  remove(queue: string, rowId: string): Promise<void>
  /** Hears the deliveries of a queue; the next one comes when `heard` has resolved. A rejection is logged, and not delivered again. */
  work(queue: string, options: WorkOptions, heard: (rowId: string) => Promise<void>): Promise<QueueWorker>
  close(): Promise<void>
}

interface WorkOptions {
  concurrency: number
  /** After this long without a sign of life a delivery counts as stalled, and another worker hears it. @defaultValue 30000 */
  lockMs?: number
  /** How often stalled deliveries are looked for. @defaultValue 30000 */
  stalledCheckMs?: number
  /** Renew the lock while working; off only in tests of what happens then. @defaultValue true */
  renewsLock?: boolean
}

interface QueueWorker {
  /** Hears nothing new and does not wait for what runs: its row tells the next life. */
  close(): Promise<void>
}

/** The part of BullMQ that both backends share. */
export interface Bull {
  kind: Dispatch['kind']
  /** @param options how the times of job schedulers are reckoned */
  queue(name: string, options?: Pick<QueueOptions, 'settings'>): BullQueue
  worker(name: string, process: (job: BullJob) => Promise<void>, options: Omit<WorkerOptions, 'connection'>): BullWorker
  /** Whether what carries the deliveries does not answer; absent where the store itself carries them. */
  isAway?(): boolean
  close(): Promise<void>
}

/** What a delivery of {@link Dispatch.every} begins with. */
export const DUE = 'due:'
/** A worker that dies with every delivery must not keep one for ever: the reconciler makes another. */
const MAX_STALLS = 5
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
    bull,
    async add(name, rowId, { at } = {}) {
      const delay = at ? at.getTime() - Date.now() : 0
      await queueOf(name).add(
        'row',
        { rowId },
        // one for a time does not stand in the way of one for now; BullMQ takes no `:` in an id
        delay > 0 ? { ...GONE_WHEN_DONE, jobId: `${rowId}-${at?.getTime().toString(36)}`, delay } : { ...GONE_WHEN_DONE, jobId: rowId },
      )
    },
    async every(name, id, everyMs) {
      await queueOf(name).upsertJobScheduler(
        id,
        { every: everyMs },
        { name: 'due', data: { rowId: `${DUE}${id}` }, opts: { removeOnComplete: true, removeOnFail: true } },
      )
    },
    async stateOf(name, rowId) {
      const state = await queueOf(name).getJobState(rowId)
      return WAITING_STATES.has(state) ? 'waiting' : state === 'active' ? 'worked' : 'gone'
    },
    async remove(name, rowId) {
      // 0: not there, or a worker has it already
      await queueOf(name).remove(rowId)
    },
    async work(name, options, heard) {
      const { concurrency, lockMs = 30_000, stalledCheckMs = 30_000, renewsLock = true } = options
      const worker = bull.worker(name, (job) => heard(String((job.data as { rowId?: unknown }).rowId)), {
        concurrency,
        lockDuration: lockMs,
        stalledInterval: stalledCheckMs,
        skipLockRenewal: !renewsLock,
        maxStalledCount: MAX_STALLS,
        // how often an idle worker looks by itself, in seconds; new jobs wake it
        drainDelay: 15,
        runRetryDelay: 2000,
      })
      worker.on('error', (error) => trouble(name, error))
      worker.on('failed', (job, error) => {
        if (!(error instanceof OperationalError)) log.warn({ queue: name, rowId: job?.data.rowId, reason: messageOf(error) }, 'a delivery failed')
      })
      await worker.waitUntilReady()
      const own: QueueWorker = {
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

const GONE_WHEN_DONE = { attempts: 1, removeOnComplete: true, removeOnFail: true }
