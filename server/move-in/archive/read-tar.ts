/** A tar, packed with gzip or not, read as a stream; only what is wanted is kept, in memory. */
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'
import { Parser, type ReadEntry } from 'tar'
import { messageOf, UserError } from '../../../base/errors.ts'
import { createKeeper, type Keeper } from './keeper.ts'
import { LIMITS, refused } from './limits.ts'

/** gzip and zstd: the tar library would unpack what is packed twice, past our counting. */
const PACKED = [Buffer.from([0x1f, 0x8b]), Buffer.from([0x28, 0xb5, 0x2f, 0xfd])]
const META_BYTES = 65_536

const KINDS: Record<string, 'file' | 'folder' | 'link'> = {
  File: 'file',
  OldFile: 'file',
  ContiguousFile: 'file',
  Directory: 'folder',
  GNUDumpDir: 'folder',
  SymbolicLink: 'link',
  Link: 'link',
}

/** @throws UserError move-in-refused; whatever breaks the stream itself */
export async function readTar(source: Readable, isGzipped: boolean): Promise<Pick<Keeper, 'files' | 'passedOver'>> {
  let packed = 0
  const keeper = createKeeper(() => packed)
  let problem: unknown
  const fail = (error: unknown) => {
    problem ??= error
  }
  const parser = new Parser({ strict: true, brotli: false, zstd: false, maxMetaEntrySize: META_BYTES, onReadEntry: (entry) => onEntry(entry, keeper, fail) })
  parser.on('error', fail)
  let head = Buffer.alloc(0)
  const taken = async (chunks: AsyncIterable<Buffer>) => {
    for await (const chunk of chunks) {
      keeper.unpacked(chunk.length)
      if (head.length < 4) {
        head = Buffer.concat([head, chunk.subarray(0, 4)])
        if (PACKED.some((magic) => head.subarray(0, magic.length).equals(magic))) throw refused('not-an-archive', 'it is packed twice.')
      }
      parser.write(chunk)
      if (problem !== undefined) throw problem
    }
    parser.end()
    if (problem !== undefined) throw problem
  }
  const counted = async function* (chunks: AsyncIterable<Buffer>) {
    for await (const chunk of chunks) {
      packed += chunk.length
      if (packed > LIMITS.packedBytes) throw refused('packed-large', `the file is larger than ${LIMITS.packedBytes / 1_000_000} MB.`)
      yield chunk
    }
  }
  try {
    if (isGzipped) await pipeline(source, counted, createGunzip(), taken)
    else await pipeline(source, counted, taken)
  } catch (error) {
    if (error instanceof UserError) throw error
    const { code } = error as NodeJS.ErrnoException
    // zlib: Z_DATA_ERROR, Z_BUF_ERROR (cut off); tar: TAR_…
    if (typeof code === 'string' && /^(Z_|ERR_TRAILING|TAR_)/.test(code))
      throw refused('not-an-archive', `it is not a whole archive (${messageOf(error)}).`, undefined, error)
    throw error
  }
  return keeper
}

function onEntry(entry: ReadEntry, keeper: Keeper, fail: (error: unknown) => void): void {
  let path: string | undefined
  try {
    const kind = entry.linkpath ? 'link' : (KINDS[entry.type] ?? 'other')
    path = keeper.begin(entry.path, kind, entry.size)
  } catch (error) {
    fail(error)
  }
  if (path === undefined) {
    entry.resume()
    return
  }
  const kept = path
  const parts: Buffer[] = []
  let got = 0
  entry.on('data', (chunk: Buffer) => {
    got += chunk.length
    parts.push(chunk)
  })
  entry.on('end', () => {
    if (got === entry.size) keeper.keep(kept, Buffer.concat(parts, got))
    else fail(refused('not-an-archive', `${kept} is cut off.`, kept))
  })
}
