/** One job with everything around it: what it waits for, what waits for it, what it asked for, what became of it. */
import type { Kysely } from 'kysely'
import { UserError } from '../../../base/errors.ts'
import type { JobDetails } from '../../api/index.ts'
import type { Database } from '../../store/index.ts'
import { findJob, toJob } from '../rows.ts'

type Db = Kysely<Database>

/** Of each kind of kin. */
const MOST = 100
const OF_KIN = ['job.id', 'job.name', 'job.kind', 'job.queue', 'job.state'] as const

/** @throws UserError job-not-found */
export async function jobDetails(db: Db, jobId: string, { mayReadMessages }: { mayReadMessages: boolean }): Promise<JobDetails> {
  const row = await findJob(db, jobId)
  if (!row) throw new UserError({ code: 'job-not-found', message: `There is no job ${jobId}, or it ended so long ago that it is not kept.`, status: 404 })
  const kin = () => db.selectFrom('job').select(OF_KIN).orderBy('job.createdAt').limit(MOST)
  const [dependsOn, dependents, parent, children, retriedAs] = await Promise.all([
    kin().innerJoin('jobDependency as d', 'd.onJob', 'job.id').where('d.jobId', '=', jobId).execute(),
    kin().innerJoin('jobDependency as d', 'd.jobId', 'job.id').where('d.onJob', '=', jobId).execute(),
    row.parentJob === null ? undefined : kin().where('job.id', '=', row.parentJob).executeTakeFirst(),
    kin().where('job.parentJob', '=', jobId).execute(),
    kin().where('job.retryOf', '=', jobId).executeTakeFirst(),
  ])
  const payload = row.kind === 'flow' && mayReadMessages ? (row.request as { payload?: unknown }).payload : undefined
  return {
    job: toJob(row),
    ...(payload === undefined ? {} : { payload }),
    ...(row.key === null ? {} : { key: row.key }),
    ...(dependsOn.length ? { whenBlockerFails: row.whenBlockerFails } : {}),
    dependsOn,
    dependents,
    ...(parent ? { parent } : {}),
    children,
    ...(retriedAs ? { retriedAs } : {}),
  }
}
