/** What somebody brings, by its first bytes: a zip, a tar packed or not, or one JSON file. Hostile until it was read whole. */
import { randomBytes } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { type Files, LIMITS, refused } from './limits.ts'
import { readTar } from './read-tar.ts'
import { readZip } from './read-zip.ts'

export { type Files, LIMITS, refused } from './limits.ts'

export interface Brought {
  files: Files
  /** Files that were in it and not read. */
  passedOver: number
}

/** Where a tar says that it is one (POSIX.1-1988, ustar header). */
const TAR_MAGIC_AT = 257
const HEAD_BYTES = 512

/**
 * Reads what was sent.
 * @param name of the file, for one that is no archive
 * @param workDir a zip has its list of contents at its end, so it lies there while it is read
 * @throws UserError move-in-refused
 */
export async function readBrought(source: Readable, { name, workDir }: { name: string; workDir: string }): Promise<Brought> {
  const chunks = source[Symbol.asyncIterator]() as AsyncIterator<Buffer>
  const first: Buffer[] = []
  let length = 0
  while (length < HEAD_BYTES) {
    const { done, value } = await chunks.next()
    if (done) break
    first.push(value)
    length += value.length
  }
  const head = Buffer.concat(first)
  if (head.length === 0) throw refused('empty', 'it is empty.')
  const whole = Readable.from(again(head, chunks))
  if (head[0] === 0x1f && head[1] === 0x8b) return readTar(whole, true)
  if (head.subarray(TAR_MAGIC_AT, TAR_MAGIC_AT + 5).toString('latin1') === 'ustar') return readTar(whole, false)
  if (head.subarray(0, 2).toString('latin1') === 'PK') return zipOf(whole, workDir)
  return { files: new Map([[plainName(name), await fileOf(whole)]]), passedOver: 0 }
}

async function* again(head: Buffer, chunks: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
  yield head
  for (let next = await chunks.next(); !next.done; next = await chunks.next()) yield next.value
}

/** The last part of a path, whatever system it is of. */
const plainName = (name: string): string => /[^/\\]+$/.exec(name)?.[0] ?? 'upload'

async function fileOf(source: Readable): Promise<Buffer> {
  const parts: Buffer[] = []
  let bytes = 0
  for await (const chunk of source as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes > LIMITS.fileBytes) throw refused('file-large', `the file is larger than ${LIMITS.fileBytes / 1_000_000} MB.`)
    parts.push(chunk)
  }
  return Buffer.concat(parts, bytes)
}

async function zipOf(source: Readable, workDir: string): Promise<Brought> {
  await mkdir(workDir, { recursive: true, mode: 0o700 })
  const file = join(workDir, `${randomBytes(8).toString('hex')}.zip`)
  let bytes = 0
  try {
    await pipeline(
      source,
      async function* (chunks: AsyncIterable<Buffer>) {
        for await (const chunk of chunks) {
          bytes += chunk.length
          if (bytes > LIMITS.packedBytes) throw refused('packed-large', `the file is larger than ${LIMITS.packedBytes / 1_000_000} MB.`)
          yield chunk
        }
      },
      // it may hold passwords
      createWriteStream(file, { mode: 0o600, flags: 'wx' }),
    )
    return await readZip(file, bytes)
  } finally {
    await rm(file, { force: true })
  }
}
