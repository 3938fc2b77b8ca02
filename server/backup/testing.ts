/** For tests: a row in every table, and all rows of a database as text. */
import { Client } from 'pg'

export async function withClient<T>(database: string, work: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ connectionString: database })
  await client.connect()
  try {
    return await work(client)
  } finally {
    await client.end()
  }
}

interface Column {
  table: string
  column: string
  type: string
  generated: string
}

/** What a careless dump gets wrong. */
const AWKWARD = 'tab\there, new\nline, \\N back\\slash, "quotes", ümläut 漢字 🛠, \\., end '

/**
 * Puts rows into every table that has none, with every column filled: of tables that come later, too. Ids are the same in all tables, so
 * that whatever refers to another table finds it.
 */
export async function fillEveryTable(database: string, rows = 3): Promise<string[]> {
  return withClient(database, async (client) => {
    // triggers and keys sleep
    await client.query('set session_replication_role = replica')
    const { rows: columns } = await client.query<Column>(
      `select c.relname as table, a.attname as column, format_type(a.atttypid, null) as type, a.attgenerated as generated
       from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
       where c.relkind = 'r' and c.relnamespace = 'public'::regnamespace and c.relname not like 'kysely%' order by c.relname, a.attnum`,
    )
    const { rows: checks } = await client.query<{ table: string; rule: string }>(
      `select conrelid::regclass::text as table, pg_get_constraintdef(oid) as rule from pg_constraint where contype = 'c' and connamespace = 'public'::regnamespace`,
    )
    const { rows: keys } = await client.query<{ table: string; columns: string[] }>(
      `select c.conrelid::regclass::text as table, array_agg(a.attname::text) as columns from pg_constraint c
       join pg_attribute a on a.attrelid = c.conrelid and a.attnum = any(c.conkey)
       where c.contype in ('p', 'u', 'f') and c.connamespace = 'public'::regnamespace group by c.oid, c.conrelid`,
    )
    const isKey = (table: string, column: string) => keys.some((key) => key.table.replaceAll('"', '') === table && key.columns.includes(column))
    const filled: string[] = []
    for (const [table, own] of Map.groupBy(columns, (column) => column.table)) {
      const { rows: there } = await client.query(`select 1 from "${table}" limit 1`)
      if (there.length) continue
      const rules = checks.filter((check) => check.table.replaceAll('"', '') === table).map(({ rule }) => rule)
      const isOnly = rules.some((rule) => /CHECK \(\(?id = 1\)/.test(rule))
      const written = own.filter(({ generated }) => generated === '')
      for (let n = 1; n <= (isOnly ? 1 : rows); n += 1) {
        const values = written.map(({ column, type }) => sampleOf({ table, column, type, n, rules, isKey: isKey(table, column) }))
        const names = written.map(({ column }) => `"${column}"`).join(', ')
        await client
          .query(
            `insert into "${table}" (${names}) overriding system value values (${values.map((_, i) => `$${i + 1}`).join(', ')}) on conflict do nothing`,
            values,
          )
          .catch((error: Error) => {
            throw new Error(`no row for "${table}": ${error.message}; ${JSON.stringify(values)}`)
          })
      }
      filled.push(table)
    }
    // as after that many rows
    for (const { table, column } of columns.filter(({ table, type }) => filled.includes(table) && type === 'bigint')) {
      const { rows: sequence } = await client.query<{ name: string | null }>('select pg_get_serial_sequence($1, $2) as name', [`public."${table}"`, column])
      if (sequence[0]?.name) await client.query('select setval($1::regclass, 41)', [sequence[0].name])
    }
    return filled
  })
}

function sampleOf({
  table,
  column,
  type,
  n,
  rules,
  isKey,
}: {
  table: string
  column: string
  type: string
  n: number
  rules: string[]
  isKey: boolean
}): unknown {
  // what one column is says whether another may be there
  const either = rules.find((rule) => new RegExp(`"?\\b${column}\\b"? IS NOT NULL`).test(rule))
  const chosen = rules.map((rule) => new RegExp(`\\b"?${column}"? = ANY \\(ARRAY\\['([^']+)'`).exec(rule)?.[1]).find((value) => value !== undefined)
  if (chosen !== undefined) return chosen
  if (either && !isKey && /\(kind = 'proposed'/.test(either)) return null
  switch (type) {
    case 'text':
    case 'character varying':
      return isKey || column === 'id' || column.endsWith('Id') ? `k${n}` : `${AWKWARD}${table} ${n}`
    case 'boolean':
      return n % 2 === 0
    case 'integer':
    case 'bigint':
      return isKey ? n : n * 7
    case 'double precision':
    case 'real':
      return [0.1 + 0.2, 1e-300, -123456.789012345][n % 3]
    case 'timestamp with time zone':
    case 'timestamp without time zone':
      return `2026-03-29 01:59:59.12345${n}+00`
    case 'date':
      return '2026-02-28'
    case 'json':
      return `{"b": 1,  "a":"${n}", "text": ${JSON.stringify(AWKWARD)}}`
    case 'jsonb':
      return JSON.stringify({ b: 1, a: [n, null, true], text: AWKWARD })
    case 'text[]':
      return ['one', 'with, comma', 'and "quotes" \\ {braces}']
    default:
      throw new Error(`a value for ${table}.${column} of type ${type} is missing here`)
  }
}

/** Every row of every table as text, sorted. */
export async function allRows(database: string): Promise<Record<string, string[]>> {
  return withClient(database, async (client) => {
    await client.query(`set timezone = 'UTC'; set extra_float_digits = 3`)
    const { rows: tables } = await client.query<{ name: string }>(
      `select relname as name from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace and relname not like 'kysely%' order by 1`,
    )
    const all: Record<string, string[]> = {}
    for (const { name } of tables) {
      const { rows } = await client.query<{ row: string }>(`select t::text as row from "${name}" t order by 1`)
      all[name] = rows.map(({ row }) => row)
    }
    return all
  })
}

/** Where each sequence stands, and every rule of the database in words. */
export async function rulesOf(database: string): Promise<unknown> {
  return withClient(database, async (client) => {
    const ask = async (text: string) => (await client.query<{ text: string }>(text)).rows.map(({ text }) => text)
    const sequences = await ask(`select relname as text from pg_class where relkind = 'S' and relnamespace = 'public'::regnamespace order by 1`)
    const values: string[] = []
    for (const name of sequences) {
      const [at] = (await client.query<{ last_value: string; is_called: boolean }>(`select last_value::text, is_called from "${name}"`)).rows
      values.push(`${name} ${at?.last_value} ${at?.is_called}`)
    }
    return {
      values,
      triggers: await ask(`select pg_get_triggerdef(oid) || ' ' || tgenabled::text as text from pg_trigger where not tgisinternal order by 1`),
      constraints: await ask(
        `select concat_ws(' ', conrelid::regclass, conname, pg_get_constraintdef(oid), convalidated) as text from pg_constraint where connamespace = 'public'::regnamespace order by 1`,
      ),
      indexes: await ask(`select indexdef as text from pg_indexes where schemaname = 'public' order by 1`),
    }
  })
}
