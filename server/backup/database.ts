/** The database's rows, as they were in one moment: one read-only transaction, and PostgreSQL's own COPY. */
import type { Readable } from 'node:stream'
import { Client } from 'pg'
import { to as copyTo } from 'pg-copy-streams'
import { OperationalError } from '../../base/errors.ts'
import type { BackupHeader, BackupManifest, TableShape } from './format.ts'

/** BullMQ's own tables are not taken: they say when to look, the rows of `job` are the truth, and what is missing is told to the queue anew. */
const OURS = 'public'
/** Which hosts live, and what they say to each other: true for this moment and this place only. */
const PASSING = new Set(['hostMessage', 'hostRole'])

export const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`

export interface Snapshot {
  readonly migrations: string[]
  readonly tables: TableShape[]
  readonly auditEnd: BackupHeader['auditEnd']
  /** Of the tables, about, as they lie on the disk. */
  readonly bytes: number
  /** The rows of a table, as text. */
  rowsOf(table: TableShape): Readable & { rowCount?: number | null }
  sequences(): Promise<BackupManifest['sequences']>
  close(): Promise<void>
}

/** The same text for the same value, whatever the server is set to (as pg_dump sets it: src/bin/pg_dump/pg_dump.c, setup_connection). */
const SAME_TEXT = `set datestyle = 'ISO'; set intervalstyle = 'postgres'; set extra_float_digits = 3; set timezone = 'UTC'; set bytea_output = 'hex'; set client_encoding = 'UTF8'; set search_path = public`

/** @throws OperationalError no-tables for a database that no Cellwright has used */
export async function openSnapshot(database: string): Promise<Snapshot> {
  const client = new Client({ connectionString: database, application_name: 'cellwright-backup', keepAlive: true })
  // its end shows in the query that runs meanwhile
  client.on('error', () => {})
  await client.connect()
  try {
    await client.query(SAME_TEXT)
    await client.query('begin transaction isolation level repeatable read read only')
    const one = async <Row extends object>(text: string, values: unknown[] = []) => (await client.query<Row>(text, values)).rows
    const [has] = await one<{ found: string | null }>(`select to_regclass('public.kysely_migration')::text as found`)
    if (!has?.found) throw new OperationalError({ code: 'no-tables', message: 'The database holds no tables of Cellwright: there is nothing to back up.' })
    const migrations = (await one<{ name: string }>('select name from kysely_migration order by name')).map(({ name }) => name)
    const columns = await one<{ table: string; columns: string[] }>(
      // generated columns follow from the others; what belongs to an extension is not ours
      `select c.relname as table, array_agg(a.attname::text order by a.attnum) as columns
       from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
       where c.relkind = 'r' and c.relnamespace = $1::regnamespace and c.relname not like 'kysely\\_migration%'
         and not exists (select from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e')
       group by c.relname order by c.relname`,
      [OURS],
    )
    const tables = columns.filter(({ table }) => !PASSING.has(table)).map(({ table, columns }) => ({ name: table, columns }))
    const [size] = await one<{ bytes: string }>(
      `select coalesce(sum(pg_table_size(c.oid)), 0)::text as bytes from pg_class c where c.relkind = 'r' and c.relnamespace = $1::regnamespace`,
      [OURS],
    )
    const [head] = await one<{ seq: string; hash: string }>('select seq::text as seq, hash from "auditHead"').catch(() => [])
    return {
      migrations,
      tables,
      auditEnd: head ? { seq: Number(head.seq), hash: head.hash } : undefined,
      bytes: Number(size?.bytes ?? 0),
      rowsOf: ({ name, columns }) => client.query(copyTo(`copy ${quoted(name)} (${columns.map(quoted).join(', ')}) to stdout`)),
      async sequences() {
        const found = await one<{ sequence: string; table: string; column: string }>(
          `select s.oid::regclass::text as sequence, t.relname as table, a.attname as column
           from pg_class s join pg_depend d on d.objid = s.oid and d.classid = 'pg_class'::regclass and d.refclassid = 'pg_class'::regclass and d.deptype in ('a', 'i')
           join pg_class t on t.oid = d.refobjid join pg_attribute a on a.attrelid = t.oid and a.attnum = d.refobjsubid
           where s.relkind = 'S' and s.relnamespace = $1::regnamespace order by 2, 3`,
          [OURS],
        )
        const values: BackupManifest['sequences'] = []
        for (const { sequence, table, column } of found) {
          // sequences know no transactions: read now, they are past every row of the snapshot
          const [at] = await one<{ last: string; called: boolean }>(`select last_value::text as last, is_called as called from ${sequence}`)
          if (at) values.push({ table, column, last: at.last, isCalled: at.called })
        }
        return values
      },
      close: () => client.end(),
    }
  } catch (error) {
    await client.end().catch(() => {})
    throw error
  }
}
