/** What was told to whom, and the second try of what was given up. */
import { type Kysely, sql } from 'kysely'
import { UserError } from '../../base/errors.ts'
import { type Delivery, isEventType, listDeliveries, sendAgain, sendAllAgain } from '../api/index.ts'
import type { Audit } from '../audit/contract.ts'
import { handle, type RouteHandler } from '../http/handler.ts'
import type { Database } from '../store/tables.ts'
import { eventFrom } from './events.ts'
import { readHook, toOfHook } from './webhooks/hooks.ts'

/** So long what was told is kept. What waits longer (for a webhook that is paused, for a mail server that is switched off) is for nobody any more. */
const KEPT_DAYS = 30

export function createDeliveryLog({ db, audit, onAgain }: { db: Kysely<Database>; audit: Audit; onAgain: () => void }): {
  routes: RouteHandler[]
  /** Regular work: forgets what is old. */
  forget(): Promise<string>
} {
  const select = () =>
    db
      .selectFrom('notificationDelivery as d')
      .innerJoin('notificationEvent as e', 'e.id', 'd.eventId')
      .select(['d.id', 'd.channel', 'd.to', 'd.state', 'd.attempts', 'd.nextAt', 'd.status', 'd.error', 'd.createdAt', 'd.endedAt'])
      .select(['e.id as eventId', 'e.type', 'e.severity', 'e.at', 'e.data'])
  type Row = Awaited<ReturnType<ReturnType<typeof select>['execute']>>[number]

  const view = async (rows: readonly Row[]): Promise<Delivery[]> => {
    const [people, hooks, connections] = await Promise.all([
      db.selectFrom('user').select(['id', 'name']).execute(),
      db.selectFrom('webhook').select(['id', 'settings']).execute(),
      db.selectFrom('connection').select(['id', 'name']).execute(),
    ])
    const nameOf = (to: string): string => {
      const id = to.slice(to.indexOf(':') + 1)
      const hook = hooks.find((one) => one.id === id)?.settings as { name?: string } | undefined
      return people.find((one) => one.id === id)?.name ?? hook?.name ?? connections.find((one) => one.id === id)?.name ?? id
    }
    return rows.flatMap(({ id, channel, to, state, attempts, nextAt, status, error, createdAt, endedAt, eventId, type, severity, at, data }) =>
      isEventType(type)
        ? [
            {
              id,
              event: eventFrom({ id: eventId, type, severity, at, data }),
              channel,
              to: nameOf(to),
              state,
              attempts,
              ...(state === 'waiting' ? { nextAt: nextAt.toISOString() } : {}),
              ...(status === null ? {} : { status }),
              ...(error === null ? {} : { error }),
              createdAt: createdAt.toISOString(),
              ...(endedAt === null ? {} : { endedAt: endedAt.toISOString() }),
            },
          ]
        : [],
    )
  }
  const anew = { state: 'waiting' as const, attempts: 0, nextAt: new Date(), endedAt: null, claimedBy: null }

  return {
    routes: [
      handle(listDeliveries, async ({ query: { state, channel, webhookId, limit } }) => {
        let query = select().orderBy('d.createdAt', 'desc').orderBy('d.id', 'desc').limit(limit)
        if (state) query = query.where('d.state', '=', state)
        if (channel) query = query.where('d.channel', '=', channel)
        if (webhookId) query = query.where('d.channel', '=', 'webhook').where('d.to', '=', toOfHook(webhookId))
        return view(await query.execute())
      }),
      handle(sendAgain, async ({ params: { deliveryId }, caller }) => {
        const row = await select().where('d.id', '=', deliveryId).executeTakeFirst()
        if (!row) throw new UserError({ code: 'delivery-not-found', status: 404, message: 'This is not kept any more. Load the page again.' })
        const changed = await db
          .updateTable('notificationDelivery')
          .set({ ...anew, nextAt: new Date() })
          .where('id', '=', deliveryId)
          .where('state', '=', 'dead')
          .executeTakeFirst()
        if (!changed.numUpdatedRows)
          throw new UserError({ code: 'delivery-not-dead', status: 409, message: 'This was not given up: it is on its way, or has arrived.' })
        audit.record({ caller, action: 'notification.again', target: deliveryId, detail: { channel: row.channel, type: row.type } })
        onAgain()
        const [found] = await view(await select().where('d.id', '=', deliveryId).execute())
        if (!found) throw new UserError({ code: 'delivery-not-found', status: 404, message: 'This is not kept any more. Load the page again.' })
        return found
      }),
      handle(sendAllAgain, async ({ params: { webhookId }, caller }) => {
        await readHook(db, webhookId)
        const { numUpdatedRows } = await db
          .updateTable('notificationDelivery')
          .set({ ...anew, nextAt: new Date() })
          .where('channel', '=', 'webhook')
          .where('to', '=', toOfHook(webhookId))
          .where('state', '=', 'dead')
          .executeTakeFirst()
        const count = Number(numUpdatedRows)
        audit.record({ caller, action: 'notification.again', target: webhookId, detail: { count } })
        onAgain()
        return { count }
      }),
    ],
    async forget() {
      const old = sql<boolean>`"recordedAt" < now() - make_interval(days => ${KEPT_DAYS})`
      const waited = await db
        .updateTable('notificationDelivery')
        .set({ state: 'dropped', error: `It waited for ${KEPT_DAYS} days, and the way to its receiver was not opened.`, endedAt: new Date() })
        .where('state', '=', 'waiting')
        .where('eventId', 'in', (query) => query.selectFrom('notificationEvent').select('id').where(old))
        .executeTakeFirst()
      const { numDeletedRows } = await db
        .deleteFrom('notificationEvent')
        .where(old)
        .where(({ not, exists, selectFrom }) =>
          not(
            exists(
              selectFrom('notificationDelivery')
                .select('id')
                .whereRef('notificationDelivery.eventId', '=', 'notificationEvent.id')
                .where('state', '=', 'waiting'),
            ),
          ),
        )
        .executeTakeFirst()
      return `${numDeletedRows} events forgotten that are older than ${KEPT_DAYS} days, ${waited.numUpdatedRows} of their messages still waited`
    },
  }
}
