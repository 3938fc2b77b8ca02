/** The list of all versions: deploys from their own table, everything else from `keptVersion`. */
import { type Kysely, type RawBuilder, sql } from 'kysely'
import { UserError } from '../../base/errors.ts'
import type { QueryOf, VersionKind } from '../api/index.ts'
import type { listHistory } from '../api/versions.ts'
import type { Database } from '../store/index.ts'

export interface HistoryRow {
  id: string
  kind: VersionKind
  subject: string
  number: number
  title: string
  author: string
  at: Date
  reason: string | null
  label: string | null
  state: 'deployed' | 'failed' | 'restored' | null
  text: string | null
  approvedBy: string | null
  diff: { added: unknown[]; removed: unknown[]; changed: unknown[] } | null
  restoredFrom: string | null
  isCurrent: boolean
}

/** All flows are deployed as one. */
const FLOWS_SUBJECT = 'main'

/** What somebody may see: whole kinds, or single subjects of one. */
export interface Sight {
  flows: boolean
  /** `[kind, subject]`; an empty subject stands for all that have no owner of their own. */
  kept: readonly (readonly [kind: string, subject: string])[]
  /** Subjects with an owner of their own, which a whole kind does not open. */
  own: readonly (readonly [kind: string, subject: string])[]
}

const keys = (pairs: readonly (readonly [string, string])[]) => JSON.stringify(pairs.map(([kind, subject]) => `${kind} ${subject}`))

/** Flow versions that failed never counted; the newest of the others runs. */
const ALL = sql`
  select id, 'flow' as kind, ${FLOWS_SUBJECT} as subject, number::int as number, '' as title, author, at, comment as reason, label, state, text, "approvedBy",
    diff::jsonb as diff, null as "restoredFrom", id = (select id from "flowVersion" where state <> 'failed' order by at desc, id desc limit 1) as "isCurrent"
  from "flowVersion"
  union all
  select k.id, k.kind, k.subject, k.number, k.title, k.author, k.at, k.reason, k.label, null, null, null, null, k."restoredFrom",
    k.number = (select max(number) from "keptVersion" n where n.kind = k.kind and n.subject = k.subject)
  from "keptVersion" k`

function within(sight: Sight): RawBuilder<unknown> {
  return sql`(v.kind = 'flow' and ${sight.flows}) or (v.kind <> 'flow' and (${keys(sight.kept)}::jsonb ? (v.kind || ' ' || v.subject)
    or (${keys(sight.kept)}::jsonb ? (v.kind || ' ') and not ${keys(sight.own)}::jsonb ? (v.kind || ' ' || v.subject))))`
}

/** @throws UserError version-not-found for a `before` that nobody knows */
export async function readHistory(db: Kysely<Database>, sight: Sight, query: QueryOf<typeof listHistory>): Promise<HistoryRow[]> {
  const { kind, subject, author, search, labelled, before, limit } = query
  const wanted: RawBuilder<unknown>[] = [sql`(${within(sight)})`]
  if (kind !== undefined) wanted.push(sql`v.kind = ${kind}`)
  if (subject !== undefined) wanted.push(sql`v.subject = ${subject}`)
  if (author !== undefined) wanted.push(sql`v.author = ${author}`)
  if (labelled === true) wanted.push(sql`v.label is not null`)
  if (search !== undefined && search.trim() !== '') {
    const like = `%${search.trim().replaceAll(/[\\%_]/g, '\\$&')}%`
    wanted.push(sql`concat_ws(' ', v.reason, v.label, v.author, v.title, v.text) ilike ${like}`)
  }
  if (before !== undefined) {
    await rowOf(db, sight, before)
    // compared in the database: a Date has milliseconds, and what is of the same one would be passed over
    wanted.push(sql`(v.at, v.id) < (select b.at, b.id from (${ALL}) b where b.id = ${before})`)
  }
  const { rows } = await sql<HistoryRow>`select v.* from (${ALL}) v where ${sql.join(wanted, sql` and `)} order by v.at desc, v.id desc limit ${limit}`.execute(
    db,
  )
  return rows
}

/** @throws UserError version-not-found, also for what may not be seen */
export async function rowOf(db: Kysely<Database>, sight: Sight, versionId: string): Promise<HistoryRow> {
  const { rows } = await sql<HistoryRow>`select v.* from (${ALL}) v where v.id = ${versionId} and (${within(sight)})`.execute(db)
  const [row] = rows
  if (!row) throw versionNotFound()
  return row
}

export const versionNotFound = () => new UserError({ code: 'version-not-found', status: 404, message: 'There is no version with this id.' })
