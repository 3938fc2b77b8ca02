/** From each schema that somebody may have to the newest one: rows survive, a failure changes nothing, and there is a back-up before. */
import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Migration } from 'kysely/migration'
import { Client } from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createLog } from '../../base/log.ts'
import { makeSignInTables } from '../auth/index.ts'
import { backUpBeforeUpgrade } from '../backup/before-upgrade.ts'
import { listKept } from '../backup/kept.ts'
import { installationKey } from '../backup/lock.ts'
import { restoreBackup } from '../backup/restore.ts'
import { dataPaths } from '../config.ts'
import { openStore } from '../store/index.ts'
import { appliedMigrations, type MigrateOptions, migrate, type Upgrade } from '../store/migrate.ts'
import { MIGRATIONS } from '../store/migrations/index.ts'
import { startTestPostgres, type TestPostgres } from '../store/testing.ts'
import { beforeUpgrade } from './index.ts'
import { refuseWhileOthersLive } from './other-hosts.ts'
import { allRows, fillTables, type Rows } from './testing.ts'

/**
 * The newest migration of each released version, and of what was in use before there was one. A release adds a line; what the
 * migrations up to there make must never change again, which the number behind it holds (see `fingerprint`).
 */
const SCHEMAS = {
  '019-environment': '3cc0c3c7a8a61b85',
  '023-marks-and-told': '55874fd4f431dc7c',
  '028-quality-documents': '8502f77c1de35c70',
  '031-offset-corrections': '3087d9c14c7b9388',
}

/** Who is signed in and which hosts live is not brought back (server/backup/settle.ts). */
const CHANGED_BY_RESTORE = ['session', 'lockedSession', 'jobHost', 'jobQueue', 'hostMessage', 'hostRole']

/** Rows that the rules of a table ask for, beyond types, lists of words and references. */
const SPECIAL = {
  // what was under way when it was backed up is closed by a restore (server/backup/settle.ts): here everything had ended
  job: () => ({ state: 'completed' }),
  // only what was proposed has an answer
  offsetCorrection: () => ({ kind: 'seen', answer: null }),
}

let postgres: TestPostgres
let dir: string
const open: Client[] = []
beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'cw-upgrade-'))
  postgres = await startTestPostgres()
})
afterAll(async () => {
  for (const client of open) await client.end()
  await postgres?.close()
  rmSync(dir, { recursive: true, force: true })
})

const log = createLog('test', 'silent')
const newest = Object.keys(MIGRATIONS).sort().at(-1) as string
const upTo = (last: string) => Object.fromEntries(Object.entries(MIGRATIONS).filter(([name]) => name <= last))
const connect = async (connectionString: string) => {
  const client = new Client({ connectionString })
  client.on('error', () => {})
  await client.connect()
  open.push(client)
  return client
}

let made = 0
/** A database of its own on the one server, as `last` left it, with rows in every table. */
async function databaseOf(last: string, version?: string) {
  const connectionString = await emptyDatabase()
  const client = await connect(connectionString)
  const run = (options: Partial<MigrateOptions> = {}) => migrate({ config: { connectionString }, log, ...options })
  await run({ migrations: upTo(last), ...(version === undefined ? {} : { version }) })
  const schema = await fingerprint(client)
  const store = await openStore({ database: connectionString, log, migrations: upTo(last) })
  await makeSignInTables(store, log)
  await store.close()
  await fillTables(client, SPECIAL)
  return { client, run, schema, connectionString }
}

/** An empty one. */
async function emptyDatabase(): Promise<string> {
  made += 1
  const name = `upgrade_${made}`
  await (await connect(postgres.database)).query(`create database ${name} template template1`)
  return postgres.database.replace('/cellwright?', `/${name}?`)
}

/** What the tables are made of, in one number: columns, rules and indexes, in an order that does not depend on when they were made. */
async function fingerprint(client: Client): Promise<string> {
  const { rows } = await client.query<{ text: string }>(`
    select string_agg(line, E'\\n' order by line) as text from (
      select format('%s.%s %s %s %s', table_name, column_name, data_type, is_nullable, column_default) as line from information_schema.columns where table_schema = 'public'
      union all select format('%s %s', conrelid::regclass, pg_get_constraintdef(oid)) from pg_constraint where connamespace = 'public'::regnamespace and contype in ('c', 'f', 'p', 'u')
      union all select indexdef from pg_indexes where schemaname = 'public') lines`)
  return createHash('sha256')
    .update(rows[0]?.text ?? '')
    .digest('hex')
    .slice(0, 16)
}

/** Rows of before that are not there any more, by what their table still has columns for. */
function lostRows(before: Rows, after: Rows): string[] {
  const lost: string[] = []
  for (const [table, rows] of before) {
    const now = after.get(table) ?? []
    // what a row held and its table still has columns for: a migration may add to a row, or turn a value into a better one under the same key
    const keys = Object.keys(rows[0] ?? {}).filter((name) => now[0] === undefined || name in now[0])
    if (rows.length && !keys.length) lost.push(`${table}: every column`)
    const textOf = (row: Record<string, unknown>) => JSON.stringify(keys.map((name) => row[name]))
    const texts = now.map(textOf)
    for (const row of rows) if (!texts.includes(textOf(row))) lost.push(`${table}: ${textOf(row)}`)
  }
  return lost
}

describe.each(Object.entries(SCHEMAS))('from %s', (last, known) => {
  test('every row is there after the upgrade, and nothing of the old schema was ever changed', async () => {
    const { client, run, schema } = await databaseOf(last)
    expect(schema).toBe(known)
    const before = await allRows(client)
    expect([...before.values()].every((rows) => rows.length > 0)).toBe(true)
    await run({ version: '9.9.9' })
    expect((await appliedMigrations(client)).at(-1)).toBe(newest)
    const after = await allRows(client)
    expect(lostRows(before, after)).toEqual([])
  })

  test('the back-up that is taken before brings every row back', async () => {
    const { client, run, connectionString } = await databaseOf(last, '0.1.0')
    const before = { rows: await allRows(client) }
    const dataDir = join(dir, last, 'data')
    const paths = dataPaths({ dataDir, filesDir: undefined })
    mkdirSync(paths.keys, { recursive: true })
    writeFileSync(join(paths.keys, 'guards'), 'a key')
    const config = { dataDir, filesDir: undefined, secretKey: undefined, upgradeBackup: 'on' as const }
    const backup = () => backUpBeforeUpgrade({ database: connectionString, config, version: '9.9.9', log })
    await run({ version: '9.9.9', beforeUpgrade: beforeUpgrade({ hostFile: paths.host, backup }) })
    expect((await appliedMigrations(client)).at(-1)).toBe(newest)

    const [kept] = await listKept(paths.backups)
    const into = join(dir, last, 'back')
    const databaseUrl = await emptyDatabase()
    await restoreBackup({
      file: join(paths.backups, kept?.name ?? 'none'),
      lock: { identity: await installationKey(paths.backupKey) },
      as: 'replacement',
      root: join(import.meta.dirname, '..', '..'),
      log,
      config: { ...config, dataDir: into, databaseUrl },
    })
    const restored = await connect(databaseUrl)
    // this program brings what it restores up to date at once; the old one leaves it as it was
    const compared = new Map([...before.rows].filter(([table]) => !CHANGED_BY_RESTORE.includes(table)))
    expect(lostRows(compared, await allRows(restored))).toEqual([])
    expect(readFileSync(join(into, 'keys', 'guards'), 'utf8')).toBe('a key')
  })
})

describe('before a database in use is changed', () => {
  const added: Record<string, Migration> = {
    ...MIGRATIONS,
    '900-later': { up: async (db) => void (await db.schema.createTable('later').addColumn('id', 'text').execute()) },
  }
  const broken: Record<string, Migration> = {
    ...added,
    '901-broken': {
      async up(db) {
        await db.schema.createTable('half').addColumn('id', 'text').execute()
        await db.schema.dropTable('machine').execute()
        throw new Error('broken off')
      },
    },
  }

  test('what must happen before is told from where to where, once, and not for a new or a current database', async () => {
    const told: Upgrade[] = []
    const beforeUpgrade = async (upgrade: Upgrade) => void told.push(upgrade)
    const { run } = await databaseOf('031-offset-corrections', '0.1.0')
    const later = Object.keys(MIGRATIONS).filter((name) => name > '031-offset-corrections')
    await Promise.all([run({ beforeUpgrade, version: '0.2.0' }), run({ beforeUpgrade, version: '0.2.0' })])
    // two gateways that start together: the second one found everything done
    expect(told).toEqual([{ from: '031-offset-corrections', to: newest, pending: later.sort(), fromVersion: '0.1.0' }])
    await run({ beforeUpgrade, version: '0.2.1' })
    expect(told).toHaveLength(1)
    await run({ beforeUpgrade, version: '0.3.0', migrations: added })
    // the program that changed it last, not the one that ran last
    expect(told[1]).toEqual({ from: newest, to: '900-later', pending: ['900-later'], fromVersion: '0.2.0' })
    const fresh = await databaseOf(newest)
    await fresh.run({ beforeUpgrade, version: '0.2.0' })
    expect(told).toHaveLength(2)
  })

  test('a change that became ready later than one of a higher number is made, too, and an older program refuses it', async () => {
    const told: Upgrade[] = []
    const { client, run } = await databaseOf(newest, '0.1.0')
    await run({ migrations: added, version: '0.1.0' })
    const late: Record<string, Migration> = {
      ...added,
      '899-late': { up: async (db) => void (await db.schema.createTable('late').addColumn('id', 'text').execute()) },
    }
    await run({ migrations: late, version: '0.2.0', beforeUpgrade: async (upgrade) => void told.push(upgrade) })
    expect(told).toEqual([{ from: '900-later', to: '899-late', pending: ['899-late'], fromVersion: '0.1.0' }])
    expect((await appliedMigrations(client)).slice(-2)).toEqual(['899-late', '900-later'])
    await client.query('select id from late')
    await expect(run({ migrations: added, version: '0.1.0' })).rejects.toMatchObject({ code: 'schema-newer', message: expect.stringContaining('899-late') })
  })

  test('a back-up that fails, or a migration that does, leaves the database as it was', async () => {
    const { client, run } = await databaseOf('031-offset-corrections', '0.1.0')
    const state = async () => ({ schema: await fingerprint(client), migrations: await appliedMigrations(client), rows: [...(await allRows(client))] })
    const before = await state()
    await expect(
      run({
        beforeUpgrade: async () => {
          throw new Error('no room')
        },
      }),
    ).rejects.toThrow('no room')
    expect(await state()).toEqual(before)
    await expect(run({ migrations: broken, version: '0.2.0' })).rejects.toThrow('broken off')
    expect(await state()).toEqual(before)
    // and is brought up to date by a program that can
    await run({ version: '0.2.0' })
    expect((await appliedMigrations(client)).at(-1)).toBe(newest)
  })

  test('an older program refuses it, says which one to take, and changes nothing', async () => {
    const { client, run } = await databaseOf(newest, '0.1.0')
    await run({ migrations: added, version: '0.2.0' })
    const state = async () => ({ schema: await fingerprint(client), migrations: await appliedMigrations(client), rows: [...(await allRows(client))] })
    const before = await state()
    await expect(run({ version: '0.1.0' })).rejects.toMatchObject({
      kind: 'user',
      code: 'schema-newer',
      message:
        'The database was brought up to date by Cellwright 0.2.0; this is 0.1.0. It has had changes that this program does not know: 900-later. Nothing was changed. Start Cellwright 0.2.0 or a later one; to go back to this one, restore the back-up that was taken before the upgrade (docs/upgrade.md).',
    })
    expect(await state()).toEqual(before)
    await run({ migrations: added, version: '0.2.1' })
  })

  test('hosts that still work with it are named; those that ended, are silent or are this one are not', async () => {
    const { client } = await databaseOf(newest)
    const file = join(dir, 'host.json')
    writeFileSync(file, JSON.stringify({ id: 'mine', name: 'here' }))
    await client.query('delete from "jobHost"')
    const put = (name: string, id: string, ago: string, endedAt: string | null) =>
      client.query(`insert into "jobHost" (name, id, version, at, "endedAt") values ($1, $2, '0.1.0', now() - $3::interval, $4)`, [name, id, ago, endedAt])
    await put('here', 'mine', '1 s', null)
    await put('ended', 'b', '1 s', '2026-01-01T00:00:00Z')
    await put('silent', 'c', '60 s', null)
    await refuseWhileOthersLive(client, file)
    await put('mill hall', 'd', '1 s', null)
    await expect(refuseWhileOthersLive(client, file)).rejects.toMatchObject({
      code: 'hosts-still-run',
      message: expect.stringContaining('"mill hall" (0.1.0)'),
    })
    const { client: old } = await databaseOf('010-characteristics')
    await refuseWhileOthersLive(old, file)
  })
})
