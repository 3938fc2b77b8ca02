/** Confirmations and notices on their way out: a row first, then a job of the `adapter` queue until the outside system has it. */
import type { Kysely } from 'kysely'
import type { Notice } from '../../adapters/contract.ts'
import type { hostRpc } from '../../adapters/host-contract.ts'
import { messageOf, UserError } from '../../base/errors.ts'
import { newId } from '../../base/ids.ts'
import type { RpcParams, RpcResult } from '../../base/rpc.ts'
import type { Jobs } from '../jobs/contract.ts'
import type { ConfirmationSender } from '../jobs/index.ts'
import type { Runs } from '../runs/contract.ts'
import type { gatewayRpc } from '../runtime/contract.ts'
import { type Database, json } from '../store/index.ts'

type Confirm = RpcParams<typeof gatewayRpc, 'confirm'>

export interface Confirmations extends ConfirmationSender {
  /** Takes a confirmation on; the same key of a connection is one. */
  confirm(request: Confirm): Promise<{ id: string; reference?: string }>
  /** Takes a notice on; the same key of a connection is one. @returns the name of the connection @throws UserError connection-not-found */
  notify(connectionId: string, notice: Notice): Promise<string>
  /** Queues what has a row but perhaps no job: the gateway may have died between the two. */
  recover(): Promise<void>
}

export function createConfirmations(deps: {
  db: Kysely<Database>
  jobs: Pick<Jobs, 'enqueueConfirmation'>
  runs: Pick<Runs, 'link' | 'linkOnce'>
  /** Brings it to the other side, wherever the connection is held. */
  bring: (request: RpcParams<typeof hostRpc, 'confirm'>) => Promise<RpcResult<typeof hostRpc, 'confirm'>>
  /** @throws UserError connection-not-found */
  nameOf: (connectionId: string) => Promise<string>
  problem: (problem: { connectionId: string; source: string; reason: string }) => void
  /** One has arrived at the other side. */
  onSent: (connectionId: string, workOrder: string) => void
}): Confirmations {
  const { db, jobs, runs, bring, nameOf, problem, onSent } = deps

  const enqueue = (row: { id: string; kind: 'confirmation' | 'notice'; connectionId: string; workOrder: string; runId: string | null }) =>
    jobs.enqueueConfirmation({
      outboxId: row.id,
      connectionId: row.connectionId,
      name: row.kind === 'notice' ? `message: ${row.workOrder}` : `confirmation of ${row.workOrder}`,
      ...(row.runId === null ? {} : { runId: row.runId }),
    })

  return {
    async confirm({ connectionId, workOrder, key, body, runId }) {
      await nameOf(connectionId)
      const inserted = await db
        .insertInto('outbox')
        .values({ id: newId('out'), connectionId, key, workOrder, body: json(body), state: 'waiting', runId: runId ?? null })
        .onConflict((conflict) => conflict.columns(['connectionId', 'key']).doNothing())
        .returningAll()
        .executeTakeFirst()
      const row =
        inserted ?? (await db.selectFrom('outbox').selectAll().where('connectionId', '=', connectionId).where('key', '=', key).executeTakeFirstOrThrow())
      if (row.state === 'waiting') await enqueue(row)
      return { id: row.id, ...(row.reference === null ? {} : { reference: row.reference }) }
    },
    async notify(connectionId, notice) {
      const name = await nameOf(connectionId)
      const { key, ...body } = notice
      const row = await db
        .insertInto('outbox')
        .values({ id: newId('out'), kind: 'notice', connectionId, key, workOrder: notice.title, body: json(body), state: 'waiting', runId: null })
        .onConflict((conflict) => conflict.columns(['connectionId', 'key']).doNothing())
        .returningAll()
        .executeTakeFirst()
      if (row) await enqueue(row)
      return name
    },
    async recover() {
      const rows = await db.selectFrom('outbox').selectAll().where('state', '=', 'waiting').orderBy('createdAt').execute()
      for (const row of rows) await enqueue(row)
    },
    async send(outboxId) {
      const row = await db.selectFrom('outbox').selectAll().where('id', '=', outboxId).executeTakeFirst()
      if (!row) throw new UserError({ code: 'confirmation-not-found', message: `The confirmation ${outboxId} is not in the outbox any more.`, status: 404 })
      const { connectionId, key, workOrder, runId } = row
      const name = await nameOf(connectionId)
      const tellRun = async () => {
        if (runId !== null) await runs.linkOnce(runId, { kind: 'confirmation', id: outboxId, text: `work order ${workOrder} confirmed to ${name}` })
      }
      if (row.state === 'sent' && row.reference !== null) {
        // the gateway may have died just after it had written that down
        await tellRun()
        return { reference: row.reference }
      }
      await db
        .updateTable('outbox')
        .set((e) => ({ attempts: e('attempts', '+', 1) }))
        .where('id', '=', outboxId)
        .execute()
      try {
        const isNotice = row.kind === 'notice'
        const { reference } = await bring(
          isNotice
            ? { connectionId, notice: { key, ...(row.body as Omit<Notice, 'key'>) } }
            : { connectionId, confirmation: { key, workOrder, body: row.body as Record<string, unknown> } },
        )
        await db.transaction().execute(async (transaction) => {
          await transaction
            .updateTable('outbox')
            .set({ state: 'sent', reference, sentAt: new Date(), error: null })
            .where('id', '=', outboxId)
            .where('state', '<>', 'sent')
            .execute()
          if (isNotice) return
          await transaction
            .updateTable('workOrder')
            .set({ state: 'confirmed' })
            .where('connectionId', '=', connectionId)
            .where((e) => e(e.ref('order', '->>').key('number'), '=', workOrder))
            .execute()
        })
        onSent(connectionId, workOrder)
        await tellRun()
        return { reference }
      } catch (error) {
        await db
          .updateTable('outbox')
          .set({ error: messageOf(error) })
          .where('id', '=', outboxId)
          .where('state', '=', 'waiting')
          .execute()
        throw error
      }
    },
    async takenUp(outboxId) {
      await db.updateTable('outbox').set({ state: 'waiting', error: null }).where('id', '=', outboxId).where('state', '=', 'failed').execute()
    },
    async givenUp(outboxId, reason) {
      const row = await db
        .updateTable('outbox')
        .set({ state: 'failed', error: reason })
        .where('id', '=', outboxId)
        .where('state', '=', 'waiting')
        .returningAll()
        .executeTakeFirst()
      if (!row) return
      problem({ connectionId: row.connectionId, source: row.kind === 'notice' ? row.workOrder : `Confirmation of ${row.workOrder}`, reason })
      if (row.runId !== null)
        await runs.link(row.runId, { kind: 'confirmation', id: outboxId, text: `work order ${row.workOrder} was not confirmed: ${reason}` })
    },
  }
}
