/** Routes of the job board. */
import { UserError } from '../../../base/errors.ts'
import {
  changeQueue as changeQueueRoute,
  dismissJob,
  dismissLetters,
  enqueueFlowJob,
  getJobDetails,
  type Job,
  type JobPlan,
  type JobQueue,
  type LettersDone,
  listDeadLetters,
  listLetterGroups,
  listMoveTargets,
  listQueue as listQueueRoute,
  listQueues as listQueuesRoute,
  listStopEffects,
  moveJob,
  placeJob as placeJobRoute,
  planJob,
  type QueueChange,
  type QueueControl,
  retryJob,
  retryLetters,
} from '../../api/index.ts'
import type { Audit } from '../../audit/contract.ts'
import type { Caller } from '../../auth/caller.ts'
import { handle, type RouteHandler } from '../../http/handler.ts'
import type { Machines } from '../../machines/contract.ts'
import type { JobsContext } from '../context.ts'
import { findJob, type JobRow, toJob } from '../rows.ts'
import { jobDetails } from './details.ts'
import { type LetterPart, letterGroups, listLetters, nextLetters } from './letters.ts'
import type { Moves } from './move.ts'
import { notWaiting, placeJob, requireWaiting } from './order.ts'
import type { Retries } from './retry.ts'
import { stopEffects } from './stop-effects.ts'
import { listQueue, listQueues } from './views.ts'

export function boardRoutes(deps: {
  context: JobsContext
  machines: Machines
  moves: Moves
  retries: Retries
  audit: Audit
  enqueueFlow(request: { name: string; payload: unknown; requestedBy: string; key?: string; plan?: JobPlan }): Promise<JobRow>
  control(queue: string, change: QueueChange, by: { caller: Caller }): Promise<QueueControl>
}): RouteHandler[] {
  const { context, machines, moves, retries, audit, enqueueFlow, control } = deps
  const { db } = context
  let reading: Promise<JobQueue[]> | undefined
  const changed = (row: JobRow): Job => context.changed(row)

  /** What makes a machine move later needs the right to move it. */
  const requireMotion = async (jobId: string, caller: Caller): Promise<void> => {
    const row = await findJob(db, jobId)
    if (row?.kind === 'program' && !caller.capabilities.has('machines.operate')) throw mayNotMove()
  }

  /** One after the other; what is refused is told and left. */
  const eachLetter = async (part: LetterPart, deal: (row: JobRow) => Promise<unknown>): Promise<LettersDone> => {
    const rows = await nextLetters(db, part)
    const refused: LettersDone['refused'] = []
    let done = 0
    for (const row of rows) {
      try {
        await deal(row)
        done += 1
      } catch (error) {
        if (!(error instanceof UserError)) throw error
        refused.push({ jobId: row.id, name: row.name, why: error.message })
      }
    }
    const last = rows.at(-1)
    return { done, refused: refused.slice(0, TOLD), refusedTotal: refused.length, ...(rows.length === part.limit && last ? { after: last.id } : {}) }
  }

  return [
    handle(listQueuesRoute, () => {
      // every page asks at the same moments: when something has changed
      reading ??= listQueues({ db, machines }).finally(() => {
        reading = undefined
      })
      return reading
    }),
    handle(listStopEffects, () => stopEffects(db)),
    handle(listQueueRoute, ({ params: { queue }, query }) => listQueue({ db, machines }, { queue, ...query })),
    handle(listDeadLetters, ({ query }) => listLetters(db, query)),
    handle(getJobDetails, ({ params: { jobId }, caller }) => jobDetails(db, jobId, { mayReadMessages: caller.capabilities.has('flows.messages') })),
    handle(listLetterGroups, () => letterGroups(db)),
    handle(changeQueueRoute, async ({ params: { queue }, body, caller }) => {
      const changed = await control(queue, body, { caller })
      audit.record({ caller, action: 'job-queue.change', target: queue, detail: body })
      return changed
    }),
    handle(placeJobRoute, async ({ params: { jobId }, body, caller }) => {
      const row = await placeJob(db, jobId, body)
      audit.record({ caller, action: 'job.place', target: jobId, detail: body })
      return changed(row)
    }),
    handle(planJob, async ({ params: { jobId }, body, caller }) => {
      const before = await requireWaiting(db, jobId)
      if (!Object.keys(body).length) return toJob(before)
      const row = await db.updateTable('job').set(body).where('id', '=', jobId).where('state', '=', 'waiting').returningAll().executeTakeFirst()
      if (!row) throw notWaiting({ name: before.name, state: 'active' })
      audit.record({ caller, action: 'job.plan', target: jobId, detail: body })
      await context.announce(row)
      return changed(row)
    }),
    handle(listMoveTargets, ({ params: { jobId } }) => moves.targets(jobId)),
    handle(moveJob, async ({ params: { jobId }, body: { machineId }, caller }) => {
      const row = await moves.move(jobId, machineId)
      audit.record({ caller, action: 'job.move', target: jobId, detail: { machineId } })
      return toJob(row)
    }),
    handle(retryJob, async ({ params: { jobId }, caller }) => {
      await requireMotion(jobId, caller)
      const row = await retries.retry(jobId, caller.name)
      audit.record({ caller, action: 'job.retry', target: jobId, detail: { as: row.id } })
      return toJob(row)
    }),
    handle(dismissJob, async ({ params: { jobId }, body: { why }, caller }) => {
      const row = await retries.dismiss(jobId, { by: caller.name, why })
      audit.record({ caller, action: 'job.dismiss', target: jobId, detail: { name: row.name, why } })
      return toJob(row)
    }),
    handle(retryLetters, async ({ body: { mayMove = false, ...part }, caller }) => {
      if (mayMove && !caller.capabilities.has('machines.operate')) throw mayNotMove()
      const result = await eachLetter(part, (row) => {
        if (row.kind === 'program' && !mayMove)
          throw new UserError({ code: 'not-allowed', message: 'It moves a machine: try it again by itself, or say that machines may move.' })
        return retries.retry(row.id, caller.name)
      })
      audit.record({ caller, action: 'job.retry-many', target: part.filter.queue ?? 'dead letters', detail: { ...part, mayMove, done: result.done } })
      return result
    }),
    handle(dismissLetters, async ({ body: { why, ...part }, caller }) => {
      const result = await eachLetter(part, (row) => retries.dismiss(row.id, { by: caller.name, why }))
      audit.record({ caller, action: 'job.dismiss-many', target: part.filter.queue ?? 'dead letters', detail: { ...part, why, done: result.done } })
      return result
    }),
    handle(enqueueFlowJob, async ({ body: { name, payload, idempotencyKey, plan }, caller }) => {
      const row = await enqueueFlow({
        name,
        payload: payload ?? null,
        requestedBy: caller.name,
        ...(idempotencyKey === undefined ? {} : { key: `api:${caller.userId}:${idempotencyKey}` }),
        ...(plan === undefined ? {} : { plan }),
      })
      audit.record({ caller, action: 'job.enqueue', target: row.id, detail: { name } })
      return toJob(row)
    }),
  ]
}

/** Refusals told of each part. */
const TOLD = 10
const mayNotMove = () => new UserError({ code: 'not-allowed', status: 403, message: 'Programs are started by people who may operate machines.' })
