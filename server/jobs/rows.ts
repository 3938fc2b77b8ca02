/** The truth of every job: its row. Each change says from which state it may come, so that two can never both make it. */
import { type Kysely, type Selectable, sql } from 'kysely'
import { newId } from '../../base/ids.ts'
import type { Job, JobState } from '../api/index.ts'
import { type Database, json } from '../store/index.ts'

type Db = Kysely<Database>
export type JobRow = Selectable<Database['job']>

export interface NewJob {
  kind: JobRow['kind']
  queue: string
  name: string
  /** The same key is one job. */
  key?: string | undefined
  machineId?: string
  programId?: string
  runId?: string | undefined
  nodeId?: string | undefined
  request: unknown
  priority?: number | undefined
  requestedBy: string
}

/** @returns the row, and whether it is new: a key that was there before leads to its first job */
export async function insertJob(db: Db, job: NewJob): Promise<{ row: JobRow; isNew: boolean }> {
  const { key, machineId, programId, runId, nodeId, request, priority, ...rest } = job
  const inserted = await db
    .insertInto('job')
    .values({
      ...rest,
      id: newId('job'),
      state: 'waiting',
      key: key ?? null,
      machineId: machineId ?? null,
      programId: programId ?? null,
      runId: runId ?? null,
      nodeId: nodeId ?? null,
      request: json(request),
      ...(priority === undefined ? {} : { priority }),
    })
    .onConflict((conflict) => conflict.column('key').doNothing())
    .returningAll()
    .executeTakeFirst()
  if (inserted) return { row: inserted, isNew: true }
  const first = await db
    .selectFrom('job')
    .selectAll()
    .where('key', '=', key ?? '')
    .executeTakeFirstOrThrow()
  return { row: first, isNew: false }
}

/**
 * Takes a job on: one caller gets the row, any other undefined.
 * @param token the time of this try, kept as `startedAt`: asking again with the same one (the answer was
 * lost) gives the row again
 */
export async function claimJob(db: Db, id: string, token: Date): Promise<JobRow | undefined> {
  return db
    .updateTable('job')
    .set({ state: 'active', startedAt: token })
    .where('id', '=', id)
    .where((e) => e.or([e('state', '=', 'waiting'), e.and([e('state', '=', 'active'), e('startedAt', '=', token)])]))
    .returningAll()
    .executeTakeFirst()
}

export type EndState = Exclude<JobState, 'waiting' | 'active'>

/**
 * Ends a job. A job that has ended stays as it ended, but for `from`.
 * @returns the row, or undefined when it was not in one of the states `from`
 */
export async function endJob(
  db: Db,
  id: string,
  end: { state: EndState; reason?: string | undefined; outcome?: unknown; progress?: { done: number; total: number } | undefined; from?: readonly JobState[] },
): Promise<JobRow | undefined> {
  return db
    .updateTable('job')
    .set({
      state: end.state,
      endedAt: new Date(),
      reason: end.reason ?? null,
      outcome: end.outcome === undefined ? null : json(end.outcome),
      ...(end.progress ? { progressDone: end.progress.done, progressTotal: end.progress.total } : {}),
    })
    .where('id', '=', id)
    .where('state', 'in', end.from ?? ['active'])
    .returningAll()
    .executeTakeFirst()
}

/** Notes that the queue has a job. */
export async function markDispatched(db: Db, id: string): Promise<void> {
  await sql`update job set request = request || '{"isDispatched":true}' where id = ${id}`.execute(db)
}

/** Puts a job that is worked on back, to be tried again. */
export async function putBack(db: Db, id: string, reason: string): Promise<JobRow | undefined> {
  return db.updateTable('job').set({ state: 'waiting', reason }).where('id', '=', id).where('state', '=', 'active').returningAll().executeTakeFirst()
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

export async function setProgress(db: Db, id: string, progress: { done: number; total: number }): Promise<void> {
  await db.updateTable('job').set({ progressDone: progress.done, progressTotal: progress.total }).where('id', '=', id).where('state', '=', 'active').execute()
}

export async function findJob(db: Db, id: string): Promise<JobRow | undefined> {
  return db.selectFrom('job').selectAll().where('id', '=', id).executeTakeFirst()
}

export async function findJobByKey(db: Db, key: string): Promise<JobRow | undefined> {
  return db.selectFrom('job').selectAll().where('key', '=', key).executeTakeFirst()
}

/** Waiting and active jobs, in the order in which they were asked for. */
export async function openJobs(db: Db): Promise<JobRow[]> {
  return db.selectFrom('job').selectAll().where('state', 'in', ['waiting', 'active']).orderBy('createdAt').orderBy('id').execute()
}

export async function listJobs(db: Db, query: { state?: JobState; machineId?: string; limit: number }): Promise<JobRow[]> {
  return db
    .selectFrom('job')
    .selectAll()
    .$if(query.state !== undefined, (q) => q.where('state', '=', query.state ?? 'waiting'))
    .$if(query.machineId !== undefined, (q) => q.where('machineId', '=', query.machineId ?? ''))
    .orderBy('createdAt', 'desc')
    .orderBy('id', 'desc')
    .limit(query.limit)
    .execute()
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
    ...(row.progressDone === null || row.progressTotal === null ? {} : { progress: { done: row.progressDone, total: row.progressTotal } }),
  }
}
