/** The line between hosts over what really carries it, and who counts as living, gone and leading. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { UserError } from '../../base/errors.ts'
import { createLog } from '../../base/log.ts'
import { startTestStore, type TestStore } from '../store/testing.ts'
import { type Carrier, createBus } from './bus.ts'
import { carryOverPostgres } from './carry-postgres.ts'
import { carryOverRedis } from './carry-redis.ts'
import { aloneHost, type Bus } from './contract.ts'
import { readIdentity } from './name.ts'
import { createPlacing } from './placing.ts'
import { createHosts, type HostRegistry, settleName } from './registry.ts'

const log = createLog('test', 'silent')
const eventually = <T>(look: () => T | Promise<T>) => expect.poll(look, { timeout: 60_000, interval: 20 })

let test: TestStore
let dir = ''
beforeAll(async () => {
  test = await startTestStore()
  dir = mkdtempSync(join(tmpdir(), 'cw-hosts-'))
})
afterAll(async () => {
  await test.close()
  rmSync(dir, { recursive: true, force: true })
})

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

describe.each([
  { name: 'PostgreSQL', isHere: true },
  { name: server ? 'Redis' : 'Redis: SKIPPED, no redis-server on the PATH', isHere: server !== undefined },
])('the line between hosts over $name', ({ name, isHere }) => {
  describe.skipIf(!isHere)('it', () => {
    let redis: ChildProcess | undefined
    let url = ''
    const open = (): Promise<Carrier> => (name === 'PostgreSQL' ? carryOverPostgres({ store: test.store, log }) : carryOverRedis({ url, log }))
    const startRedis = async () => {
      url = join(dir, 'redis.sock')
      const child = spawn(server as string, ['--port', '0', '--unixsocket', url, '--dir', dir, '--save', '', '--appendonly', 'no'], {
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      redis = child
      await new Promise<void>((resolve, reject) => {
        child.stdout.on('data', (chunk: Buffer) => /ready to accept connections/i.test(String(chunk)) && resolve())
        child.once('exit', (code) => reject(new Error(`redis-server ended with ${code}`)))
      })
    }
    let [one, two, three] = [] as unknown as [Bus, Bus, Bus]
    beforeAll(async () => {
      if (name !== 'PostgreSQL') await startRedis()
      const bus = async (host: string) => createBus({ name: host, carrier: await open(), log })
      ;[one, two, three] = [await bus('one'), await bus('two'), await bus('three')]
    })
    afterAll(async () => {
      for (const bus of [one, two, three]) await bus?.close()
      redis?.kill('SIGKILL')
    })

    it('tells all the others, also what is long, and not oneself', async () => {
      const heard: [string, unknown, string][] = []
      one.on('news', (body, from) => heard.push(['one', body, from]))
      two.on('news', (body, from) => heard.push(['two', body, from]))
      three.on('news', (body, from) => heard.push(['three', body, from]))
      const long = 'ä'.repeat(20_000)
      one.tell('news', { long })
      await eventually(() => heard.length).toBe(2)
      expect(heard.toSorted((a, b) => a[0].localeCompare(b[0]))).toEqual([
        ['three', { long }, 'one'],
        ['two', { long }, 'one'],
      ])
    })

    it('asks one host, and brings its answer or its error', async () => {
      two.answer('double', (body) => (body as number) * 2)
      three.answer('double', () => 'not for me')
      expect(await one.ask('two', 'double', 21, { timeoutMs: 10_000 })).toBe(42)
      two.answer('refuse', () => {
        throw new UserError({ code: 'machine-busy', status: 409, message: 'It is in use.' })
      })
      await expect(one.ask('two', 'refuse', {}, { timeoutMs: 10_000 })).rejects.toMatchObject({ code: 'machine-busy', status: 409, message: 'It is in use.' })
      await expect(one.ask('two', 'unheard of', {}, { timeoutMs: 10_000 })).rejects.toMatchObject({ code: 'not-supported' })
    })

    it('says that nobody answered, and that it may have been done all the same', async () => {
      await expect(one.ask('nobody', 'double', 1, { timeoutMs: 200 })).rejects.toMatchObject({
        code: 'host-silent',
        message: expect.stringContaining('Whether it heard is not known'),
      })
    })

    // the database is not killed for this: there is one for all of these tests
    const unlessPostgres = name === 'PostgreSQL' ? undefined : it
    unlessPostgres?.('sends nothing later that could not be sent: what was asked while the line was down is never heard', async () => {
      const heard: unknown[] = []
      two.answer('late', (body) => heard.push(body))
      const gone = new Promise((resolve) => redis?.once('exit', resolve))
      redis?.kill('SIGKILL')
      await gone
      await expect(one.ask('two', 'late', 'while down', { timeoutMs: 5000 })).rejects.toMatchObject({
        code: expect.stringMatching(/host-(unreachable|silent)/),
      })
      await startRedis()
      await eventually(() =>
        one.ask('two', 'late', 'after', { timeoutMs: 500 }).then(
          () => 'answered',
          () => 'not yet',
        ),
      ).toBe('answered')
      await wait(300)
      expect(heard).not.toContain('while down')
    })
  })
})

describe('hosts', () => {
  const quiet = aloneHost().bus
  const start = async (name: string, options: { silentMs?: number } = {}) => {
    const hosts = await createHosts({
      db: test.store.db,
      log,
      identity: { id: `id-${name}`, name },
      bus: quiet,
      version: '1.0.0',
      dataDir: dir,
      beatMs: 50,
      ...options,
    })
    await hosts.start()
    return hosts
  }

  it('know each other; the first leads, and another one when it has ended', async () => {
    const a = await start('a')
    const b = await start('b')
    const told: boolean[] = []
    b.onLead((leads) => told.push(leads))
    await eventually(() => a.list().map(({ name, state }) => [name, state])).toEqual([
      ['a', 'living'],
      ['b', 'living'],
    ])
    expect([a.leads, b.leads, b.leader, a.hasOthers]).toEqual([true, false, 'a', true])
    await a.close()
    await eventually(() => b.leads).toBe(true)
    expect(told).toEqual([true])
    // it leads from the moment it has the role; what it knows of the others it reads anew with its next look
    await eventually(() => [b.find('a')?.state, b.isGone('a'), b.hasOthers]).toEqual(['ended', true, false])
    await b.close()
    await test.store.db.deleteFrom('jobHost').execute()
    await test.store.db.deleteFrom('hostRole').execute()
  })

  it('count one as gone that is silent, told once, and not before they could have heard of it themselves', async () => {
    const { db } = test.store
    await db
      .insertInto('jobHost')
      .values({ name: 'dead', at: new Date(Date.now() - 3_600_000) })
      .execute()
    await db.insertInto('hostRole').values({ name: 'lead', host: 'dead' }).execute()
    const gone: string[] = []
    const silentMs = 600
    const begun = performance.now()
    let ledAfterMs: number | undefined
    let goneAfterMs: number | undefined
    const a = await createHosts({ db, log, identity: { id: 'a', name: 'a' }, bus: quiet, version: '1', dataDir: dir, beatMs: 50, silentMs })
    a.onLead((leads) => {
      if (leads) ledAfterMs ??= performance.now() - begun
    })
    a.onGone((name) => {
      gone.push(name)
      goneAfterMs ??= performance.now() - begun
    })
    await a.start()
    await eventually(() => a.leads).toBe(true)
    // the database may have been away for all of them until then
    await eventually(() => gone.length).toBeGreaterThan(0)
    expect(ledAfterMs).toBeGreaterThan(silentMs)
    expect(goneAfterMs).toBeGreaterThan(silentMs)
    expect(a.isGone('dead')).toBe(true)
    expect(a.isGone('a')).toBe(false)
    await wait(200)
    expect(gone).toEqual(['dead'])
    await a.close()
    await db.deleteFrom('jobHost').execute()
    await db.deleteFrom('hostRole').execute()
  })

  it('count none as gone that stood still together with them', async () => {
    const silentMs = 600
    const a = await start('a', { silentMs })
    const b = await start('b', { silentMs })
    const gone: string[] = []
    for (const each of [a, b]) each.onGone((name) => gone.push(name))
    const of = async (host: HostRegistry) => {
      await host.beat()
      return [host.isGone('nobody'), host.list().map(({ state }) => state)]
    }
    // long enough heard of to be judged
    for (const host of [a, b]) await eventually(() => of(host)).toEqual([true, ['living', 'living']])
    for (const end = performance.now() + silentMs * 1.5; performance.now() < end; );
    for (const host of [a, b]) await eventually(() => of(host)).toEqual([true, ['living', 'living']])
    expect(gone).toEqual([])
    await a.close()
    await b.close()
    await test.store.db.deleteFrom('jobHost').execute()
    await test.store.db.deleteFrom('hostRole').execute()
  })

  it('see that two have the same name', async () => {
    const a = await start('twin')
    const copy = await start('twin')
    await eventually(() => a.isSuperseded).toBe(true)
    expect(copy.isSuperseded).toBe(false)
    await a.close()
    await copy.beat()
    expect(copy.find('twin')?.state).toBe('living')
    await copy.close()
    await test.store.db.deleteFrom('jobHost').execute()
    await test.store.db.deleteFrom('hostRole').execute()
  })

  it('keep the name of their data directory, and give way to a living one of the same name unless a person named them', async () => {
    const { db } = test.store
    const file = join(dir, 'name', 'host.json')
    const first = await readIdentity({ file, given: 'mill-pc' })
    expect(await readIdentity({ file, given: undefined })).toEqual({ ...first, isGiven: false })
    await expect(readIdentity({ file, given: 'no spaces' })).rejects.toMatchObject({ code: 'setting-invalid' })
    writeFileSync(file, '{"half')
    expect((await readIdentity({ file, given: undefined })).id).not.toBe(first.id)

    const living = await start('mill-pc')
    const mine = { id: 'abcdef', name: 'mill-pc', isGiven: false }
    const given = join(dir, 'given.json')
    await expect(settleName(db, { ...mine, isGiven: true }, given)).rejects.toMatchObject({ code: 'host-name-taken' })
    expect(await settleName(db, mine, given)).toMatchObject({ name: 'mill-pc-abcd' })
    expect(JSON.parse(readFileSync(given, 'utf8'))).toEqual({ id: 'abcdef', name: 'mill-pc-abcd' })
    // the same data directory on another computer: a copy
    await db.updateTable('jobHost').set({ id: 'abcdef', computer: 'other 00:00' }).where('name', '=', 'mill-pc').execute()
    await expect(settleName(db, mine, given)).rejects.toMatchObject({ code: 'host-name-taken', message: expect.stringContaining('it was copied') })
    await living.close()
    // a new computer in the place of an old one
    expect(await settleName(db, { ...mine, id: 'new', isGiven: true }, given)).toMatchObject({ name: 'mill-pc' })
    // another computer that happens to be called so does not take its machines
    expect(await settleName(db, { ...mine, id: 'new' }, given)).toMatchObject({ name: 'mill-pc-new' })
    // the same computer with a new data directory does
    const again = await start('mill-pc')
    await again.close()
    expect(await settleName(db, { ...mine, id: 'new' }, given)).toMatchObject({ name: 'mill-pc' })
    await db.deleteFrom('jobHost').execute()
    await db.deleteFrom('hostRole').execute()
  })
})

describe('what runs where', () => {
  it('a flow that acts on a machine belongs to a host that has it; a program is queued from anywhere', async () => {
    const node = (id: string, type: string, more: object = {}) => ({ id, type, z: 'tab', ...more })
    const flows = [
      { id: 'here', type: 'cw-machine', machineId: 'mill-1' },
      { id: 'there', type: 'cw-machine', machineId: 'mill-2' },
      node('homes', 'cw-time-trigger', { wires: [['home']] }),
      node('home', 'cw-home', { machine: 'there', wires: [[]] }),
      node('runs', 'cw-time-trigger', { wires: [['run']] }),
      node('run', 'cw-run-program', { machine: 'there', wires: [[]] }),
      node('both', 'cw-time-trigger', { wires: [['home', 'own']] }),
      node('own', 'cw-home', { machine: 'here', wires: [[]] }),
      node('event', 'cw-event-trigger', { machine: 'there', wires: [[]] }),
      node('asks', 'cw-time-trigger', { wires: [['queue']] }),
      node('queue', 'cw-enqueue', { wires: [[]] }),
      node('job', 'cw-job-in', { jobName: 'tend', wires: [['home']] }),
      node('other', 'cw-job-in', { jobName: 'report', wires: [[]] }),
    ]
    const here = new Set(['mill-1'])
    const machines = { list: () => [{ id: 'mill-1' }, { id: 'mill-2' }] as never, isHere: (id: string) => here.has(id), onHere: () => {} }
    const placing = createPlacing({ machines, currentFlows: async () => ({ flows }) })
    await placing.refresh()
    expect(['homes', 'runs', 'both', 'event', 'asks'].filter((id) => placing.isElsewhere(id))).toEqual(['homes', 'event'])
    expect(placing.jobsElsewhere()).toEqual(['tend'])
    here.add('mill-2')
    expect(placing.isElsewhere('homes')).toBe(false)
    expect(placing.jobsElsewhere()).toEqual([])
  })
})
