/**
 * An append-only file of records, one a line: `crc32 length json`. A process that is killed leaves at most
 * a torn last line; checksum and length tell it from a whole one.
 */
import { createReadStream } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
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

/** Reads a journal from its beginning; flat memory but for the longest line. */
export async function* readJournalFile(path: string): AsyncGenerator<JournalLine> {
  let rest = ''
  const lineOf = (line: string): JournalLine => {
    const record = decodeRecord(line)
    return record === undefined ? { damagedBytes: Buffer.byteLength(line) } : { record }
  }
  for await (const chunk of createReadStream(path, { encoding: 'utf8' })) {
    const lines = (rest + chunk).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) if (line) yield lineOf(line)
  }
  // a line without its end was being written when the process ended
  if (rest) yield { damagedBytes: Buffer.byteLength(rest) }
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

/** How long records are gathered before they are written. */
const GATHER_MS = 5

/**
 * Opens a journal for appending. A torn last line is ended with a line break and stays as evidence.
 * @param options.onError a write failed; the records are kept and tried again with the next ones
 */
export async function openJournalFile(path: string, options: { onError: (error: unknown) => void; onWritten?: () => void }): Promise<JournalWriter> {
  const file: FileHandle = await open(path, 'a+', 0o600)
  let { size } = await file.stat()
  if (size > 0) {
    const last = Buffer.alloc(1)
    await file.read(last, 0, 1, size - 1)
    if (last[0] !== 0x0a) {
      await file.appendFile('\n')
      size += 1
    }
  }
  let pending = ''
  let timer: NodeJS.Timeout | undefined
  let writing: Promise<void> = Promise.resolve()

  const write = (isSynced: boolean): Promise<void> => {
    clearTimeout(timer)
    timer = undefined
    const next = writing.then(async () => {
      const text = pending
      pending = ''
      try {
        if (text) {
          await file.appendFile(text)
          size += Buffer.byteLength(text)
          options.onWritten?.()
        }
        if (isSynced) await file.datasync()
      } catch (error) {
        // a full disk may have taken half of it: the line break keeps the next record whole
        pending = `\n${text}${pending}`.slice(0, 4 * 1024 * 1024)
        options.onError(error)
        if (isSynced) throw error
      }
    })
    writing = next.catch(() => {})
    return next
  }
  return {
    get sizeBytes() {
      return size
    },
    append(record) {
      pending += encodeRecord(record)
      timer ??= setTimeout(() => {
        // an error was told to onError
        write(false).catch(() => {})
      }, GATHER_MS)
    },
    sync: () => write(true),
    async close() {
      await write(true).catch(() => {})
      await file.close()
    },
  }
}
