/** Makes a back-up while the product runs. Knows nothing of HTTP, and needs a connection string and folders only. */
import { createHash } from 'node:crypto'
import { createWriteStream, existsSync } from 'node:fs'
import { type FileHandle, link, mkdir, open, readFile, rename, rm, statfs } from 'node:fs/promises'
import { dirname } from 'node:path'
import { PassThrough, Readable, type Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import { OperationalError, UserError } from '../../base/errors.ts'
import { type Config, dataPaths } from '../config.ts'
import { openSnapshot, type Snapshot } from './database.ts'
import { type BackupEntry, type BackupHeader, type BackupManifest, type BackupWhy, DATABASE, FORMAT, HEADER, MANIFEST, type Progress } from './format.ts'
import { encrypted, type Lock } from './lock.ts'
import { filesOf, installedModules } from './taken.ts'
import { END, entryHead, padding } from './tar.ts'
import { verifyBackup } from './verify.ts'

export interface WriteOptions {
  /** Where it will be; it must not be there yet. Written beside it, and renamed when it is whole and was read again. */
  file: string
  lock: Lock
  /** node-postgres connection string. */
  database: string
  config: Pick<Config, 'dataDir' | 'filesDir' | 'secretKey'>
  /** Of the program. */
  version: string
  why: BackupWhy
  signal?: AbortSignal
  onProgress?: (progress: Progress) => void
  /** log2 of scrypt's N @defaultValue 18 */
  workFactor?: number
}

export interface Written {
  bytes: number
  /** Of the file as it lies there. */
  sha256: string
  createdAt: string
  tables: number
  rows: number
  files: number
  /** Names of its migrations. */
  migrations: string[]
}

/** Rows are gathered until an entry has this size: its size stands before it. */
const PART_BYTES = 4_194_304
/** Smaller files are read whole, so that one that is just being replaced is the old or the new one. */
const WHOLE_BYTES = 8_388_608
/** For what is not counted. */
const RESERVE_BYTES = 32_000_000
const PROGRESS_EVERY_MS = 250

/**
 * @throws UserError backup-exists, backup-folder; OperationalError disk-full, stopped, store-away, file-changed; what reading it again throws.
 * In any case nothing is left behind that looks like a back-up.
 */
export async function writeBackup(options: WriteOptions): Promise<Written> {
  const { file, lock, signal, onProgress } = options
  const part = `${file}.part`
  await mkdir(dirname(file), { recursive: true, mode: 0o700 })
  // from a back-up that was killed
  await rm(part, { force: true })
  const snapshot = await openSnapshot(options.database)
  try {
    const { entries, ...rest } = await content(options, snapshot)
    const hash = createHash('sha256')
    let bytes = 0
    const out = createWriteStream(part, { flags: 'wx', mode: 0o600, flush: true })
    const plain = new PassThrough()
    const locked = await encrypted(plain, lock, options.workFactor)
    const packing = pipeline(
      Readable.from(entries, { objectMode: false }),
      createGzip({ level: 5 }) as Transform,
      plain,
      ...(signal ? [{ signal }] : []),
    ) as Promise<void>
    const writing = pipeline(
      locked,
      async function* counted(chunks: AsyncIterable<Buffer>) {
        for await (const chunk of chunks) {
          hash.update(chunk)
          bytes += chunk.length
          yield chunk
        }
      },
      out,
    )
    // what cannot be written any more is not packed any more
    writing.catch((error: Error) => plain.destroy(error))
    await Promise.all([packing, writing])
    await snapshot.close()
    // what cannot be read again is no back-up
    const { header, manifest } = await verifyBackup({ file: part, lock, ...(signal ? { signal } : {}), ...(onProgress ? { onProgress } : {}) })
    await settle(part, file)
    const rows = Object.values(manifest.rows).reduce((sum, each) => sum + each, 0)
    const files = manifest.entries.filter(({ path }) => path.startsWith('data/') || path.startsWith('files/')).length
    return { bytes, sha256: hash.digest('hex'), createdAt: header.createdAt, tables: header.tables.length, rows, files, migrations: rest.header.migrations }
  } catch (error) {
    await rm(part, { force: true })
    throw inWords(error, signal)
  } finally {
    await snapshot.close().catch(() => {}) // closed above, or lost: told by what failed
  }
}

/** Takes its name whole, and never another one's. */
async function settle(part: string, file: string): Promise<void> {
  try {
    await link(part, file)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    // a disk that knows no second names (a stick): then whoever else writes that very name in this moment loses
    const isPlain = code === 'EPERM' || code === 'ENOTSUP' || code === 'ENOSYS'
    if (code === 'EEXIST' || (isPlain && existsSync(file)))
      throw new UserError({ code: 'backup-exists', status: 409, message: `${file} is there already. Nothing was overwritten; give the back-up another name.` })
    if (!isPlain) throw error
    await rename(part, file)
  }
  await rm(part, { force: true })
  if (process.platform === 'win32') return
  const dir = await open(dirname(file), 'r')
  try {
    await dir.sync()
  } finally {
    await dir.close()
  }
}

async function content(options: WriteOptions, snapshot: Snapshot): Promise<{ header: BackupHeader; entries: AsyncGenerator<Buffer> }> {
  const { config } = options
  const paths = dataPaths(config)
  const header: BackupHeader = {
    what: 'cellwright back-up',
    format: FORMAT,
    version: options.version,
    createdAt: new Date().toISOString(),
    why: options.why,
    host: await hostName(paths.host),
    migrations: snapshot.migrations,
    tables: snapshot.tables,
    ...(snapshot.auditEnd ? { auditEnd: snapshot.auditEnd } : {}),
    modules: await installedModules(paths.nodeRed),
  }
  const total = snapshot.bytes + (await bytesOfFiles(config))
  await requireRoom(dirname(options.file), total)
  return { header, entries: entriesOf(options, snapshot, header, total) }
}

async function* entriesOf(options: WriteOptions, snapshot: Snapshot, header: BackupHeader, total: number): AsyncGenerator<Buffer> {
  const { config, onProgress } = options
  const manifest: BackupManifest = { entries: [], rows: {}, sequences: [], gone: [] }
  let done = 0
  let toldAt = 0
  const count = (step: Progress['step'], bytes: number) => {
    done += bytes
    if (performance.now() - toldAt < PROGRESS_EVERY_MS) return
    toldAt = performance.now()
    onProgress?.({ step, done: Math.min(done, total), total })
  }
  const noted = (entry: BackupEntry) => void manifest.entries.push(entry)
  const whole = function* (path: string, bytes: Buffer, facts: { mode?: number; at?: Date } = {}, isNoted = true) {
    if (isNoted) noted({ path, bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') })
    yield entryHead({ path, bytes: bytes.length, ...facts })
    yield bytes
    yield padding(bytes.length)
  }
  yield* whole(HEADER, Buffer.from(`${JSON.stringify(header, null, 1)}\n`))

  for (const table of snapshot.tables) {
    const rows = snapshot.rowsOf(table)
    let number = 0
    let parts: Buffer[] = []
    let size = 0
    const flush = function* () {
      if (!size) return
      number += 1
      yield* whole(`${DATABASE}${table.name}/${String(number).padStart(6, '0')}`, Buffer.concat(parts))
      parts = []
      size = 0
    }
    for await (const chunk of rows as AsyncIterable<Buffer>) {
      parts.push(chunk)
      size += chunk.length
      count('database', chunk.length)
      if (size >= PART_BYTES) yield* flush()
    }
    yield* flush()
    manifest.rows[table.name] = rows.rowCount ?? 0
  }

  // after the snapshot: what its rows name by hash is on the disk
  for await (const { path, file } of filesOf(config)) {
    const handle = await open(file, 'r').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return undefined
      throw error
    })
    if (!handle) {
      manifest.gone.push(path)
      continue
    }
    try {
      const { size, mode, mtime } = await handle.stat()
      const facts = { mode: mode & 0o777, at: mtime }
      if (size <= WHOLE_BYTES) yield* whole(path, await handle.readFile(), facts)
      else yield* streamed({ path, handle, size, facts, noted })
      count('files', size)
    } finally {
      await handle.close()
    }
  }
  // given by the environment: the files are worth nothing without it
  if (config.secretKey !== undefined) yield* whole('data/keys/secret.key', Buffer.from(`${config.secretKey.trim()}\n`), { mode: 0o600 })
  manifest.sequences = await snapshot.sequences()
  yield* whole(MANIFEST, Buffer.from(`${JSON.stringify(manifest)}\n`), {}, false)
  yield END
}

/** What grows while it is read (a journal) is taken as long as it was. */
async function* streamed(options: {
  path: string
  handle: FileHandle
  size: number
  facts: { mode: number; at: Date }
  noted: (entry: BackupEntry) => void
}): AsyncGenerator<Buffer> {
  const { path, handle, size, facts, noted } = options
  const hash = createHash('sha256')
  yield entryHead({ path, bytes: size, ...facts })
  let read = 0
  for await (const chunk of handle.createReadStream({ start: 0, end: size - 1, autoClose: false, highWaterMark: 1 << 20 }) as AsyncIterable<Buffer>) {
    read += chunk.length
    hash.update(chunk)
    yield chunk
  }
  if (read !== size) throw new OperationalError({ code: 'file-changed', message: `${path} became shorter while it was read. Make the back-up again.` })
  noted({ path, bytes: size, sha256: hash.digest('hex') })
  yield padding(size)
}

async function bytesOfFiles(config: WriteOptions['config']): Promise<number> {
  let bytes = 0
  for await (const { file } of filesOf(config)) {
    const handle = await open(file, 'r').catch(() => undefined) // told when it is to be read
    if (!handle) continue
    bytes += (await handle.stat()).size
    await handle.close()
  }
  return bytes
}

/** Packed it is smaller than it lies there: rows to a fifth as a rule, G-code to a fourth; half is never reached but by pictures. */
async function requireRoom(folder: string, bytes: number): Promise<void> {
  const { bavail, bsize } = await statfs(folder)
  const needed = Math.round(bytes / 2) + RESERVE_BYTES
  if (bavail * bsize >= needed) return
  throw diskFull(`The back-up may need ${megabytes(needed)} MB, and the disk of ${folder} has ${megabytes(bavail * bsize)} MB free.`)
}

const megabytes = (bytes: number) => Math.round(bytes / 1_000_000)
export const diskFull = (what: string, cause?: unknown) =>
  new OperationalError({
    code: 'disk-full',
    status: 507,
    message: `${what} Make room, or choose another folder; nothing was left behind.`,
    ...(cause === undefined ? {} : { cause }),
  })

async function hostName(file: string): Promise<string> {
  try {
    const { name } = JSON.parse(await readFile(file, 'utf8')) as { name?: unknown }
    return typeof name === 'string' ? name : ''
  } catch {
    return '' // it has none yet
  }
}

function inWords(error: unknown, signal: AbortSignal | undefined): unknown {
  if (signal?.aborted) return new OperationalError({ code: 'stopped', status: 409, message: 'The back-up was stopped. Nothing was left behind.' })
  const { code, message } = error as NodeJS.ErrnoException
  if (code === 'ENOSPC' || code === 'EDQUOT') return diskFull('The disk became full while the back-up was written.', error)
  if (code === 'EACCES' || code === 'EROFS' || code === 'EPERM' || code === 'ENOTDIR')
    return new UserError({ code: 'backup-folder', message: `The back-up cannot be written or something cannot be read: ${message}.`, cause: error })
  return error
}
