import { sql } from 'kysely'
import type { Migration } from 'kysely/migration'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { newId } from '../../base/ids.ts'
import { createLog } from '../../base/log.ts'
import { ownTime } from '../../base/own-time.ts'
import { json } from './json.ts'
import { MIGRATIONS } from './migrations/index.ts'
import { openStore, type StoreOptions } from './store.ts'
import { startTestPostgres, startTestStore, type TestPostgres, type TestStore } from './testing.ts'

const log = createLog('test', 'silent')
const PATIENCE_MS = 2000
const patient = { watchEveryMs: 200, patienceMs: PATIENCE_MS } satisfies Partial<StoreOptions>
/** Away is known after a look that is not answered, and one over a connection of its own. */
const KNOWN_AFTER_MS = patient.watchEveryMs + 2 * PATIENCE_MS

async function waitFor(condition: () => boolean | Promise<boolean>, timeoutMs = 30_000): Promise<void> {
  const end = performance.now() + timeoutMs
  while (!(await condition())) {
    if (performance.now() > end) throw new Error(`not within ${timeoutMs} ms`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

describe.each([
  { way: 'the embedded database on its socket', listen: {} },
  { way: 'a DATABASE_URL over TCP', listen: { port: 0 } },
])('over $way', ({ listen }) => {
  let test1: TestStore
  const open = (options: Partial<StoreOptions> = {}) => openStore({ database: test1.database, log, ...patient, ...options })
  beforeAll(async () => {
    test1 = await startTestStore({ ...listen, ...patient })
  })
  afterAll(() => test1.close())

  test('writes and reads typed rows', async () => {
    const { db } = test1.store
    const id = newId('prg')
    await db
      .insertInto('program')
      .values({ id, name: 'pocket.nc', sha256: 'a'.repeat(64), bytes: 3_000_000_000, lines: 12, uploadedBy: 'ada' })
      .execute()
    const row = await db.selectFrom('program').selectAll().where('id', '=', id).executeTakeFirstOrThrow()
    expect(row.bytes).toBe(3_000_000_000)
    expect(row.uploadedAt).toBeInstanceOf(Date)
    expect(row.removedAt).toBeNull()
  })

  test('keeps JSON as it was, arrays too', async () => {
    const { db } = test1.store
    await db
      .insertInto('runtimeDocument')
      .values({ what: 'flows', data: json([{ id: 'n1', wires: [['n2']] }]) })
      .execute()
    const row = await db.selectFrom('runtimeDocument').select('data').where('what', '=', 'flows').executeTakeFirstOrThrow()
    expect(row.data).toEqual([{ id: 'n1', wires: [['n2']] }])
  })

  test('passes a broken constraint on as what it is', async () => {
    const { db } = test1.store
    const machine = { id: 'm1', settings: json({}), createdBy: 'ada' }
    await db.insertInto('machine').values(machine).execute()
    await expect(db.insertInto('machine').values(machine).execute()).rejects.toMatchObject({ code: '23505', constraint: 'machine_pkey' })
  })

  test('opens a second time without migrating again, also twice at once', async () => {
    const [one, two] = await Promise.all([open(), open()])
    const { rows } = await sql<{ n: number }>`select count(*) as n from kysely_migration`.execute(one.db)
    expect(rows[0]?.n).toBe(Object.keys(MIGRATIONS).length)
    await Promise.all([one.close(), two.close()])
  })

  test('leaves nothing of a migration that fails half-way', async () => {
    const broken: Migration = {
      async up(db) {
        await sql`create table half (id text)`.execute(db)
        await sql`create table half (id text)`.execute(db)
      },
    }
    await expect(open({ migrations: { ...MIGRATIONS, '800-broken': broken } })).rejects.toMatchObject({ code: '42P07' })
    const { rows } = await sql<{ found: string | null }>`select to_regclass('half')::text as found`.execute(test1.store.db)
    expect(rows[0]?.found).toBeNull()
  })

  test('refuses a database that a newer version has used, and says so', async () => {
    const added: Migration = { up: async (db) => void (await sql`create table later (id text)`.execute(db)) }
    const later = await open({ migrations: { ...MIGRATIONS, '900-later': added } })
    await later.close()
    await expect(open()).rejects.toMatchObject({ kind: 'user', code: 'schema-newer', message: expect.stringContaining('900-later') })
    await sql`delete from kysely_migration where name = '900-later'`.execute(test1.store.db)
  })

  test('fails a query that takes too long while the database answers', async () => {
    const store = await open({ queryTimeoutMs: 1000 })
    await expect(sql`select pg_sleep(60)`.execute(store.db)).rejects.toMatchObject({ kind: 'operational', code: 'store-slow' })
    expect(store.isAway).toBe(false)
    expect((await sql<{ one: number }>`select 1 as one`.execute(store.db)).rows[0]?.one).toBe(1)
    await store.close()
  })

  test('a loop that was held does not take a database that was too slow for one that is away', async () => {
    const store = await open({ queryTimeoutMs: 1000 })
    await sql`select 1`.execute(store.db)
    const tooSlow = expect(sql`select pg_sleep(60)`.execute(store.db)).rejects.toMatchObject({ code: 'store-slow' })
    await new Promise((resolve) => setTimeout(resolve, 200)) // let it be on its way; too short a wait only makes the test easier
    // behind which timers come first, and then what was answered
    await new Promise((resolve) => setImmediate(resolve))
    const until = performance.now() + 2500
    while (performance.now() < until);
    await tooSlow
    await store.close()
  })

  test('fails running and new queries in bounded time while the database stands still, and recovers by itself', async () => {
    const { store, postgres } = test1
    const seen: boolean[] = []
    const stop = store.onAway((isAway) => seen.push(isAway))
    const running = sql`select pg_sleep(60)`.execute(store.db)
    const runningFailed = expect(running).rejects.toMatchObject({ code: 'store-away' })
    await waitFor(
      async () => (await sql`select 1 from pg_stat_activity where query like 'select pg_sleep(60)%' and state = 'active'`.execute(store.db)).rows.length > 0,
    )
    postgres.freeze()
    const sinceFrozen = ownTime()
    try {
      const all = Array.from({ length: 20 }, () => sql`select 1`.execute(store.db))
      for (const result of await Promise.allSettled(all))
        expect(result).toMatchObject({ status: 'rejected', reason: { kind: 'operational', code: 'store-away' } })
      await runningFailed
      expect(sinceFrozen()).toBeLessThan(KNOWN_AFTER_MS + 2000)
      expect(store.isAway).toBe(true)
      const since = ownTime()
      await expect(sql`select 1`.execute(store.db)).rejects.toMatchObject({ code: 'store-away' })
      expect(since()).toBeLessThan(100)
    } finally {
      postgres.thaw()
    }
    await waitFor(() => !store.isAway)
    expect(await store.check()).toBe(true)
    expect((await sql<{ one: number }>`select 1 as one`.execute(store.db)).rows[0]?.one).toBe(1)
    // and perhaps again, when the machine stands still
    expect(seen.slice(0, 2)).toEqual([true, false])
    stop()
  })

  test('rolls a transaction back that the database lost', async () => {
    const { store, postgres } = test1
    const lost = store.db.transaction().execute(async (trx) => {
      await trx
        .insertInto('runtimeDocument')
        .values({ what: 'lost', data: json({}) })
        .execute()
      postgres.freeze()
      await trx.selectFrom('runtimeDocument').select('what').execute()
    })
    await expect(lost).rejects.toMatchObject({ code: 'store-away' })
    postgres.thaw()
    await waitFor(() => !store.isAway)
    expect(await store.db.selectFrom('runtimeDocument').select('what').where('what', '=', 'lost').execute()).toEqual([])
  })

  test('closes in bounded time while the database stands still', async () => {
    const store = await open()
    await sql`select 1`.execute(store.db)
    test1.postgres.freeze()
    const since = ownTime()
    await store.close()
    test1.postgres.thaw()
    expect(since()).toBeLessThan(5000)
    await waitFor(() => !test1.store.isAway)
  })
})

describe('at the start', () => {
  let postgres: TestPostgres
  beforeAll(async () => {
    postgres = await startTestPostgres({ port: 0 })
  })
  afterAll(() => postgres.close())

  test('says that the password is wrong, without printing it', async () => {
    const database = postgres.database.replace(/:[^:@]+@/, ':not-the-password@')
    const failure = openStore({ database, log })
    await expect(failure).rejects.toMatchObject({ kind: 'user', code: 'database-refused' })
    await expect(failure).rejects.not.toThrow('not-the-password')
  })

  test('says that there is no database of that name', async () => {
    await expect(openStore({ database: `${postgres.database}x`, log })).rejects.toMatchObject({ kind: 'user', code: 'database-refused' })
  })

  test('waits for a database that is not there yet, then gives up with a clear error', async () => {
    await expect(openStore({ database: 'postgresql://a:b@127.0.0.1:1/x', log, waitMs: 300 })).rejects.toMatchObject({ kind: 'operational', code: 'store-away' })
  })
})
