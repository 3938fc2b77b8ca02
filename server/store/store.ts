/** Opens the database: waits for it, migrates, and hands out queries that fail in bounded time while it is away. */
import { Kysely, PostgresDialect, type PostgresPool, type PostgresPoolClient } from 'kysely'
import { Client, type ClientConfig, Pool, types } from 'pg'
import { UserError } from '../../base/errors.ts'
import type { Logger } from '../../base/log.ts'
import { type MigrateOptions, migrate } from './migrate.ts'
import { runStatement } from './prepared.ts'
import { isConnectionLoss, isStoreFull, queryProblem, refusal, storeAway } from './problems.ts'
import type { Database } from './tables.ts'
import { type Watch, watchDatabase } from './watch.ts'

export interface Store {
  /**
   * Typed queries. While the database is away they fail with OperationalError `store-away`, at the
   * latest a few seconds after it went; a write that fails so may have happened all the same. A query
   * that takes longer than the time-out fails with `store-slow`. Broken constraints come as
   * PostgreSQL's own errors, with `code` and `constraint`.
   */
  readonly db: Kysely<Database>
  /** The connection string, for libraries that bring their own connections. */
  readonly database: string
  /** The database did not answer when last asked. Work that needs it should not begin. */
  readonly isAway: boolean
  /** Told at every change; returns how to stop listening. */
  onAway(listener: (isAway: boolean) => void): () => void
  /** Asks the database now; true when it answered. */
  check(): Promise<boolean>
  /** Ends every connection. Queries that still run fail. */
  close(): Promise<void>
}

export interface StoreOptions {
  /** node-postgres connection string. */
  database: string
  log: Logger
  /** Connections at most. @defaultValue 8 */
  maxConnections?: number
  /** How long a query may take while the database answers. @defaultValue 30000 */
  queryTimeoutMs?: number
  /** How often the database is asked whether it is there. @defaultValue 2000 */
  watchEveryMs?: number
  /** How long that answer may take before the database counts as away. @defaultValue 2000 */
  patienceMs?: number
  /** How long the first connection is tried. @defaultValue 30000 */
  waitMs?: number
  /** @defaultValue the product's own */
  migrations?: MigrateOptions['migrations']
  /** Version of this program, kept with the schema. @defaultValue not kept */
  version?: string
  /** What must have happened before a database that is in use is changed. @defaultValue nothing */
  beforeUpgrade?: MigrateOptions['beforeUpgrade']
  /** It is the restore of a back-up that opens it. @defaultValue false */
  isRestoring?: boolean
}

const OLDEST_POSTGRES = 13
const LATE_ANSWER_MS = 5000

/** bigint as number: counts and byte sizes, all far below 2^53. */
function parseInt8(text: string): number {
  const value = Number(text)
  if (!Number.isSafeInteger(value)) throw new RangeError(`The database holds ${text}, which is too big for a number here.`)
  return value
}

const INT8: number = types.builtins.INT8
const typeParsers = {
  getTypeParser: ((oid: number, format?: 'text' | 'binary') => (oid === INT8 ? parseInt8 : types.getTypeParser(oid, format))) as typeof types.getTypeParser,
}

/**
 * Opens the store and brings the schema up to date.
 * @throws UserError database-refused, database-too-old, schema-newer, restore-unfinished; OperationalError store-away; what `beforeUpgrade` throws
 */
export async function openStore(options: StoreOptions): Promise<Store> {
  const { database, log, queryTimeoutMs = 30_000 } = options
  const config: ClientConfig = {
    connectionString: database,
    application_name: 'cellwright',
    connectionTimeoutMillis: 5000,
    keepAlive: true,
    types: typeParsers,
  }
  await waitForDatabase({ config, waitMs: options.waitMs ?? 30_000, log })
  try {
    const { migrations, version, beforeUpgrade, isRestoring = false } = options
    await migrate({
      config,
      log,
      isRestoring,
      ...(migrations ? { migrations } : {}),
      ...(version === undefined ? {} : { version }),
      ...(beforeUpgrade ? { beforeUpgrade } : {}),
    })
  } catch (error) {
    throw refusal(error) ?? queryProblem(error)
  }

  const watch = watchDatabase({ config, everyMs: options.watchEveryMs ?? 2000, patienceMs: options.patienceMs ?? 2000 })
  watch.onChange((isAway) => {
    if (isAway) log.error('the database does not answer')
    else log.info('the database is back')
  })
  const pool = new Pool({
    ...config,
    max: options.maxConnections ?? 8,
    idleTimeoutMillis: 60_000,
    statement_timeout: queryTimeoutMs,
    // PostgreSQL ends the statement first, also for a loop that was held meanwhile; this is for an answer that never comes
    query_timeout: queryTimeoutMs + LATE_ANSWER_MS,
    idle_in_transaction_session_timeout: 60_000,
  })
  // a lost idle connection: the watch finds out what it means
  pool.on('error', () => void watch.ask())
  // a lost connection in use fails its query; without a listener it would end the process as well
  pool.on('connect', (client) => client.on('error', () => {}))
  const db = new Kysely<Database>({ dialect: new PostgresDialect({ pool: boundedPool(pool, watch) }) })

  let closing: Promise<void> | undefined
  return {
    db,
    database,
    get isAway() {
      return watch.isAway
    },
    onAway: (listener) => watch.onChange(listener),
    check: () => watch.ask(),
    close() {
      closing ??= (async () => {
        watch.close()
        let timer: NodeJS.Timeout | undefined
        const late = new Promise<void>((resolve) => {
          timer = setTimeout(resolve, 3000)
        })
        // pg waits for every connection in use; a database that is away must not keep us from ending
        await Promise.race([pool.end(), late])
        clearTimeout(timer)
      })()
      return closing
    },
  }
}

/** The pool as Kysely uses it: every wait ends when the database is known to be away. */
function boundedPool(pool: Pool, watch: Watch): PostgresPool {
  const failed = (error: unknown) => {
    if (isConnectionLoss(error)) void watch.ask()
    return queryProblem(error)
  }
  return {
    options: pool.options,
    async connect() {
      if (watch.isAway) throw storeAway()
      const connecting = pool.connect()
      let client: Awaited<typeof connecting>
      try {
        client = await watch.whileThere(connecting)
      } catch (error) {
        connecting.then(
          (late) => late.release(true),
          () => {},
        )
        throw failed(error)
      }
      let isBroken = false
      const bounded = {
        async query(text: string, values: unknown[]) {
          try {
            return await watch.whileThere(runStatement(client, text, values))
          } catch (error) {
            isBroken ||= isConnectionLoss(error)
            throw failed(error)
          }
        },
        release: () => client.release(isBroken),
      }
      // Kysely uses query(sql, parameters) and release() alone here (no cursors are configured)
      return bounded as unknown as PostgresPoolClient
    },
    end: () => pool.end(),
  }
}

async function waitForDatabase({ config, waitMs, log }: { config: ClientConfig; waitMs: number; log: Logger }): Promise<void> {
  const end = performance.now() + waitMs
  let isTold = false
  for (;;) {
    const client = new Client({ ...config, query_timeout: 5000 })
    client.on('error', () => {})
    try {
      await client.connect()
      const { rows } = await client.query<{ version: number }>(`select current_setting('server_version_num')::int as version`)
      const major = Math.floor((rows[0]?.version ?? 0) / 10_000)
      if (major < OLDEST_POSTGRES)
        throw new UserError({ code: 'database-too-old', message: `DATABASE_URL leads to PostgreSQL ${major}; Cellwright needs ${OLDEST_POSTGRES} or newer.` })
      await client.end()
      return
    } catch (error) {
      const refused = error instanceof UserError ? error : refusal(error)
      if (refused) throw refused
      const isFull = isStoreFull(queryProblem(error))
      if (!isFull && !isConnectionLoss(error)) throw error
      if (performance.now() > end) throw isFull ? queryProblem(error) : storeAway(error)
      if (!isTold) log.warn({ reason: (error as Error).message }, 'waiting for the database')
      isTold = true
      await new Promise((resolve) => setTimeout(resolve, 250))
    } finally {
      client.connection.stream.destroy()
    }
  }
}
