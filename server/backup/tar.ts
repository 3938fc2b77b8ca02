/** tar as a stream: entries are written one after the other and read the same way, none of them kept whole. */
import type { Readable } from 'node:stream'
import { Header, Parser, type ReadEntry } from 'tar'
import { damaged } from './format.ts'

const BLOCK = 512
const MOST_NAME = 4096

export interface TarFacts {
  path: string
  bytes: number
  mode?: number
  at?: Date
}

/** What stands before the content of an entry. */
export function entryHead({ path, bytes, mode = 0o600, at = new Date(0) }: TarFacts): Buffer {
  const block = Buffer.alloc(BLOCK)
  const isLong = new Header({ path, mode, uid: 0, gid: 0, size: bytes, mtime: at, type: 'File' }).encode(block)
  if (!isLong) return block
  // GNU's way to a long or non-ASCII name: an entry before it whose content is the name
  const name = Buffer.from(`${path}\0`)
  const before = Buffer.alloc(BLOCK)
  new Header({ path: '././@LongLink', mode: 0o644, uid: 0, gid: 0, size: name.length, mtime: new Date(0), type: 'NextFileHasLongPath' }).encode(before)
  return Buffer.concat([before, name, padding(name.length), block])
}

export const padding = (bytes: number): Buffer => Buffer.alloc((BLOCK - (bytes % BLOCK)) % BLOCK)
export const END = Buffer.alloc(2 * BLOCK)

export interface TarEntry {
  path: string
  bytes: number
  mode: number
  at: Date
  content: AsyncIterable<Buffer>
}

/**
 * Hands the entries to `take`, one at a time; what it leaves of an entry's content is passed over.
 * @throws what `take` throws; UserError backup-damaged for what is no plain file, or cut off
 */
export async function readTar(source: Readable, take: (entry: TarEntry) => Promise<void>): Promise<void> {
  let problem: unknown
  let isOver = false
  let turn: Promise<void> = Promise.resolve()
  let wakeUp: (() => void) | undefined
  const fail = (error: unknown) => {
    problem ??= error
    wakeUp?.()
  }
  const takeOne = async (entry: ReadEntry) => {
    if (problem !== undefined) return void entry.resume()
    try {
      if (entry.type !== 'File' && entry.type !== 'OldFile') throw damaged(`${JSON.stringify(entry.path.slice(0, 200))} in it is no plain file`)
      await take({
        path: entry.path,
        bytes: entry.size,
        mode: entry.mode ?? 0o600,
        at: entry.mtime ?? new Date(0),
        content: entry as unknown as AsyncIterable<Buffer>,
      })
      entry.resume()
    } catch (error) {
      fail(error)
      entry.resume()
    }
  }
  const parser = new Parser({
    strict: true,
    brotli: false,
    zstd: false,
    maxMetaEntrySize: MOST_NAME,
    onReadEntry: (entry) => {
      turn = turn.then(() => takeOne(entry))
    },
  })
  parser.on('error', (error) => fail(damaged('it is no whole archive', error)))
  parser.on('ignoredEntry', (entry: ReadEntry) => fail(damaged(`an entry of it cannot be read (${entry.type})`)))
  parser.on('eof', () => {
    isOver = true
  })
  const drained = () =>
    new Promise<void>((resolve) => {
      wakeUp = resolve
      parser.once('drain', resolve)
    })
  for await (const chunk of source as AsyncIterable<Buffer>) {
    if (isOver) continue
    if (!parser.write(chunk) && problem === undefined) await drained()
    if (problem !== undefined) throw problem
  }
  parser.end()
  await turn
  if (problem !== undefined) throw problem
  if (!isOver) throw damaged('its end is missing')
}
