/**
 * Reads a `.cwt` file (a gzipped tar) into memory, never onto the disk. It is hostile until proven otherwise: everything is counted
 * while it streams, so that neither a small file that unpacks to gigabytes nor a hundred thousand empty ones cost more than the
 * limits say. Links, devices and everything else that is no plain file are refused.
 */
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'
import { Parser, type ReadEntry } from 'tar'
import { messageOf, UserError } from '../../../base/errors.ts'
import { type Files, LIMITS, refused } from './limits.ts'
import { checkPath, fileCollection } from './paths.ts'

/** gzip and zstd: the tar library would unpack what is packed twice, past our counting. */
const PACKED = [Buffer.from([0x1f, 0x8b]), Buffer.from([0x28, 0xb5, 0x2f, 0xfd])]
const BLOCK = 512
/** tar programs fill their last record with zeros: 10 kB as a rule. */
const MOST_PADDING = 131_072

/**
 * @param known names of the files that may be in it @defaultValue those of a template
 * @throws UserError template-refused with the reason; whatever breaks the stream itself
 */
export async function readArchive(source: Readable, known?: readonly RegExp[]): Promise<Files> {
  let packed = 0
  let unpacked = 0
  let broken: unknown
  let files: Files | undefined
  try {
    await pipeline(
      source,
      async function* counted(chunks: AsyncIterable<Buffer>) {
        for await (const chunk of chunks) {
          packed += chunk.length
          if (packed > LIMITS.packedBytes) throw refused(`the file is larger than ${LIMITS.packedBytes / 1_000_000} MB.`, { why: 'packed-large' })
          yield chunk
        }
        if (packed === 0) throw refused('it is empty.', { why: 'empty' })
      },
      createGunzip(),
      async function* bounded(chunks: AsyncIterable<Buffer>) {
        let head = Buffer.alloc(0)
        for await (const chunk of chunks) {
          unpacked += chunk.length
          // headers and padding are not counted as files: at most two blocks each
          if (unpacked > LIMITS.bytes + LIMITS.files * 6 * BLOCK)
            throw refused(`unpacked it is larger than ${LIMITS.bytes / 1_000_000} MB.`, { why: 'too-large' })
          if (unpacked > LIMITS.ratioFromBytes && unpacked > packed * LIMITS.ratio)
            throw refused(`it unpacks to more than ${LIMITS.ratio} times its size.`, { why: 'ratio' })
          if (head.length < 4) {
            head = Buffer.concat([head, chunk.subarray(0, 4)])
            if (PACKED.some((magic) => head.subarray(0, magic.length).equals(magic))) throw refused('it is packed twice.', { why: 'packed-twice' })
          }
          yield chunk
        }
      },
      async (chunks: AsyncIterable<Buffer>) => {
        const reader = tarReader(known)
        for await (const chunk of chunks) reader.take(chunk)
        files = reader.end()
      },
    )
  } catch (error) {
    broken = error
  }
  if (broken instanceof UserError) throw broken
  if (broken !== undefined) {
    const { code } = broken as NodeJS.ErrnoException
    // zlib: Z_DATA_ERROR, Z_BUF_ERROR (cut off); tar: TAR_…
    if (typeof code === 'string' && /^(Z_|ERR_TRAILING|TAR_)/.test(code))
      throw refused(`it is not a whole .cwt file (${messageOf(broken)}).`, { why: 'not-an-archive' }, broken)
    throw broken
  }
  if (!files) throw refused('it is not a whole .cwt file.', { why: 'not-an-archive' })
  return files
}

/** The tar format itself, over a library; `take` and `end` throw what is wrong. */
function tarReader(known?: readonly RegExp[]): { take(chunk: Buffer): void; end(): Files } {
  const collection = fileCollection()
  let problem: unknown
  let metas = 0
  let isOver = false
  let behind = 0
  const fail = (error: unknown) => {
    problem ??= error
  }
  const onEntry = (entry: ReadEntry) => {
    try {
      readEntry(entry)
    } catch (error) {
      fail(error)
      entry.resume()
    }
  }
  const readEntry = (entry: ReadEntry) => {
    const { type, path: given, size } = entry
    // before the path: a link is refused whatever it is called
    if (type !== 'File' && type !== 'OldFile' && type !== 'ContiguousFile' && type !== 'Directory')
      throw refused(`${JSON.stringify(given.slice(0, 200))} is no plain file (${type}).`, { file: given.slice(0, 200), why: 'not-a-file' })
    if (entry.linkpath) throw refused(`${JSON.stringify(given.slice(0, 200))} is a link.`, { file: given.slice(0, 200), why: 'not-a-file' })
    const path = checkPath(given, type === 'Directory', known)
    if (path === undefined) {
      collection.claim(given)
      if (size) throw refused(`the folder ${JSON.stringify(given)} has contents.`, { file: given, why: 'not-a-file' })
      entry.resume()
      return
    }
    collection.claim(path)
    collection.count(path, size, 0)
    const parts: Buffer[] = []
    let got = 0
    entry.on('data', (chunk: Buffer) => {
      if (problem !== undefined) return
      try {
        got += chunk.length
        collection.count(path, got, chunk.length)
        parts.push(chunk)
      } catch (error) {
        fail(error)
      }
    })
    entry.on('end', () => {
      if (got === size) collection.files.set(path, Buffer.concat(parts, got))
      else fail(refused(`${path} is cut off.`, { file: path, why: 'not-an-archive' }))
    })
  }
  const parser = new Parser({ strict: true, brotli: false, zstd: false, maxMetaEntrySize: LIMITS.metaBytes, onReadEntry: onEntry })
  parser.on('error', fail)
  parser.on('meta', () => {
    metas += 1
    if (metas > 2 * LIMITS.files) fail(refused(`it holds more than ${LIMITS.files} files.`, { why: 'too-many-files' }))
  })
  parser.on('ignoredEntry', (entry: ReadEntry) => fail(refused(`an entry of it cannot be read (${entry.type}).`, { why: 'not-an-archive' })))
  parser.on('eof', () => {
    isOver = true
  })
  const check = () => {
    if (problem !== undefined) throw problem
  }
  return {
    take(chunk) {
      // the parser would keep all that comes after the end
      if (isOver) behind += chunk.length
      else parser.write(chunk)
      if (behind > MOST_PADDING) throw refused('there is more in it behind its end.', { why: 'behind-the-end' })
      check()
    },
    end() {
      parser.end()
      check()
      return collection.files
    },
  }
}
