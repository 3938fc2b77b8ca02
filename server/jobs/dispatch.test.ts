import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'kysely'
import { Client } from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createLog } from '../../base/log.ts'
import { startTestStore, type TestStore } from '../store/testing.ts'
import { openPostgresBull } from './bull-postgres.ts'
import { openRedisBull } from './bull-redis.ts'
import { dispatchConformance } from './conformance.ts'
import { createDispatch } from './dispatch.ts'

const log = createLog('test', 'silent')

dispatchConformance('PostgreSQL', (database) => openPostgresBull({ database }))

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
    dispatchConformance('Redis', () => openRedisBull({ url: url.replace(/^unix:\/\//, ''), prefix, log }))
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
    for (let machine = 0; machine < 6; machine += 1) await dispatch.work(`machine-m${machine}`, { delivery: 'once', concurrency: 1 }, async () => {})
    for (let machine = 0; machine < 6; machine += 1) await dispatch.add(`machine-m${machine}`, `job_${machine}`, { delivery: 'once' })
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

  it('lives on when its connections are cut at any moment', async () => {
    const dispatch = createDispatch(await openPostgresBull({ database: test.database }), log)
    const ran: string[] = []
    await dispatch.work('machine-torn', { delivery: 'once', concurrency: 1 }, async (id) => void ran.push(id))
    const outside = new Client({ connectionString: test.database })
    await outside.connect()
    // without a pause, so that some are cut just when they were made; an error that no listener takes would end this process
    const cutting = outside.query(`do $$ begin
      for i in 1..200000 loop
        exit when clock_timestamp() > transaction_timestamp() + interval '3 seconds';
        perform pg_stat_clear_snapshot();
        perform pg_terminate_backend(pid) from pg_stat_activity where application_name <> '' and application_name <> 'cellwright' and pid <> pg_backend_pid();
      end loop; end $$`)
    let isCutting = true
    void cutting.finally(() => {
      isCutting = false
    })
    for (let i = 0; isCutting; i += 1) await dispatch.add('machine-torn', `torn_${i}`, { delivery: 'once' }).catch(() => {})
    await cutting
    await outside.end()
    await dispatch.add('machine-torn', 'after', { delivery: 'once' })
    await expect.poll(() => ran, { timeout: 20_000 }).toContain('after')
    await dispatch.close()
  }, 60_000)

  it('goes on when its connections were cut and the database was away for a while', async () => {
    const dispatch = createDispatch(await openPostgresBull({ database: test.database }), log)
    const ran: string[] = []
    await dispatch.work('machine-cut', { delivery: 'once', concurrency: 1 }, async (id) => void ran.push(id))
    await dispatch.add('machine-cut', 'before', { delivery: 'once' })
    await expect.poll(() => ran, { timeout: 10_000 }).toEqual(['before'])
    const cut = () => sql`select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'cellwright-jobs'`.execute(test.store.db)
    // from the outside: nobody may close the door of the room they are in
    const outside = new Client({ connectionString: test.database.replace(/\/cellwright(?=\?|$)/, '/postgres') })
    await outside.connect()
    await outside.query('alter database cellwright with allow_connections false')
    await cut()
    await expect(dispatch.add('machine-cut', 'during', { delivery: 'once' })).rejects.toThrow()
    await outside.query('alter database cellwright with allow_connections true')
    await outside.end()
    await dispatch.add('machine-cut', 'after', { delivery: 'once' })
    await expect.poll(() => ran, { timeout: 10_000 }).toEqual(['before', 'after'])
    await dispatch.close()
  })
})
