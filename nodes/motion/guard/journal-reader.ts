/** Reads the journal of a machine from outside the guard, from its files: also while it is being written. */
import { open, readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { decodeRecord, readJournalFile } from './journal-file.ts'
import type { TimedRecord } from './journal-records.ts'

export type JournalEntry =
  | { kind: 'record'; record: TimedRecord }
  /** A line that is not whole: the process was killed while it wrote, or the disk was full. */
  | { kind: 'torn'; file: string; bytes: number }

interface JournalFile {
  number: number
  name: string
  path: string
}

async function filesIn(dir: string): Promise<JournalFile[]> {
  const found = (await readdir(dir)).flatMap((name) => {
    const number = Number(/^journal-(\d{6,})\.log$/.exec(name)?.[1] ?? Number.NaN)
    return Number.isNaN(number) ? [] : [{ number, name, path: join(dir, name) }]
  })
  return found.sort((a, b) => a.number - b.number)
}

const isTimed = (record: unknown): record is TimedRecord =>
  typeof record === 'object' && record !== null && typeof (record as TimedRecord).at === 'number' && typeof (record as TimedRecord).kind === 'string'

async function firstTime(path: string): Promise<number | undefined> {
  for await (const line of readJournalFile(path)) if ('record' in line && isTimed(line.record)) return line.record.at
  return undefined
}

/**
 * Everything in the journal, oldest first.
 * @param options.sinceMs leaves out files that end before this time (ms since 1970); records of the first one may be older
 * @throws the file system's error when there is no journal at `dir`
 */
export async function* readJournal(dir: string, options: { sinceMs?: number } = {}): AsyncGenerator<JournalEntry> {
  const files = await filesIn(dir)
  let from = 0
  const { sinceMs } = options
  if (sinceMs !== undefined) for (const [index, { path }] of files.entries()) if (((await firstTime(path)) ?? Number.POSITIVE_INFINITY) <= sinceMs) from = index
  for (const { path, name } of files.slice(from)) {
    try {
      for await (const line of readJournalFile(path)) {
        if ('damagedBytes' in line) yield { kind: 'torn', file: name, bytes: line.damagedBytes }
        else if (isTimed(line.record)) yield { kind: 'record', record: line.record }
      }
    } catch (error) {
      // the oldest may be deleted while it is read
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    }
  }
}

/** How often a journal that is followed is looked at. */
const FOLLOW_MS = 200

/**
 * What is written from now on, over the ends of files.
 * @param options.signal ends it
 */
export async function* followJournal(dir: string, options: { signal: AbortSignal }): AsyncGenerator<JournalEntry> {
  const { signal } = options
  let current = (await filesIn(dir)).at(-1)
  let at = current ? (await stat(current.path)).size : 0
  let looksAtEnd = 0
  // the next file is there a moment before the last records of the old one are
  let before: { name: string; path: string; at: number } | undefined
  const entryOf = (line: string, file: string): JournalEntry => {
    const record = decodeRecord(line)
    return isTimed(record) ? { kind: 'record', record } : { kind: 'torn', file, bytes: Buffer.byteLength(line) }
  }
  while (!signal.aborted) {
    if (before) {
      const { lines, end } = await readFrom(before.path, before.at)
      before.at = end
      for (const line of lines) yield entryOf(line, before.name)
    }
    // looked up first
    const files = await filesIn(dir)
    current ??= files[0]
    const next = current && files.find(({ number }) => number > (current?.number ?? 0))
    if (current) {
      const { lines, end, left } = await readFrom(current.path, at)
      at = end
      for (const line of lines) yield entryOf(line, current.name)
      looksAtEnd = next && lines.length === 0 ? looksAtEnd + 1 : 0
      if (next && looksAtEnd > 1) {
        if (left > 0) yield { kind: 'torn', file: current.name, bytes: left }
        before = { name: current.name, path: current.path, at }
        current = next
        at = 0
        looksAtEnd = 0
        continue
      }
    }
    await pause(FOLLOW_MS, undefined, { signal }).catch(() => {})
  }
}

/** The whole lines that were written behind `at`; `left` bytes of another one follow them. */
async function readFrom(path: string, at: number): Promise<{ lines: string[]; end: number; left: number }> {
  const file = await open(path, 'r')
  try {
    const chunks: Buffer[] = []
    for (let from = at; ; ) {
      const { bytesRead, buffer } = await file.read(Buffer.alloc(64 * 1024), 0, 64 * 1024, from)
      if (bytesRead === 0) break
      chunks.push(buffer.subarray(0, bytesRead))
      from += bytesRead
    }
    const bytes = Buffer.concat(chunks)
    const whole = bytes.lastIndexOf(0x0a) + 1
    const lines = bytes.subarray(0, whole).toString('utf8').split('\n').filter(Boolean)
    return { lines, end: at + whole, left: bytes.length - whole }
  } finally {
    await file.close()
  }
}
