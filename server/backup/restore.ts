/** Puts a back-up into an empty host. What dies in the middle is started again: until the end nothing takes it for an installation. */

import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { chmod, mkdir, readdir, readFile, rename, rm, stat, utimes } from 'node:fs/promises'
import { dirname, join, relative, resolve, sep } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { Client } from 'pg'
import { messageOf, OperationalError, UserError } from '../../base/errors.ts'
import type { Logger } from '../../base/log.ts'
import { writeOwnerFile } from '../../base/owner-file.ts'
import { claimAlone } from '../../bootstrap/claims.mjs'
import { makeSignInTables } from '../auth/index.ts'
import { type Config, dataPaths } from '../config.ts'
import { startEmbedded } from '../store/embedded/index.ts'
import { openStore } from '../store/index.ts'
import { MIGRATIONS } from '../store/migrations/index.ts'
import { type BackupHeader, DATA, DATABASE, damaged, FILES, type Progress } from './format.ts'
import type { Lock } from './lock.ts'
import { readBackup } from './read.ts'
import { isUnfinished, type RowsBack, rowsBack, takeDatabase } from './restore-database.ts'
import { writeMark } from './restored.ts'
import { type RestoredAs, settle } from './settle.ts'
import type { TarEntry } from './tar.ts'
import { tellingNowAndThen, verifyBackup } from './verify.ts'
import { diskFull } from './write.ts'

export interface RestoreOptions {
  file: string
  lock: Lock
  config: Pick<Config, 'dataDir' | 'filesDir' | 'secretKey' | 'databaseUrl'>
  as: RestoredAs
  /** The folder whose node_modules has PostgreSQL. */
  root: string
  log: Logger
  signal?: AbortSignal
  onProgress?: (progress: Progress) => void
}

export interface Restored {
  header: BackupHeader
  rows: number
  files: number
  /** To be installed again, in this folder. */
  modules: BackupHeader['modules']
  modulesDir: string
}

const SECRET_KEY = `${DATA}keys/secret.key`

/**
 * @throws UserError backup-…, schema-newer, host-not-empty, database-not-empty, already-running, backup-other-key; OperationalError disk-full, stopped
 */
export async function restoreBackup(options: RestoreOptions): Promise<Restored> {
  const { file, lock, config, signal, onProgress } = options
  const { dataDir } = config
  const paths = dataPaths(config)
  // all of it, before anything is touched
  await judge(options)
  if (!relative(resolve(dataDir), resolve(file)).startsWith('..'))
    throw new UserError({ code: 'backup-inside', message: `The back-up lies in the data directory ${dataDir}. Put it somewhere else first.` })
  await mkdir(dataDir, { recursive: true, mode: 0o700 }).catch((error) => {
    throw new UserError({ code: 'data-dir-unusable', message: `The data directory ${dataDir} cannot be made: ${messageOf(error)}.`, cause: error })
  })
  const release = await claimAlone(join(dataDir, 'running'), (holder) => {
    throw new UserError({
      code: 'already-running',
      status: 409,
      message: `Cellwright or another restore already works on the data directory ${dataDir} (process ${holder}). Stop it first, or restore into another one.`,
    })
  })
  try {
    const state = await takeDataDir(dataDir, paths.restoring)
    const server = config.databaseUrl === undefined ? await startServer(options) : undefined
    const database = server?.database ?? String(config.databaseUrl)
    const client = new Client({ connectionString: database, application_name: 'cellwright-restore', keepAlive: true })
    // its end shows in the query that runs meanwhile
    client.on('error', () => {})
    try {
      await client.connect()
      // it died between its last two steps
      if (state === 'finishing' && !server && !(await isUnfinished(client)) && (await hasTables(client))) {
        const { header, manifest } = await verifyBackup({ file, lock })
        await rm(paths.restoring)
        return outcome(header, manifest, paths.nodeRed)
      }
      if (state !== 'new') await clearDataDir(dataDir, paths)
      await takeDatabase(client)
      let back: RowsBack | undefined
      const size = (await stat(file)).size
      const { header, manifest } = await readBackup({
        file,
        lock,
        ...(signal ? { signal } : {}),
        ...(onProgress ? { onRead: tellingNowAndThen((done) => onProgress({ step: 'restoring', done, total: size })) } : {}),
        async onHeader({ migrations, tables }) {
          onProgress?.({ step: 'schema', done: 0 })
          await makeSchema({ ...options, database, migrations })
          back = await rowsBack(client, tables)
        },
        async onEntry(entry) {
          if (entry.path.startsWith(DATABASE)) await back?.take(entry)
          else await putFile(entry, options)
        },
      })
      await back?.finish(manifest)
      onProgress?.({ step: 'schema', done: 0 })
      await putMarks(header, options)
      await writeWhole(paths.restoring, { state: 'finishing' })
      const store = await openStore({ database, log: options.log, isRestoring: true })
      try {
        await settle(store, { as: options.as, header })
      } finally {
        await store.close()
      }
      await client.end()
      await server?.stop()
      await rm(paths.restoring)
      return outcome(header, manifest, paths.nodeRed)
    } finally {
      await client.end().catch(() => {}) // it may never have been there
      await server?.stop()
    }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOSPC' || code === 'EDQUOT' || code === '53100' || code === 'store-full')
      throw diskFull('The disk became full while the back-up was restored. What is there cannot be used; run the restore again, which clears it away.', error)
    if (signal?.aborted)
      throw new OperationalError({ code: 'stopped', message: 'The restore was stopped. What is there cannot be used; run it again, which clears it away.' })
    throw error
  } finally {
    release?.()
  }
}

function outcome(
  header: BackupHeader,
  { rows, entries }: { rows: Record<string, number>; entries: readonly { path: string }[] },
  modulesDir: string,
): Restored {
  return {
    header,
    rows: Object.values(rows).reduce((sum, each) => sum + each, 0),
    files: entries.filter(({ path }) => path.startsWith(DATA) || path.startsWith(FILES)).length,
    modules: header.modules,
    modulesDir,
  }
}

/** Reads the whole back-up without changing anything, and judges whether it can be restored here. */
async function judge({ file, lock, config, signal, onProgress }: RestoreOptions): Promise<void> {
  let key: string | undefined
  await verifyBackup({
    file,
    lock,
    ...(signal ? { signal } : {}),
    ...(onProgress ? { onProgress } : {}),
    async onHeader({ migrations, version }) {
      const unknown = migrations.filter((name) => !Object.hasOwn(MIGRATIONS, name))
      if (unknown.length)
        throw new UserError({
          code: 'schema-newer',
          message: `The back-up was made by a newer Cellwright (${version}; it has ${unknown.join(', ')}, which this version does not know). Restore it with that version or a later one. Nothing was changed.`,
        })
    },
    async onEntry(entry) {
      targetOf(entry.path, config)
      if (entry.path === SECRET_KEY) key = (await buffer(entry.content)).toString('utf8').trim()
    },
  })
  if (config.secretKey !== undefined && key !== undefined && config.secretKey.trim().toLowerCase() !== key.toLowerCase())
    throw new UserError({
      code: 'backup-other-key',
      message:
        'CELLWRIGHT_SECRET_KEY is another key than the one of this back-up: its secrets could not be read with it. Unset it (the back-up brings its key along), or set the right one. Nothing was changed.',
    })
}

type DataDirState = 'new' | 'again' | 'finishing'

/** @throws UserError host-not-empty */
async function takeDataDir(dataDir: string, marker: string): Promise<DataDirState> {
  const found = await readFile(marker, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })
  if (found !== undefined) return found.includes('finishing') ? 'finishing' : 'again'
  const names = (await readdir(dataDir)).filter((name) => name !== 'running' && name !== 'lost+found')
  if (names.length)
    throw new UserError({
      code: 'host-not-empty',
      status: 409,
      message: `The data directory ${dataDir} is not empty (${names.slice(0, 4).join(', ')}${names.length > 4 ? ', …' : ''}). A back-up is restored into an empty one: move it away, or name another with --into. Nothing was changed.`,
    })
  await writeWhole(marker, { state: 'begun' })
  return 'new'
}

/** Everything that a restore which died has made; the directory was empty before it. The database is cleared from within. */
async function clearDataDir(dataDir: string, paths: ReturnType<typeof dataPaths>): Promise<void> {
  await writeWhole(paths.restoring, { state: 'begun' })
  const keep = new Set(['running', 'postgres', 'keys', 'logs', 'lost+found', relative(dataDir, paths.restoring)])
  for (const name of await readdir(dataDir)) if (!keep.has(name)) await rm(join(dataDir, name), { recursive: true, force: true })
  for (const name of await readdir(paths.keys).catch(() => [])) if (name !== 'postgres') await rm(join(paths.keys, name), { recursive: true, force: true })
}

function startServer({ config, root, signal }: RestoreOptions) {
  const paths = dataPaths(config)
  return startEmbedded({
    root,
    clusterDir: paths.postgres,
    passwordFile: join(paths.keys, 'postgres'),
    logFile: join(paths.logs, 'postgres.log'),
    ...(signal ? { signal } : {}),
  })
}

/** The tables as they were: our migrations of that time, and those of the library that signs people in. */
async function makeSchema({ database, migrations, log }: { database: string; migrations: readonly string[]; log: Logger }): Promise<void> {
  const those = Object.fromEntries(Object.entries(MIGRATIONS).filter(([name]) => migrations.includes(name)))
  const store = await openStore({ database, log, migrations: those, isRestoring: true })
  try {
    await makeSignInTables(store, log)
  } finally {
    await store.close()
  }
}

async function hasTables(client: Client): Promise<boolean> {
  const { rows } = await client.query<{ found: string | null }>(`select to_regclass('public.kysely_migration')::text as found`)
  return Boolean(rows[0]?.found)
}

/** @throws UserError backup-damaged for a path that leads elsewhere */
function targetOf(path: string, config: RestoreOptions['config']): string | undefined {
  if (path.startsWith(DATABASE)) return undefined
  const paths = dataPaths(config)
  const [root, at] = path.startsWith(FILES) ? [paths.files, path.slice(FILES.length)] : path.startsWith(DATA) ? [config.dataDir, path.slice(DATA.length)] : []
  const isPlain = at !== undefined && !/[\0\\]/.test(at) && at.split('/').every((part) => part !== '' && part !== '.' && part !== '..')
  if (root === undefined || !isPlain) throw damaged(`${JSON.stringify(path.slice(0, 200))} does not belong in it`)
  const target = resolve(root, at)
  if (!target.startsWith(resolve(root) + sep)) throw damaged(`${JSON.stringify(path.slice(0, 200))} leads elsewhere`)
  return target
}

async function putFile(entry: TarEntry, { config, as }: RestoreOptions): Promise<void> {
  const target = targetOf(entry.path, config)
  if (target === undefined) return
  // a copy is a host of its own
  if (as === 'copy' && entry.path === `${DATA}host.json`) return
  if (config.secretKey !== undefined && entry.path === SECRET_KEY) return
  await mkdir(dirname(target), { recursive: true, mode: 0o700 })
  const isShared = entry.path.startsWith(FILES) && config.filesDir !== undefined
  const half = `${target}.part`
  const hash = createHash('sha256')
  const out = createWriteStream(half, { mode: 0o600, flush: true })
  // told by its end
  const ended = new Promise<void>((done, fail) => out.once('close', done).once('error', fail))
  ended.catch(() => {})
  for await (const chunk of entry.content) {
    hash.update(chunk)
    if (!out.write(chunk)) await Promise.race([once(out, 'drain'), ended])
  }
  out.end()
  await ended
  if (isShared) await requireSame(target, hash.digest('hex'), half)
  await chmod(half, entry.mode & 0o700)
  await utimes(half, entry.at, entry.at)
  await rename(half, target)
}

/** A folder that several hosts share may hold files already: the same ones are fine, since their names are their contents. */
async function requireSame(target: string, sha256: string, half: string): Promise<void> {
  const there = await readFile(target).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })
  if (!there || createHash('sha256').update(there).digest('hex') === sha256) return
  await rm(half, { force: true })
  throw new UserError({
    code: 'file-there',
    status: 409,
    message: `${target} is there already and is another file. Name an empty folder with CELLWRIGHT_FILES. It was left as it is.`,
  })
}

async function putMarks({ auditEnd, createdAt, host }: BackupHeader, { config, as }: RestoreOptions): Promise<void> {
  const paths = dataPaths(config)
  if (auditEnd && auditEnd.seq > 0) await writeWhole(paths.auditWitness, auditEnd)
  await writeMark(paths.restored, { at: new Date().toISOString(), as, backupAt: createdAt, host, isHeld: as === 'copy', isRecorded: false })
}

const writeWhole = (file: string, value: unknown) => writeOwnerFile(file, `${JSON.stringify(value)}\n`, { isSynced: true })
