/** The database and Redis: whether they answer, and whether they are new enough. */
import { existsSync } from 'node:fs'
import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import { Client } from 'pg'
import { messageOf } from '../../base/errors.ts'
import { dataPaths } from '../config.ts'
import { findBinaries } from '../store/embedded/binaries.ts'
import { dbUserFor } from '../store/embedded/db-user.ts'
import { MIGRATIONS } from '../store/migrations/index.ts'
import { type Finding, ok, type Patient, plain, problem, warning } from './finding.ts'

const PATIENCE_MS = 5000
/** As README says. */
const LEAST_POSTGRES = 13
const LEAST_REDIS = 7
const SLOW_MS = 100
const CLOCK_OFF_MS = 2000
/** Of the end of a log. */
const TAIL_BYTES = 64 * 1024

/** An address without who and what lets them in. */
function placeOf(url: string): string {
  try {
    const { host, pathname } = new URL(url)
    return `${host}${pathname}`
  } catch {
    return 'the address that is set'
  }
}

export const lookAtDatabase = (patient: Patient): Promise<Finding[]> =>
  patient.config.databaseUrl === undefined ? embedded(patient) : own(patient.config.databaseUrl)

async function own(url: string): Promise<Finding[]> {
  const place = placeOf(url)
  const client = new Client({ connectionString: url, connectionTimeoutMillis: PATIENCE_MS, query_timeout: PATIENCE_MS })
  client.on('error', () => {})
  try {
    await client.connect()
    const begin = performance.now()
    const { rows } = await client.query<{ number: string; name: string; at: Date }>(
      `select current_setting('server_version_num') as number, current_setting('server_version') as name, clock_timestamp() as at`,
    )
    const ms = performance.now() - begin
    const [row] = rows
    if (!row) throw new Error('it answered nothing')
    const found: Finding[] = []
    if (Number(row.number) < LEAST_POSTGRES * 10_000)
      found.push(
        problem(
          'database',
          `PostgreSQL at ${place} is version ${row.name}; ${LEAST_POSTGRES} is the oldest that works.`,
          'Upgrade it, or use the one that comes along (without DATABASE_URL).',
        ),
      )
    const newer = await unknownMigrations(client)
    if (newer.length)
      found.push(problem('database', `A newer Cellwright has used it: ${newer.join(', ')}.`, 'Start that version, or give this one another database.'))
    if (ms > SLOW_MS) found.push(warning('database', `It takes ${Math.round(ms)} ms for a small answer.`, 'Pages and flows wait for it: bring it nearer.'))
    const offMs = Date.now() - ms / 2 - row.at.getTime()
    if (Math.abs(offMs) > CLOCK_OFF_MS)
      found.push(warning('database', `Its clock and ours are ${Math.round(Math.abs(offMs) / 1000)} s apart.`, 'Set both by a time server (NTP).'))
    return found.length ? found : [ok('database', `PostgreSQL ${row.name} at ${place} answers in ${Math.round(ms)} ms.`)]
  } catch (error) {
    return [
      problem(
        'database',
        `The database at ${place} does not let us in: ${plain(error)}.`,
        'Does it run, is the network there, are name and password in DATABASE_URL right?',
      ),
    ]
  } finally {
    await client.end().catch(() => {})
  }
}

async function unknownMigrations(client: Client): Promise<string[]> {
  const { rows } = await client.query<{ there: string | null }>(`select to_regclass('kysely_migration')::text as there`)
  if (!rows[0]?.there) return []
  const { rows: applied } = await client.query<{ name: string }>('select name from kysely_migration order by name')
  return applied.map(({ name }) => name).filter((name) => !Object.hasOwn(MIGRATIONS, name))
}

/** The one that comes along: can it start? When it runs, the report says how it is. */
async function embedded({ config, root, running }: Patient): Promise<Finding[]> {
  const cluster = dataPaths(config).postgres
  const found: Finding[] = []
  let ours: string | undefined
  try {
    dbUserFor(cluster)
    ours = findBinaries({ root, mustBeReachable: false }).version
  } catch (error) {
    found.push(problem('database', messageOf(error), 'Without it the product does not start; a database of your own goes into DATABASE_URL.'))
  }
  if (existsSync(cluster)) {
    const version = (await readFile(join(cluster, 'PG_VERSION'), 'utf8').catch(() => '')).trim()
    if (!version)
      found.push(
        problem(
          'database',
          `${cluster} is no database: PG_VERSION is missing.`,
          'Was something deleted there? Restore a back-up; keep what is there until that has worked.',
        ),
      )
    // a cluster is its major version's, for good
    if (version && ours && ours.split('.')[0] !== version)
      found.push(
        problem(
          'database',
          `The database in ${cluster} is of PostgreSQL ${version}, and PostgreSQL ${ours} came with this version.`,
          'Start the version that it is of, make a back-up there, and restore it here.',
        ),
      )
    const mode = (await stat(cluster)).mode & 0o777
    if (process.platform !== 'win32' && version && (mode & 0o027) !== 0)
      found.push(problem('database', `${cluster} may be read by others (mode ${mode.toString(8)}): PostgreSQL refuses to start.`, `chmod 700 ${cluster}`))
    const said = running ? [] : await lastWords(join(dataPaths(config).logs, 'postgres.log'))
    if (said.length)
      found.push(
        warning(
          'database',
          `It ended with trouble the last time: ${said.join(' ')}`,
          'If it is the disk, make room. Otherwise start it, and read postgres.log when it does not come up.',
        ),
      )
  }
  return found.length
    ? found
    : [
        ok(
          'database',
          existsSync(cluster)
            ? `The database that comes along, in ${cluster}${running ? '; it runs' : ''}.`
            : 'The database that comes along is made at the first start.',
        ),
      ]
}

/** What PostgreSQL said of trouble since it was last ready. */
async function lastWords(file: string): Promise<string[]> {
  const log = await readFile(file).catch(() => Buffer.alloc(0))
  const lines = log
    .subarray(Math.max(0, log.length - TAIL_BYTES))
    .toString('utf8')
    .split('\n')
  const since = lines.slice(lines.findLastIndex((line) => /ready to accept connections/.test(line)) + 1)
  if (since.some((line) => /database system is shut down/.test(line)) && !since.some((line) => /PANIC/.test(line))) return []
  return since.filter((line) => /\b(FATAL|PANIC):/.test(line) && !/terminating connection|starting up|shutting down/.test(line)).slice(-2)
}

export async function lookAtRedis({ config }: Patient): Promise<Finding[]> {
  const { redisUrl } = config
  if (redisUrl === undefined) return [ok('Redis', 'None is set: the queues are in the database.')]
  const place = placeOf(redisUrl)
  const redis = new Redis(redisUrl, { lazyConnect: true, connectTimeout: PATIENCE_MS, maxRetriesPerRequest: 0, retryStrategy: () => null })
  redis.on('error', () => {})
  try {
    await redis.connect()
    const info = await redis.info()
    const version = /^redis_version:(\S+)/m.exec(info)?.[1] ?? '?'
    const policy = /^maxmemory_policy:(\S+)/m.exec(info)?.[1]
    const found: Finding[] = []
    if (Number(version.split('.')[0]) < LEAST_REDIS)
      found.push(
        problem(
          'Redis',
          `Redis at ${place} is version ${version}; ${LEAST_REDIS} is the oldest that works.`,
          'Upgrade it, or leave REDIS_URL away: PostgreSQL does the same.',
        ),
      )
    if (policy !== undefined && policy !== 'noeviction' && !/^maxmemory:0\b/m.test(info))
      found.push(
        warning('Redis', `It throws entries away when its memory is full (${policy}).`, 'Set maxmemory-policy to noeviction: queues must not lose entries.'),
      )
    return found.length ? found : [ok('Redis', `Redis ${version} at ${place} answers.`)]
  } catch (error) {
    return [
      problem(
        'Redis',
        `Redis at ${place} does not answer: ${plain(error)}.`,
        'Does it run, is the address in REDIS_URL right? Without REDIS_URL the queues are in the database.',
      ),
    ]
  } finally {
    redis.disconnect()
  }
}
