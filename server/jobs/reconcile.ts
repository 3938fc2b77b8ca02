/** Puts back what the rows say still waits: whoever keeps the deliveries (Redis, PostgreSQL) may have been wiped or have died in the wrong moment. */
import { OperationalError } from '../../base/errors.ts'
import { failOverdue } from './claim.ts'
import type { JobsContext } from './context.ts'
import type { GoneHosts } from './hosts.ts'
import type { MaintenanceJobs } from './maintenance-jobs.ts'
import { endJob, type JobRow } from './rows.ts'

/** A job that was asked for just now is still on its way into its queue. */
const YOUNG_MS = 30_000
/** Looked at in each queue: who works it goes on by itself from one to the next. */
const LOOKED_AT = 50

interface Parts {
  hosts?: GoneHosts
  maintenance?: Pick<MaintenanceJobs, 'scheduleAll'>
  /** From which age on a job is looked at. */
  youngMs?: number
}

/** Looks once. A job that is delivered once too often changes nothing: its row is taken by one worker. */
async function reconcile(context: JobsContext, { hosts, maintenance, youngMs = YOUNG_MS }: Parts): Promise<void> {
  const { db, dispatch } = context
  await hosts?.settleGone()
  await hosts?.tellMissed()
  await maintenance?.scheduleAll()
  for (const row of await failOverdue(db, new Date())) await context.ended(row)
  const waiting = db.selectFrom('job').where('state', '=', 'waiting')
  const old = new Date(Date.now() - youngMs)
  for (const { id } of await waiting.select('id').where('isReady', '=', false).where('createdAt', '<', old).execute()) {
    const reason = 'It could not be queued when it was asked for, and whoever asked may not expect it any more. Start it again.'
    const cancelled = await endJob(db, id, { state: 'cancelled', reason, from: ['waiting'] })
    if (cancelled) await context.ended(cancelled)
  }
  for (const { queue } of await waiting.select('queue').distinct().where('isReady', '=', true).execute()) {
    context.wake(queue)
    const rows: JobRow[] = await waiting
      .selectAll()
      .where('queue', '=', queue)
      .where('isReady', '=', true)
      .where('createdAt', '<', old)
      .orderBy('priority')
      .orderBy('position')
      .limit(LOOKED_AT)
      .execute()
    const soonest = await waiting
      .select('notBefore')
      .where('queue', '=', queue)
      .where('notBefore', '>', new Date())
      .orderBy('notBefore')
      .limit(1)
      .executeTakeFirst()
    if (soonest?.notBefore) context.wakeAt(queue, soonest.notBefore)
    for (const row of rows) {
      if (context.isClosing) return
      if ((await dispatch.stateOf(queue, row.id)) === 'gone') await context.announce(row)
    }
  }
}

/** Looks again and again. */
export function reconcileEvery(context: JobsContext, { everyMs, ...parts }: Parts & { everyMs: number }): { close(): void } {
  let isLooking = false
  const timer = setInterval(() => {
    if (isLooking || context.isClosing) return
    isLooking = true
    reconcile(context, parts)
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
