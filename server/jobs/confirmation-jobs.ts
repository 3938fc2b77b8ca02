/** Brings confirmations to outside systems: tried again until they are there, never lost. */
import { messageOf, UserError } from '../../base/errors.ts'
import type { JobsContext } from './context.ts'
import { startPump } from './pump.ts'
import { endJob, type JobRow, putBack } from './rows.ts'

export const ADAPTER_QUEUE = 'adapter'
const CONCURRENCY = 4
/** First pause before another try, doubled each time up to the longest. */
const FIRST_PAUSE_MS = 1000
const LONGEST_PAUSE_MS = 60_000

/** How a confirmation is brought (server/connections). */
export interface ConfirmationSender {
  /** @throws OperationalError when a retry may help, UserError when it cannot */
  send(outboxId: string): Promise<{ reference: string }>
  /** It will not be tried again. */
  givenUp(outboxId: string, reason: string): Promise<void>
  /** A person has it tried again after all. */
  takenUp(outboxId: string): Promise<void>
}

export interface ConfirmationJobs {
  /** Puts back what an earlier life was sending, and begins to work the queue. */
  start(rows: readonly JobRow[], sender: ConfirmationSender): Promise<void>
  /** One that is being sent just now is not tried again when this try fails. */
  giveUpAfterTry(jobId: string, reason: string): void
}

/** The pause before the next try of a job that was begun so often. */
const pauseMs = (attempts: number): number => Math.min(FIRST_PAUSE_MS * 2 ** Math.min(Math.max(attempts, 1) - 1, 20), LONGEST_PAUSE_MS)

export const outboxIdOf = (row: JobRow): string => (row.request as { outboxId: string }).outboxId

export function createConfirmationJobs({ context }: { context: JobsContext }): ConfirmationJobs {
  const { db } = context

  /** The outside system takes each key once, so one that may have arrived is sent again. */
  const again = async (row: JobRow, reason: string, pause = 0): Promise<void> => {
    const after = await context.surely(() => putBack(db, row.id, reason, pause ? new Date(Date.now() + pause) : undefined))
    if (!after) return
    context.changed(after)
    await context.announce(after)
  }

  /** Jobs that a person cancelled while they were being sent, and why. */
  const givenUp = new Map<string, string>()

  return {
    giveUpAfterTry: (jobId, reason) => void givenUp.set(jobId, reason),
    async start(rows, sender) {
      for (const row of rows) await again(row, 'The gateway was restarted; it is tried again.')
      const run = async (row: JobRow): Promise<void> => {
        const outboxId = outboxIdOf(row)
        try {
          const send = () => context.throughAbsence(() => sender.send(outboxId))
          const { telemetry } = context
          const outcome = await (telemetry ? telemetry.outside(callOf(row), send) : send())
          const after = await context.surely(() => endJob(db, row.id, { state: 'completed', outcome }))
          if (after) await context.ended(after)
        } catch (error) {
          if (context.isClosing) return
          const cancelled = givenUp.get(row.id)
          if (cancelled === undefined && !(error instanceof UserError)) return again(row, messageOf(error), pauseMs(row.attempts))
          const reason = cancelled ?? messageOf(error)
          await context.surely(() => sender.givenUp(outboxId, reason))
          const after = await context.surely(() =>
            endJob(db, row.id, { reason, ...(cancelled === undefined ? { state: 'failed', cause: 'system-refused' } : { state: 'cancelled' }) }),
          )
          if (after) await context.ended(after)
        } finally {
          givenUp.delete(row.id)
        }
      }
      // connections are held by one host at a time
      const { hosts } = context
      const pump = await startPump(context, { queue: ADAPTER_QUEUE, concurrency: CONCURRENCY, run, isPaused: !hosts.leads })
      hosts.onLead((leads) => (leads ? pump.resume() : pump.pause()))
    },
  }
}

const callOf = (row: JobRow) => ({
  name: `send ${row.name}`,
  attributes: { 'cellwright.connection.id': (row.request as { connectionId: string }).connectionId, 'cellwright.outbox.id': outboxIdOf(row) },
})
