/** Taking the next job of a queue on. The order of the rows is the order of the queue: a delivery only says that it is time to look. */
import { type Kysely, type RawBuilder, sql } from 'kysely'
import { type Database, prepared } from '../store/index.ts'
import type { JobRow } from './rows.ts'

type Db = Kysely<Database>

export interface Claim {
  queue: string
  /** Which gateway takes it. */
  host: string
  /** Of this try: asking again with the same one (the answer was lost) gives the row again. */
  token: string
  now: Date
  /** Only when nothing else of the queue is worked on. */
  isAlone: boolean
  /** What more must hold of the row `j`. */
  only?: RawBuilder<unknown> | undefined
}

/**
 * Takes the first job of a queue that may begin, in one statement: one caller gets a row, any other the next or none.
 * Held queues, times, deadlines, dependencies and rate limits are judged here and nowhere else.
 */
export async function claimNext(db: Db, { queue, host, token, now, isAlone, only }: Claim): Promise<JobRow | undefined> {
  const { rows } = await sql<JobRow>`
    update job set state = 'active', "startedAt" = ${now}, claim = ${token}, host = ${host}, attempts = attempts + 1
    where id = (
      select j.id from job j
      where j.queue = ${queue} and j.state = 'waiting' and j."isReady" and j."blockedBy" = 0
        and (j."notBefore" is null or j."notBefore" <= ${now}) and (j."deadlineAt" is null or j."deadlineAt" > ${now})
        and not exists (
          select 1 from "jobQueue" q where q.name = ${queue} and (q.mode = 'held' or (q."rateJobs" is not null and q."rateJobs" <= (
            select count(*) from job r where r.queue = ${queue} and r."startedAt" > ${now}::timestamptz - make_interval(secs => q."rateSeconds")))))
        ${only ? sql`and ${only}` : sql``}
        ${isAlone ? sql`and not exists (select 1 from job a where a.queue = ${queue} and a.state = 'active')` : sql``}
      order by j.priority, j.position, j.id limit 1 for update skip locked)
    returning * ${prepared}`.execute(db)
  return rows[0]
}

/** The row that an earlier {@link claimNext} with this token took, when its answer was lost. */
export async function claimedWith(db: Db, { queue, token }: Pick<Claim, 'queue' | 'token'>): Promise<JobRow | undefined> {
  return db.selectFrom('job').selectAll().where('queue', '=', queue).where('state', '=', 'active').where('claim', '=', token).executeTakeFirst()
}

/** Gives a job back that was taken and not begun. @returns the row, when it was still this try's */
export async function unclaim(db: Db, { id, claim }: Pick<JobRow, 'id' | 'claim'>): Promise<JobRow | undefined> {
  return db
    .updateTable('job')
    .set((e) => ({ state: 'waiting', startedAt: null, claim: null, host: null, attempts: e('attempts', '-', 1) }))
    .where('id', '=', id)
    .where('state', '=', 'active')
    .where('claim', 'is not distinct from', claim)
    .returningAll()
    .executeTakeFirst()
}

/** Fails what has not begun by its deadline. */
export async function failOverdue(db: Db, now: Date, queue?: string): Promise<JobRow[]> {
  return db
    .updateTable('job')
    .set({ state: 'failed', cause: 'deadline', endedAt: now, reason: 'It had not begun by its deadline, and is not begun any more.' })
    .where('state', '=', 'waiting')
    .where('deadlineAt', '<=', now)
    .$if(queue !== undefined, (q) => q.where('queue', '=', queue ?? ''))
    .returningAll()
    .execute()
}

/** When a rate limit lets the next job of a queue begin; undefined when none keeps one waiting. */
export async function rateOpensAt(db: Db, queue: string): Promise<Date | undefined> {
  const { rows } = await sql<{ at: Date | null }>`
    select r."startedAt" + make_interval(secs => q."rateSeconds") as at from "jobQueue" q, lateral (
      select "startedAt" from job where queue = q.name and "startedAt" is not null order by "startedAt" desc offset q."rateJobs" - 1 limit 1) r
    where q.name = ${queue} and q."rateJobs" is not null and q.mode <> 'held' and exists (select 1 from job where queue = q.name and state = 'waiting')`.execute(
    db,
  )
  return rows[0]?.at ?? undefined
}
