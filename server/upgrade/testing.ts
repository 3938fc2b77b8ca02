/** Databases as earlier versions left them: tables of earlier migrations, each with rows in it, made from what PostgreSQL says of the columns. */
import type { Client } from 'pg'

interface Column {
  table: string
  name: string
  type: string
  /** What a check constraint lists for it. */
  oneOf?: string[]
  isFilled: boolean
}

interface Reference {
  table: string
  columns: string[]
  to: string
  toColumns: string[]
}

type Row = Record<string, unknown>
/** Rows of each table, in the order in which they were put in. */
export type Rows = Map<string, Row[]>

/** Kysely's own, and those that a migration clears on purpose. */
const NOT_OURS = ['kysely_migration', 'kysely_migration_lock']

async function columnsOf(client: Client): Promise<Column[]> {
  const { rows } = await client.query<{ table: string; name: string; type: string; isFilled: boolean }>(`
    select c.table_name as table, c.column_name as name, c.data_type as type,
      (c.is_identity = 'YES' or c.is_generated = 'ALWAYS' or coalesce(c.column_default, '') like 'nextval%') as "isFilled"
    from information_schema.columns c join information_schema.tables t using (table_schema, table_name)
    where c.table_schema = 'public' and t.table_type = 'BASE TABLE' order by c.table_name, c.ordinal_position`)
  const { rows: checks } = await client.query<{ table: string; text: string }>(
    `select conrelid::regclass::text as table, pg_get_constraintdef(oid) as text from pg_constraint where contype = 'c' and connamespace = 'public'::regnamespace`,
  )
  const lists = new Map<string, string[]>()
  for (const { table, text } of checks) {
    const found = /^CHECK \(\("?(\w+)"? = ANY \(ARRAY\[(.*)\]\)\)\)$/.exec(text)
    if (found?.[1] && found[2])
      lists.set(
        `${table.replaceAll('"', '')}.${found[1]}`,
        [...found[2].matchAll(/'([^']*)'/g)].map((match) => match[1] as string),
      )
  }
  return rows
    .filter(({ table }) => !NOT_OURS.includes(table))
    .map((column) => {
      const oneOf = lists.get(`${column.table}.${column.name}`)
      return { ...column, ...(oneOf ? { oneOf } : {}) }
    })
}

async function referencesOf(client: Client): Promise<Reference[]> {
  const { rows } = await client.query<Reference>(`
    select conrelid::regclass::text as table, confrelid::regclass::text as to,
      array(select attname::text from unnest(conkey) with ordinality k(n, i) join pg_attribute a on a.attrelid = conrelid and a.attnum = k.n order by i) as columns,
      array(select attname::text from unnest(confkey) with ordinality k(n, i) join pg_attribute a on a.attrelid = confrelid and a.attnum = k.n order by i) as "toColumns"
    from pg_constraint where contype = 'f' and connamespace = 'public'::regnamespace`)
  return rows.map((row) => ({ ...row, table: row.table.replaceAll('"', ''), to: row.to.replaceAll('"', '') }))
}

/** A value of a column's type that tells which row it belongs to. */
function valueFor({ table, name, type, oneOf }: Column, n: number): unknown {
  if (oneOf) return oneOf[n % oneOf.length]
  switch (type) {
    case 'boolean':
      return n % 2 === 0
    case 'smallint':
    case 'integer':
    case 'bigint':
      return n + 1
    case 'double precision':
    case 'real':
    case 'numeric':
      return n + 0.5
    case 'json':
    case 'jsonb':
      return JSON.stringify({ of: `${table}.${name}`, n })
    case 'timestamp with time zone':
    case 'timestamp without time zone':
      return `2026-01-0${n + 1}T08:00:00.000Z`
    case 'date':
      return `2026-01-0${n + 1}`
    case 'bytea':
      return Buffer.from(`${table}.${name}.${n}`)
    case 'ARRAY':
      return []
    default:
      return `${table}.${name}.${n}`
  }
}

const quoted = (name: string) => `"${name}"`

/**
 * Puts rows into every table.
 * @param special what a rule of a table asks for besides: by table, what a row must have
 * @throws Error naming the table whose rules are not met: it needs a line in `special`
 */
export async function fillTables(client: Client, special: Record<string, (n: number) => Row>, count = 2): Promise<void> {
  const columns = await columnsOf(client)
  const references = await referencesOf(client)
  const left = new Set(columns.map(({ table }) => table))
  const filled = new Map<string, Row[]>()
  while (left.size) {
    const next = [...left].find((table) => references.every((each) => each.table !== table || each.to === table || !left.has(each.to)))
    if (next === undefined) throw new Error(`Tables that refer to each other in a circle: ${[...left].join(', ')}`)
    left.delete(next)
    for (let n = 0; n < count; n += 1) {
      const row: Row = {}
      for (const column of columns) if (column.table === next && !column.isFilled) row[column.name] = valueFor(column, n)
      for (const { table, columns: own, to, toColumns } of references) {
        if (table !== next) continue
        const target = (to === table ? undefined : filled.get(to)?.[n]) ?? filled.get(to)?.[0]
        for (const [index, name] of own.entries()) row[name] = target?.[toColumns[index] as string] ?? null
      }
      Object.assign(row, special[next]?.(n))
      if (row.isLeftOut) break
      const names = Object.keys(row)
      const text = `insert into ${quoted(next)} (${names.map(quoted).join(', ')}) values (${names.map((_, index) => `$${index + 1}`).join(', ')}) returning *`
      try {
        const { rows } = await client.query<Row>(names.length ? text : `insert into ${quoted(next)} default values returning *`, Object.values(row))
        filled.set(next, [...(filled.get(next) ?? []), ...rows])
      } catch (error) {
        // one row is all that a table of settings takes; a migration has made some
        const { code } = error as { code?: unknown }
        if (code === '23505' || (code === '23514' && n > 0)) break
        throw new Error(`${next}: ${(error as Error).message}: ${JSON.stringify(row)}`)
      }
    }
  }
}

/** Every row of every table, as text that can be compared. */
export async function allRows(client: Client): Promise<Rows> {
  const tables = [...new Set((await columnsOf(client)).map(({ table }) => table))]
  const all: Rows = new Map()
  for (const table of tables) {
    const { rows } = await client.query<{ row: Row }>(`select to_jsonb(t) as row from ${quoted(table)} t order by to_jsonb(t)::text`)
    all.set(
      table,
      rows.map(({ row }) => row),
    )
  }
  return all
}
