/** One launcher a data directory: the directory itself, its keys, and who runs on it. */
import { randomBytes } from 'node:crypto'
import { accessSync, constants, existsSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { messageOf, UserError } from '../../base/errors.ts'
import { beginningOf, claim, claimAlone } from '../../bootstrap/claims.mjs'
import { type Config, dataPaths } from '../config.ts'
import { pause } from './patience.ts'

/** A process of this instance, as the next launcher needs to know it after this one was killed. */
export interface Remembered {
  name: string
  pid: number
  beginning: string
}

export interface Instance {
  /** Says where it can be reached, for a second launcher's message. */
  tellUrl(url: string): void
  /** Writes down which processes there are now. False when the disk did not take it: to be tried again. */
  remember(processes: readonly { name: string; pid: number }[]): boolean
  /** Processes of a launcher that was killed, which still live. */
  readonly survivors: readonly Remembered[]
  release(): void
}

/** Less room than this, and not even the own small files can be written. */
const PROBE_BYTES = 256 * 1024

/** How often somebody else's half-finished try is waited out before it counts as a running instance. */
const TRIES = 6

/**
 * Makes the data directory (mode 0700) and takes it for this process.
 * @param options.root where `npm ci` must not be run while this instance lives
 * @throws UserError data-dir-unusable, already-running, restore-unfinished
 */
export async function takeInstance({ config, root }: { config: Config; root: string }): Promise<Instance> {
  const { dataDir } = config
  const paths = dataPaths(config)
  makeDataDir(dataDir)
  let tries = 0
  const release = await claimAlone(join(dataDir, 'running'), (holder) => {
    tries += 1
    if (tries < TRIES) return false
    const other = readJson(paths.instance) as { url?: string } | undefined
    throw new UserError({
      code: 'already-running',
      message: `Cellwright already runs on the data directory ${dataDir} (process ${holder}${other?.url ? `, ${other.url}` : ''}). Stop it first, or set CELLWRIGHT_DATA and CELLWRIGHT_PORT to run another one beside it.`,
    })
  })
  if (!release) throw new Error('unreachable: onTaken never gives up without throwing')
  if (existsSync(paths.restoring)) {
    release()
    throw new UserError({
      code: 'restore-unfinished',
      message: `A back-up was being restored into ${dataDir}, and that did not end. Run "cellwright restore" with it again: it clears away what is there and begins anew.`,
    })
  }
  const list = join(dataDir, 'processes.json')
  const remembered = readJson(list)
  const survivors = (Array.isArray(remembered) ? (remembered as Remembered[]) : []).filter(isSame)
  const write = (file: string, value: unknown) => {
    // whole or not at all: the next launcher reads it after a kill -9
    writeFileSync(`${file}.new`, `${JSON.stringify(value)}\n`, { mode: 0o600 })
    renameSync(`${file}.new`, file)
  }
  const facts = { pid: process.pid, startedAt: new Date().toISOString() }
  write(paths.instance, facts)
  const releaseCheckout = claimCheckout(root)
  return {
    survivors,
    tellUrl: (url) => write(paths.instance, { ...facts, url }),
    remember(processes) {
      const living = processes.flatMap(({ name, pid }) => {
        const beginning = beginningOf(pid)
        return beginning === undefined ? [] : [{ name, pid, beginning }]
      })
      try {
        write(list, living)
        return true
      } catch {
        // a full disk: only a launcher after this one needs it
        return false
      }
    },
    release() {
      rmSync(paths.instance, { force: true })
      rmSync(list, { force: true })
      releaseCheckout()
      release()
    },
  }
}

const isSame = ({ pid, beginning }: Remembered) => beginningOf(pid) === beginning

/** Ends a process by force, but never another one that got its number. */
export function killSame(process_: Remembered): void {
  if (!isSame(process_)) return
  try {
    process.kill(process_.pid, 'SIGKILL')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

/** Waits until processes of an earlier launcher are gone; ends them after `patienceMs`. */
export async function waitForEnd(processes: readonly Remembered[], patienceMs: number): Promise<void> {
  const end = performance.now() + patienceMs
  let left = processes.filter(isSame)
  let isKilled = false
  while (left.length) {
    if (!isKilled && performance.now() > end) {
      isKilled = true
      for (const each of left) killSame(each)
    }
    await pause(20)
    left = left.filter(isSame)
  }
}

function makeDataDir(dataDir: string): void {
  try {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 })
    if (!statSync(dataDir).isDirectory()) throw new Error('it is a file')
    accessSync(dataDir, constants.R_OK | constants.W_OK | constants.X_OK)
    const probe = join(dataDir, `.probe-${process.pid}`)
    try {
      writeFileSync(probe, Buffer.alloc(PROBE_BYTES))
    } finally {
      rmSync(probe, { force: true })
    }
  } catch (cause) {
    if (['ENOSPC', 'EDQUOT'].includes((cause as NodeJS.ErrnoException).code ?? ''))
      throw new UserError({
        code: 'disk-full',
        message: `The disk of the data directory ${dataDir} is full. Make room and start again: nothing that was stored is lost.`,
        cause,
      })
    throw new UserError({
      code: 'data-dir-unusable',
      message: `Cellwright cannot write to its data directory ${dataDir}: ${messageOf(cause)}. Make it writable for this user, or set CELLWRIGHT_DATA to another one.`,
      cause,
    })
  }
}

/** Tells the bootstrap (bootstrap/install.mjs) that this checkout is in use. */
function claimCheckout(root: string): () => void {
  try {
    return claim(join(root, '.cache', 'running'))
  } catch (error) {
    // a checkout that cannot be written cannot be installed over either (ENOENT: what Node says of folders it could not make one in the other)
    if (['EACCES', 'EROFS', 'EPERM', 'ENOENT'].includes((error as NodeJS.ErrnoException).code ?? '')) return () => {}
    throw error
  }
}

function readJson(file: string): unknown {
  if (!existsSync(file)) return undefined
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    // cut off by a power failure: it only helps, nothing depends on it
    return undefined
  }
}

/** A copy that was restored from a back-up: its flows stand still until a person lets them begin. @param file `dataPaths().restored` */
export function isHeldCopy(file: string): boolean {
  return (readJson(file) as { isHeld?: unknown } | undefined)?.isHeld === true
}

/** Reads a key from an owner-only file, or makes it: 256 random bits. */
export function keyFrom(file: string): string {
  if (existsSync(file)) return readFileSync(file, 'utf8').trim()
  const key = randomBytes(32).toString('base64url')
  // whole or not at all
  writeFileSync(`${file}.new`, `${key}\n`, { mode: 0o600 })
  renameSync(`${file}.new`, file)
  return key
}
