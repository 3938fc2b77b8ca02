/** The launcher with small real child processes: order, restarts, safe mode, hangs, notes. */
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, statSync } from 'node:fs'
import { getPriority } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { LauncherNote } from '../../server/launcher/contract.ts'
import { createLauncher, type Launcher, type LauncherTimings } from '../../server/launcher/launcher.ts'
import { isAlive, makePlace, type Place, waitFor } from './instance.ts'

let place: Place
const launchers: Launcher[] = []

beforeEach(() => {
  place = makePlace()
})
afterEach(async () => {
  for (const launcher of launchers.splice(0)) await launcher.stop()
  place.remove()
})

const quick: Partial<LauncherTimings> = { backoffMs: 50, slowestMs: 400, cleanPauseMs: 50 }

function launcher(timings: Partial<LauncherTimings> = quick, env: Record<string, string> = {}): Launcher {
  const made = createLauncher(place.options({ timings, env }))
  launchers.push(made)
  return made
}
const happened = (name: string, what: string) => place.events().filter((event) => event.name === name && event.what === what)
const info = (of: Launcher, name: string) => of.processes.find((process) => process.name === name)
const isRunning = (of: Launcher, name: string) => info(of, name)?.state === 'running'
const allRun = (of: Launcher) => waitFor('everything runs', () => ['gateway', 'runtime', 'connector-host'].every((name) => isRunning(of, name)))
const virtualMachine = {
  name: 'Mill',
  link: { kind: 'virtual', timeScale: 10 },
  envelopeMm: { min: [-300, -200, -80], max: [0, 0, 0] },
  whenRequesterGone: 'finish',
}

test('starts the gateway first and the others when it is ready', async () => {
  const one = launcher()
  expect(await one.start()).toEqual({ url: 'http://127.0.0.1:1' })
  await allRun(one)
  const order = place.events().map(({ name, what }) => `${name} ${what}`)
  expect(order.indexOf('gateway ready')).toBeLessThan(order.indexOf('runtime spawned'))
  expect(order.indexOf('gateway ready')).toBeLessThan(order.indexOf('connector-host spawned'))
})

test('ends them in reverse order and leaves none behind', async () => {
  const one = launcher()
  await one.start()
  await allRun(one)
  const pids = place.events().map(({ pid }) => pid)
  await one.stop()
  const ends = place.events().flatMap(({ name, what }) => (what === 'shutdown' ? [name] : []))
  expect(ends).toEqual(['runtime', 'connector-host', 'gateway'])
  expect(pids.filter(isAlive)).toEqual([])
  expect(existsSync(join(place.dataDir, 'instance.json'))).toBe(false)
})

test('the data directory and its keys are for their owner alone', async () => {
  const one = launcher()
  await one.start()
  await waitFor('the list of processes', () => existsSync(join(place.dataDir, 'processes.json')))
  for (const part of ['', 'keys', 'logs']) expect(statSync(join(place.dataDir, part)).mode & 0o077).toBe(0)
  for (const file of ['keys/guards', 'instance.json', 'processes.json']) expect(statSync(join(place.dataDir, file)).mode & 0o777).toBe(0o600)
})

test('the flow runtime sees nothing of our environment that is worth reading, and runs behind the others', async () => {
  process.env.CELLWRIGHT_TEST_SECRET = 'secret'
  process.env.DATABASE_URL = 'postgresql://u:secret@h/d'
  process.env.HTTPS_PROXY = 'http://user:secret@proxy'
  const one = launcher()
  await one.start()
  await allRun(one)
  delete process.env.CELLWRIGHT_TEST_SECRET
  delete process.env.DATABASE_URL
  delete process.env.HTTPS_PROXY
  const environment = happened('runtime', 'environment')[0]!.data as Record<string, string>
  expect(JSON.stringify(environment)).not.toContain('secret')
  expect(environment.PATH).toBe(process.env.PATH)
  expect(JSON.stringify(happened('runtime', 'init'))).not.toContain('postgresql')
  expect(getPriority(info(one, 'runtime')!.pid)).toBe(10)
  // like whoever starts it, who may be behind others already
  expect(getPriority(info(one, 'gateway')!.pid)).toBe(getPriority())
})

test('a gateway that was killed is started again; the others go on', async () => {
  const one = launcher()
  await one.start()
  await allRun(one)
  const runtime = info(one, 'runtime')?.pid
  process.kill(info(one, 'gateway')!.pid!, 'SIGKILL')
  await waitFor('a second life', () => isRunning(one, 'gateway') && info(one, 'gateway')?.restarts === 1)
  expect(info(one, 'runtime')).toMatchObject({ pid: runtime, restarts: 0 })
  expect(place.complaints.join()).toContain('gateway: it was ended by SIGKILL; started again in 0.05 s')
})

test('a process that crashes again and again is started with growing pauses', async () => {
  const one = launcher()
  await one.start()
  await allRun(one)
  place.tell('connector-host', 'crash')
  await waitFor('five crashes', () => (info(one, 'connector-host')?.restarts ?? 0) >= 5)
  const pauses = place.complaints.flatMap((text) => (text.startsWith('connector-host') ? [/started again in ([\d.]+) s/.exec(text)?.[1]] : []))
  expect(pauses.slice(0, 5)).toEqual(['0.05', '0.1', '0.2', '0.4', '0.4'])
  expect(info(one, 'connector-host')?.text).toBe('it ended with code 3')
})

test('a gateway that was killed listens again where it did, also when the port was any free one; if that is taken, elsewhere', async () => {
  const one = launcher()
  await one.start()
  const ports = () => happened('gateway', 'init').map(({ data }) => (data as { config: { port: number } }).config.port)
  const kill = async () => {
    const { pid } = await waitFor('the gateway', () => isRunning(one, 'gateway') && info(one, 'gateway'))
    process.kill(pid!, 'SIGKILL')
    await waitFor('its end', () => info(one, 'gateway')?.pid !== pid)
  }
  await kill()
  await waitFor('the next gateway', () => isRunning(one, 'gateway') && ports().length === 2)
  expect(ports()).toEqual([0, 4711])
  place.tell('gateway', 'refuse')
  await kill()
  // it refuses that as well, and is tried again
  await waitFor('another free port', () => ports().length >= 4)
  expect(ports().slice(0, 4)).toEqual([0, 4711, 4711, 0])
})

test('three crashes of the runtime within a minute start it in safe mode, and the gateway is told; leaving it starts the flows', async () => {
  const one = launcher()
  await one.start()
  await allRun(one)
  place.tell('runtime', 'crash')
  await waitFor('safe mode', () => one.isSafeMode)
  place.untell('runtime', 'crash')
  await waitFor('the runtime is back', () => isRunning(one, 'runtime'))
  const modes = () => happened('runtime', 'init').map(({ data }) => (data as { isSafeMode: boolean }).isSafeMode)
  expect(modes().slice(0, 4)).toEqual([false, false, false, true])
  await waitFor('the gateway knows', () => happened('gateway', 'note').some(({ data }) => (data as LauncherNote).isSafeMode))
  place.note('gateway', { kind: 'leave-safe-mode' })
  await waitFor('a start with flows', () => modes().at(-1) === false && isRunning(one, 'runtime'))
  // it may have crashed in safe mode too before it was told not to
  expect(new Set(modes().slice(3, -1))).toEqual(new Set([true]))
  expect(one.isSafeMode).toBe(false)
  await waitFor('the gateway knows', () => (happened('gateway', 'note').at(-1)!.data as LauncherNote).isSafeMode === false)
})

test('a runtime that a flow blocks is reported, ended and started again, and that counts as a crash', async () => {
  // reported after five seconds: what this process itself may sleep until it is forgiven fits between that and the end
  const one = launcher({ ...quick, runtimeHangMs: 9000, watchMs: 200 })
  await one.start()
  await allRun(one)
  const first = info(one, 'runtime')!.pid!
  place.tell('runtime', 'hang')
  await waitFor('the report', () => info(one, 'runtime')?.text?.includes('gives no sign of life'))
  expect(info(one, 'runtime')?.state).toBe('running')
  expect(isRunning(one, 'gateway')).toBe(true)
  place.untell('runtime', 'hang')
  await waitFor('a second life', () => isRunning(one, 'runtime') && info(one, 'runtime')?.restarts === 1)
  expect(isAlive(first)).toBe(false)
  expect(place.complaints.join()).toContain('runtime: it gave no sign of life and was ended')
})

test('a blocked runtime does not keep the product from stopping', async () => {
  const one = launcher({ ...quick, endMs: 500 })
  await one.start()
  await allRun(one)
  place.tell('runtime', 'hang')
  await waitFor('blocked', () => happened('runtime', 'blocked')[0])
  const { pid } = info(one, 'runtime')!
  await one.stop()
  expect(isAlive(pid!)).toBe(false)
})

test('what the gateway asks to be restarted is closed in order, and that is no crash', async () => {
  const one = launcher()
  await one.start()
  await allRun(one)
  place.note('gateway', { kind: 'restart', process: 'connector-host' })
  await waitFor('a second life', () => isRunning(one, 'connector-host') && info(one, 'connector-host')?.restarts === 1)
  expect(happened('connector-host', 'shutdown')).toHaveLength(1)
  expect(place.complaints).toEqual([])
})

test('a gateway that says why it cannot start is not tried again: the start fails with its words', async () => {
  place.tell('gateway', 'refuse')
  const one = launcher()
  // the code too: what a person must put right first ends the program with a number of its own (server/launcher/main.ts)
  await expect(one.start()).rejects.toMatchObject({ message: 'gateway was told to refuse.', code: 'told-to-refuse' })
  expect(happened('gateway', 'spawned')).toHaveLength(1)
  expect(happened('runtime', 'spawned')).toHaveLength(0)
})

test('a second launcher on the same data directory is refused, and the first goes on', async () => {
  const one = launcher()
  await one.start()
  // a live process of another number holds the directory
  const script = `
    import { takeInstance } from ${JSON.stringify(join(import.meta.dirname, '../../server/launcher/instance.ts'))}
    await takeInstance({ config: { dataDir: process.argv[1] }, root: process.argv[1] }).then(() => console.log('taken'), (error) => console.log(error.message))
  `
  const said = execFileSync(process.execPath, ['--input-type=module', '-e', script, place.dataDir], { encoding: 'utf8' })
  expect(said).toContain(`already runs on the data directory ${place.dataDir} (process ${process.pid}, http://127.0.0.1:1)`)
  expect(JSON.parse(readFileSync(join(place.dataDir, 'instance.json'), 'utf8'))).toMatchObject({ pid: process.pid })
  expect(isRunning(one, 'gateway')).toBe(true)
})

test('two instances with different data directories run side by side', async () => {
  const one = launcher()
  const other = makePlace()
  const two = createLauncher(other.options({ timings: quick }))
  try {
    await Promise.all([one.start(), two.start()])
    await Promise.all([allRun(one), allRun(two)])
  } finally {
    await two.stop()
    other.remove()
  }
  expect(isRunning(one, 'gateway')).toBe(true)
})

test('a start that is stopped half-way leaves nothing behind', async () => {
  place.tell('gateway', 'slow')
  const one = launcher()
  const starting = one.start()
  starting.catch(() => {})
  await waitFor('the gateway', () => happened('gateway', 'environment')[0])
  await one.stop()
  await expect(starting).rejects.toThrow()
  expect(
    place
      .events()
      .map(({ pid }) => pid)
      .filter(isAlive),
  ).toEqual([])
})

test('keeps a guard and a virtual controller for each machine that the gateway names, and ends those it names no more', async () => {
  const one = createLauncher(place.options({ timings: quick, real: ['guard', 'virtual'] }))
  launchers.push(one)
  await one.start()
  place.note('gateway', { kind: 'machines', machines: [{ id: 'm1', settings: virtualMachine }] })
  await waitFor('the machine', () => isRunning(one, 'guard:m1') && isRunning(one, 'virtual:m1'))
  const before = info(one, 'guard:m1')!.pid!
  process.kill(info(one, 'virtual:m1')!.pid!, 'SIGKILL')
  await waitFor('a new virtual controller', () => isRunning(one, 'virtual:m1') && info(one, 'virtual:m1')?.restarts === 1)
  expect(info(one, 'guard:m1')?.pid).toBe(before)
  const { pid } = info(one, 'virtual:m1')!
  // a new gateway reads the same settings from the database, with their keys in another order
  const { link, envelopeMm, ...others } = virtualMachine
  const turned = { envelopeMm: { max: envelopeMm.max, min: envelopeMm.min }, link: Object.fromEntries(Object.entries(link).reverse()), ...others }
  place.note('gateway', {
    kind: 'machines',
    machines: [
      { id: 'm1', settings: turned },
      { id: 'm2', settings: virtualMachine },
    ],
  })
  await waitFor('the second machine', () => isRunning(one, 'virtual:m2'))
  expect(info(one, 'virtual:m1')).toMatchObject({ pid, state: 'running' })
  place.note('gateway', { kind: 'machines', machines: [] })
  await waitFor('both gone', () => !isAlive(before) && !isAlive(pid!))
  expect(info(one, 'guard:m1')).toBeUndefined()
})
