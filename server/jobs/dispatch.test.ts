import { randomBytes } from 'node:crypto'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { join } from 'node:path'
import { sql } from 'kysely'
import { Client } from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createLog } from '../../base/log.ts'
import { redisProgram, startTestRedis, type TestRedis } from '../../test/faults/redis.ts'
import { startTestStore, type TestStore } from '../store/testing.ts'
import { openPostgresBull } from './bull-postgres.ts'
import { openRedisBull } from './bull-redis.ts'
import { queueConformance } from './conformance.ts'
import { createDispatch } from './dispatch.ts'

const log = createLog('test', 'silent')

queueConformance('PostgreSQL', (database) => openPostgresBull({ database }))

const server = redisProgram()
const givenUrl = process.env.REDIS_URL_TEST

describe.skipIf(!server && !givenUrl)(
  server || givenUrl ? 'with Redis' : 'with Redis: SKIPPED, no redis-server on the PATH and REDIS_URL_TEST is not set',
  () => {
    let url = givenUrl ?? ''
    let redis: TestRedis | undefined
    beforeAll(async () => {
      if (url || !server) return
      redis = await startTestRedis(server)
      url = redis.url
    })
    afterAll(() => redis?.close())
    const prefix = `cw-test-${randomBytes(4).toString('hex')}`
    // nobody's Redis but our own is wiped
    queueConformance('Redis', () => openRedisBull({ url, prefix, log }), givenUrl ? undefined : async () => redis?.wipe())
  },
)

describe('dispatch on PostgreSQL', () => {
  let test: TestStore
  beforeAll(async () => {
    test = await startTestStore()
  })
  afterAll(() => test.close())

  it('holds three connections for any number of queues', async () => {
    const dispatch = createDispatch(await openPostgresBull({ database: test.database }), log)
    for (let machine = 0; machine < 6; machine += 1) await dispatch.work(`machine-m${machine}`, { concurrency: 1 }, async () => {})
    for (let machine = 0; machine < 6; machine += 1) await dispatch.add(`machine-m${machine}`, `job_${machine}`)
    const open = await test.store.db
      .selectFrom('pg_stat_activity' as never)
      .select('pid' as never)
      .where('application_name' as never, '=', 'cellwright-jobs' as never)
      .execute()
    expect(open.length).toBeLessThanOrEqual(3)
    await dispatch.close()
    await expect
      .poll(
        async () =>
          (
            await test.store.db
              .selectFrom('pg_stat_activity' as never)
              .select('pid' as never)
              .where('application_name' as never, '=', 'cellwright-jobs' as never)
              .execute()
          ).length,
      )
      .toBe(0)
  })

  it('lives on when connections are lost in the moment in which they are made', async () => {
    // between here and the database; when armed, all connections but one get PostgreSQL's last words in one piece with the answer that they may begin
    let isArmed = false
    let whole: Socket | undefined
    let broken = 0
    const lastWords = Buffer.from('SFATAL\0C57P01\0Mterminating connection due to unexpected postmaster exit\0\0')
    const error = Buffer.concat([Buffer.from('E'), Buffer.from([0, 0, 0, lastWords.length + 4]), lastWords])
    const url = new URL(test.database)
    const relays = new Set<Socket>()
    const relay = createServer((near) => {
      const far = connect(join(url.searchParams.get('host') ?? '', '.s.PGSQL.5432'))
      for (const socket of [near, far]) relays.add(socket.on('error', () => {}))
      near.pipe(far)
      far.on('data', (data) => {
        const isReady = data.includes(Buffer.from([0x5a, 0, 0, 0, 5]))
        if (isArmed && isReady) whole ??= near
        if (isArmed && isReady && near !== whole) {
          broken += 1
          near.end(Buffer.concat([data, error]))
          far.destroy()
        } else near.write(data)
      })
      near.on('close', () => far.destroy())
      far.on('close', () => near.end())
    })
    await new Promise<void>((resolve) => relay.listen(0, '127.0.0.1', resolve))
    const { port } = relay.address() as AddressInfo
    const dispatch = createDispatch(await openPostgresBull({ database: `postgresql://${url.username}:${url.password}@127.0.0.1:${port}/cellwright` }), log)
    try {
      const ran: string[] = []
      await dispatch.work('machine-torn', { concurrency: 1 }, async (id) => void ran.push(id))
      isArmed = true
      for (const socket of relays) socket.destroy()
      // the worker tries again every two seconds; an error that no listener takes would end this process, and fail this test
      const began = performance.now()
      while (performance.now() - began < 3000 || broken <= 2) {
        await dispatch.stateOf('machine-torn', 'x').catch(() => {})
        await new Promise((resolve) => setTimeout(resolve, 20))
      }
      isArmed = false
      // what was torn and not used since is found out by its next use
      await expect.poll(async () => dispatch.add('machine-torn', 'after').then(() => 'taken', String)).toBe('taken')
      await expect.poll(() => ran).toEqual(['after'])
    } finally {
      await dispatch.close()
      relay.close()
      for (const socket of relays) socket.destroy()
    }
  })

  it('goes on when its connections were cut and the database was away for a while', async () => {
    const dispatch = createDispatch(await openPostgresBull({ database: test.database }), log)
    const ran: string[] = []
    await dispatch.work('machine-cut', { concurrency: 1 }, async (id) => void ran.push(id))
    await dispatch.add('machine-cut', 'before')
    await expect.poll(() => ran).toEqual(['before'])
    // delivered to its end, or it would come once more
    await expect.poll(() => dispatch.stateOf('machine-cut', 'before')).toBe('gone')
    const cut = () => sql`select pg_terminate_backend(pid, 10000) from pg_stat_activity where application_name = 'cellwright-jobs'`.execute(test.store.db)
    // from the outside: nobody may close the door of the room they are in
    const outside = new Client({ connectionString: test.database.replace(/\/cellwright(?=\?|$)/, '/template1') })
    await outside.connect()
    await outside.query('alter database cellwright with allow_connections false')
    await cut()
    await expect(dispatch.add('machine-cut', 'during')).rejects.toThrow()
    await outside.query('alter database cellwright with allow_connections true')
    await outside.end()
    // a connection that was cut and not used since is found out by its next use
    await expect.poll(async () => dispatch.add('machine-cut', 'after').then(() => 'taken', String)).toBe('taken')
    await expect.poll(() => ran).toEqual(['before', 'after'])
    await dispatch.close()
  })
})
