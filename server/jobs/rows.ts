/** The truth of every job: its row. Each change says from which state it may come, so that two can never both make it. */
import { type Kysely, sql } from 'kysely'
import type { Job, JobCause, JobState } from '../api/index.ts'
import { type Database, json } from '../store/index.ts'
import type { JobRow } from './job-row.ts'

export { insertJob, type NewJob } from './insert.ts'
export type { JobRow } from './job-row.ts'

type Db = Kysely<Database>

export type EndState = Exclude<JobState, 'waiting' | 'active'>

/**
 * Ends a job. A job that has ended stays as it ended, but for `from`.
 * @returns the row, or undefined when it was not in one of the states `from`
 */
export async function endJob(
  db: Db,
  id: string,
  end: {
    state: EndState
    reason?: string | undefined
    outcome?: unknown
    cause?: JobCause | undefined
    progress?: Progress | undefined
    from?: readonly JobState[]
  },
): Promise<JobRow | undefined> {
  return db
    .updateTable('job')
    .set({
      state: end.state,
      endedAt: new Date(),
      reason: end.reason ?? null,
      cause: end.cause ?? null,
      outcome: end.outcome === undefined ? null : json(end.outcome),
      ...(end.progress ? { progressDone: end.progress.done, progressTotal: end.progress.total } : {}),
    })
    .where('id', '=', id)
    .where('state', 'in', end.from ?? ['active'])
    .returningAll()
    .executeTakeFirst()
}

/** From now on it may be taken. */
export async function markReady(db: Db, id: string): Promise<void> {
  await db.updateTable('job').set({ isReady: true }).where('id', '=', id).execute()
}

/** Puts a job that is worked on back, to be tried again, at once or later. */
export async function putBack(db: Db, id: string, reason: string, notBefore?: Date): Promise<JobRow | undefined> {
  return db
    .updateTable('job')
    .set({ state: 'waiting', reason, claim: null, ...(notBefore ? { notBefore } : {}) })
    .where('id', '=', id)
    .where('state', '=', 'active')
    .returningAll()
    .executeTakeFirst()
}

/** Ends every waiting job of a queue as cancelled. */
export async function cancelWaiting(db: Db, queue: string, reason: string): Promise<JobRow[]> {
  return db
    .updateTable('job')
    .set({ state: 'cancelled', endedAt: new Date(), reason })
    .where('queue', '=', queue)
    .where('state', '=', 'waiting')
    .returningAll()
    .execute()
}

export interface Progress {
  done: number
  total: number
  text?: string | undefined
}

export async function setProgress(db: Db, id: string, progress: Progress): Promise<JobRow | undefined> {
  return db
    .updateTable('job')
    .set({ progressDone: progress.done, progressTotal: progress.total, ...(progress.text === undefined ? {} : { progressText: progress.text }) })
    .where('id', '=', id)
    .where('state', '=', 'active')
    .returningAll()
    .executeTakeFirst()
}

export async function findJob(db: Db, id: string): Promise<JobRow | undefined> {
  return db.selectFrom('job').selectAll().where('id', '=', id).executeTakeFirst()
}

export async function findJobByKey(db: Db, key: string): Promise<JobRow | undefined> {
  return db.selectFrom('job').selectAll().where('key', '=', key).executeTakeFirst()
}

/**
 * What a new life of a gateway has to settle: jobs that its earlier life was working on, and those that it was asked for, that wait
 * and that nobody may take yet. What other gateways work on is theirs; a program belongs to the host of its machine, whoever began it.
 */
export async function unsettledJobs(db: Db, host: string, machineIds: readonly string[]): Promise<JobRow[]> {
  const mine = sql<boolean>`case when kind = 'program' then "machineId" = any(${[...machineIds]}::text[]) else host = ${host} or host is null end`
  return db
    .selectFrom('job')
    .selectAll()
    .where((e) =>
      e.or([
        e.and([e('state', '=', 'active'), mine]),
        e.and([e('state', '=', 'waiting'), e('isReady', '=', false), e.or([e('askedOn', '=', host), e('askedOn', 'is', null)])]),
      ]),
    )
    .orderBy('position')
    .execute()
}

export interface JobFilter {
  state?: JobState | undefined
  machineId?: string | undefined
  queue?: string | undefined
  isEnded?: boolean | undefined
  /** Only what was asked for before this job. */
  before?: string | undefined
  limit: number
}

export async function listJobs(db: Db, { state, machineId, queue, isEnded, before, limit }: JobFilter): Promise<JobRow[]> {
  return db
    .selectFrom('job')
    .selectAll()
    .$if(state !== undefined, (q) => q.where('state', '=', state ?? 'waiting'))
    .$if(machineId !== undefined, (q) => q.where('machineId', '=', machineId ?? ''))
    .$if(queue !== undefined, (q) => q.where('queue', '=', queue ?? ''))
    .$if(isEnded !== undefined, (q) => q.where('state', isEnded ? 'not in' : 'in', ['waiting', 'active']))
    .$if(before !== undefined, (q) =>
      q.where((e) =>
        e(
          e.refTuple('createdAt', 'id'),
          '<',
          e
            .selectFrom('job as mark')
            .select(['mark.createdAt', 'mark.id'])
            .where('mark.id', '=', before ?? '')
            .$asTuple('createdAt', 'id'),
        ),
      ),
    )
    .orderBy('createdAt', 'desc')
    .orderBy('id', 'desc')
    .limit(limit)
    .execute()
}

/** Deleted at once, so that nobody waits long for a lock. */
const FORGET_AT_ONCE = 2000

/** Deletes what ended so long ago; dead letters that nobody has dealt with stay. @returns what was done, in words */
export async function forgetOldJobs(db: Db, days: number): Promise<string> {
  const before = new Date(Date.now() - days * 86_400_000)
  let forgotten = 0
  for (;;) {
    const old = db
      .selectFrom('job')
      .select('id')
      .where('endedAt', '<', before)
      .where('state', 'not in', ['waiting', 'active'])
      .where((e) => e.or([e('handledAt', 'is not', null), e('state', 'not in', ['failed', 'interrupted'])]))
      .limit(FORGET_AT_ONCE)
    const { numDeletedRows } = await db.deleteFrom('job').where('id', 'in', old).executeTakeFirstOrThrow()
    forgotten += Number(numDeletedRows)
    if (Number(numDeletedRows) < FORGET_AT_ONCE) return `${forgotten} jobs of more than ${days} days ago were forgotten.`
  }
}

/** The row as the API gives it. */
export function toJob(row: JobRow): Job {
  const optional = <K extends string, V>(name: K, value: V | null) => (value === null ? {} : ({ [name]: value } as Record<K, V>))
  return {
    id: row.id,
    kind: row.kind,
    queue: row.queue,
    name: row.name,
    state: row.state,
    ...optional('machineId', row.machineId),
    ...optional('programId', row.programId),
    ...optional('runId', row.runId),
    requestedBy: row.requestedBy,
    createdAt: row.createdAt.toISOString(),
    ...optional('startedAt', row.startedAt?.toISOString() ?? null),
    ...optional('endedAt', row.endedAt?.toISOString() ?? null),
    ...optional('reason', row.reason),
    ...optional('outcome', row.outcome),
    ...(row.progressDone === null || row.progressTotal === null
      ? {}
      : { progress: { done: row.progressDone, total: row.progressTotal, ...optional('text', row.progressText) } }),
    priority: row.priority,
    ...optional('nodeId', row.nodeId),
    ...optional('dueAt', row.dueAt?.toISOString() ?? null),
    ...optional('notBefore', row.notBefore?.toISOString() ?? null),
    ...optional('deadlineAt', row.deadlineAt?.toISOString() ?? null),
    ...(row.blockedBy ? { blockedBy: row.blockedBy } : {}),
    ...(row.attempts > 1 ? { attempts: row.attempts } : {}),
    ...optional('retryOf', row.retryOf),
    ...optional('handledAt', row.handledAt?.toISOString() ?? null),
    ...optional('estimateS', row.estimateS),
    ...optional('handledBy', row.handledBy),
    ...optional('handledWhy', row.handledWhy),
    ...optional('parentJob', row.parentJob),
    ...(row.cause === null ? {} : { cause: row.cause as JobCause }),
  }
}
