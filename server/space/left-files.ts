/**
 * Files beside those of programs that nothing refers to: templates without a row (a process died between the two), and what was being written
 * when a process died. Oldest first. What a row or a list of the pages names is never deleted, whatever it takes.
 */
import { randomBytes } from 'node:crypto'
import { lstat, readdir, rename, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import type { Kysely } from 'kysely'
import type { Database } from '../store/index.ts'
import { dirSize } from './dir-size.ts'

const DAY_MS = 86_400_000
/** Nothing is written for so long. */
const BROKEN_OFF_MS = DAY_MS
/** As they are called while they are written: by the templates, by promotions, by what is brought from other programs, and by us. */
const UNFINISHED: readonly (readonly [dir: string, names: RegExp])[] = [
  ['templates', /^[0-9a-f]{64}\.cwt\.[0-9a-f]{12}$/],
  ['promotions', /^\..+\.cwp\.[0-9a-f]{8}$/],
  ['move-in', /^[0-9a-f]{16}\.zip$/],
]
const TEMPLATE = /^([0-9a-f]{64})\.cwt$/

interface Left {
  path: string
  bytes: number
  at: number
  /** Of a template: what may name it. */
  sha256?: string
}

/**
 * @param deps.graceDays a template's file that came within so many days stays
 * @returns bytes that were deleted
 * @throws when the database does not say what is named: nothing is deleted then
 */
export async function sweepFiles(deps: { db: Kysely<Database>; filesDir: string; graceDays: number; now: number; signal?: AbortSignal }): Promise<number> {
  const { db, filesDir, graceDays, now, signal } = deps
  const limit = now - graceDays * DAY_MS
  const left: Left[] = []
  for (const [dir, names] of UNFINISHED) for (const found of await filesIn(join(filesDir, dir), names)) if (found.at < now - BROKEN_OFF_MS) left.push(found)
  const old = (await filesIn(join(filesDir, 'templates'), TEMPLATE)).filter(({ at }) => at < limit)
  const named = new Set(old.length ? (await db.selectFrom('template').select('sha256').execute()).map(({ sha256 }) => sha256) : [])
  for (const found of old) {
    const sha256 = TEMPLATE.exec(found.path.slice(-68))?.[1] ?? ''
    if (!named.has(sha256)) left.push({ ...found, sha256 })
  }
  let gone = 0
  for (const { path, bytes, sha256 } of left.toSorted((a, b) => a.at - b.at)) {
    if (signal?.aborted) break
    if (sha256 === undefined) await rm(path, { force: true })
    else if (!(await removeUnlessNew({ db, path, sha256, limit }))) continue
    gone += bytes
  }
  return gone
}

/**
 * Repositories of the git mirror that could not be read any more and were put aside (server/mirror): all that was in them has been made anew.
 * @param deps.dir of the mirror
 * @returns bytes that were deleted
 */
export async function sweepBrokenMirrors({ dir, graceDays, now }: { dir: string; graceDays: number; now: number }): Promise<number> {
  const prefix = `${basename(dir)}.broken-`
  let gone = 0
  for (const name of (await readdir(dirname(dir)).catch(() => [])).filter((each) => each.startsWith(prefix)).sort()) {
    const at = Number(name.slice(prefix.length))
    if (!Number.isInteger(at) || at > now - graceDays * DAY_MS) continue
    const path = join(dirname(dir), name)
    const bytes = await dirSize(path)
    await rm(path, { recursive: true, force: true })
    gone += bytes
  }
  return gone
}

/** The same file may be brought in this moment: it is put aside first, and back again when it is a new one or is named by now. */
async function removeUnlessNew({ db, path, sha256, limit }: { db: Kysely<Database>; path: string; sha256: string; limit: number }): Promise<boolean> {
  const aside = `${path}.${randomBytes(6).toString('hex')}`
  try {
    await rename(path, aside)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false
    throw error
  }
  let mayGo = false
  try {
    const row = await db.selectFrom('template').select('id').where('sha256', '=', sha256).executeTakeFirst()
    mayGo = row === undefined && (await lstat(aside)).mtimeMs < limit
  } finally {
    await (mayGo ? rm(aside, { force: true }) : rename(aside, path))
  }
  return mayGo
}

async function filesIn(dir: string, names: RegExp): Promise<Left[]> {
  const found: Left[] = []
  for (const name of (await readdir(dir).catch(() => [])).filter((each) => names.test(each))) {
    const path = join(dir, name)
    const facts = await lstat(path).catch(() => undefined)
    if (facts?.isFile()) found.push({ path, bytes: facts.size, at: facts.mtimeMs })
  }
  return found
}
