/** What is left, and what is taken over, when the launcher or the database is killed: real PostgreSQL, guard and virtual controller. */
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { Client } from 'pg'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { runDirFor, socketPath } from '../../base/run-dir.ts'
import { connectTo } from '../../server/launcher/adopt.ts'
import { callsOver } from '../../server/launcher/json-rpc.ts'
import { createLauncher, type Launcher, type LauncherOptions } from '../../server/launcher/launcher.ts'
import { testCluster } from '../../server/store/testing.ts'
import { isAlive, launcherProcess, makePlace, type Place, waitFor } from './instance.ts'

let place: Place
const cleanups: (() => unknown)[] = []

beforeEach(async () => {
  place = makePlace()
  // a cluster that was made before: initdb is tested elsewhere
  const { clusterDir, passwordFile } = await testCluster(place.dir)
  mkdirSync(join(place.dataDir, 'keys'), { recursive: true })
  renameSync(clusterDir, join(place.dataDir, 'postgres'))
  renameSync(passwordFile, join(place.dataDir, 'keys', 'postgres'))
})
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
  place.remove()
})

const machine = {
  name: 'Mill',
  link: { kind: 'virtual', timeScale: 10 },
  envelopeMm: { min: [-300, -200, -80], max: [0, 0, 0] },
  whenRequesterGone: 'finish',
}

/** With PostgreSQL, guard and virtual controller as they are; gateway, runtime and connector host are test programs. */
const options = (extra: { env?: Record<string, string> } = {}): LauncherOptions =>
  place.options({ real: ['guard', 'virtual'], env: { DATABASE_URL: '', ...extra.env }, timings: { backoffMs: 50, endMs: 2000 } })

function launcher(): Launcher {
  const made = createLauncher(options())
  cleanups.push(() => made.stop())
  return made
}
/** As the launcher wrote it down for its successor. */
const pids = () => {
  const file = join(place.dataDir, 'processes.json')
  const list = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as { name: string; pid: number }[]) : []
  return Object.fromEntries(list.map(({ name, pid }) => [name, pid])) as Record<string, number>
}
const everything = ['postgres', 'gateway', 'runtime', 'connector-host', 'guard:m1', 'virtual:m1']
const whenAllRun = async () => {
  await waitFor('all processes', () => everything.every((name) => pids()[name] !== undefined))
  await waitFor('the guard is ready', () => existsSync(join(runDirFor(place.dataDir), 'guard-m1.sock')))
  return pids()
}

test('kill -9 of the launcher leaves no gateway, no connector host, no database and no runtime, even a blocked one; guard and virtual controller stay and are taken over', async () => {
  place.note('gateway', { kind: 'machines', machines: [{ id: 'm1', settings: machine }] })
  const first = await launcherProcess(options())
  cleanups.push(() => first.child.kill('SIGKILL'))
  const before = await whenAllRun()
  place.tell('runtime', 'hang')
  await waitFor('a blocked runtime', () => place.events().some(({ name, what }) => name === 'runtime' && what === 'blocked'))
  place.untell('runtime', 'hang')
  first.child.kill('SIGKILL')
  await waitFor('the others are gone', () => ['postgres', 'gateway', 'runtime', 'connector-host'].every((name) => !isAlive(before[name]!)))
  expect([isAlive(before['guard:m1']!), isAlive(before['virtual:m1']!)]).toEqual([true, true])

  const second = launcher()
  await second.start()
  const running = (name: string) => second.processes.find((process) => process.name === name && process.state === 'running')?.pid
  await waitFor('both taken over', () => running('guard:m1') !== undefined && running('virtual:m1') !== undefined)
  expect([running('guard:m1'), running('virtual:m1')]).toEqual([before['guard:m1'], before['virtual:m1']])

  await second.stop()
  await waitFor('guard and virtual controller are gone', () => !isAlive(before['guard:m1']!) && !isAlive(before['virtual:m1']!))
  expect(existsSync(join(place.dataDir, 'machines', 'm1.guarded'))).toBe(false)
})

test('kill -9 of everything at once: the next start works, and its guard knows that the last one did not end in order', async () => {
  place.note('gateway', { kind: 'machines', machines: [{ id: 'm1', settings: machine }] })
  const first = await launcherProcess(options())
  const before = await whenAllRun()
  const journals = join(place.dataDir, 'journals', 'm1')
  const starts = () =>
    readdirSync(journals)
      .map((file) => readFileSync(join(journals, file), 'utf8'))
      .join('')
      .match(/"isRestart":(true|false)/g)
  await waitFor('the guard to have written that it started', () => starts()?.length === 1)
  // the launcher first, which would start the others again; without it some of them end by themselves
  for (const pid of [first.child.pid!, ...Object.values(before)])
    try {
      process.kill(pid, 'SIGKILL')
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
    }
  await waitFor('all are gone', () => Object.values(before).every((pid) => !isAlive(pid)))
  const second = launcher()
  await second.start()
  await waitFor('all run again', () => everything.every((name) => second.processes.some((process) => process.name === name && process.state === 'running')))
  await waitFor('the next guard to have written it too', () => starts()?.length === 2)
  expect(starts()).toEqual(['"isRestart":false', '"isRestart":true'])
})

test('machines are at rest when each guard says so: not while a program runs, not when a guard does not answer', async () => {
  place.note('gateway', { kind: 'machines', machines: [{ id: 'm1', settings: machine }] })
  const one = launcher()
  await one.start()
  const { 'guard:m1': guardPid } = await whenAllRun()
  // its file is there a moment before it listens
  const socket = await waitFor('the guard to listen', () => connectTo(socketPath(runDirFor(place.dataDir), 'guard-m1')))
  cleanups.push(() => socket.destroy())
  const guard = callsOver(socket)
  await guard.call('hello', { token: readFileSync(join(place.dataDir, 'keys', 'guards'), 'utf8').trim(), as: 'gateway' }, 10_000)
  const state = async () => (await guard.call('state', {}, 10_000)) as { link: string; controller: string; job?: unknown }
  await waitFor('an idle machine', async () => (await state()).controller === 'idle')
  // one that is asked something just now is not counted as standing
  await waitFor('all at rest', () => one.areMachinesAtRest())

  const path = join(place.dir, 'long.nc')
  const text = `G21 G90\nG1 X-200 F60\nG1 X-1\nM2\n`
  writeFileSync(path, text)
  const sha256 = createHash('sha256').update(text).digest('hex')
  await guard.call('startJob', { jobId: 'job_1', programName: 'long.nc', path, sha256, by: 'test', whenRequesterGone: 'finish' }, 20_000)
  expect(await one.areMachinesAtRest()).toBe(false)
  await guard.call('hold', { by: 'test' }, 10_000)
  await waitFor('a held machine', async () => (await state()).controller === 'hold')
  // it stands, and may go on at any time
  expect(await one.areMachinesAtRest()).toBe(false)
  await guard.call('stop', { by: 'test', hard: false }, 10_000)
  await waitFor('the end of the job', async () => (await state()).job === undefined && (await state()).controller === 'idle')
  await waitFor('all at rest again', () => one.areMachinesAtRest())
  process.kill(guardPid!, 'SIGSTOP')
  try {
    expect(await one.areMachinesAtRest()).toBe(false)
  } finally {
    process.kill(guardPid!, 'SIGCONT')
  }
})

test('Ctrl-C ends every process and then the launcher itself, which has nothing left to wait for', async () => {
  place.note('gateway', { kind: 'machines', machines: [{ id: 'm1', settings: machine }] })
  const { child } = await launcherProcess(options())
  cleanups.push(() => child.kill('SIGKILL'))
  const before = await whenAllRun()
  const exit = new Promise((resolve) => child.once('exit', (code, signal) => resolve(code ?? signal)))
  child.kill('SIGINT')
  expect(await exit).toBe(0)
  expect(Object.values(before).filter(isAlive)).toEqual([])
})

test('a database that was killed is started again, at the same address and with what was in it', async () => {
  const one = launcher()
  await one.start()
  const init = place.events().find(({ name, what }) => name === 'gateway' && what === 'init')!.data as { database: string }
  const query = async (text: string) => {
    const client = new Client({ connectionString: init.database })
    client.on('error', () => {})
    await client.connect()
    const { rows } = await client.query<{ n: number }>(text)
    await client.end()
    return rows
  }
  await query('create table kept as select 7 as n')
  process.kill(one.processes.find(({ name }) => name === 'postgres')!.pid!, 'SIGKILL')
  await waitFor('a second life', () => one.processes.some(({ name, state, restarts }) => name === 'postgres' && state === 'running' && restarts === 1))
  expect(await query('select n from kept')).toEqual([{ n: 7 }])
})

test('a launcher that waits for its predecessor to end does not meet it on the port or in the database', async () => {
  const first = await launcherProcess(options())
  const before = await waitFor('the first', () => (pids().gateway && pids().postgres ? pids() : undefined))
  first.child.kill('SIGKILL')
  const second = launcher()
  await second.start()
  expect([before.gateway, before.postgres].filter((pid) => isAlive(pid!))).toEqual([])
})

test('a port that is taken is said in one sentence, and nothing stays behind', async () => {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  cleanups.push(() => server.close())
  const { port } = server.address() as { port: number }
  const one = createLauncher(place.options({ real: ['gateway'], env: { DATABASE_URL: '', CELLWRIGHT_PORT: String(port) } }))
  await expect(one.start()).rejects.toThrow(String(port))
  expect(one.processes.filter(({ pid }) => pid !== undefined && isAlive(pid))).toEqual([])
})
