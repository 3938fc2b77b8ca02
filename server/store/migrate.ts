/** Brings the database's schema to this version. */
import { Kysely, PostgresDialect } from 'kysely'
import { type Migration, Migrator } from 'kysely/migration'
import { Client, type ClientConfig, Pool } from 'pg'
import { UserError } from '../../base/errors.ts'
import type { Logger } from '../../base/log.ts'
import { MIGRATIONS } from './migrations/index.ts'

/** Any number, the same for every Cellwright: two gateways that start together migrate one after the other. */
const ADVISORY_LOCK = 7_236_411_902

export interface MigrateOptions {
  config: ClientConfig
  log: Logger
  /** @defaultValue the product's own list */
  migrations?: Record<string, Migration>
}

/**
 * Runs what is missing, in one transaction, under an advisory lock.
 * @throws UserError schema-newer; whatever a migration throws, with nothing of it left behind
 */
export async function migrate({ config, log, migrations = MIGRATIONS }: MigrateOptions): Promise<void> {
  const locker = new Client({ ...config, statement_timeout: 0, query_timeout: 0 })
  // its end shows in the migration that runs meanwhile
  locker.on('error', () => {})
  await locker.connect()
  try {
    await locker.query('select pg_advisory_lock($1)', [ADVISORY_LOCK])
    await refuseNewer(locker, migrations)
    const pool = new Pool({ ...config, max: 1, statement_timeout: 0, query_timeout: 0 })
    pool.on('error', () => {})
    const db = new Kysely<unknown>({ dialect: new PostgresDialect({ pool }) })
    try {
      const { error, results } = await new Migrator({ db, provider: { getMigrations: async () => migrations } }).migrateToLatest()
      for (const { migrationName, status } of results ?? []) log.info({ migration: migrationName, status }, 'database migration')
      if (error) throw error
    } finally {
      await db.destroy()
    }
  } finally {
    await locker.end()
  }
}

async function refuseNewer(client: Client, migrations: Record<string, Migration>): Promise<void> {
  const { rows: tables } = await client.query<{ found: string | null }>(`select to_regclass('kysely_migration')::text as found`)
  if (!tables[0]?.found) return
  const { rows } = await client.query<{ name: string }>('select name from kysely_migration order by name')
  const unknown = rows.map(({ name }) => name).filter((name) => !Object.hasOwn(migrations, name))
  if (unknown.length)
    throw new UserError({
      code: 'schema-newer',
      message: `The database was already used by a newer Cellwright (it has ${unknown.join(', ')}, which this version does not know). Start that version, or give this one another data directory or DATABASE_URL.`,
    })
}
