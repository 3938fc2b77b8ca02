/**
 * Deliveries on their way. A row is claimed before it is sent, with a moment after which the claim is void: a host that dies in between
 * leaves it to be sent again, under the same id, by which receivers know that they have it.
 */
import { type Kysely, sql } from 'kysely'
import { newId } from '../../base/ids.ts'
import type { Channel, Language, NotificationEvent } from '../api/index.ts'
import type { Database } from '../store/tables.ts'
import { eventFrom } from './events.ts'

/** Longer than any sending takes. */
const CLAIM_MS = 120_000
/** What is due so soon goes along with what is due now. */
const AHEAD_MS = 120_000
const MOST_IN_ONE = 1000

export interface BatchRow {
  id: string
  afterS: number
  panelKey: string | null
  event: NotificationEvent
}
/** What goes as one message to one receiver. */
export interface Batch {
  channel: Channel
  to: string
  /** The same at every try. */
  messageId: string
  language: Language
  /** This one included. */
  attempts: number
  rows: BatchRow[]
}

export type Outcome =
  | { what: 'sent'; status?: number }
  /** Tried again, after `waitS` at the earliest. */
  | { what: 'again'; error: string; status?: number; waitS?: number }
  /** Tried no more; a person may have it tried again. */
  | { what: 'dead'; error: string; status?: number }
  /** Nobody is to have it any more. */
  | { what: 'dropped'; error: string }
  /** Not now: the receiver wants to be left alone, or the way is closed. Counts as no try. */
  | { what: 'later'; at: Date }

export interface Receiver {
  channel: Channel
  to: string
}

export interface Outbox {
  /** Receivers for whom something is due. @param closed those that nothing goes to just now */
  due(closed: readonly string[]): Promise<Receiver[]>
  /** Claims what goes to them as one message; undefined: nothing is due. */
  claim(receiver: Receiver): Promise<Batch | undefined>
  /** @param ids of rows of the batch @param pauseMs before the next try; undefined: there is none */
  settle(batch: Batch, ids: readonly string[], outcome: Outcome, pauseMs: number | undefined): Promise<void>
  /** When the next one is due. */
  next(closed: readonly string[]): Promise<Date | undefined>
  /** What an earlier life of this host was sending is due now. */
  recover(): Promise<void>
}

export function createOutbox({ db, host }: { db: Kysely<Database>; host: string }): Outbox {
  const open = (closed: readonly string[]) => {
    const query = db.selectFrom('notificationDelivery').where('state', '=', 'waiting')
    return closed.length ? query.where('to', 'not in', [...closed]) : query
  }
  const take = (ids: readonly string[], messageId: string, now: Date) =>
    db
      .updateTable('notificationDelivery')
      .set((e) => ({ messageId, claimedBy: host, attempts: e('attempts', '+', 1), nextAt: new Date(now.getTime() + CLAIM_MS) }))
      .where('id', 'in', [...ids])
      .where('state', '=', 'waiting')
      // nobody else has it: what is claimed is due so soon itself that the next line alone would let two hosts have it
      .where((where) => where.or([where('claimedBy', 'is', null), where('nextAt', '<=', now)]))
      .where('nextAt', '<=', new Date(now.getTime() + AHEAD_MS - 1))
      .returning(['id', 'attempts', 'language'])
      .execute()

  return {
    due: (closed) => open(closed).select(['channel', 'to']).distinct().where('nextAt', '<=', new Date()).limit(200).execute(),
    async claim({ channel, to }) {
      const now = new Date()
      const mine = db.selectFrom('notificationDelivery').where('state', '=', 'waiting').where('channel', '=', channel).where('to', '=', to)
      const first = await mine
        .select(['id', 'eventId', 'messageId'])
        .where('nextAt', '<=', now)
        .orderBy('nextAt')
        .orderBy('createdAt')
        .orderBy('id')
        .executeTakeFirst()
      if (!first) return undefined
      let ids = [first.id]
      if (first.messageId !== null && channel !== 'webhook')
        ids = (await mine.select('id').where('messageId', '=', first.messageId).execute()).map(({ id }) => id)
      else if (channel !== 'webhook')
        ids = (
          await mine
            .select('id')
            .where('messageId', 'is', null)
            .where('nextAt', '<=', new Date(now.getTime() + AHEAD_MS - 1))
            // what waits for somebody to acknowledge it waits on
            .where((where) => where.or([where('afterS', '=', 0), where('nextAt', '<=', now)]))
            .orderBy('createdAt')
            .limit(MOST_IN_ONE)
            .execute()
        ).map(({ id }) => id)
      // another host was first
      if (!ids.length) return undefined
      // a program is told of each event by itself, and knows it by its id
      const messageId = channel === 'webhook' ? first.eventId : (first.messageId ?? newId('ntf'))
      const claimed = await take(ids, messageId, now)
      if (!claimed.length) return undefined
      const rows = await db
        .selectFrom('notificationDelivery as d')
        .innerJoin('notificationEvent as e', 'e.id', 'd.eventId')
        .select(['d.id', 'd.afterS', 'e.id as eventId', 'e.type', 'e.severity', 'e.at', 'e.data', 'e.panelKey'])
        .where(
          'd.id',
          'in',
          claimed.map(({ id }) => id),
        )
        .orderBy('e.n')
        .execute()
      return {
        channel,
        to,
        messageId,
        language: claimed[0]?.language ?? 'en',
        attempts: Math.max(...claimed.map(({ attempts }) => attempts)),
        rows: rows.map(({ id, afterS, panelKey, eventId, type, severity, at, data }) => ({
          id,
          afterS,
          panelKey,
          event: eventFrom({ id: eventId, type, severity, at, data }),
        })),
      }
    },
    async settle(_batch, ids, outcome, pauseMs) {
      if (!ids.length) return
      const status = 'status' in outcome ? (outcome.status ?? null) : null
      const error = 'error' in outcome ? outcome.error.slice(0, 1000) : null
      const mine = db
        .updateTable('notificationDelivery')
        .where('id', 'in', [...ids])
        .where('state', '=', 'waiting')
      if (outcome.what === 'later')
        await mine
          .set((e) => ({ nextAt: outcome.at, claimedBy: null, messageId: null, attempts: sql<number>`greatest(${e.ref('attempts')} - 1, 0)` }))
          .execute()
      else if (outcome.what === 'again' && pauseMs !== undefined) {
        const pause = Math.max(pauseMs, (outcome.waitS ?? 0) * 1000)
        await mine.set({ nextAt: new Date(Date.now() + pause), claimedBy: null, status, error }).execute()
      } else {
        const state = outcome.what === 'again' ? 'dead' : outcome.what
        await mine.set({ state, claimedBy: null, status, error, endedAt: new Date() }).execute()
      }
    },
    async next(closed) {
      const row = await open(closed)
        .select(({ fn }) => fn.min('nextAt').as('at'))
        .executeTakeFirst()
      return row?.at ?? undefined
    },
    async recover() {
      await db
        .updateTable('notificationDelivery')
        .set({ nextAt: new Date(), claimedBy: null })
        .where('state', '=', 'waiting')
        .where('claimedBy', '=', host)
        .execute()
    },
  }
}
