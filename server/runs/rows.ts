/** Run history in PostgreSQL: batched upserts, queries, retention. */
import { type Kysely, type Selectable, sql } from 'kysely'
import type { Static } from 'typebox'
import type { Hop, Run, RunSummary } from '../api/index.ts'
import type { Database } from '../store/tables.ts'
import { type RunRecord, summaryOf } from './run-record.ts'

type Db = Kysely<Database>
type Row = Selectable<Database['run']>
type HopEntry = Static<typeof Hop>

/**
 * Writes a batch of records in one statement.
 * @returns the ids whose row was there before, and those of runs that another gateway has cancelled
 */
export async function upsertRuns(
  db: Db,
  records: readonly RunRecord[],
  host: string | null = null,
): Promise<{ wasThere: Set<string>; cancelled: Set<string> }> {
  const column = <T>(of: (record: RunRecord) => T) => records.map(of)
  const iso = (ms: number | undefined) => (ms === undefined ? null : new Date(ms).toISOString())
  // arrays and unnest: one plan, and parsing does not grow with the number of rows
  const { rows } = await sql<{ id: string; wasThere: boolean; state: string }>`
    insert into run as old (id, state, "triggerNodeId", "triggerNodeType", "triggerNodeName", "flowId", "flowName", "startedAt", "endedAt", hops, summary, "endedBySettling", detail, bytes, host)
    select id, state, tid, ttype, tname, fid, fname, started, ended, hops, summary, settling, detail::jsonb, length(detail) + 200, ${host}
    from unnest(
      ${column((r) => r.id)}::text[], ${column((r) => r.state)}::text[], ${column((r) => r.trigger.nodeId)}::text[], ${column((r) => r.trigger.nodeType)}::text[],
      ${column((r) => r.trigger.nodeName ?? null)}::text[], ${column((r) => r.trigger.flowId ?? null)}::text[], ${column((r) => r.trigger.flowName ?? null)}::text[],
      ${column((r) => iso(r.startedAt))}::timestamptz[], ${column((r) => iso(r.endedAt))}::timestamptz[], ${column((r) => r.hops)}::integer[],
      ${column((r) => summaryOf(r) ?? null)}::text[], ${column((r) => r.endedBySettling)}::boolean[],
      ${column((r) => JSON.stringify(r.detail))}::text[], ${column((r) => r.row === 'new')}::boolean[]
    ) as t(id, state, tid, ttype, tname, fid, fname, started, ended, hops, summary, settling, detail, "isNew")
    -- what a person cancelled stays so; a run that another host has taken over is that host's, but for being cancelled
    on conflict (id) do update set state = case when old.state = 'cancelled' or (old.host <> excluded.host and excluded.state <> 'cancelled') then old.state else excluded.state end, "triggerNodeId" = excluded."triggerNodeId", "triggerNodeType" = excluded."triggerNodeType",
      "triggerNodeName" = excluded."triggerNodeName", "flowId" = excluded."flowId", "flowName" = excluded."flowName", "endedAt" = excluded."endedAt", hops = greatest(old.hops, excluded.hops), summary = excluded.summary,
      "endedBySettling" = excluded."endedBySettling",
      -- what another life of the gateway wrote stays in front
      bytes = excluded.bytes, detail = case when old.host <> excluded.host then old.detail when old.id = any(${column((r) => (r.row === 'new' ? r.id : '')).filter(Boolean)}::text[]) then old.detail || excluded.detail else excluded.detail end
    returning id, state, (xmax <> 0) as "wasThere"`.execute(db)
  const ids = (of: (row: (typeof rows)[number]) => boolean) => new Set(rows.filter(of).map((row) => row.id))
  return { wasThere: ids((row) => row.wasThere), cancelled: ids((row) => row.state === 'cancelled') }
}

/** Inserts a run from outside the runtime; one that is there stays as it is. */
export async function insertRun(
  db: Db,
  run: { id: string; trigger: Run['trigger']; startedAt: number; replayOf?: string | undefined; host?: string | null },
): Promise<void> {
  const { trigger } = run
  await db
    .insertInto('run')
    .values({
      id: run.id,
      state: 'active',
      triggerNodeId: trigger.nodeId,
      triggerNodeType: trigger.nodeType,
      triggerNodeName: trigger.nodeName ?? null,
      flowId: trigger.flowId ?? null,
      flowName: trigger.flowName ?? null,
      startedAt: new Date(run.startedAt),
      detail: '[]',
      replayOf: run.replayOf ?? null,
      host: run.host ?? null,
    })
    .onConflict((conflict) => conflict.column('id').doNothing())
    .execute()
}

/** A row for a run of which nothing is known but that it is there; one that is there stays as it is. */
export const ensureRun = (db: Db, id: string, host: string | null = null): Promise<void> =>
  insertRun(db, { id, trigger: { nodeId: '', nodeType: 'unknown' }, startedAt: Date.now(), host })

/** Reads rows with their links, e.g. of runs that an earlier life of the gateway began. */
export async function readRuns(db: Db, ids: readonly string[]): Promise<Map<string, { row: Row; links: Run['links'] }>> {
  if (!ids.length) return new Map()
  const rows = await db.selectFrom('run').selectAll().where('id', 'in', ids).execute()
  const links = await db.selectFrom('runLink').selectAll().where('runId', 'in', ids).orderBy('at').execute()
  const found = new Map(rows.map((row) => [row.id, { row, links: [] as Run['links'] }]))
  for (const link of links)
    found.get(link.runId)?.links.push({ kind: link.kind as Run['links'][number]['kind'], id: link.targetId, text: link.text, at: link.at.toISOString() })
  return found
}

export async function hasLink(db: Db, runId: string, { kind, id }: Pick<Run['links'][number], 'kind' | 'id'>): Promise<boolean> {
  const found = await db.selectFrom('runLink').select('runId').where('runId', '=', runId).where('kind', '=', kind).where('targetId', '=', id).executeTakeFirst()
  return found !== undefined
}

/** Inserts links; again with the same ones (the answer was lost) it changes nothing. */
export async function insertLinks(db: Db, links: readonly { runId: string; link: Run['links'][number] }[]): Promise<void> {
  if (!links.length) return
  const column = (of: (entry: (typeof links)[number]) => string) => links.map(of)
  await sql`
    insert into "runLink" ("runId", kind, "targetId", text, at)
    select * from unnest(${column((e) => e.runId)}::text[], ${column((e) => e.link.kind)}::text[], ${column((e) => e.link.id)}::text[],
      ${column((e) => e.link.text)}::text[], ${column((e) => e.link.at)}::timestamptz[]) as t(run, kind, target, text, at)
    where not exists (select from "runLink" as old where old."runId" = t.run and old.kind = t.kind and old."targetId" = t.target and old.text = t.text and old.at = t.at)`.execute(
    db,
  )
}

export function rowToSummary(row: Omit<Row, 'detail' | 'bytes' | 'host'>): RunSummary {
  return {
    id: row.id,
    state: row.state,
    trigger: {
      nodeId: row.triggerNodeId,
      nodeType: row.triggerNodeType,
      ...(row.triggerNodeName === null ? {} : { nodeName: row.triggerNodeName }),
      ...(row.flowId === null ? {} : { flowId: row.flowId }),
      ...(row.flowName === null ? {} : { flowName: row.flowName }),
    },
    startedAt: row.startedAt.toISOString(),
    ...(row.endedAt === null ? {} : { endedAt: row.endedAt.toISOString() }),
    hops: row.hops,
    ...(row.summary === null ? {} : { summary: row.summary }),
    endedBySettling: row.endedBySettling,
    ...(row.held && row.held.releasedAt === undefined ? { waitsFor: row.held.why } : {}),
    ...(row.replayOf === null ? {} : { replayOf: row.replayOf }),
  }
}

export function rowToRun({ row, links }: { row: Row; links: Run['links'] }): Run {
  return { ...rowToSummary(row), detail: row.detail as HopEntry[], links }
}

/**
 * Ends every active run that began before `at` as interrupted, with the reason as a link.
 * @param options.host only what is in the runtime of that host, and what is said to be in none
 * @returns their ids
 */
export async function interruptRows(db: Db, { at, why, host }: { at: number; why: string; host: string | null }): Promise<string[]> {
  const when = new Date(at)
  const { rows } = await sql<{ id: string }>`
    with ended as (update run set state = 'interrupted', "endedAt" = ${when} where state = 'active' and held is null and "startedAt" <= ${when}
      ${host === null ? sql`` : sql`and (host = ${host} or host is null)`} returning id),
    links as (insert into "runLink" ("runId", kind, "targetId", text, at) select id, 'process', 'interruption', ${why}, ${when} from ended)
    select id from ended`.execute(db)
  return rows.map((row) => row.id)
}

export async function setSummaries(db: Db, summaries: readonly { id: string; summary: string }[]): Promise<void> {
  if (!summaries.length) return
  await sql`
    update run set summary = t.summary
    from unnest(${summaries.map((s) => s.id)}::text[], ${summaries.map((s) => s.summary)}::text[]) as t(id, summary)
    where run.id = t.id`.execute(db)
}
