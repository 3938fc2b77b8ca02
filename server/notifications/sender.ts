/**
 * Sends what is due: one message at a time to each receiver, many receivers at a time, so that one who is slow or away holds up nobody
 * else. Growing pauses between the tries, and an end to them.
 */
import { messageOf } from '../../base/errors.ts'
import type { Logger } from '../../base/log.ts'
import type { Channel } from '../api/index.ts'
import type { Batch, BatchRow, Outbox, Outcome, Receiver } from './outbox.ts'

/** How one way sends a message. */
export interface Way {
  /**
   * Which of it is still to go out: rights may be lost, somebody may have acknowledged it.
   * @returns what becomes of those that do not go
   */
  sieve?(batch: Batch): Promise<{ rows: BatchRow[]; others: { row: BatchRow; outcome: Outcome }[] }>
  send(batch: Batch, signal: AbortSignal): Promise<Outcome>
}

const S = 1000
const MIN = 60 * S
const H = 60 * MIN
/** Between the tries; after the last one it is given up. Those of webhooks follow the Standard Webhooks specification's example. */
const PAUSES: Record<Channel, readonly number[]> = {
  mail: [30 * S, 2 * MIN, 5 * MIN, 15 * MIN, 30 * MIN, H, 2 * H, 4 * H, 8 * H, 8 * H],
  push: [5 * S, MIN, 5 * MIN, 30 * MIN, 2 * H, 8 * H],
  webhook: [5 * S, 5 * MIN, 30 * MIN, 2 * H, 5 * H, 10 * H, 14 * H, 20 * H, 24 * H],
  connection: [30 * S, 5 * MIN, 30 * MIN],
}
const AT_ONCE = 16
/** By one way: a mail server that does not answer must not keep everything from going out. */
const AT_ONCE_BY_ONE_WAY = 12
const LOOK_MS = 15_000

export interface Sender {
  /** Something may be due. */
  kick(): void
  close(): Promise<void>
}

export function createSender(deps: {
  outbox: Outbox
  ways: Record<Channel, Way>
  log: Logger
  /** One host sends. */
  leads: () => boolean
  /** Receivers that nothing goes to just now. */
  closed: () => Promise<string[]>
  /** Something went out, or did not. */
  onSettled: () => void
  /** Only for tests. */
  pauses?: Partial<Record<Channel, readonly number[]>> | undefined
}): Sender {
  const { outbox, ways, log, leads, closed, onSettled } = deps
  const pauses = { ...PAUSES, ...deps.pauses }
  const busy = new Map<string, Promise<void>>()
  const ending = new AbortController()
  let timer: NodeJS.Timeout | undefined
  let looking: Promise<void> | undefined
  let isWanted = false

  const sendOne = async (batch: Batch): Promise<void> => {
    const way = ways[batch.channel]
    const { rows, others } = way.sieve ? await way.sieve(batch) : { rows: batch.rows, others: [] }
    for (const { row, outcome } of others) await outbox.settle(batch, [row.id], outcome, undefined)
    if (!rows.length) return
    const outcome = await way.send({ ...batch, rows }, ending.signal).catch((error: unknown): Outcome => ({ what: 'again', error: messageOf(error) }))
    // what was broken off by our own end is sent again in the next life
    if (ending.signal.aborted && outcome.what !== 'sent') return
    if (outcome.what === 'again' || outcome.what === 'dead')
      log.warn({ channel: batch.channel, to: batch.to, attempts: batch.attempts, reason: outcome.error }, 'a notification did not arrive')
    await outbox.settle(
      batch,
      rows.map(({ id }) => id),
      outcome,
      pauses[batch.channel][batch.attempts - 1],
    )
  }

  const work = async (receiver: Receiver): Promise<void> => {
    while (!ending.signal.aborted && leads() && !(await closed()).includes(receiver.to)) {
      const batch = await outbox.claim(receiver)
      if (!batch) return
      await sendOne(batch)
      onSettled()
    }
  }

  const later = (at: Date | undefined) => {
    clearTimeout(timer)
    if (ending.signal.aborted) return
    const pause = at === undefined ? LOOK_MS : Math.min(Math.max(at.getTime() - Date.now(), 20), LOOK_MS)
    timer = setTimeout(kick, pause)
    timer.unref()
  }

  const look = async (): Promise<void> => {
    if (ending.signal.aborted || !leads()) return later(undefined)
    try {
      const shut = await closed()
      for (const receiver of await outbox.due(shut)) {
        const key = `${receiver.channel} ${receiver.to}`
        const alike = [...busy.keys()].filter((other) => other.startsWith(`${receiver.channel} `)).length
        if (busy.has(key) || busy.size >= AT_ONCE || alike >= AT_ONCE_BY_ONE_WAY) continue
        const done = work(receiver)
          .catch((error: unknown) => log.warn({ err: error }, 'notifications could not be sent'))
          .finally(() => {
            busy.delete(key)
            kick()
          })
        busy.set(key, done)
      }
      const next = await outbox.next(shut)
      // who is being served looks again when that has ended
      later(next && next.getTime() <= Date.now() && busy.size ? undefined : next)
    } catch (error) {
      log.debug({ reason: messageOf(error) }, 'what is due could not be read')
      later(undefined)
    }
  }
  function kick(): void {
    if (ending.signal.aborted) return
    if (looking) {
      isWanted = true
      return
    }
    looking = look().finally(() => {
      looking = undefined
      if (!isWanted) return
      isWanted = false
      kick()
    })
  }

  return {
    kick,
    async close() {
      ending.abort()
      clearTimeout(timer)
      await looking
      await Promise.all(busy.values())
    },
  }
}
