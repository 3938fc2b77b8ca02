/** Cancels jobs: what waits at once, a program by stopping its machine, a confirmation after the try that is under way. */
import { type Kysely, sql } from 'kysely'
import { UserError } from '../../base/errors.ts'
import type { MachineChoice } from '../api/index.ts'
import type { Bus } from '../hosts/contract.ts'
import type { Database } from '../store/index.ts'
import type { ConfirmationJobs, ConfirmationSender } from './confirmation-jobs.ts'
import { outboxIdOf } from './confirmation-jobs.ts'
import type { JobsContext } from './context.ts'
import type { FlowJobs } from './flow-jobs.ts'
import type { MachineJobs } from './machine-jobs.ts'
import { findJob, type JobRow } from './rows.ts'

type Db = Kysely<Database>

export interface JobCancelling {
  /** The line to other hosts. */
  readonly bus: Pick<Bus, 'tell' | 'on'>
  /**
   * Cancels one job; an active program is stopped on its machine.
   * @param reason in whole sentences, shown with the job
   * @throws UserError job-not-found, job-ended, job-active (a flow works on it: {@link endFlow}); OperationalError guard-gone
   */
  one(jobId: string, request: { by: string; reason: string }): Promise<JobRow>
  /** Cancels a job that has not begun; undefined when it has, or has ended. */
  ifWaiting(row: JobRow, reason: string): Promise<JobRow | undefined>
  /** Ends a flow job that is worked on; nobody keeps its flow from going on here. Undefined when it has ended meanwhile. */
  endFlow(row: JobRow, reason: string): Promise<JobRow | undefined>
  /** Lets a machine finish, holds or stops it. @throws OperationalError guard-gone */
  machine(row: JobRow, choice: MachineChoice, by: string): Promise<'finishes' | 'held' | 'stopped'>
  find(jobId: string): Promise<JobRow>
  /** What waits or is worked on in a run, oldest first. */
  openOfRun(runId: string): Promise<JobRow[]>
  /** The same of what a job asked for, and what that asked for, and so on; without the job itself. */
  openBelow(jobId: string): Promise<JobRow[]>
}

export function createJobCancelling(deps: {
  context: JobsContext
  machineJobs: Pick<MachineJobs, 'stop' | 'hold'>
  flowJobs: Pick<FlowJobs, 'cancel'>
  confirmationJobs: Pick<ConfirmationJobs, 'giveUpAfterTry'>
  sender: () => ConfirmationSender | undefined
}): JobCancelling {
  const { context, machineJobs, flowJobs, confirmationJobs, sender } = deps
  const { db, log, dispatch } = context

  const find = async (jobId: string): Promise<JobRow> => {
    const row = await findJob(db, jobId)
    if (!row) throw new UserError({ code: 'job-not-found', message: `There is no job ${jobId}.`, status: 404 })
    return row
  }

  const ifWaiting = async (row: JobRow, reason: string): Promise<JobRow | undefined> => {
    const cancelled = await db
      .updateTable('job')
      .set({ state: 'cancelled', endedAt: new Date(), reason })
      .where('id', '=', row.id)
      .where('state', '=', 'waiting')
      .returningAll()
      .executeTakeFirst()
    if (!cancelled) return undefined
    if (cancelled.kind === 'confirmation') await sender()?.givenUp(outboxIdOf(cancelled), reason)
    // left there, it would find its row ended
    void dispatch.remove(row.queue, row.id).catch((error) => log.debug({ err: error }, 'a cancelled job stays in the queue; its row keeps it from running'))
    await context.ended(cancelled)
    return cancelled
  }

  const one: JobCancelling['one'] = async (jobId, { by, reason }) => {
    const row = await find(jobId)
    switch (row.state) {
      case 'waiting':
        // it may begin in this moment
        return (await ifWaiting(row, reason)) ?? one(jobId, { by, reason })
      case 'active':
        return cancelActive(row, { by, reason })
      case 'completed':
      case 'failed':
      case 'stopped':
      case 'interrupted':
      case 'cancelled':
        throw new UserError({ code: 'job-ended', message: `The job has ended already: ${row.state}.`, status: 409 })
      default:
        return row.state satisfies never
    }
  }

  const cancelActive = async (row: JobRow, { by, reason }: { by: string; reason: string }): Promise<JobRow> => {
    switch (row.kind) {
      case 'program':
        await machineJobs.stop(row, by)
        return find(row.id)
      case 'confirmation':
        confirmationJobs.giveUpAfterTry(row.id, reason)
        return row
      case 'flow':
        throw new UserError({ code: 'job-active', status: 409, message: `A flow is working on "${row.name}" just now.` })
      case 'maintenance':
        throw new UserError({
          code: 'job-active',
          status: 409,
          message: `"${row.name}" is the product's own regular work and is being done just now. It ends by itself; hold its queue to keep it from coming again.`,
        })
      default:
        return row.kind satisfies never
    }
  }

  return {
    bus: context.hosts.bus,
    one,
    ifWaiting,
    endFlow: (row, reason) => flowJobs.cancel(row, reason),
    async machine(row, choice, by) {
      switch (choice) {
        case 'finish':
          return 'finishes'
        case 'hold':
          return machineJobs.hold(row, by)
        case 'stop':
          await machineJobs.stop(row, by)
          return 'stopped'
        default:
          return choice satisfies never
      }
    },
    find,
    openOfRun: (runId) =>
      db.selectFrom('job').selectAll().where('runId', '=', runId).where('state', 'in', ['waiting', 'active']).orderBy('createdAt').orderBy('id').execute(),
    openBelow: (jobId) => openBelow(db, jobId),
  }
}

async function openBelow(db: Db, jobId: string): Promise<JobRow[]> {
  const { rows } = await sql<JobRow>`
    with recursive below(id) as (
      select id from job where "parentJob" = ${jobId}
      union select child.id from job as child join below on child."parentJob" = below.id)
    select job.* from job join below on below.id = job.id where job.state in ('waiting', 'active') order by job."createdAt", job.id`.execute(db)
  return rows
}
