/** Starts and stops the embedded PostgreSQL. */
import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, existsSync, fstatSync, mkdirSync, openSync, readFileSync, rmSync, statfsSync } from 'node:fs'
import { createServer } from 'node:net'
import { dirname, join, resolve } from 'node:path'
import type { Writable } from 'node:stream'
import { commandThatDiesWith, dismissWatcher } from '../../../base/dies-with.ts'
import { messageOf, OperationalError } from '../../../base/errors.ts'
import { type Binaries, findBinaries, letsOthersThrough } from './binaries.ts'
import { checkVersion, createCluster, DB_ENV, DB_NAME, passwordFrom, runProgram } from './cluster.ts'
import { clusterArgument, type DbUser, dbUserFor, giveTo, socketDirFor } from './db-user.ts'
import { endStaleServer, readPidFile } from './stale.ts'

export interface EmbeddedOptions {
  /** The folder whose node_modules has the programs. */
  root: string
  /** The cluster; made at the first start. */
  clusterDir: string
  /** The superuser's password, made at the first start (mode 0600). */
  passwordFile: string
  /** The server's own messages are appended here. */
  logFile: string
  /** Listens on a loopback port (0: a free one) instead of a Unix socket. @defaultValue a socket; on Windows port 0 */
  port?: number
  /** No fsync and a small cluster: for tests only. @defaultValue false */
  isThrowaway?: boolean
  /** How long a start may take, recovery after a crash included. @defaultValue 120000 */
  startTimeoutMs?: number
  /** Gives the start up. */
  signal?: AbortSignal
}

export interface EmbeddedPostgres {
  pid: number
  /** node-postgres connection string, password included. */
  database: string
  /** Resolves when the server is gone, for whatever reason, with the reason in words. */
  exited: Promise<string>
  /** Fast shutdown; harder after the deadline. Resolves when the server is gone. @param deadlineMs @defaultValue 20000 */
  stop(deadlineMs?: number): Promise<void>
}

/** Whoever works with the database ends with our parent too, and has last things to write down. */
const CLIENTS_GRACE_S = 3

/** Small: one gateway on one shop's machine. Given at each start, so that a new release can change them. */
const SETTINGS: Record<string, string> = {
  shared_buffers: '16MB',
  max_connections: '60',
  work_mem: '4MB',
  maintenance_work_mem: '32MB',
  jit: 'off',
  max_wal_size: '128MB',
  min_wal_size: '32MB',
  wal_level: 'minimal',
  max_wal_senders: '0',
  // three processes fewer than with the default, `worker`
  io_method: 'sync',
  max_worker_processes: '2',
  max_parallel_workers: '0',
  max_logical_replication_workers: '0',
  // whoever started it starts it again. By itself it may wait for good where it cannot recover, as on a full disk (seen with 18.4)
  restart_after_crash: 'off',
  unix_socket_permissions: '0700',
  timezone: 'UTC',
  log_timezone: 'UTC',
  log_line_prefix: '%m [%p] ',
}

/**
 * Starts the server; a new cluster is made where there is none. It ends when this process does, also by `kill -9`.
 *
 * @throws UserError no-embedded-postgres, no-database-user, database-of-another-user,
 * database-of-another-version, data-dir-unreachable; OperationalError postgres-unreachable, initdb-failed,
 * database-does-not-stop, socket-dir-taken, database-does-not-start
 */
export async function startEmbedded(options: EmbeddedOptions): Promise<EmbeddedPostgres> {
  const clusterDir = resolve(options.clusterDir)
  const isThrowaway = options.isThrowaway ?? false
  const user = dbUserFor(clusterDir)
  const binaries = findBinaries({ root: options.root, mustBeReachable: user.ids !== undefined })
  if (existsSync(clusterDir)) checkVersion(clusterDir, binaries)
  const socketDir = socketDirFor(user, clusterDir)
  const password = passwordFrom(options.passwordFile)
  if (!existsSync(clusterDir)) await createCluster({ binaries, user, clusterDir, socketDir, password, isThrowaway })
  const pgCtlStop = async () => {
    await runProgram({ file: join(binaries.bin, 'pg_ctl'), args: ['stop', '-m', 'fast', '-D', clusterDir], cwd: clusterDir, user, input: undefined })
  }
  const notAServer = await endStaleServer(clusterDir, pgCtlStop)
  const port = options.port ?? (process.platform === 'win32' ? 0 : undefined)
  const tcpPort = port === 0 ? await freePort() : port
  const begin = async (): Promise<{ child: ChildProcess; exited: Promise<string> }> => {
    const { child, log } = spawnServer({ binaries, user, clusterDir, socketDir, tcpPort, isThrowaway, notAServer, logFile: options.logFile })
    const watcherPipe = child.stdio[3] as Writable | null
    // the watcher may be gone already when it is dismissed
    watcherPipe?.on('error', () => {})
    const exited = new Promise<string>((resolve) => {
      child.on('error', (error) => resolve(error.message))
      child.on('exit', (code, signal) => resolve(signal ? `it was ended by ${signal}` : `it ended with code ${code}`))
    }).then((reason) => {
      dismissWatcher(watcherPipe)
      return reason
    })
    await waitUntilReady({ child, clusterDir, exited, log, timeoutMs: options.startTimeoutMs ?? 120_000, signal: options.signal })
    return { child, exited }
  }
  const { child, exited } = await afterLeftovers(begin).catch((error) => {
    rmSync(socketDir, { recursive: true, force: true })
    throw error
  })

  const where = tcpPort === undefined ? `localhost/${DB_NAME}?host=${encodeURIComponent(socketDir)}` : `127.0.0.1:${tcpPort}/${DB_NAME}`
  return {
    pid: child.pid as number,
    database: `postgresql://${DB_NAME}:${password}@${where}`,
    exited,
    async stop(deadlineMs = 20_000) {
      await stopServer({ child, exited, deadlineMs, pgCtlStop })
      rmSync(socketDir, { recursive: true, force: true })
    },
  }
}

/** How long the processes of a killed server may take to notice that it is gone. */
const LEFTOVERS_MS = 10_000

/**
 * A server that was killed leaves something behind for a moment: its sessions, which hold its memory, and itself as long
 * as nobody has taken note of its end. PostgreSQL starts no other meanwhile.
 */
async function afterLeftovers<T>(begin: () => Promise<T>): Promise<T> {
  const end = performance.now() + LEFTOVERS_MS
  for (;;) {
    try {
      return await begin()
    } catch (error) {
      const isLeftover = /shared memory block .*is still in use|lock file "postmaster\.pid" already exists/s.test(messageOf(error))
      if (!isLeftover || performance.now() > end) throw error
      await new Promise((resolve) => setTimeout(resolve, 200))
    }
  }
}

interface Spawn {
  binaries: Binaries
  user: DbUser
  clusterDir: string
  socketDir: string
  tcpPort: number | undefined
  isThrowaway: boolean
  notAServer: number | undefined
  logFile: string
}

function spawnServer(options: Spawn): { child: ChildProcess; log: { file: string; from: number } } {
  const { binaries, user, clusterDir, socketDir, tcpPort, isThrowaway, notAServer, logFile } = options
  giveTo(user, socketDir)
  const listen: Record<string, string> =
    tcpPort === undefined
      ? { listen_addresses: '', unix_socket_directories: socketDir }
      : { listen_addresses: '127.0.0.1', port: String(tcpPort), unix_socket_directories: '' }
  const settings = { ...SETTINGS, ...listen, ...(isThrowaway ? { fsync: 'off', min_wal_size: '2MB', max_wal_size: '32MB' } : {}) }
  const args = ['-D', clusterArgument(user, clusterDir, () => letsOthersThrough(clusterDir))]
  for (const [name, value] of Object.entries(settings)) args.push('-c', `${name}=${value}`)
  const run = commandThatDiesWith({ command: join(binaries.bin, 'postgres'), args, fd: 3, last: { signal: 'INT', graceS: CLIENTS_GRACE_S } })
  mkdirSync(dirname(logFile), { recursive: true, mode: 0o700 })
  const log = openSync(logFile, 'a', 0o600)
  // before it begins to write
  const from = fstatSync(log).size
  try {
    const child = spawn(run.command, run.args, {
      cwd: clusterDir,
      env: { ...DB_ENV, ...(notAServer === undefined ? {} : { PG_GRANDPARENT_PID: String(notAServer) }) },
      // a session of its own: Ctrl-C in the terminal must not reach it before the gateway has closed
      detached: true,
      stdio: ['ignore', log, log, 'pipe'],
      ...user.ids,
    })
    return { child, log: { file: logFile, from } }
  } finally {
    closeSync(log)
  }
}

interface Wait {
  child: ChildProcess
  clusterDir: string
  exited: Promise<string>
  log: { file: string; from: number }
  timeoutMs: number
  signal: AbortSignal | undefined
}

async function waitUntilReady({ child, clusterDir, exited, log, timeoutMs, signal }: Wait): Promise<void> {
  let failure: string | undefined
  exited.then((reason) => {
    failure ??= reason
  })
  const end = performance.now() + timeoutMs
  while (failure === undefined) {
    const found = readPidFile(clusterDir)
    if (found?.pid === child.pid && found?.status === 'ready') return
    if (signal?.aborted) failure = 'it was stopped before it was ready'
    else if (performance.now() > end) failure = `it was not ready within ${timeoutMs / 1000} s`
    else await new Promise((resolve) => setTimeout(resolve, 10))
    if (failure && child.exitCode === null) {
      child.kill('SIGINT')
      await exited
    }
  }
  const said = readFileSync(log.file).subarray(log.from).toString('utf8').trim().split('\n')
  // the cause, and the line before it, which often says more
  const cause = said.findIndex((line) => /\b(FATAL|PANIC|ERROR):/.test(line))
  const last = (cause < 0 ? said.slice(-4) : said.slice(Math.max(0, cause - 1), cause + 3)).map((line) => line.replace(/^[-\d]+ [:.\d]+ \w+ \[\d+\] /, ''))
  throw new OperationalError({
    code: 'database-does-not-start',
    message: `PostgreSQL did not start: ${failure}.${noRoom(clusterDir)} It said: ${last.join(' ')} (all of it in ${log.file})`,
  })
}

/** Its log needs room in pieces of 16 MB; with none it cannot always say itself why it does not start. */
function noRoom(clusterDir: string): string {
  const { bavail, bsize } = statfsSync(clusterDir)
  const megabytes = Math.floor((bavail * bsize) / 2 ** 20)
  return megabytes < 32 ? ` The disk of ${clusterDir} is full (${megabytes} MB free): make room on it.` : ''
}

async function stopServer(options: { child: ChildProcess; exited: Promise<string>; deadlineMs: number; pgCtlStop: () => Promise<void> }) {
  const { child, exited, deadlineMs, pgCtlStop } = options
  const within = async (ms: number) => {
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<false>((resolve) => {
      timer = setTimeout(() => resolve(false), ms)
    })
    const isGone = await Promise.race([exited.then(() => true), late])
    clearTimeout(timer)
    return isGone
  }
  if (await within(0)) return
  if (process.platform === 'win32') await pgCtlStop()
  else {
    // it may have been stopped with SIGSTOP
    child.kill('SIGCONT')
    child.kill('SIGINT')
  }
  if (await within(deadlineMs)) return
  child.kill('SIGQUIT')
  if (await within(5000)) return
  child.kill('SIGKILL')
  await exited
}

/** Somebody else may take the port before the server does: then the start fails and is tried again by its caller. */
function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer()
    probe.on('error', reject)
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address()
      probe.close(() => resolve(typeof address === 'object' && address ? address.port : 0))
    })
  })
}
