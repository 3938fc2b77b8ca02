/** What a person does about a job that ended badly: has it done again, or puts it aside. */
import { UserError } from '../../../base/errors.ts'
import type { ConfirmationSender } from '../confirmation-jobs.ts'
import { outboxIdOf } from '../confirmation-jobs.ts'
import type { JobsContext } from '../context.ts'
import { replaceBlocker } from '../dependencies.ts'
import type { ProgramRequest } from '../machine-jobs.ts'
import { requireTaking } from '../queue-controls.ts'
import { findJob, insertJob, type JobRow } from '../rows.ts'

export interface Retries {
  /** @throws UserError job-not-found, job-not-ended, job-completed, job-retried, queue-draining, plan-stale */
  retry(jobId: string, by: string): Promise<JobRow>
  /** @throws UserError job-not-found, job-not-dead */
  dismiss(jobId: string, request: { by: string; why?: string | undefined }): Promise<JobRow>
}

export function createRetries(deps: { context: JobsContext; sender: () => ConfirmationSender | undefined; workMachine: (machineId: string) => void }): Retries {
  const { context, sender, workMachine } = deps
  const { db, runs } = context

  const requireEnded = async (jobId: string): Promise<JobRow> => {
    const row = await findJob(db, jobId)
    if (!row) throw new UserError({ code: 'job-not-found', message: `There is no job ${jobId}.`, status: 404 })
    if (row.state === 'waiting' || row.state === 'active')
      throw new UserError({ code: 'job-not-ended', status: 409, message: `"${row.name}" has not ended: it is ${row.state}.` })
    if (row.state === 'completed')
      throw new UserError({ code: 'job-completed', status: 409, message: `"${row.name}" has completed: there is nothing to try again.` })
    return row
  }

  /** The outside system takes each key once, so a confirmation stays the job it is. */
  const reopen = async (row: JobRow, by: string): Promise<JobRow> => {
    await sender()?.takenUp(outboxIdOf(row))
    const again = await db
      .updateTable('job')
      .set({
        state: 'waiting',
        endedAt: null,
        handledAt: null,
        handledBy: null,
        handledWhy: null,
        cause: null,
        notBefore: null,
        attempts: 0,
        reason: `Tried again by ${by}.`,
      })
      .where('id', '=', row.id)
      .where('state', '=', row.state)
      .returningAll()
      .executeTakeFirst()
    if (!again) throw new UserError({ code: 'job-retried', status: 409, message: `"${row.name}" is being tried again already.` })
    return again
  }

  /** A guard runs each job id once, and a flow may have done half: a new job, which names the old one. */
  const anew = (row: JobRow, by: string): Promise<JobRow> =>
    db.transaction().execute(async (transaction) => {
      await transaction.selectFrom('job').select('id').where('id', '=', row.id).forUpdate().executeTakeFirst()
      const earlier = await transaction.selectFrom('job').select('id').where('retryOf', '=', row.id).executeTakeFirst()
      if (earlier) throw new UserError({ code: 'job-retried', status: 409, message: `"${row.name}" was tried again already, as ${earlier.id}.` })
      const { row: next } = await insertJob(transaction, {
        kind: row.kind,
        queue: row.queue,
        name: row.name,
        request: row.kind === 'program' ? withoutMoment(row) : row.request,
        requestedBy: by,
        ...context.asked(),
        retryOf: row.id,
        estimateS: row.estimateS ?? undefined,
        plan: { priority: row.priority, ...(row.dueAt === null ? {} : { dueAt: row.dueAt.toISOString() }), whenBlockerFails: row.whenBlockerFails },
        ...(row.machineId === null ? {} : { machineId: row.machineId }),
        ...(row.programId === null ? {} : { programId: row.programId }),
      })
      await transaction.updateTable('job').set({ handledAt: new Date(), handledBy: by }).where('id', '=', row.id).execute()
      return next
    })

  return {
    async retry(jobId, by) {
      const row = await requireEnded(jobId)
      await requireTaking(db, row.queue)
      const next = row.kind === 'confirmation' ? await reopen(row, by) : await anew(row, by)
      if (next.id !== row.id) {
        const old = await findJob(db, row.id)
        if (old) context.changed(old)
        if (row.runId !== null) await runs.link(row.runId, { kind: 'job', id: next.id, text: `"${row.name}" tried again by ${by}` })
      }
      for (const dependent of await replaceBlocker(db, { old: row.id, next: next.id })) context.changed(dependent)
      context.changed(next)
      if (next.machineId !== null) workMachine(next.machineId)
      await context.announce(next)
      return next
    },
    async dismiss(jobId, { by, why }) {
      const row = await requireEnded(jobId)
      const put = await db
        .updateTable('job')
        .set({ handledAt: new Date(), handledBy: by, handledWhy: why?.trim() || null })
        .where('id', '=', row.id)
        .where('state', 'in', ['failed', 'interrupted'])
        .where('handledAt', 'is', null)
        .returningAll()
        .executeTakeFirst()
      if (!put) throw new UserError({ code: 'job-not-dead', status: 409, message: `"${row.name}" is no dead letter: somebody has dealt with it already.` })
      context.changed(put)
      return put
    },
  }
}

/** What was true of the moment in which it was asked for: a lease, a plan of a start in mid-program. */
function withoutMoment(row: JobRow): ProgramRequest {
  const { lease: _lease, options, ...request } = row.request as ProgramRequest
  if (options?.planId !== undefined)
    throw new UserError({
      code: 'plan-stale',
      status: 409,
      message: `"${row.name}" was started in mid-program, which a person agrees to each time. Start it from the page "Programs".`,
    })
  return options === undefined ? request : { ...request, options }
}
