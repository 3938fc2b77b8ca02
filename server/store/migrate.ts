/** Brings the database's schema to this version. */
import { Kysely, PostgresDialect } from 'kysely'
import { type Migration, Migrator } from 'kysely/migration'
import { Client, type ClientConfig, Pool } from 'pg'
import { UserError } from '../../base/errors.ts'
import type { Logger } from '../../base/log.ts'
import { MIGRATIONS } from './migrations/index.ts'

/** Any number, the same for every Cellwright: two gateways that start together migrate one after the other. */
const ADVISORY_LOCK = 7_236_411_902

/** What is about to be done to a database that somebody has used. */
export interface Upgrade {
  /** Its newest migration, and that of this program. */
  from: string
  to: string
  /** What is run, in order. */
  pending: readonly string[]
  /** The program that brought it to where it is; unknown for one from before this was kept. */
  fromVersion: string | undefined
}

/** What must have happened before a database that is in use is changed: what it throws leaves the database as it is. */
export type BeforeUpgrade = (upgrade: Upgrade, database: Pick<Client, 'query'>) => Promise<void>

export interface MigrateOptions {
  config: ClientConfig
  log: Logger
  /** @defaultValue the product's own list */
  migrations?: Record<string, Migration>
  /** Version of this program. @defaultValue not kept */
  version?: string
  /** @defaultValue nothing */
  beforeUpgrade?: BeforeUpgrade
  /** It is the restore itself that works on it. @defaultValue false */
  isRestoring?: boolean
}

/** A schema that is there while a restore has not ended (server/backup/restore-database.ts). */
const UNFINISHED_RESTORE = 'cellwright_restore'

/**
 * Runs what is missing, in one transaction, under an advisory lock.
 * @throws UserError schema-newer, restore-unfinished; what `beforeUpgrade` or a migration throws. In any case the database is as it was.
 */
export async function migrate({ config, log, migrations = MIGRATIONS, version, beforeUpgrade, isRestoring = false }: MigrateOptions): Promise<void> {
  const locker = new Client({ ...config, statement_timeout: 0, query_timeout: 0 })
  // its end shows in the migration that runs meanwhile
  locker.on('error', () => {})
  await locker.connect()
  try {
    await locker.query('select pg_advisory_lock($1)', [ADVISORY_LOCK])
    if (!isRestoring) await refuseUnfinished(locker)
    const applied = await appliedMigrations(locker)
    const fromVersion = applied.length ? await lastProgram(locker) : undefined
    refuseNewer({ applied, fromVersion, version, migrations })
    const pending = Object.keys(migrations)
      .filter((name) => !applied.includes(name))
      .sort()
    const [from, to] = [applied.at(-1), pending.at(-1)]
    if (from !== undefined && to !== undefined) {
      log.info({ from, to, count: pending.length, fromVersion }, 'the database is brought up to date')
      await beforeUpgrade?.({ from, to, pending, fromVersion }, locker)
    }
    const pool = new Pool({ ...config, max: 1, statement_timeout: 0, query_timeout: 0 })
    pool.on('error', () => {})
    const db = new Kysely<unknown>({ dialect: new PostgresDialect({ pool }) })
    try {
      // a change may be ready later than one of a higher number that a database has had: it is made then
      const migrator = new Migrator({ db, provider: { getMigrations: async () => migrations }, allowUnorderedMigrations: true })
      const { error, results } = await migrator.migrateToLatest()
      for (const { migrationName, status } of results ?? []) log.info({ migration: migrationName, status }, 'database migration')
      if (error) throw error
    } finally {
      await db.destroy()
    }
    if (version !== undefined && (to !== undefined || fromVersion === undefined)) await rememberProgram(locker, version)
  } finally {
    await locker.end()
  }
}

async function refuseUnfinished(client: Client): Promise<void> {
  const { rows } = await client.query<{ is: boolean }>('select to_regnamespace($1) is not null as is', [UNFINISHED_RESTORE])
  if (rows[0]?.is)
    throw new UserError({
      code: 'restore-unfinished',
      message:
        'A back-up was being restored into this database, and that did not end. Run "cellwright restore" again: it clears away what is there and begins anew.',
    })
}

/** Names of the migrations that a database has had, in order; none for a new one. */
export async function appliedMigrations(client: Pick<Client, 'query'>): Promise<string[]> {
  const { rows: tables } = await client.query<{ found: string | null }>(`select to_regclass('kysely_migration')::text as found`)
  if (!tables[0]?.found) return []
  const { rows } = await client.query<{ name: string }>('select name from kysely_migration order by name')
  return rows.map(({ name }) => name)
}

/**
 * The program that last changed the schema stands in the comment of the table of migrations, where a program of any version finds it:
 * it is no part of the schema itself.
 */
const PROGRAM = /^Cellwright ([0-9A-Za-z.+-]{1,64})$/

async function lastProgram(client: Client): Promise<string | undefined> {
  const { rows } = await client.query<{ text: string | null }>(`select obj_description(to_regclass('kysely_migration'), 'pg_class') as text`)
  return PROGRAM.exec(rows[0]?.text ?? '')?.[1]
}

async function rememberProgram(client: Client, version: string): Promise<void> {
  if (!PROGRAM.test(`Cellwright ${version}`)) return
  // a comment takes no parameters; the pattern lets no quote through
  await client.query(`comment on table kysely_migration is 'Cellwright ${version}'`)
}

function refuseNewer(facts: {
  applied: readonly string[]
  fromVersion: string | undefined
  version: string | undefined
  migrations: Record<string, Migration>
}): void {
  const { applied, fromVersion, version, migrations } = facts
  const unknown = applied.filter((name) => !Object.hasOwn(migrations, name))
  if (!unknown.length) return
  const newer = fromVersion !== undefined && fromVersion !== version ? `Cellwright ${fromVersion}` : 'a newer Cellwright'
  throw new UserError({
    code: 'schema-newer',
    message: `The database was brought up to date by ${newer}${version === undefined ? '' : `; this is ${version}`}. It has had changes that this program does not know: ${unknown.join(', ')}. Nothing was changed. Start ${newer === 'a newer Cellwright' ? 'the newer program' : `${newer} or a later one`}; to go back to this one, restore the back-up that was taken before the upgrade (docs/upgrade.md).`,
  })
}
