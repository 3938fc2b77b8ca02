/** The tables of triggers and firings. */
import { type Kysely, type Selectable, sql } from 'kysely'
import { newId } from '../../base/ids.ts'
import { json } from '../store/index.ts'
import type { Database } from '../store/tables.ts'

export type Db = Kysely<Database>
export type TriggerRow = Selectable<Database['trigger']>
export type FiringRow = Selectable<Database['triggerFiring']>

export interface NewFiring {
  triggerId: string
  key: string
  cause: FiringRow['cause']
  state: FiringRow['state']
  dueAt: number
  isLate?: boolean
  host?: string
  by?: string
  values?: Record<string, unknown>
  text?: string
  reason?: string
  missed?: number
  runId?: string
  begunAt?: Date
}

/** Writes firings; those that are there (trigger and key) stay as they are. @returns the new ones */
export async function insertFirings(db: Db, firings: readonly NewFiring[]): Promise<FiringRow[]> {
  if (!firings.length) return []
  const rows: FiringRow[] = []
  // ids sort by time, and within a millisecond by nothing: events that came together are to begin in their order
  const ids = firings.map(() => newId('fir')).sort()
  for (let at = 0; at < firings.length; at += 1000)
    rows.push(
      ...(await db
        .insertInto('triggerFiring')
        .values(
          firings.slice(at, at + 1000).map((firing, index) => ({
            id: ids[at + index] ?? newId('fir'),
            triggerId: firing.triggerId,
            key: firing.key,
            cause: firing.cause,
            state: firing.state,
            dueAt: new Date(firing.dueAt),
            isLate: firing.isLate ?? false,
            host: firing.host ?? null,
            offeredAt: firing.state === 'offered' ? new Date() : null,
            begunAt: firing.begunAt ?? null,
            by: firing.by ?? null,
            values: json(firing.values ?? {}),
            text: firing.text ?? null,
            reason: firing.reason ?? null,
            missed: firing.missed ?? null,
            runId: firing.runId ?? null,
          })),
        )
        .onConflict((conflict) => conflict.columns(['triggerId', 'key']).doNothing())
        .returningAll()
        .execute()),
    )
  return rows
}

/** A firing as the flow runtime is handed it, with what decides whether it still may run. */
export type OpenFiring = FiringRow & { name: string; kind: TriggerRow['kind']; flowId: string | null; flowName: string | null; face: unknown; isOn: boolean }

/**
 * Takes due firings for this host, oldest first.
 * @param of only of these triggers @defaultValue of all
 */
export async function claimDue(db: Db, host: string, limit: number, of?: readonly string[]): Promise<OpenFiring[]> {
  const { rows } = await sql<OpenFiring>`
    with mine as (
      update "triggerFiring" set state = 'offered', host = ${host}, "offeredAt" = now()
      where id in (select id from "triggerFiring" where state = 'due' ${of ? sql`and "triggerId" = any(${[...of]}::text[])` : sql``} order by "dueAt", id limit ${limit} for update skip locked)
      returning *)
    select mine.*, t.name, t.kind, t."flowId", t."flowName", t.face, t."isOn" from mine join trigger t on t.id = mine."triggerId" order by mine."dueAt", mine.id`.execute(
    db,
  )
  return rows
}

/** The answer to a flow runtime: a firing begins once. @returns those of the ids that begin now */
export async function beginFirings(db: Db, ids: readonly string[], at: Date): Promise<Pick<FiringRow, 'id' | 'runId'>[]> {
  const { rows } = await sql<Pick<FiringRow, 'id' | 'runId'>>`
    update "triggerFiring" set state = 'begun', "begunAt" = ${at} where id = any(${[...ids]}::text[]) and state in ('due', 'offered') returning id, "runId"`.execute(
    db,
  )
  return rows
}

/** Undoes {@link beginFirings} of these times, where it was stored. @returns what it was stored of */
export async function takeBack(db: Db, asked: readonly { id: string; at: Date }[]): Promise<Pick<FiringRow, 'id' | 'cause' | 'runId'>[]> {
  const { rows } = await sql<Pick<FiringRow, 'id' | 'cause' | 'runId'>>`
    update "triggerFiring" f set "begunAt" = null, host = null,
      state = case when f.cause = 'by-hand' then 'failed' else 'due' end,
      reason = case when f.cause = 'by-hand' then 'database-away' end
    from unnest(${asked.map(({ id }) => id)}::text[], ${asked.map(({ at }) => at)}::timestamptz[]) as t(id, at)
    where f.id = t.id and f.state = 'begun' and f."begunAt" = t.at returning f.id, f.cause, f."runId"`.execute(db)
  return rows
}

/** Notes the runs that firings are to have. */
export async function setRuns(db: Db, runs: readonly { id: string; runId: string }[]): Promise<void> {
  if (!runs.length) return
  await sql`
    update "triggerFiring" f set "runId" = t.run from unnest(${runs.map(({ id }) => id)}::text[], ${runs.map(({ runId }) => runId)}::text[]) as t(id, run) where f.id = t.id`.execute(
    db,
  )
}

/** Ends a firing that never began. */
export async function endFiring(db: Db, id: string, end: { state: 'skipped' | 'failed'; reason: string }): Promise<FiringRow | undefined> {
  return db.updateTable('triggerFiring').set(end).where('id', '=', id).where('state', 'in', ['due', 'offered']).returningAll().executeTakeFirst()
}

/** Puts firings back that a host took and did not bring to a flow. */
export async function putBack(db: Db, ids: readonly string[]): Promise<void> {
  if (ids.length) await db.updateTable('triggerFiring').set({ state: 'due', host: null }).where('id', 'in', ids).where('state', '=', 'offered').execute()
}

export async function findTrigger(db: Db, id: string): Promise<TriggerRow | undefined> {
  return db.selectFrom('trigger').selectAll().where('id', '=', id).where('removedAt', 'is', null).executeTakeFirst()
}

export type ShownFiring = FiringRow & { runState: 'active' | 'completed' | 'failed' | 'interrupted' | 'cancelled' | null }

/** The newest firings of each trigger, with the states of their runs. */
export async function lastFirings(db: Db, triggerIds: readonly string[], limit: number): Promise<Map<string, ShownFiring[]>> {
  const { rows } = await sql<ShownFiring>`
    select f.*, r.state as "runState" from unnest(${[...triggerIds]}::text[]) as t(id)
    cross join lateral (select * from "triggerFiring" where "triggerId" = t.id order by "dueAt" desc, id desc limit ${limit}) f
    left join run r on r.id = f."runId" order by f."triggerId", f."dueAt" desc, f.id desc`.execute(db)
  return Map.groupBy(rows, (row) => row.triggerId)
}

/** Keeps the newest of each trigger, and nothing that is older than so many days. @returns how many went */
export async function trimFirings(db: Db, keep: { perTrigger: number; days: number }): Promise<number> {
  const { rows } = await sql`
    delete from "triggerFiring" where id in (
      select id from (select id, state, "dueAt", row_number() over (partition by "triggerId" order by "dueAt" desc, id desc) as place from "triggerFiring") numbered
      where state not in ('due', 'offered') and (place > ${keep.perTrigger} or "dueAt" < now() - make_interval(days => ${keep.days})) limit 50000)
    returning 1`.execute(db)
  return rows.length
}
