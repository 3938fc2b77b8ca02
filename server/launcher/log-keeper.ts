/** Keeps log files small: by size and age, compressed. The budget of all of them together is the gateway's (server/space). */
import { appendFileSync, closeSync, createReadStream, createWriteStream, type Dirent, ftruncateSync, openSync, readSync } from 'node:fs'
import { readdir, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { createGzip, gzipSync } from 'node:zlib'
import { messageOf } from '../../base/errors.ts'
import { asideName } from './log-files.ts'

export interface LogLimits {
  /** A file that is larger is put aside. */
  fileBytes: number
  /** Older lines are deleted, about: a file is put aside after a quarter of it, and deleted when it is that old. */
  days: number
}

interface Found {
  name: string
  bytes: number
  /** When it was put aside (ms since 1970), or when one that is written began. */
  at: number
}

const DAY_MS = 86_400_000
/** A file with less in it is not worth one of its own. */
const LEAST_BYTES = 1024
const ASIDE = /^(.+)-(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z\.log(\.gz)?$/
/** As earlier versions named them. */
const OLD_ASIDE = /^.+\.log\.\d$/

/** When a file was put aside; undefined for one that is written. */
function asideAt(name: string, modified: number): number | undefined {
  const [, , year, month, day, hour, minute, second] = ASIDE.exec(name) ?? []
  if (year !== undefined) return Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute), Number(second))
  return OLD_ASIDE.test(name) ? modified : undefined
}

/** What is in the folder now: files that are written, and those that were put aside, oldest first. */
async function look(dir: string): Promise<{ written: Found[]; aside: Found[] }> {
  const written: Found[] = []
  const aside: Found[] = []
  for (const { name } of (await readdir(dir, { withFileTypes: true })).filter((entry: Dirent) => entry.isFile())) {
    const facts = await stat(join(dir, name)).catch(() => undefined)
    if (!facts) continue
    const at = asideAt(name, facts.mtimeMs)
    if (at !== undefined) aside.push({ name, bytes: facts.size, at })
    // of a launcher that was killed over it
    else if (name.endsWith('.gz.new') && Date.now() - facts.mtimeMs > DAY_MS) await rm(join(dir, name), { force: true })
    else if (name.endsWith('.log')) written.push({ name, bytes: facts.size, at: facts.birthtimeMs || facts.ctimeMs })
  }
  aside.sort((a, b) => a.at - b.at)
  // the file itself stays when it is emptied: what is in it began when the one before was put aside
  for (const file of written) {
    const before = aside.findLast(({ name }) => ASIDE.exec(name)?.[1] === file.name.slice(0, -'.log'.length))
    if (before) file.at = Math.max(file.at, before.at)
  }
  return { written, aside }
}

/** Compresses a file that nobody writes any more. */
async function compress(path: string): Promise<void> {
  await pipeline(createReadStream(path), createGzip(), createWriteStream(`${path}.gz.new`, { mode: 0o600 }))
  await rename(`${path}.gz.new`, `${path}.gz`)
  await rm(path)
}

/**
 * Puts aside what a file holds that is being written: the most of it compressed at leisure, then, without a pause, what came
 * meanwhile, and the cut. Only a line that is written between the last reading and the cut is lost; when this process is killed in
 * between, lines are there twice.
 */
async function cutOff(path: string, now: Date): Promise<void> {
  const to = `${asideName(path, now)}.gz`
  const { size } = await stat(path)
  try {
    await pipeline(createReadStream(path, { end: size - 1 }), createGzip(), createWriteStream(`${to}.new`, { mode: 0o600 }))
    await rename(`${to}.new`, to)
    const source = openSync(path, 'r+')
    try {
      const buffer = Buffer.alloc(1 << 20)
      for (let from = size; ; ) {
        const bytes = readSync(source, buffer, 0, buffer.length, from)
        if (bytes === 0) break
        // gzip files one behind the other are one (RFC 1952, 2.2)
        appendFileSync(to, gzipSync(buffer.subarray(0, bytes)))
        from += bytes
      }
      ftruncateSync(source, 0)
    } finally {
      closeSync(source)
    }
  } catch (error) {
    // nothing was cut off: all of it is still in the file itself
    await rm(`${to}.new`, { force: true })
    await rm(to, { force: true })
    throw error
  }
}

/**
 * One round. What fails (a full disk) is left for the next one, after the oldest that was put aside has made room.
 * @throws Error what failed first
 */
export async function tidyLogs(dir: string, limits: LogLimits, now: Date): Promise<void> {
  const { written, aside } = await look(dir)
  let failure: unknown
  const attempt = async (work: () => Promise<void>) => {
    try {
      await work()
    } catch (error) {
      failure ??= error
    }
  }
  for (const { name } of aside) if (name.endsWith('.log')) await attempt(() => compress(join(dir, name)))
  for (const { name, bytes, at } of written) {
    const isOld = bytes >= LEAST_BYTES && now.getTime() - at > (limits.days * DAY_MS) / 4
    if (bytes > limits.fileBytes || isOld) await attempt(() => cutOff(join(dir, name), now))
  }
  for (const [index, { name, at }] of (await look(dir)).aside.entries()) {
    const isNeeded = failure !== undefined && index === 0
    if (isNeeded || now.getTime() - at > limits.days * DAY_MS) await attempt(() => rm(join(dir, name), { force: true }))
  }
  if (failure !== undefined) throw failure
}

const EVERY_MS = 60_000

/** Looks after the folder until it is stopped; what cannot be done is complained about once, and stops nothing. @returns how to stop it */
export function keepLogs(options: { dir: string; limits: LogLimits; complain: (text: string) => void; everyMs?: number }): () => void {
  const { dir, limits, complain, everyMs = EVERY_MS } = options
  let isWorking = false
  let hasFailed = false
  const round = async () => {
    if (isWorking) return
    isWorking = true
    try {
      await tidyLogs(dir, limits, new Date())
      hasFailed = false
    } catch (error) {
      if (!hasFailed) complain(`log files could not be put aside: ${messageOf(error)}`)
      hasFailed = true
    } finally {
      isWorking = false
    }
  }
  void round()
  const timer = setInterval(() => void round(), everyMs)
  timer.unref()
  return () => clearInterval(timer)
}
