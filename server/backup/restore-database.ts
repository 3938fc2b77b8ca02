/**
 * Rows back into tables that our own migrations made. All of it is one transaction: rules of the database that guard against changes
 * (append-only tables, foreign keys) are set aside in it and put back, the keys by checking every row.
 */
import { once } from 'node:events'
import type { Writable } from 'node:stream'
import type { Client } from 'pg'
import { from as copyFrom } from 'pg-copy-streams'
import { messageOf, UserError } from '../../base/errors.ts'
import { quoted } from './database.ts'
import { type BackupManifest, DATABASE, damaged, type TableShape } from './format.ts'
import type { TarEntry } from './tar.ts'

/** While it is there, no gateway begins on this database (server/store/migrate.ts). */
export const UNFINISHED = 'cellwright_restore'
/** Any number, the same for every restore: two of them never meet. */
const LOCK = 7_236_411_903

/**
 * Takes an empty database for this restore, or one in which a restore has died.
 * @throws UserError database-not-empty, restore-running, database-older-than-13 (by PostgreSQL's own words)
 */
export async function takeDatabase(client: Client): Promise<void> {
  const { rows: locked } = await client.query<{ got: boolean }>('select pg_try_advisory_lock($1) as got', [LOCK])
  if (!locked[0]?.got)
    throw new UserError({ code: 'restore-running', status: 409, message: 'Another restore works on this database. Wait until it has ended.' })
  const { rows } = await client.query<{ tables: string; isUnfinished: boolean }>(
    `select (select count(*) from pg_class where relkind in ('r', 'p') and relnamespace = 'public'::regnamespace)::text as tables,
       to_regnamespace($1) is not null as "isUnfinished"`,
    [UNFINISHED],
  )
  const { tables = '0', isUnfinished = false } = rows[0] ?? {}
  if (Number(tables) > 0 && !isUnfinished)
    throw new UserError({
      code: 'database-not-empty',
      status: 409,
      message: `The database holds ${tables} tables already. A back-up is restored into an empty one: make a new database and name it with DATABASE_URL. Nothing was changed.`,
    })
  // first of all: whatever happens from here on, this is no database to work with
  await client.query(`create schema if not exists ${UNFINISHED}`)
  if (isUnfinished) await clear(client)
}

export async function isUnfinished(client: Client): Promise<boolean> {
  const { rows } = await client.query<{ is: boolean }>('select to_regnamespace($1) is not null as is', [UNFINISHED])
  return rows[0]?.is ?? false
}

/** What a restore that died has made: the database was empty before it. */
async function clear(client: Client): Promise<void> {
  const { rows: tables } = await client.query<{ name: string }>(
    `select quote_ident(relname) as name from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace`,
  )
  for (const { name } of tables) await client.query(`drop table if exists public.${name} cascade`)
  const { rows: functions } = await client.query<{ name: string }>(
    `select p.oid::regprocedure::text as name from pg_proc p where p.pronamespace = 'public'::regnamespace
       and not exists (select from pg_depend d where d.classid = 'pg_proc'::regclass and d.objid = p.oid and d.deptype = 'e')`,
  )
  for (const { name } of functions) await client.query(`drop function if exists ${name} cascade`)
}

export interface RowsBack {
  /** An entry of the database, in the order of the archive. */
  take(entry: TarEntry): Promise<void>
  /** Sequences, keys and rules; then it is done. @throws UserError backup-damaged */
  finish(manifest: BackupManifest): Promise<void>
}

/** Begins the transaction. @throws UserError backup-newer-schema */
export async function rowsBack(client: Client, tables: readonly TableShape[]): Promise<RowsBack> {
  const known = new Map(tables.map((table) => [table.name, table]))
  await requireColumns(client, tables)
  await client.query(
    `set datestyle = 'ISO'; set intervalstyle = 'postgres'; set timezone = 'UTC'; set client_encoding = 'UTF8'; set search_path = public; set statement_timeout = 0`,
  )
  await client.query('begin')
  const { rows: keys } = await client.query<{ table: string; name: string; rule: string }>(
    `select conrelid::regclass::text as table, quote_ident(conname) as name, pg_get_constraintdef(oid) as rule
     from pg_constraint where contype = 'f' and connamespace = 'public'::regnamespace`,
  )
  for (const { table, name } of keys) await client.query(`alter table ${table} drop constraint ${name}`)
  for (const { name } of tables) await client.query(`alter table ${quoted(name)} disable trigger user`)
  // migrations leave first rows in some
  await client.query(`truncate ${tables.map(({ name }) => quoted(name)).join(', ')}`)

  let current: { table: TableShape; into: Writable & { rowCount?: number | null }; ended: Promise<void> } | undefined
  const counts = new Map<string, number>()
  const endTable = async () => {
    if (!current) return
    const { table, into, ended } = current
    current = undefined
    into.end()
    await ended
    counts.set(table.name, into.rowCount ?? 0)
  }
  return {
    async take({ path, content }) {
      const name = path.slice(DATABASE.length, path.lastIndexOf('/'))
      const table = known.get(name)
      if (!table || counts.has(name)) throw damaged(`${path} does not belong in it`)
      if (current?.table !== table) {
        await endTable()
        const into = client.query(copyFrom(`copy ${quoted(name)} (${table.columns.map(quoted).join(', ')}) from stdin`))
        const ended = new Promise<void>((resolve, reject) => into.once('finish', resolve).once('error', (error) => reject(rowsRefused(name, error))))
        // waited for at the table's end, or while it takes no more
        ended.catch(() => {})
        current = { table, into, ended }
      }
      const { into, ended } = current
      for await (const chunk of content) if (!into.write(chunk)) await Promise.race([once(into, 'drain'), ended])
    },
    async finish({ rows, sequences }) {
      await endTable()
      for (const [name, count] of Object.entries(rows))
        if ((counts.get(name) ?? 0) !== count) throw damaged(`of "${name}" there are ${counts.get(name) ?? 0} rows in it, and not ${count}`)
      for (const { table, column, last, isCalled } of sequences)
        await client.query('select setval(pg_get_serial_sequence($1, $2)::regclass, $3::bigint, $4)', [`public.${quoted(table)}`, column, last, isCalled])
      for (const { name } of tables) await client.query(`alter table ${quoted(name)} enable trigger user`)
      for (const { table, name, rule } of keys) await client.query(`alter table ${table} add constraint ${name} ${rule}`)
      await client.query('commit')
      await client.query('analyze')
    },
  }
}

const rowsRefused = (table: string, error: unknown) =>
  new UserError({
    code: 'rows-refused',
    message: `The database refuses rows of "${table}": ${messageOf(error)}. Nothing of it can be used; restore it with the version that made it.`,
    cause: error,
  })

/** A table or column that the schema of those migrations does not have. */
async function requireColumns(client: Client, tables: readonly TableShape[]): Promise<void> {
  const { rows } = await client.query<{ table: string; column: string }>(
    `select table_name as table, column_name as column from information_schema.columns where table_schema = 'public'`,
  )
  const there = new Set(rows.map(({ table, column }) => `${table} ${column}`))
  const missing = tables.flatMap(({ name, columns }) => columns.filter((column) => !there.has(`${name} ${column}`)).map((column) => `${name}.${column}`))
  if (missing.length)
    throw new UserError({
      code: 'backup-newer-schema',
      message: `The back-up holds what this version has no place for (${missing.slice(0, 5).join(', ')}). Restore it with the version that made it, or a later one.`,
    })
}
