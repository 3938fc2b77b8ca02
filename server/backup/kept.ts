/** The folder of back-ups on this host; what is known of each stands in a small file beside it. */
import { readdir, readFile, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { type Static, Type } from 'typebox'
import { UserError } from '../../base/errors.ts'
import { writeOwnerFile } from '../../base/owner-file.ts'
import { checker } from '../../base/schema.ts'
import type { BackupFile } from '../api/index.ts'
import { BACKUP_NAME, BackupWhy } from './format.ts'
import { timeOf } from './retention.ts'

const Facts = Type.Object({
  why: BackupWhy,
  by: Type.Optional(Type.String()),
  version: Type.Optional(Type.String()),
  sha256: Type.Optional(Type.String()),
  verifiedAt: Type.Optional(Type.String()),
  problem: Type.Optional(Type.String()),
})
const facts = checker(Facts)
export type KeptFacts = Static<typeof Facts>

const factsFile = (folder: string, name: string) => join(folder, `${name}.json`)

/** Newest first. */
export async function listKept(folder: string): Promise<BackupFile[]> {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [] // none was ever made
    throw error
  })
  const files: BackupFile[] = []
  for (const name of names) {
    const at = timeOf(name)
    const found = at && (await stat(join(folder, name)).catch(() => undefined)) // removed meanwhile
    if (!at || !found) continue
    const { why, by, version, verifiedAt, problem } = await readFacts(folder, name)
    files.push({
      name,
      at: at.toUTC().toJSDate().toISOString(),
      bytes: found.size,
      why,
      ...(by === undefined ? {} : { by }),
      ...(version === undefined ? {} : { version }),
      ...(verifiedAt === undefined ? {} : { verifiedAt }),
      ...(problem === undefined ? {} : { problem }),
    })
  }
  return files.toSorted((a, b) => (a.name < b.name ? 1 : -1))
}

export async function readFacts(folder: string, name: string): Promise<KeptFacts> {
  try {
    const value: unknown = JSON.parse(await readFile(factsFile(folder, name), 'utf8'))
    if (facts.is(value)) return value
  } catch {
    // put here by hand, or half written: what can be said is said by the file itself
  }
  return { why: 'person' }
}

export async function writeFacts(folder: string, name: string, value: KeptFacts): Promise<void> {
  await writeOwnerFile(factsFile(folder, name), `${JSON.stringify(value)}\n`)
}

export async function removeKept(folder: string, name: string): Promise<void> {
  await rm(join(folder, name), { force: true })
  await rm(factsFile(folder, name), { force: true })
}

/** Its path. @throws UserError backup-not-found */
export async function requireKept(folder: string, name: string): Promise<{ file: string; bytes: number }> {
  const file = join(folder, name)
  const found = BACKUP_NAME.test(name) ? await stat(file).catch(() => undefined) : undefined // told below
  if (!found?.isFile()) throw new UserError({ code: 'backup-not-found', status: 404, message: `There is no back-up ${name} on this host.` })
  return { file, bytes: found.size }
}

/** Halves that a killed process has left. */
export async function removeHalves(folder: string): Promise<void> {
  for (const name of await readdir(folder).catch(() => [])) if (name.endsWith('.part')) await rm(join(folder, name), { force: true })
}
