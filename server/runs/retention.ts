/** How much of the history is kept: by age, by number and by bytes, runs with what their steps kept, messages apart. Active runs stay. */
import { type Kysely, sql } from 'kysely'
import type { Config } from '../config.ts'
import type { Database } from '../store/tables.ts'

type Db = Kysely<Database>

export interface Retention {
  maxAgeDays: number
  maxRuns: number
  /** Of runs with their hops, about. */
  maxBytes: number
  /** Of what steps were given. */
  maxMessageBytes: number
  /** Rows in one statement. */
  chunk: number
}

/** What the settings say. */
export function retentionOf(config: Pick<Config, 'runsKeepDays' | 'runsKeepCount' | 'runsKeepMb' | 'runMessagesKeepMb'>): Omit<Retention, 'chunk'> {
  return {
    maxAgeDays: config.runsKeepDays,
    maxRuns: config.runsKeepCount,
    maxBytes: config.runsKeepMb * 1e6,
    maxMessageBytes: config.runMessagesKeepMb * 1e6,
  }
}

/** Removes what is beyond; again and again until nothing is. @returns how many runs, and of how many runs the messages */
export async function trim(db: Db, keep: Retention): Promise<{ runs: number; messages: number }> {
  const runs = await trimRuns(db, keep)
  return { runs, messages: await trimMessages(db, keep) }
}

/** The newest run that is beyond the number or the bytes. */
async function beyond(db: Db, { maxRuns, maxBytes }: Pick<Retention, 'maxRuns' | 'maxBytes'>): Promise<string> {
  const { rows } = await sql<{ id: string | null }>`
    select max(id) as id from (
      select run.id, row_number() over newest as number, sum(run.bytes::bigint + coalesce(steps.bytes, 0)) over newest as total
      from run left join (select "runId", sum(length(message) + length(data))::bigint as bytes from step where state = 'ended' group by "runId") as steps
        on steps."runId" = run.id
      window newest as (order by run.id desc)) as counted
    where number > ${maxRuns} or total > ${maxBytes}`.execute(db)
  return rows[0]?.id ?? ''
}

async function trimRuns(db: Db, keep: Omit<Retention, 'maxMessageBytes'>): Promise<number> {
  const last = await beyond(db, keep)
  let removed = 0
  let after = ''
  for (;;) {
    // from the old end, so that a look costs one chunk however long the history is; active runs are passed by
    const { rows } = await sql<{ id: string; isOld: boolean; isActive: boolean }>`
      with oldest as (select id, state, "startedAt" from run where id > ${after} order by id limit ${keep.chunk}),
      old as (
        select id from oldest
        where state <> 'active' and (id <= ${last} or "startedAt" < now() - make_interval(days => ${keep.maxAgeDays}))),
      links as (delete from "runLink" where "runId" in (select id from old)),
      messages as (delete from "runMessage" where "runId" in (select id from old)),
      steps as (delete from step where "runId" in (select id from old) and state = 'ended'),
      gone as (delete from run where id in (select id from old))
      select oldest.id, old.id is not null as "isOld", oldest.state = 'active' as "isActive" from oldest left join old on old.id = oldest.id order by oldest.id`.execute(
      db,
    )
    const old = rows.filter(({ isOld }) => isOld).length
    removed += old
    if (rows.length < keep.chunk || rows.some(({ isOld, isActive }) => !isOld && !isActive)) return removed
    after = rows.at(-1)?.id ?? after
  }
}

async function trimMessages(db: Db, keep: Pick<Retention, 'maxMessageBytes' | 'chunk'>): Promise<number> {
  const { rows } = await sql<{ id: string | null }>`
    select max("runId") as id from (
      select "runId", sum(sum(bytes)) over (order by "runId" desc) as total from "runMessage" group by "runId") as counted
    where total > ${keep.maxMessageBytes}`.execute(db)
  const last = rows[0]?.id
  if (!last) return 0
  let removed = 0
  for (;;) {
    const gone = await sql<{ runId: string }>`
      with old as (select distinct "runId" from "runMessage" where "runId" <= ${last} order by "runId" limit ${keep.chunk})
      delete from "runMessage" where "runId" in (select "runId" from old) returning "runId"`.execute(db)
    removed += new Set(gone.rows.map(({ runId }) => runId)).size
    if (!gone.rows.length) return removed
  }
}
