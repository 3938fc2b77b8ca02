/** What waits for what: a job begins when all it depends on has completed. */
import { type Kysely, sql } from 'kysely'
import { UserError } from '../../base/errors.ts'
import type { Database } from '../store/index.ts'
import type { JobRow } from './job-row.ts'

type Db = Kysely<Database>

/** How many of the jobs that `job` depends on still keep it from beginning. */
const blockers = sql<number>`(
  select count(*)::integer from "jobDependency" d join job b on b.id = d."onJob"
  where d."jobId" = job.id and b.state <> 'completed' and not (job."whenBlockerFails" = 'go-on' and b.state not in ('waiting', 'active')))`

/**
 * Makes a new row wait for others; in its transaction.
 * @throws UserError job-not-found
 */
export async function addDependencies(db: Db, row: JobRow, dependsOn: readonly string[]): Promise<JobRow> {
  const ids = [...new Set(dependsOn)]
  // locked: one that ends in this moment has either ended for us, or will find us
  const found = await db.updateTable('job').set({ hasDependents: true }).where('id', 'in', ids).returning('id').execute()
  const missing = ids.find((id) => !found.some((each) => each.id === id))
  if (missing !== undefined)
    throw new UserError({ code: 'job-not-found', status: 404, message: `There is no job ${missing} that this one could depend on. Nothing was queued.` })
  await db
    .insertInto('jobDependency')
    .values(ids.map((onJob) => ({ jobId: row.id, onJob })))
    .execute()
  return db.updateTable('job').set({ blockedBy: blockers }).where('id', '=', row.id).returningAll().executeTakeFirstOrThrow()
}

/**
 * Looks at what depends on a job that has ended.
 * @returns the rows that changed: those that may begin now, those that wait for a person, and those that failed with it
 */
export async function blockerEnded(db: Db, ended: JobRow): Promise<JobRow[]> {
  const dependents = db.selectFrom('jobDependency').select('jobId').where('onJob', '=', ended.id)
  if (ended.state === 'completed')
    return db
      .updateTable('job')
      .set({ blockedBy: blockers, reason: null })
      .where('id', 'in', dependents)
      .where('state', '=', 'waiting')
      .returningAll()
      .execute()
  const why = `${ended.name}, which it depends on, was ${ended.state === 'failed' ? 'not done: it failed' : ended.state}.`
  const failed = await db
    .updateTable('job')
    .set({ state: 'failed', cause: 'dependency', endedAt: new Date(), reason: why })
    .where('id', 'in', dependents)
    .where('state', '=', 'waiting')
    .where('whenBlockerFails', '=', 'fail')
    .returningAll()
    .execute()
  const rest = await db
    .updateTable('job')
    .set({
      blockedBy: blockers,
      reason: sql<string | null>`case when "whenBlockerFails" = 'wait' then ${`${why} Try that one again, or cancel this one.`} end`,
    })
    .where('id', 'in', dependents)
    .where('state', '=', 'waiting')
    .returningAll()
    .execute()
  return [...failed, ...rest]
}

/** What waited for a job that failed waits for the one that takes its place. @returns what now waits again */
export async function replaceBlocker(db: Db, { old, next }: { old: string; next: string }): Promise<JobRow[]> {
  const moved = await db.updateTable('jobDependency').set({ onJob: next }).where('onJob', '=', old).returning('jobId').execute()
  if (!moved.length) return []
  await db.updateTable('job').set({ hasDependents: true }).where('id', '=', next).execute()
  return db
    .updateTable('job')
    .set({ blockedBy: blockers, reason: null })
    .where(
      'id',
      'in',
      moved.map(({ jobId }) => jobId),
    )
    .where('state', '=', 'waiting')
    .returningAll()
    .execute()
}
