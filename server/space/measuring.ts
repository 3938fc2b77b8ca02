/** What each part of the installation takes on the disk: one after the other, since nobody waits for it. */
import { join } from 'node:path'
import { CompiledQuery, type Kysely } from 'kysely'
import type { SpaceView } from '../api/index.ts'
import type { dataPaths } from '../config.ts'
import type { Database, Store } from '../store/index.ts'
import { dirSize } from './dir-size.ts'
import { journalFiles } from './journals.ts'
import { type Asks, liveSize } from './live-size.ts'
import { MB, type Ruling } from './ruling.ts'
import { databaseSizes } from './tables.ts'

/** Nearer to its budget, what of the database counts is judged exactly; before that all of it does. */
const NEAR = 0.9

export interface Measuring {
  /** @param before without the database its figures are those. @returns what is there so far when it is ended meanwhile */
  measure(before: readonly SpaceView[]): Promise<SpaceView[]>
}

export function createMeasuring(deps: {
  db: Store['db']
  ruling: Pick<Ruling, 'rule' | 'runsMb'>
  paths: ReturnType<typeof dataPaths>
  isEmbeddedDatabase: boolean
  /** Where back-ups lie, when they lie on this host. */
  backupsDir: () => string | undefined
  signal: AbortSignal
}): Measuring {
  const { db, ruling, paths, isEmbeddedDatabase, backupsDir, signal } = deps

  const journalSpace = async (): Promise<SpaceView> => {
    const perMachine = new Map<string, number>()
    for (const { machineId, bytes } of await journalFiles(paths.journals)) perMachine.set(machineId, (perMachine.get(machineId) ?? 0) + bytes)
    const parts = [...perMachine].map(([name, bytes]) => ({ name, bytes })).sort((a, b) => b.bytes - a.bytes)
    return { kind: 'journals', bytes: await dirSize(paths.journals, signal), limitBytes: ruling.rule.journalMb * MB, path: paths.journals, parts }
  }
  const databaseSpaces = async (): Promise<SpaceView[]> => {
    const [sizes, keptMb] = await Promise.all([databaseSizes(db), ruling.runsMb()])
    const limitBytes = ruling.rule.databaseMb * MB
    const countedBytes = sizes.total < limitBytes * NEAR ? sizes.total : (await liveSize(asks(db))).counted
    const counts = { limitBytes, countedBytes }
    const parts = Object.entries(sizes.groups).map(([name, bytes]) => ({ name, bytes: bytes ?? 0 }))
    return [
      // with its log, where it is ours
      isEmbeddedDatabase
        ? { kind: 'database', bytes: await dirSize(paths.postgres, signal), ...counts, path: paths.postgres, parts }
        : { kind: 'database', bytes: sizes.total, ...counts, parts },
      { kind: 'runs', bytes: sizes.groups.runs ?? 0, limitBytes: keptMb * 1e6 },
    ]
  }
  const folder = async (kind: SpaceView['kind'], path: string, limitBytes?: number): Promise<SpaceView> => ({
    kind,
    bytes: await dirSize(path, signal),
    path,
    ...(limitBytes === undefined ? {} : { limitBytes }),
  })
  const measure = async (before: readonly SpaceView[]): Promise<SpaceView[]> => {
    const programsDir = join(paths.files, 'programs')
    // one after the other: nobody waits for it
    const found: SpaceView[] = []
    // without the database its figures are those of the last time
    found.push(...(await databaseSpaces().catch(() => before.filter(({ kind }) => kind === 'database' || kind === 'runs'))))
    found.push(await journalSpace())
    const programs = await folder('programs', programsDir)
    found.push(programs)
    const files = await folder('files', paths.files)
    found.push({ ...files, bytes: Math.max(0, files.bytes - programs.bytes) })
    found.push(await folder('logs', paths.logs, ruling.rule.logMb * MB))
    const backups = backupsDir()
    if (backups !== undefined) found.push(await folder('backups', backups))
    found.push(await folder('palette', paths.nodeRed), await folder('mirror', paths.mirror))
    return found
  }

  return { measure }
}

/** Kysely's connections for queries that are text. */
const asks = (db: Kysely<Database>): Asks => ({
  query: async <Row extends object>(text: string, values: unknown[] = []) => ({
    rows: (await db.executeQuery<Row>(CompiledQuery.raw(text, values))).rows,
  }),
})
