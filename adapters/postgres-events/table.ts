/**
 * A table that is read by a cursor: its statements. Names are looked up in the database's own catalogue and quoted by the library;
 * values go as parameters.
 */
import { type Client, escapeIdentifier } from 'pg'
import { UserError } from '../../base/errors.ts'
import type { Settings } from './settings.ts'

export interface ReadRow {
  /** The cursor's text, as the database takes it back. */
  cursor: string
  /** Of this row with this cursor. */
  key: string
  row: unknown
}

export interface Place {
  cursor: string
  key: string
}

export interface Table {
  /** As the catalogue names it, for people. */
  name: string
  isIndexed: boolean
  /** Rows from a cursor on, or after a place, in their order. */
  read(client: Client, from: { cursor: string } | { after: Place } | undefined, limit: number): Promise<ReadRow[]>
  /** The highest cursor; undefined for an empty table. */
  highest(client: Client): Promise<string | undefined>
}

/** @throws UserError table-unknown, column-unknown */
export async function openTable(client: Client, { table = '', cursorColumn = '', keyColumn }: Settings): Promise<Table> {
  // as it is written; a name in capitals is found like that, and else as PostgreSQL folds it
  const [name = '', schema] = table.split('.').reverse()
  const find = (as: (text: string) => string) =>
    client.query<{ oid: string; schema: string; name: string }>(
      `select c.oid::text as oid, n.nspname as schema, c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
       where c.relkind in ('r', 'p', 'v', 'm', 'f') and c.relname = $1 and (n.nspname = $2 or ($2 is null and pg_table_is_visible(c.oid)))`,
      [as(name), schema === undefined ? null : as(schema)],
    )
  const found = (await find((text) => text)).rows[0] ?? (await find((text) => text.toLowerCase())).rows[0]
  if (!found)
    throw new UserError({
      code: 'table-unknown',
      message: `There is no table or view "${table}" that this user sees. Correct its name, write its schema before it, or grant select on it.`,
      details: { blanks: { table }, errors: [{ path: '/table', message: 'is not there' }] },
    })
  const columnOf = async (path: string, column: string) => {
    const { rows } = await client.query<{ name: string; type: string; isIndexed: boolean }>(
      `select a.attname as name, format_type(a.atttypid, a.atttypmod) as type,
         exists (select from pg_index i where i.indrelid = a.attrelid and i.indkey[0] = a.attnum and i.indisvalid) as "isIndexed"
       from pg_attribute a where a.attrelid = $1::oid and a.attnum > 0 and not a.attisdropped and lower(a.attname) = lower($2)
       order by a.attname = $2 desc limit 1`,
      [found.oid, column],
    )
    if (rows[0]) return rows[0]
    throw new UserError({
      code: 'column-unknown',
      message: `"${table}" has no column "${column}". Correct its name.`,
      details: { blanks: { table, column }, errors: [{ path, message: 'is not there' }] },
    })
  }
  const cursor = await columnOf('/cursorColumn', cursorColumn)
  const key = await columnOf('/keyColumn', keyColumn || cursorColumn)
  const from = `${escapeIdentifier(found.schema)}.${escapeIdentifier(found.name)}`
  const [by, then] = [`t.${escapeIdentifier(cursor.name)}`, `t.${escapeIdentifier(key.name)}`]
  const head = `select ${by}::text as cursor, ${then}::text as key, row_to_json(t)::text as row from ${from} t where ${by} is not null and ${then} is not null`
  const tail = `order by ${by}, ${then} limit`
  return {
    name: `${found.schema}.${found.name}`,
    isIndexed: cursor.isIndexed,
    async read(client, start, limit) {
      // the types are the catalogue's own words
      const [where, values] =
        start === undefined
          ? ['', []]
          : 'after' in start
            ? [` and (${by}, ${then}) > ($1::${cursor.type}, $2::${key.type})`, [start.after.cursor, start.after.key]]
            : [` and ${by} >= $1::${cursor.type}`, [start.cursor]]
      const { rows } = await client.query<{ cursor: string; key: string; row: string }>(`${head}${where} ${tail} $${values.length + 1}`, [...values, limit])
      return rows.map((one) => ({ cursor: one.cursor, key: one.key, row: JSON.parse(one.row) as unknown }))
    },
    async highest(client) {
      const { rows } = await client.query<{ highest: string | null }>(
        `select ${by}::text as highest from ${from} t where ${by} is not null order by ${by} desc limit 1`,
      )
      return rows[0]?.highest ?? undefined
    },
  }
}
