/**
 * Works one queue in this gateway: takes rows while there is room, and runs them. It looks when it is told to: by a
 * delivery of BullMQ, by a row that this gateway wrote itself, and when a job has ended.
 */
import type { RawBuilder } from 'kysely'
import { messageOf } from '../../base/errors.ts'
import { newId } from '../../base/ids.ts'
import { claimedWith, claimNext, failOverdue, rateOpensAt, unclaim } from './claim.ts'
import type { JobsContext } from './context.ts'
import { DUE } from './dispatch.ts'
import type { Pump } from './pump-contract.ts'
import type { JobRow } from './rows.ts'

interface PumpOptions {
  queue: string
  /** Jobs at once. */
  concurrency: number
  /** Only when nothing else of the queue is worked on, wherever. @defaultValue false */
  isAlone?: boolean
  /** Does the job and ends its row. Must not reject but for what cannot be helped: that is logged. */
  run: (row: JobRow) => Promise<void>
  isPaused?: boolean
  /** What more must hold of a row `j` that this host takes now. */
  only?: () => RawBuilder<unknown> | undefined
  /** Whether a job of that name may begin here with the statement that writes it. */
  mayReserve?: (name: string) => boolean
  /** Something that comes again and again is due. */
  due?: (id: string) => Promise<void>
  /** See `Dispatch.work`. */
  lockMs?: number
  stalledCheckMs?: number
}

/** Resolves when the queue's deliveries are heard. */
export async function startPump(context: JobsContext, options: PumpOptions): Promise<Pump> {
  const { db, log, dispatch, host } = context
  const { queue, concurrency, isAlone = false, run } = options
  let isPaused = options.isPaused ?? false
  let active = 0
  let isLooking = false
  /** Told to look while looking: what was not there a moment ago may be there now. */
  let isAsked = false
  /** The last look found nothing that may begin, and nothing was told of since. */
  let isIdle = false
  let whenRoom: (() => void)[] = []

  const claim = async (): Promise<JobRow | undefined> => {
    const token = newId('try')
    let isFirst = true
    return context.surely(async () => {
      // the answer to an earlier try may be what was lost
      const earlier = isFirst ? undefined : await claimedWith(db, { queue, token })
      isFirst = false
      return earlier ?? (await claimNext(db, { queue, host, token, now: new Date(), isAlone, only: options.only?.() }))
    })
  }

  const work = async (row: JobRow): Promise<void> => {
    try {
      const running = context.telemetry ? context.telemetry.within(row, () => run(row)) : run(row)
      // after the job itself has begun, which somebody waits for
      context.changed(row)
      await running
    } catch (error) {
      if (!context.isClosing) log.error({ queue, jobId: row.id, err: error }, 'a job could not be brought to its end')
    } finally {
      leave()
    }
  }
  const leave = () => {
    active -= 1
    const waiting = whenRoom
    whenRoom = []
    for (const tell of waiting) tell()
    // what waits was not looked for while there was no room
    if (!isIdle || active === concurrency - 1) wake()
  }

  const fill = async (): Promise<void> => {
    let lookedAt = Date.now()
    do {
      isAsked = false
      while (!isPaused && !context.isClosing && active < concurrency) {
        lookedAt = Date.now()
        const row = await claim()
        isIdle = !row && !isAsked
        if (!row) break
        // paused, or ending, while it was being taken: it is as if it had not been
        if (isPaused || context.isClosing) {
          await unclaim(db, row)
          break
        }
        active += 1
        void work(row)
      }
    } while (isAsked && !isPaused && !context.isClosing && active < concurrency)
    if (active < concurrency) await lookWhenRateAllows(lookedAt)
  }

  /** A queue with a rate limit is looked at again when the limit lets the next one begin, which may have been since the last look. */
  const lookWhenRateAllows = async (lookedAt: number): Promise<void> => {
    if (!context.hasRate(queue)) return
    const at = await rateOpensAt(db, queue)
    if (at && at.getTime() > lookedAt) setTimeout(wake, Math.max(0, at.getTime() - Date.now()) + 1).unref()
  }

  const wake = (): void => {
    isAsked = true
    isIdle = false
    if (isLooking || isPaused || context.isClosing) return
    isLooking = true
    fill()
      .catch((error) => {
        if (!context.isClosing) log.error({ queue, reason: messageOf(error), err: error }, 'the next job of a queue could not be taken')
      })
      .finally(() => {
        isLooking = false
        // asked between the last look and here
        if (isAsked && active < concurrency && !isPaused) wake()
      })
  }

  /** A delivery is held while there is no room: another gateway hears the next one. */
  const heard = async (what: string): Promise<void> => {
    if (what.startsWith(DUE)) return options.due?.(what.slice(DUE.length))
    wake()
    for (const row of await failOverdue(db, new Date(), queue)) await context.ended(row)
    if (active >= concurrency && !context.isClosing) await new Promise<void>((resolve) => whenRoom.push(resolve))
  }

  const { lockMs, stalledCheckMs } = options
  const worker = await dispatch.work(
    queue,
    { concurrency, ...(lockMs === undefined ? {} : { lockMs }), ...(stalledCheckMs === undefined ? {} : { stalledCheckMs }) },
    heard,
  )
  const pump: Pump = {
    queue,
    wake,
    pause() {
      isPaused = true
    },
    resume() {
      isPaused = false
      wake()
    },
    reserve(name) {
      if (options.mayReserve?.(name) === false) return undefined
      if (!isIdle || isPaused || context.isClosing || active >= concurrency) return undefined
      active += 1
      return { host, token: newId('try'), begin: (row) => void work(row), giveBack: leave }
    },
    close() {
      isPaused = true
      context.removePump(pump)
      for (const tell of whenRoom.splice(0)) tell()
      return worker.close()
    },
  }
  context.addPump(pump)
  wake()
  return pump
}
