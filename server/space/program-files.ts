/**
 * Contents of programs that nothing refers to any more: neither the library nor a job, whatever became of it. A content is deleted
 * under the same lock under which an upload puts it in place and writes its row (`contentLock`), so that none goes between the two.
 */
import { lstat, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { type Kysely, sql } from 'kysely'
import { contentLock } from '../machines/content-lock.ts'
import type { Database } from '../store/index.ts'

const DAY_MS = 86_400_000
/** An upload that has not grown for so long was broken off by a kill. */
const BROKEN_OFF_MS = DAY_MS

export interface Swept {
  files: number
  bytes: number
}

/**
 * @param deps.graceDays a content that came or was brought again within so many days stays
 * @returns what was deleted
 */
export async function sweepPrograms(deps: { db: Kysely<Database>; filesDir: string; graceDays: number; now: number; signal?: AbortSignal }): Promise<Swept> {
  const { db, filesDir, graceDays, now, signal } = deps
  const swept: Swept = { files: 0, bytes: 0 }
  const limit = now - graceDays * DAY_MS
  for (const folder of await namesIn(filesDir, /^[0-9a-f]{2}$/)) {
    if (signal?.aborted) return swept
    const old: { path: string; sha256: string }[] = []
    for (const sha256 of await namesIn(join(filesDir, folder), /^[0-9a-f]{64}$/)) {
      const path = join(filesDir, folder, sha256)
      if (((await lstat(path).catch(() => undefined))?.mtimeMs ?? now) < limit) old.push({ path, sha256 })
    }
    const named = await referredTo(
      db,
      old.map(({ sha256 }) => sha256),
    )
    for (const { path, sha256 } of old) {
      if (named.has(sha256)) continue
      const bytes = await removeUnnamed({ db, path, sha256, limit })
      if (bytes === undefined) continue
      swept.files += 1
      swept.bytes += bytes
    }
  }
  for (const name of await namesIn(join(filesDir, 'incoming'), /^[0-9a-f]{16}$/)) {
    const path = join(filesDir, 'incoming', name)
    const facts = await lstat(path).catch(() => undefined)
    if (!facts || facts.mtimeMs > now - BROKEN_OFF_MS) continue
    await rm(path, { force: true })
    swept.files += 1
    swept.bytes += facts.size
  }
  return swept
}

const namesIn = async (dir: string, pattern: RegExp): Promise<string[]> => (await readdir(dir).catch(() => [])).filter((name) => pattern.test(name))

/** Of these contents, those that a program of the library or a job names. */
async function referredTo(db: Kysely<Database>, contents: readonly string[]): Promise<Set<string>> {
  if (!contents.length) return new Set()
  const { rows } = await sql<{ sha256: string }>`
    select sha256 from program where "removedAt" is null and sha256 = any(${contents})
    union select request->>'sha256' from job where kind = 'program' and request->>'sha256' = any(${contents})
    union select p.sha256 from program p join job j on j."programId" = p.id where p.sha256 = any(${contents})`.execute(db)
  return new Set(rows.map(({ sha256 }) => sha256))
}

/** Looks once more, where no upload of it can come in between. @returns its size, undefined when it stays */
function removeUnnamed({ db, path, sha256, limit }: { db: Kysely<Database>; path: string; sha256: string; limit: number }): Promise<number | undefined> {
  return db.transaction().execute(async (tx) => {
    await contentLock(tx, sha256)
    const facts = await lstat(path).catch(() => undefined)
    // brought again since the look
    if (!facts || facts.mtimeMs >= limit) return undefined
    if ((await referredTo(tx, [sha256])).has(sha256)) return undefined
    await rm(path, { force: true })
    return facts.size
  })
}
