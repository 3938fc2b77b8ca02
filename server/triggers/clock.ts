/**
 * The clock of the time triggers: one BullMQ job scheduler for each, so that of several hosts exactly one hears each
 * due time, and none is needed to be there all the time. It only wakes: what is due is decided from the rows, so that
 * a wake too many does nothing, and one that is lost (Redis wiped, the computer's clock set) costs a few seconds.
 *
 * BullMQ asks for each next time; schedule.ts answers, with its own rules for shifted clocks and works calendars.
 */
import type { Job as BullJob, RepeatOptions } from 'bullmq'
import { messageOf } from '../../base/errors.ts'
import type { Logger } from '../../base/log.ts'
import { nextTime, type Schedule } from '../../nodes/triggers/time/schedule.ts'
import type { Bull } from '../jobs/dispatch.ts'

const QUEUE = 'triggers'
/** Schedules that are written to BullMQ at the same time. */
const AT_ONCE = 20
const TELL_AGAIN_MS = 30_000

export interface Clock {
  /** Makes the schedulers those that there should be. What is right already is left alone. */
  sync(wanted: ReadonlyMap<string, Schedule>): Promise<void>
  close(): Promise<void>
}

/** The next time after `millis` of a schedule that was stored as a pattern. */
const repeatStrategy = (millis: number, { pattern }: RepeatOptions): number | undefined => nextTime(JSON.parse(pattern ?? '') as Schedule, millis)
const settings = { repeatStrategy: repeatStrategy as (millis: number, options: RepeatOptions) => number }

/** @param onDue told a little after a due time, and not told of which: there may be a thousand */
export async function openClock(options: { bull: Bull; log: Logger; onDue: () => void }): Promise<Clock> {
  const { bull, log, onDue } = options
  const queue = bull.queue(QUEUE, { settings })
  let toldAt = Number.NEGATIVE_INFINITY
  const trouble = (error: Error) => {
    // a database that is away says so many times a second
    if (performance.now() - toldAt < TELL_AGAIN_MS) return
    toldAt = performance.now()
    log.warn({ reason: messageOf(error) }, 'the clock of the triggers has trouble')
  }
  queue.on('error', trouble)
  const hear = async (job: BullJob) => {
    // a little early by this computer's clock: then nothing would be due yet
    const early = (job.opts.prevMillis ?? 0) - Date.now()
    if (early > 0 && early < 1000) await new Promise((resolve) => setTimeout(resolve, early))
    onDue()
  }
  const worker = bull.worker(QUEUE, hear, {
    concurrency: 20,
    settings,
    lockDuration: 30_000,
    stalledInterval: 30_000,
    maxStalledCount: 5,
    drainDelay: 5,
    runRetryDelay: 2000,
  })
  worker.on('error', trouble)
  await worker.waitUntilReady()

  const sync = async (wanted: ReadonlyMap<string, Schedule>): Promise<void> => {
    const known = new Map((await queue.getJobSchedulers(0, -1)).map((one) => [one.key, one]))
    const gone = [...known.keys()].filter((id) => !wanted.has(id))
    const now = Date.now()
    const changed = [...wanted].filter(([id, schedule]) => {
      const there = known.get(id)
      // a next time that is long past, or that the clock was set back from, was lost or is wrong
      return (
        there?.pattern !== JSON.stringify(schedule) ||
        typeof there.next !== 'number' ||
        there.next < now - 5000 ||
        there.next > (nextTime(schedule, now) ?? 0) + 1000
      )
    })
    const work = [
      ...gone.map((id) => () => queue.removeJobScheduler(id)),
      ...changed.map(
        ([id, schedule]) =>
          () =>
            queue.upsertJobScheduler(id, { pattern: JSON.stringify(schedule) }, { name: 'due', opts: { removeOnComplete: true, removeOnFail: true } }),
      ),
    ]
    for (let at = 0; at < work.length; at += AT_ONCE) await Promise.all(work.slice(at, at + AT_ONCE).map((each) => each()))
  }
  let syncing: Promise<void> = Promise.resolve()

  return {
    sync(wanted) {
      const next = syncing.then(() => sync(wanted))
      syncing = next.catch(() => {}) // its own caller hears of it
      return next
    },
    async close() {
      // a forced close alone leaves the worker's blocking wait, and with it the process, alive
      await worker.getBackend().disconnectBlocking(false)
      await worker.close(true)
      await queue.close()
    },
  }
}
