/** Puts back into the queues what their rows say still waits: a database that died in the wrong moment may have forgotten a delivery. */
import { OperationalError } from '../../base/errors.ts'
import { ADAPTER_QUEUE } from './confirmation-jobs.ts'
import type { JobsContext } from './context.ts'
import { type ProgramRequest, tellCancelled } from './machine-jobs.ts'
import { endJob, openJobs } from './rows.ts'

/** A job that was asked for just now is still on its way into its queue. */
const YOUNG_MS = 30_000

/** Looks once. A job that is delivered once too often changes nothing: its row is taken by one worker. */
async function reconcile(context: JobsContext, youngMs = YOUNG_MS): Promise<void> {
  const { db, dispatch } = context
  const old = Date.now() - youngMs
  for (const row of await openJobs(db)) {
    if (context.isClosing) return
    if (row.state !== 'waiting' || row.createdAt.getTime() > old) continue
    if (row.kind === 'program' && !(row.request as ProgramRequest).isDispatched) {
      const reason = 'It could not be queued when it was asked for, and whoever asked may not expect it any more. Start it again.'
      const cancelled = await endJob(db, row.id, { state: 'cancelled', reason, from: ['waiting'] })
      if (cancelled) {
        context.changed(cancelled)
        await tellCancelled(context, cancelled)
      }
      continue
    }
    if ((await dispatch.stateOf(row.queue, row.id)) !== 'gone') continue
    await dispatch.add(row.queue, row.id, { delivery: row.queue === ADAPTER_QUEUE ? 'until-done' : 'once', priority: row.priority })
  }
}

/** Looks again and again. */
export function reconcileEvery(context: JobsContext, { everyMs, youngMs }: { everyMs: number; youngMs?: number }): { close(): void } {
  let isLooking = false
  const timer = setInterval(() => {
    if (isLooking || context.isClosing) return
    isLooking = true
    reconcile(context, youngMs)
      .catch((error) => {
        // away: the next look finds it back
        if (!(error instanceof OperationalError) && !context.isClosing) context.log.warn({ err: error }, 'waiting jobs could not be compared with their queues')
      })
      .finally(() => {
        isLooking = false
      })
  }, everyMs)
  timer.unref()
  return { close: () => clearInterval(timer) }
}
