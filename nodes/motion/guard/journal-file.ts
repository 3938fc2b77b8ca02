/**
 * An append-only file of records, one a line: `crc32 length json`. A process that is killed leaves at most
 * a torn last line; checksum and length tell it from a whole one.
 */
import { createReadStream } from 'node:fs'
import { type FileHandle, open, rename, rm } from 'node:fs/promises'
import { crc32 } from 'node:zlib'

/** @returns the record as a line with its end */
export function encodeRecord(record: object): string {
  const json = JSON.stringify(record)
  const bytes = Buffer.byteLength(json)
  return `${crc32(json).toString(16).padStart(8, '0')} ${bytes} ${json}\n`
}

/** @returns the record, or undefined for a line that is not whole */
export function decodeRecord(line: string): unknown {
  const match = /^([0-9a-f]{8}) (\d{1,9}) (.*)$/s.exec(line)
  if (!match) return undefined
  const [, sum = '', length = '', json = ''] = match
  if (Buffer.byteLength(json) !== Number(length) || crc32(json) !== Number.parseInt(sum, 16)) return undefined
  try {
    return JSON.parse(json)
  } catch {
    return undefined
  }
}

/** A line of a journal file: a record, or what is left of one. */
export type JournalLine = { record: unknown } | { damagedBytes: number }

/**
 * Reads a journal; flat memory but for the longest line.
 * @param options.from byte at which a line begins @defaultValue 0
 */
export async function* readJournalFile(path: string, options: { from?: number } = {}): AsyncGenerator<JournalLine> {
  let rest = ''
  const lineOf = (line: string): JournalLine => {
    const record = decodeRecord(line)
    return record === undefined ? { damagedBytes: Buffer.byteLength(line) } : { record }
  }
  for await (const chunk of createReadStream(path, { encoding: 'utf8', start: options.from ?? 0 })) {
    const lines = (rest + chunk).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) if (line) yield lineOf(line)
  }
  // a line without its end was being written when the process ended
  if (rest) yield { damagedBytes: Buffer.byteLength(rest) }
}

/** Puts a file of these lines in the place of another, in one step that a power cut does not halve. */
export async function replaceFile(path: string, lines: readonly string[]): Promise<void> {
  const next = `${path}.new`
  const file = await open(next, 'w', 0o600)
  try {
    for (let i = 0; i < lines.length; i += 1000) await file.writeFile(lines.slice(i, i + 1000).join(''))
    await file.datasync()
    await file.close()
    await rename(next, path)
  } catch (error) {
    await file.close().catch(() => {})
    await rm(next, { force: true })
    throw error
  }
}

/** Appends records in order, in the background. */
export interface JournalWriter {
  /** Puts it in line to be written; several go in one write. */
  append(record: object): void
  /** Resolves when everything appended so far is on the disk. @throws the write error */
  sync(): Promise<void>
  readonly sizeBytes: number
  close(): Promise<void>
}

export interface JournalWriterOptions {
  /** A write failed; what was not written is kept and tried again with the next records. */
  onError: (error: unknown) => void
  onWritten?: () => void
  /** Within so long everything written is brought to the disk, asked for or not. @defaultValue 1000 */
  syncMs?: number
}

/** How long records are gathered before they are written. */
const GATHER_MS = 5
/** After a failure, at most so often. */
const RETRY_MS = 500
/** Kept while the disk takes nothing; what comes beyond is counted and lost. */
const MOST_WAITING_BYTES = 4 * 1024 * 1024

/** Opens a journal for appending. A torn last line is ended with a line break and stays as evidence. */
export async function openJournalFile(path: string, options: JournalWriterOptions): Promise<JournalWriter> {
  const { onError, onWritten, syncMs = 1000 } = options
  const file: FileHandle = await open(path, 'a+', 0o600)
  let { size } = await file.stat()
  let isTorn = false
  if (size > 0) {
    const last = Buffer.alloc(1)
    await file.read(last, 0, 1, size - 1)
    isTorn = last[0] !== 0x0a
  }
  let pending = ''
  /** Taken out of {@link pending} and not written yet. The end of a torn line goes with the first write: a full disk must not keep a guard from its machine. */
  let rest: Buffer = Buffer.from(isTorn ? '\n' : '')
  let lost = 0
  let hasFailed = false
  let timer: NodeJS.Timeout | undefined
  let syncTimer: NodeJS.Timeout | undefined
  let writing: Promise<void> = Promise.resolve()

  /** Writes all there is. A full disk may take a part of it: the rest follows later, in the middle of a line if need be. */
  const drain = async () => {
    if (lost > 0 && pending.length < MOST_WAITING_BYTES) {
      pending += encodeRecord({ at: Date.now(), kind: 'gap', records: lost })
      lost = 0
    }
    if (pending) {
      rest = rest.length > 0 ? Buffer.concat([rest, Buffer.from(pending)]) : Buffer.from(pending)
      pending = ''
    }
    if (rest.length === 0) return
    while (rest.length > 0) {
      const { bytesWritten } = await file.write(rest)
      if (bytesWritten === 0) throw Object.assign(new Error('nothing was written'), { code: 'ENOSPC' })
      size += bytesWritten
      rest = rest.subarray(bytesWritten)
    }
    syncTimer ??= setTimeout(() => {
      syncTimer = undefined
      write(true).catch(() => {})
    }, syncMs)
    syncTimer.unref()
    onWritten?.()
  }
  const write = (isSynced: boolean): Promise<void> => {
    clearTimeout(timer)
    timer = undefined
    const next = writing.then(async () => {
      try {
        await drain()
        if (isSynced) await file.datasync()
        hasFailed = false
      } catch (error) {
        hasFailed = true
        onError(error)
        // with nobody writing any more it is tried again all the same
        plan(RETRY_MS)
        if (isSynced) throw error
      }
    })
    writing = next.catch(() => {})
    return next
  }
  const plan = (ms: number) => {
    timer ??= setTimeout(() => {
      // an error was told to onError
      write(false).catch(() => {})
    }, ms)
  }
  return {
    get sizeBytes() {
      return size
    },
    append(record) {
      if (pending.length + rest.length > MOST_WAITING_BYTES) lost += 1
      else pending += encodeRecord(record)
      plan(hasFailed ? RETRY_MS : GATHER_MS)
    },
    sync: () => write(true),
    async close() {
      await write(true).catch(() => {})
      clearTimeout(timer)
      clearTimeout(syncTimer)
      await file.close()
    },
  }
}
