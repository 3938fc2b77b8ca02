/** Reads a back-up from its beginning to its end, and judges each entry by what its last one says. */
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { PassThrough, type Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { pipeline } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'
import { OperationalError, UserError } from '../../base/errors.ts'
import { type BackupHeader, type BackupManifest, damaged, HEADER, MANIFEST, readHeader, readManifest } from './format.ts'
import { decrypted, type Lock, unreadable } from './lock.ts'
import { readTar, type TarEntry } from './tar.ts'

export interface ReadOptions {
  file: string
  lock: Lock
  signal?: AbortSignal
  /** Bytes of the file that were read. */
  onRead?: (bytes: number) => void
  onBytes?: (chunk: Buffer) => void
  onHeader?: (header: BackupHeader) => Promise<void>
  /** What it leaves of the content is passed over. */
  onEntry?: (entry: TarEntry) => Promise<void>
}

/** Of headers and manifests: a hundred thousand files have about 15 MB. */
const MOST_TEXT_BYTES = 256_000_000

/**
 * @throws UserError backup-missing, backup-locked, not-a-backup, backup-newer, backup-damaged; OperationalError stopped; what the callbacks throw
 */
export async function readBackup({
  file,
  lock,
  signal,
  onRead,
  onBytes,
  onHeader,
  onEntry,
}: ReadOptions): Promise<{ header: BackupHeader; manifest: BackupManifest }> {
  let header: BackupHeader | undefined
  let manifest: BackupManifest | undefined
  const seen = new Map<string, { bytes: number; sha256: string }>()
  const take = async (entry: TarEntry) => {
    if (manifest) throw damaged('there is more in it behind its end')
    if (seen.has(entry.path)) throw damaged(`${entry.path} is in it twice`)
    if (entry.path === MANIFEST) {
      manifest = readManifest(await textOf(entry))
      return
    }
    const hash = createHash('sha256')
    const checked = { ...entry, content: hashed(entry.content, hash) }
    if (!header) {
      if (entry.path !== HEADER) throw damaged(`it does not begin with its ${HEADER}`)
      header = readHeader(await textOf(checked))
      await onHeader?.(header)
    } else await onEntry?.(checked)
    // what nobody wanted is hashed all the same
    for await (const _ of checked.content);
    seen.set(entry.path, { bytes: entry.bytes, sha256: hash.digest('hex') })
  }
  // what the callbacks throw is their own, and not the file's
  let theirs: { error: unknown } | undefined
  try {
    const plain = await decrypted(opened(file, { onRead, onBytes, signal }), lock)
    const unpacked = new PassThrough()
    const packing = pipeline(plain, createGunzip(), unpacked)
    // waited for below; without this a failure before that would count as nobody's
    packing.catch(() => {})
    await readTar(unpacked, async (entry) => {
      try {
        await take(entry)
      } catch (error) {
        theirs ??= { error }
        throw error
      }
    })
    await packing
  } catch (error) {
    if (signal?.aborted) throw new OperationalError({ code: 'stopped', status: 409, message: 'It was stopped.' })
    const { code } = error as NodeJS.ErrnoException
    if (theirs && theirs.error === error) throw isOfTheFile(error) ? unreadable(error) : error
    if (code === 'ENOENT' || code === 'EISDIR' || code === 'EACCES')
      throw new UserError({ code: 'backup-missing', message: `The back-up ${file} cannot be read: ${(error as Error).message}.`, cause: error })
    throw unreadable(error)
  }
  if (!header || !manifest) throw damaged('its end is missing')
  for (const { path, bytes, sha256 } of manifest.entries) {
    const found = seen.get(path)
    if (!found) throw damaged(`${path} is missing`)
    if (found.bytes !== bytes || found.sha256 !== sha256) throw damaged(`${path} is not as it was`)
    seen.delete(path)
  }
  const [more] = seen.keys()
  if (more !== undefined) throw damaged(`${more} does not belong in it`)
  return { header, manifest }
}

/** A stream that broke while a callback read from it. */
const isOfTheFile = (error: unknown) => /^(Z_|ERR_STREAM|TAR_)/.test(String((error as NodeJS.ErrnoException).code ?? ''))

function opened(file: string, { onRead, onBytes, signal }: { [K in 'onRead' | 'onBytes' | 'signal']: ReadOptions[K] | undefined }): Readable {
  const input = createReadStream(file, { highWaterMark: 1 << 18, ...(signal ? { signal } : {}) })
  let bytes = 0
  input.on('data', (chunk) => {
    bytes += chunk.length
    onRead?.(bytes)
    onBytes?.(chunk as Buffer)
  })
  // listening makes it flow; it waits for its reader
  return input.pause()
}

async function* hashed(content: AsyncIterable<Buffer>, hash: ReturnType<typeof createHash>): AsyncGenerator<Buffer> {
  for await (const chunk of content) {
    hash.update(chunk)
    yield chunk
  }
}

async function textOf({ path, bytes, content }: TarEntry): Promise<string> {
  if (bytes > MOST_TEXT_BYTES) throw damaged(`${path} in it is too large`)
  return (await buffer(content)).toString('utf8')
}
