/** Plans and lots as they stand, from the rows. */
import { sql } from 'kysely'
import type { Lot, LotChoice, SamplingDefinition, SamplingPlanView } from '../../api/index.ts'
import type { Db } from '../contract.ts'
import { noLot, noPlan } from './refusals.ts'
import { firstState, type State } from './series.ts'

interface EventRow {
  planId: string
  place: number
  kind: 'judged' | 'corrected' | 'withdrawn' | 'set' | 'changed'
  lotId: string | null
  nonconforming: number | null
  defects: { kind: string; count: number }[] | null
  isAccepted: boolean | null
  counts: boolean
  state: State
  switchReason: NonNullable<Lot['result']>['switchReason'] | null
  text: string | null
  by: string
  at: Date | string
}

/** The newest event of a plan: how its series stands. */
export async function standing(db: Db, planId: string): Promise<{ place: number; state: State }> {
  const row = await db.selectFrom('samplingEvent').select(['place', 'state']).where('planId', '=', planId).orderBy('place', 'desc').limit(1).executeTakeFirst()
  return row ? { place: row.place, state: row.state } : { place: 0, state: firstState() }
}

/** @throws UserError sampling-plan-not-found */
export async function planRow(db: Db, planId: string): Promise<{ revision: number; definition: SamplingDefinition }> {
  const row = await db
    .selectFrom('samplingPlanRevision')
    .select(['revision', 'definition'])
    .where('planId', '=', planId)
    .orderBy('revision', 'desc')
    .limit(1)
    .executeTakeFirst()
  if (!row) throw noPlan()
  return row
}

type Change = Pick<EventRow, 'planId' | 'state' | 'switchReason' | 'text' | 'by' | 'at'> & { lotNumber: string | null }

/** Where the severity changed, or a person said what it is: newest first. */
async function changesOf(db: Db, planId?: string): Promise<Change[]> {
  const { rows } = await sql<Change>`
    select c.*, l.number as "lotNumber" from (
      select e."planId", e.place, e.kind, e.state, e."switchReason", e.text, e.by, e.at, e."lotId",
        coalesce(lag(e.state) over series, jsonb_build_object('severity', 'normal', 'isDiscontinued', false)) as before
      from "samplingEvent" e ${planId === undefined ? sql`` : sql`where e."planId" = ${planId}`}
      window series as (partition by e."planId" order by e.place)) c
    left join "sampledLot" l on l.id = c."lotId"
    where c.kind = 'set' or c.state->>'severity' <> c.before->>'severity' or c.state->'isDiscontinued' <> c.before->'isDiscontinued'
    order by c."planId", c.place desc`.execute(db)
  return rows
}

const changeView = ({ switchReason, lotNumber, text, by, at }: Change) => ({
  ...(switchReason ? { reason: switchReason } : {}),
  ...(lotNumber === null ? {} : { lotNumber }),
  // what somebody noted at a lot is no reason of the switch
  ...(text === null || switchReason ? {} : { text }),
  by,
  at: new Date(at).toISOString(),
})

/** By name. @param planId only this one */
export async function plansOf(db: Db, { planId, retired = true }: { planId?: string; retired?: boolean } = {}): Promise<SamplingPlanView[]> {
  const { rows } = await sql<{
    id: string
    revision: number
    definition: SamplingDefinition
    place: number | null
    state: State | null
    lots: number
    openLots: number
    rejectedLots: number
    lastAt: Date | null
  }>`
    select p."planId" as id, p.revision, p.definition, e.place, e.state, coalesce(n.lots, 0) as lots, coalesce(n.open, 0) as "openLots",
      coalesce(n.rejected, 0) as "rejectedLots", greatest(e.at, n."lastAt") as "lastAt"
    from (select distinct on ("planId") * from "samplingPlanRevision" ${planId === undefined ? sql`` : sql`where "planId" = ${planId}`} order by "planId", revision desc) p
    left join lateral (select place, state, at from "samplingEvent" where "planId" = p."planId" order by place desc limit 1) e on true
    left join lateral (
      select count(*) filter (where s.kind is distinct from 'withdrawn') as lots, count(*) filter (where s.kind is null) as open,
        count(*) filter (where s."isAccepted" = false) as rejected, max(l.at) as "lastAt"
      from "sampledLot" l
      left join lateral (select kind, "isAccepted" from "samplingEvent" where "lotId" = l.id order by place desc limit 1) s on true
      where l."planId" = p."planId") n on true
    ${retired ? sql`` : sql`where not p."isRetired"`}
    order by lower(p.name), p."planId"`.execute(db)
  const changes = new Map<string, Change>()
  for (const change of await changesOf(db, planId)) if (!changes.has(change.planId)) changes.set(change.planId, change)
  return rows.map(({ place, state, lastAt, ...row }) => {
    const change = changes.get(row.id)
    return {
      ...row,
      lots: Number(row.lots),
      openLots: Number(row.openLots),
      rejectedLots: Number(row.rejectedLots),
      place: place ?? 0,
      state: state ?? firstState(),
      ...(change ? { change: changeView(change) } : {}),
      ...(lastAt ? { lastAt: lastAt.toISOString() } : {}),
    }
  })
}

/** @throws UserError sampling-plan-not-found */
export async function planView(db: Db, planId: string): Promise<SamplingPlanView> {
  const [plan] = await plansOf(db, { planId })
  if (!plan) throw noPlan()
  return plan
}

/** Every change of the severity of a plan, newest first. */
export async function severityChanges(db: Db, planId: string) {
  return (await changesOf(db, planId)).map((change) => ({
    ...changeView(change),
    severity: change.state.severity,
    isDiscontinued: change.state.isDiscontinued,
  }))
}

export async function revisionsOf(db: Db, planId: string) {
  const rows = await db.selectFrom('samplingPlanRevision').selectAll().where('planId', '=', planId).orderBy('revision', 'desc').execute()
  return rows.map(({ revision, definition, by, reason, at }) => ({ revision, definition, by, reason, at: at.toISOString() }))
}

interface LotRow {
  id: string
  planId: string
  planName: string
  revision: number
  number: string
  submission: number
  size: number
  sampling: Lot['sampling']
  comment: string | null
  workOrder: string | null
  runId: string | null
  by: string
  at: Date
  events: EventRow[] | null
}

type LotQuery = Partial<LotChoice> & { id?: string; isOldestFirst?: boolean }

/** Newest first, unless `isOldestFirst`. */
export async function lotsOf(db: Db, { id, planId, state, number, before, limit = 500, isOldestFirst = false }: LotQuery): Promise<Lot[]> {
  const where = [
    ...(id === undefined ? [] : [sql`l.id = ${id}`]),
    ...(planId === undefined ? [] : [sql`l."planId" = ${planId}`]),
    ...(number === undefined ? [] : [sql`l.number = ${number}`]),
    ...(before === undefined ? [] : [sql`l.n < (select n from "sampledLot" where id = ${before})`]),
    ...(state === undefined
      ? []
      : [
          sql`${state}::text = case when s.kind is null then 'open' when s.kind = 'withdrawn' then 'withdrawn' when s."isAccepted" then 'accepted' else 'rejected' end`,
        ]),
  ]
  const { rows } = await sql<LotRow>`
    select l.id, l."planId", p.name as "planName", l.revision, l.number, l.submission, l.size, l.sampling, l.comment, l."workOrder", l."runId", l.by, l.at,
      (select json_agg(e order by e.place) from "samplingEvent" e where e."lotId" = l.id) as events
    from "sampledLot" l
    join lateral (select name from "samplingPlanRevision" where "planId" = l."planId" order by revision desc limit 1) p on true
    left join lateral (select kind, "isAccepted" from "samplingEvent" where "lotId" = l.id order by place desc limit 1) s on true
    ${where.length ? sql`where ${sql.join(where, sql` and `)}` : sql``}
    order by l.n ${isOldestFirst ? sql`asc` : sql`desc`} limit ${limit}`.execute(db)
  return rows.map(lotView)
}

/** @throws UserError lot-not-found */
export async function lotById(db: Db, id: string): Promise<Lot> {
  const [lot] = await lotsOf(db, { id, limit: 1 })
  if (!lot) throw noLot()
  return lot
}

function lotView({ events, comment, workOrder, runId, at, ...row }: LotRow): Lot {
  const results = (events ?? []).filter(({ kind }) => kind === 'judged' || kind === 'corrected')
  const last = results.at(-1)
  const withdrawn = (events ?? []).find(({ kind }) => kind === 'withdrawn')
  const iso = (time: Date | string) => new Date(time).toISOString()
  return {
    ...row,
    at: at.toISOString(),
    state: withdrawn ? 'withdrawn' : !last ? 'open' : last.isAccepted ? 'accepted' : 'rejected',
    ...(comment === null ? {} : { comment }),
    ...(workOrder === null ? {} : { workOrder }),
    ...(runId === null ? {} : { runId }),
    ...(last
      ? {
          result: {
            nonconforming: last.nonconforming ?? 0,
            defects: last.defects ?? [],
            counts: last.counts,
            ...(last.switchReason ? { switchReason: last.switchReason } : {}),
            severityAfter: last.state.severity,
            isDiscontinued: last.state.isDiscontinued,
            ...(last.text === null ? {} : { comment: last.text }),
            by: last.by,
            at: iso(last.at),
          },
        }
      : {}),
    // each was corrected by the one after it, which says why
    corrected: results.slice(0, -1).map(({ nonconforming }, i) => {
      const { text, by, at } = results[i + 1] as EventRow
      return { nonconforming: nonconforming ?? 0, reason: text ?? '', by, at: iso(at) }
    }),
    ...(withdrawn ? { withdrawn: { reason: withdrawn.text ?? '', by: withdrawn.by, at: iso(withdrawn.at) } } : {}),
  }
}
