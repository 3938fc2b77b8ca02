/** Every secret of this installation that can be known by its value: of settings, of key files, and what is kept sealed. */
import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { type Kysely, sql } from 'kysely'
import type { TableGroup } from '../api/index.ts'
import { type Config, dataPaths, SETTINGS } from '../config.ts'
import type { Secrets } from '../secrets/index.ts'
import { groupOf } from '../space/tables.ts'
import type { Database } from '../store/index.ts'

/** Key files are small. */
const LARGEST_KEY = 64 * 1024
/** As `server/secrets` seals. */
const SEALED = 'v1[.][A-Za-z0-9+/=]{38,}'
/** Groups and tables that hold no secret by their contract, and much else. */
const WITHOUT = { groups: new Set<TableGroup>(['runs', 'jobs', 'audit', 'quality']), tables: new Set(['flowVersion', 'keptVersion', 'template']) }
/** Words that somebody may have put where a secret stands; they would be found in everything. */
const WORDS = new Set(['admin', 'localhost', 'false', 'guest', 'default', 'cellwright'])

/** Of settings that are secrets: whole, and the parts of addresses and of `name:password`. */
function ofSettings(config: Partial<Config>): string[] {
  return Object.entries(SETTINGS).flatMap(([name, setting]) => {
    const value = (config as Record<string, unknown>)[name]
    if (!('isSecret' in setting) || typeof value !== 'string') return []
    const parts = [value]
    if (value.includes('://')) {
      const { username, password } = URL.canParse(value) ? new URL(value) : { username: '', password: '' }
      parts.push(password, decodeURIComponent(password), ...(password ? [username] : []))
    } else parts.push(value.slice(value.indexOf(':') + 1)) // name:password
    return parts.filter(Boolean)
  })
}

/** Lines of key files: tokens of the processes, keys, passwords. */
async function ofFiles(config: Pick<Config, 'dataDir' | 'filesDir'>): Promise<string[]> {
  const paths = dataPaths(config)
  const found: string[] = []
  const read = async (file: string) => {
    const facts = await stat(file).catch(() => undefined)
    if (!facts?.isFile() || facts.size > LARGEST_KEY) return
    const bytes = await readFile(file).catch(() => Buffer.alloc(0))
    found.push(bytes.toString('base64'), bytes.toString('hex'))
    const text = bytes.toString('utf8')
    if (text.includes('�')) return
    found.push(
      ...text
        .split('\n')
        .map((line) => line.trim())
        .filter((line) => line.length >= 16 && !line.startsWith('-----')),
    )
  }
  for (const name of await readdir(paths.keys).catch(() => [])) await read(join(paths.keys, name))
  const access = await readFile(paths.cliAccess, 'utf8').catch(() => '')
  const token = /"token"\s*:\s*"([^"]+)"/.exec(access)?.[1]
  return token === undefined ? found : [...found, token]
}

/** Everything that is sealed in the database, wherever it stands: also of parts that this file has not heard of. */
async function ofDatabase(db: Kysely<Database>, secrets: Pick<Secrets, 'open'>): Promise<string[]> {
  const { rows: columns } = await sql<{ table: string; column: string }>`
    select table_name as "table", column_name as "column" from information_schema.columns
    where table_schema = 'public' and data_type in ('text', 'json', 'jsonb')`.execute(db)
  const found: string[] = []
  for (const { table, column } of columns) {
    if (WITHOUT.tables.has(table) || WITHOUT.groups.has(groupOf(table))) continue
    const { rows } = await sql<{ sealed: string }>`
      select distinct (regexp_matches(${sql.ref(column)}::text, ${SEALED}, 'g'))[1] as sealed from ${sql.table(table)}
      where ${sql.ref(column)}::text like '%v1.%'`.execute(db)
    for (const { sealed } of rows) {
      try {
        found.push(...textsIn(secrets.open(sealed)))
      } catch {
        // only looks like it, or was sealed under another key: nobody can read it
      }
    }
  }
  return found
}

/** Each text in what was sealed: JSON, or the secret itself. */
function textsIn(opened: string): string[] {
  let value: unknown
  try {
    value = JSON.parse(opened)
  } catch {
    return [opened]
  }
  const walk = (each: unknown): string[] =>
    typeof each === 'string'
      ? [each]
      : typeof each === 'number'
        ? [String(each)]
        : typeof each === 'object' && each !== null
          ? Object.values(each).flatMap(walk)
          : []
  return walk(value).filter((text) => !WORDS.has(text.toLowerCase()))
}

/** @param options.tokens of this life: what processes say to each other */
export async function knownSecrets(options: {
  config: Partial<Config> & Pick<Config, 'dataDir' | 'filesDir'>
  database?: { db: Kysely<Database>; secrets: Pick<Secrets, 'open'> } | undefined
  tokens?: readonly string[]
}): Promise<string[]> {
  const { config, database, tokens = [] } = options
  return [...tokens, ...ofSettings(config), ...(await ofFiles(config)), ...(database ? await ofDatabase(database.db, database.secrets) : [])]
}
