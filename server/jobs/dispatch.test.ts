import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import { sql } from 'kysely'
import { Client } from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createLog } from '../../base/log.ts'
import { startTestStore, type TestStore } from '../store/testing.ts'
import { openPostgresBull } from './bull-postgres.ts'
import { openRedisBull } from './bull-redis.ts'
import { queueConformance } from './conformance.ts'
import { createDispatch } from './dispatch.ts'

const log = createLog('test', 'silent')

queueConformance('PostgreSQL', (database) => openPostgresBull({ database }))

function redisServer(): string | undefined {
  const name = process.env.REDIS_SERVER ?? 'redis-server'
  try {
    execFileSync(name, ['--version'], { stdio: 'ignore' })
    return name
  } catch {
    return undefined // not installed here
  }
}
const server = redisServer()
const givenUrl = process.env.REDIS_URL_TEST

describe.skipIf(!server && !givenUrl)(
  server || givenUrl ? 'with Redis' : 'with Redis: SKIPPED, no redis-server on the PATH and REDIS_URL_TEST is not set',
  () => {
    let url = givenUrl ?? ''
    let child: ChildProcess | undefined
    let dir = ''
    beforeAll(async () => {
      if (url || !server) return
      dir = mkdtempSync(join(tmpdir(), 'cw-redis-'))
      const socket = join(dir, 'redis.sock')
      const redis = spawn(server, ['--port', '0', '--unixsocket', socket, '--dir', dir, '--save', '', '--appendonly', 'no'], {
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      child = redis
      await new Promise<void>((resolve, reject) => {
        redis.stdout.on('data', (chunk: Buffer) => {
          if (chunk.includes('Ready to accept connections') || chunk.includes('ready to accept connections')) resolve()
        })
        redis.once('exit', (code) => reject(new Error(`redis-server ended with ${code}`)))
      })
      url = `unix://${socket}`
    })
    afterAll(() => {
      child?.kill('SIGKILL')
      if (dir) rmSync(dir, { recursive: true, force: true })
    })
    const prefix = `cw-test-${randomBytes(4).toString('hex')}`
    const address = () => url.replace(/^unix:\/\//, '')
    const wipe = async () => {
      const redis = new Redis(address())
      await redis.flushall()
      await redis.quit()
    }
    // nobody's Redis but our own is wiped
    queueConformance('Redis', () => openRedisBull({ url: address(), prefix, log }), givenUrl ? undefined : wipe)
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
      const until = performance.now() + 3000
      while (performance.now() < until) {
        await dispatch.stateOf('machine-torn', 'x').catch(() => {})
        await new Promise((resolve) => setTimeout(resolve, 20))
      }
      expect(broken).toBeGreaterThan(2)
      isArmed = false
      await dispatch.add('machine-torn', 'after')
      await expect.poll(() => ran, { timeout: 20_000 }).toEqual(['after'])
    } finally {
      await dispatch.close()
      relay.close()
      for (const socket of relays) socket.destroy()
    }
  }, 60_000)

  it('goes on when its connections were cut and the database was away for a while', async () => {
    const dispatch = createDispatch(await openPostgresBull({ database: test.database }), log)
    const ran: string[] = []
    await dispatch.work('machine-cut', { concurrency: 1 }, async (id) => void ran.push(id))
    await dispatch.add('machine-cut', 'before')
    await expect.poll(() => ran, { timeout: 10_000 }).toEqual(['before'])
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
    await expect.poll(async () => dispatch.add('machine-cut', 'after').then(() => 'taken', String), { timeout: 10_000 }).toBe('taken')
    await expect.poll(() => ran, { timeout: 10_000 }).toEqual(['before', 'after'])
    await dispatch.close()
  })
})
