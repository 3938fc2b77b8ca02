/** What the database takes, by what its tables are for. */
import { type Kysely, sql } from 'kysely'
import type { TableGroup } from '../api/index.ts'
import type { Database } from '../store/index.ts'

/** The first that fits counts; names are those of the tables. */
const GROUPS: readonly (readonly [TableGroup, RegExp])[] = [
  ['runs', /^(run|runLink|runMessage|runPin|runRetention|runHold|step)$/],
  ['jobs', /^(job|outbox|rateGate)/],
  ['audit', /^audit/],
  ['quality', /^(characteristic|measurement|controlLimit|sampl|gage|gauge|inspection|quality|offsetCorrection)/],
  ['flows', /^(flow|runtime|keptVersion|promotion|template|changeRequest|lockHolder|pin)/],
  ['connections', /^(connection|trigger)/],
]

export const groupOf = (table: string): TableGroup => GROUPS.find(([, names]) => names.test(table))?.[0] ?? 'other'

/** Bytes with indexes and what is stored beside rows. Asks the catalogue alone: cheap however much there is. */
export async function databaseSizes(db: Kysely<Database>): Promise<{ total: number; groups: Partial<Record<TableGroup, number>> }> {
  const { rows } = await sql<{ name: string; bytes: string }>`
    select case n.nspname when 'public' then c.relname else 'job' end as name, pg_total_relation_size(c.oid) as bytes from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where c.relkind in ('r', 'm') and n.nspname not in ('pg_catalog', 'information_schema') and n.nspname not like 'pg_toast%'`.execute(db)
  const groups: Partial<Record<TableGroup, number>> = {}
  for (const { name, bytes } of rows) {
    const group = groupOf(name)
    groups[group] = (groups[group] ?? 0) + Number(bytes)
  }
  const all = await sql<{ bytes: string }>`select pg_database_size(current_database()) as bytes`.execute(db)
  return { total: Number(all.rows[0]?.bytes ?? 0), groups }
}
