/** Brings confirmations to outside systems: tried again until they are there, never lost. */
import { messageOf, OperationalError, UserError } from '../../base/errors.ts'
import type { JobsContext } from './context.ts'
import { GiveUp } from './dispatch.ts'
import { endJob, findJob, type JobRow, putBack } from './rows.ts'

export const ADAPTER_QUEUE = 'adapter'
const CONCURRENCY = 4
/** A delivery whose worker lost the database on the way is made again soon: nobody is harmed by a second one. */
const LOCK_MS = 10_000

/** How a confirmation is brought (server/connections). */
export interface ConfirmationSender {
  /** @throws OperationalError when a retry may help, UserError when it cannot */
  send(outboxId: string): Promise<{ reference: string }>
  /** It will not be tried again. */
  givenUp(outboxId: string, reason: string): Promise<void>
}

export interface ConfirmationJobs {
  start(rows: readonly JobRow[], sender: ConfirmationSender): Promise<void>
}

export function createConfirmationJobs({ context }: { context: JobsContext }): ConfirmationJobs {
  const { db, dispatch } = context
  return {
    async start(rows, sender) {
      for (const row of rows) {
        if (row.state === 'active') await putBack(db, row.id, 'The gateway was restarted; it is tried again.')
        await dispatch.add(ADAPTER_QUEUE, row.id, { delivery: 'until-done' })
      }
      await dispatch.work(ADAPTER_QUEUE, { delivery: 'until-done', concurrency: CONCURRENCY, lockMs: LOCK_MS, stalledCheckMs: LOCK_MS }, async (rowId) => {
        const before = await context.surely(() => findJob(db, rowId))
        if (!before || (before.state !== 'waiting' && before.state !== 'active')) return
        // unlike a machine job it may be taken twice: the outside system takes each key once
        const row = await context.surely(() =>
          db
            .updateTable('job')
            .set({ state: 'active', startedAt: before.startedAt ?? new Date() })
            .where('id', '=', rowId)
            .where('state', 'in', ['waiting', 'active'])
            .returningAll()
            .executeTakeFirst(),
        )
        if (!row) return
        context.changed(row)
        const { outboxId } = row.request as { outboxId: string }
        try {
          const outcome = await context.throughAbsence(() => sender.send(outboxId))
          const after = await context.surely(() => endJob(db, rowId, { state: 'completed', outcome }))
          if (after) context.changed(after)
        } catch (error) {
          if (error instanceof UserError) {
            await context.surely(() => sender.givenUp(outboxId, error.message))
            const after = await context.surely(() => endJob(db, rowId, { state: 'failed', reason: error.message }))
            if (after) context.changed(after)
            throw new GiveUp(error.message)
          }
          const after = await context.surely(() => putBack(db, rowId, messageOf(error)))
          if (after) context.changed(after)
          throw error instanceof OperationalError ? error : new OperationalError({ code: 'confirmation-failed', message: messageOf(error), cause: error })
        }
      })
    },
  }
}
