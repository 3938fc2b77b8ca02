/** Work orders: taken in once per key, delivered to the flow that listens until it has taken them. */
import { isDeepStrictEqual } from 'node:util'
import type { Kysely } from 'kysely'
import type { hostAsks } from '../../adapters/host-contract.ts'
import { UserError } from '../../base/errors.ts'
import { newId } from '../../base/ids.ts'
import type { Logger } from '../../base/log.ts'
import type { RpcParams } from '../../base/rpc.ts'
import { checker } from '../../base/schema.ts'
import { WorkOrder, type WorkOrderView } from '../api/index.ts'
import type { Runtime } from '../flows/contract.ts'
import type { Runs } from '../runs/contract.ts'
import { type Database, json } from '../store/index.ts'
import type { Problem } from './problems.ts'

type Offer = RpcParams<typeof hostAsks, 'offer'>
const orderChecker = checker(WorkOrder)
/** Orders with a connection's flow that it has not taken yet. */
const MAX_OUTSTANDING = 100

export interface WorkOrders {
  /** @throws UserError work-order-invalid: nothing of the offer is taken */
  offer(offer: Offer): Promise<{ taken: number; known: number }>
  subscribe(connectionId: string): void
  taken(taken: { id: string; runId: string }): Promise<void>
  runtimeGone(): void
  list(limit: number): Promise<WorkOrderView[]>
}

export function createWorkOrders(deps: {
  db: Kysely<Database>
  log: Logger
  runtime: Pick<Runtime, 'peer'>
  runs: Pick<Runs, 'link'>
  problem: (problem: Problem) => void
  nameOf: (connectionId: string) => string
}): WorkOrders {
  const { db, log, runtime, runs, problem, nameOf } = deps
  /** By connection: orders that went to the runtime and were not taken yet. */
  const outstanding = new Map<string, Set<string>>()
  const pumping = new Map<string, Promise<void>>()

  const pumpOnce = async (connectionId: string): Promise<void> => {
    const sent = outstanding.get(connectionId)
    if (!sent || sent.size >= MAX_OUTSTANDING) return
    const rows = await db
      .selectFrom('workOrder')
      .select(['id', 'order', 'source'])
      .where('connectionId', '=', connectionId)
      .where('state', '=', 'new')
      .orderBy('receivedAt')
      .orderBy('id')
      .limit(MAX_OUTSTANDING)
      .execute()
    for (const { id, order, source } of rows) {
      if (sent.has(id) || sent.size >= MAX_OUTSTANDING || outstanding.get(connectionId) !== sent) continue
      runtime.peer().notify('workOrder', { id, connectionId, order, source })
      sent.add(id)
    }
  }
  const pump = (connectionId: string): void => {
    const next = (pumping.get(connectionId) ?? Promise.resolve())
      .then(() => pumpOnce(connectionId))
      .catch((error) => {
        log.warn({ connectionId, err: error }, 'work orders could not be delivered; tried again')
        setTimeout(() => pump(connectionId), 1000).unref()
      })
    pumping.set(connectionId, next)
  }

  return {
    async offer({ connectionId, items }) {
      const checked = items.map((item) => {
        const errors = orderChecker.errors(item.payload)
        if (errors.length)
          throw new UserError({
            code: 'work-order-invalid',
            message: `${item.source}: ${errors.map((error) => `${error.path || 'the order'} ${error.message}`).join('; ')}`,
          })
        return { ...item, order: orderChecker.parse(item.payload, item.source) }
      })
      const result = await db.transaction().execute(async (transaction) => {
        let taken = 0
        const changes: { source: string; number: string }[] = []
        for (const { key, source, order } of checked) {
          const row = await transaction
            .insertInto('workOrder')
            .values({ id: newId('wo'), connectionId, key, source, order: json(order), state: 'new' })
            .onConflict((conflict) => conflict.columns(['connectionId', 'key']).doNothing())
            .returning('id')
            .executeTakeFirst()
          if (row) {
            taken += 1
            continue
          }
          const first = await transaction
            .selectFrom('workOrder')
            .select('order')
            .where('connectionId', '=', connectionId)
            .where('key', '=', key)
            .executeTakeFirstOrThrow()
          if (!isDeepStrictEqual(first.order, order)) changes.push({ source, number: order.number })
        }
        return { taken, known: checked.length - taken, changes }
      })
      for (const { source, number } of result.changes)
        problem({
          connectionId,
          source,
          reason: `Work order ${number} came again with other content. The first one stands; give the changed one a number of its own.`,
          code: 'order-changed',
          blanks: { number },
        })
      if (result.taken) pump(connectionId)
      return { taken: result.taken, known: result.known }
    },
    subscribe(connectionId) {
      // what an earlier subscription got is sent again: its nodes may be gone
      outstanding.set(connectionId, new Set())
      pump(connectionId)
    },
    async taken({ id, runId }) {
      const row = await db
        .updateTable('workOrder')
        .set({ state: 'delivered', runId })
        .where('id', '=', id)
        .where('state', '=', 'new')
        .returningAll()
        .executeTakeFirst()
      if (!row) return
      outstanding.get(row.connectionId)?.delete(id)
      await runs.link(runId, { kind: 'workOrder', id, text: `work order ${row.order.number} from ${nameOf(row.connectionId)}` })
      pump(row.connectionId)
    },
    runtimeGone: () => outstanding.clear(),
    async list(limit) {
      const rows = await db
        .selectFrom('workOrder')
        .leftJoin('outbox', (join) =>
          join
            .onRef('outbox.connectionId', '=', 'workOrder.connectionId')
            .onRef('outbox.workOrder', '=', (e) => e.ref('workOrder.order', '->>').key('number'))
            .on('outbox.state', '=', 'sent'),
        )
        .selectAll('workOrder')
        .select('outbox.reference')
        .distinctOn(['workOrder.receivedAt', 'workOrder.id'])
        .orderBy('workOrder.receivedAt', 'desc')
        .orderBy('workOrder.id', 'desc')
        .orderBy('outbox.sentAt', 'desc')
        .limit(limit)
        .execute()
      return rows.map((row) => ({
        id: row.id,
        connectionId: row.connectionId,
        order: row.order,
        source: row.source,
        state: row.state,
        receivedAt: row.receivedAt.toISOString(),
        ...(row.reference === null ? {} : { confirmationFile: row.reference }),
      }))
    },
  }
}
