/**
 * Journals of machines are evidence. Whole files are deleted, oldest first, and only when all journals of this host take more than
 * their budget. Never: one that was written to within the days that are kept, the newest of a machine, and what was written
 * since the begin of a program that runs or whose failure nobody has dealt with.
 */
import { lstat, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Kysely } from 'kysely'
import type { Database } from '../store/index.ts'

const DAY_MS = 86_400_000

export interface JournalFile {
  machineId: string
  path: string
  bytes: number
  /** When it was last written to. */
  endedAt: number
}

/** Of each machine oldest first, the one that is being written to last. */
export async function journalFiles(journalsDir: string): Promise<JournalFile[]> {
  const machines = await readdir(journalsDir, { withFileTypes: true }).catch(() => [])
  const found: JournalFile[] = []
  for (const machine of machines.filter((entry) => entry.isDirectory())) {
    const names = (await readdir(join(journalsDir, machine.name)).catch(() => [])).filter((name) => /^journal-\d{6,}\.log$/.test(name))
    for (const name of names.sort((a, b) => numberIn(a) - numberIn(b))) {
      const path = join(journalsDir, machine.name, name)
      const facts = await lstat(path).catch(() => undefined)
      if (facts) found.push({ machineId: machine.name, path, bytes: facts.size, endedAt: facts.mtimeMs })
    }
  }
  return found
}

const numberIn = (name: string) => Number(/\d+/.exec(name)?.[0] ?? 0)

export interface JournalRule {
  keepDays: number
  maxBytes: number
}

/**
 * Which may go now.
 * @param undecidedSince of a machine, when the first program began that is not decided yet
 */
export function deletableJournals(files: readonly JournalFile[], rule: JournalRule, undecidedSince: ReadonlyMap<string, number>, now: number): JournalFile[] {
  let excess = files.reduce((sum, { bytes }) => sum + bytes, 0) - rule.maxBytes
  const newest = new Map(files.map((file) => [file.machineId, file.path]))
  const mayGo = files.filter(
    ({ machineId, path, endedAt }) =>
      newest.get(machineId) !== path && endedAt < now - rule.keepDays * DAY_MS && endedAt < (undecidedSince.get(machineId) ?? Number.POSITIVE_INFINITY),
  )
  const gone: JournalFile[] = []
  for (const file of mayGo.toSorted((a, b) => a.endedAt - b.endedAt)) {
    if (excess <= 0) break
    excess -= file.bytes
    gone.push(file)
  }
  return gone
}

/** Programs that run, and those that failed or were interrupted and that nobody has tried again or put aside. */
async function undecided(db: Kysely<Database>): Promise<Map<string, number>> {
  const rows = await db
    .selectFrom('job')
    .select(['machineId', (e) => e.fn.min('startedAt').as('since')])
    .where('kind', '=', 'program')
    .where('startedAt', 'is not', null)
    .where((e) => e.or([e('state', '=', 'active'), e.and([e('state', 'in', ['failed', 'interrupted']), e('handledAt', 'is', null)])]))
    .groupBy('machineId')
    .execute()
  return new Map(rows.flatMap(({ machineId, since }) => (machineId === null || since === null ? [] : [[machineId, since.getTime()] as const])))
}

/** @returns what was deleted @throws when the database does not say what is undecided: nothing is deleted then */
export async function trimJournals(deps: { db: Kysely<Database>; journalsDir: string; rule: JournalRule; now: number }): Promise<JournalFile[]> {
  const { db, journalsDir, rule, now } = deps
  const files = await journalFiles(journalsDir)
  if (files.reduce((sum, { bytes }) => sum + bytes, 0) <= rule.maxBytes) return []
  const gone = deletableJournals(files, rule, await undecided(db), now)
  for (const { path } of gone) await rm(path, { force: true })
  return gone
}
