/**
 * What each part of the installation takes on the disk, measured from time to time and never for a request, and what is deleted by
 * itself when it takes more than it may. Never deleted: the audit log (but for its own rule), records of quality, programs of the library.
 * docs/disk.md has the table.
 */
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { CompiledQuery, type Kysely } from 'kysely'
import { messageOf } from '../../base/errors.ts'
import type { Logger } from '../../base/log.ts'
import { checker } from '../../base/schema.ts'
import { type DatabasePass, getSpace, type OverBudget, type SpaceReport, SpaceRule, type SpaceView, setSpaceRule, sweepSpace } from '../api/index.ts'
import type { Audit } from '../audit/contract.ts'
import type { Caller } from '../auth/caller.ts'
import type { Config, dataPaths } from '../config.ts'
import type { Hosts } from '../hosts/contract.ts'
import { handle, type RouteHandler } from '../http/handler.ts'
import { type Database, json, type Store } from '../store/index.ts'
import type { KeptVersions } from '../versions/contract.ts'
import { keepDatabaseWithin } from './database-budget.ts'
import { dirSize } from './dir-size.ts'
import { journalFiles, trimJournals } from './journals.ts'
import { sweepBrokenMirrors, sweepFiles } from './left-files.ts'
import { type Asks, liveSize } from './live-size.ts'
import { trimLogs } from './old-logs.ts'
import { sweepPrograms } from './program-files.ts'
import { databaseSizes } from './tables.ts'

const MB = 1024 * 1024
const MEASURE_EVERY_MS = 300_000
const SWEEP_EVERY_MS = 3_600_000
/** A start has other things to do first. */
const FIRST_MS = 15_000
/** Whoever asks for deleting hears what came of it, or after so long that it goes on. */
const ANSWER_MS = 15_000
/** The disk is filling up: figures of five minutes ago help nobody. */
const HURRIED_MS = 30_000
const USUAL: SpaceRule = { journalDays: 30, journalMb: 4000, programDays: 14, logMb: 500, databaseMb: 10_000 }
/** Until somebody sets it, the database may take so much more than its run history is allowed. */
const RUNS_TIMES = 2
/** Nearer to its budget, what of the database counts is judged exactly; before that all of it does. */
const NEAR = 0.9
const SETTING = { kind: 'setting', subject: 'space' } as const
const rules = checker(SpaceRule)

export interface Space {
  report(): SpaceReport
  /** As of the last time that something was to be deleted; undefined before the first. */
  overBudget(): readonly OverBudget[] | undefined
  readonly routes: readonly RouteHandler[]
  start(): void
  close(): Promise<void>
}

export interface SpaceDeps {
  store: Pick<Store, 'db' | 'database'>
  log: Logger
  audit: Pick<Audit, 'record'>
  versions: Pick<KeptVersions, 'keep' | 'own'>
  hosts: Pick<Hosts, 'name' | 'leads'>
  config: Pick<Config, 'runsKeepMb' | 'runMessagesKeepMb'>
  paths: ReturnType<typeof dataPaths>
  isEmbeddedDatabase: boolean
  /** The disk is not as it should be: measured more often. */
  isHurried: () => boolean
  /** Where back-ups lie, when they lie on this host. */
  backupsDir: () => string | undefined
  now?: () => number
}

export function createSpace(deps: SpaceDeps): Space {
  const { store, log, audit, versions, hosts, config, paths, isEmbeddedDatabase, isHurried, backupsDir, now = Date.now } = deps
  const { db } = store
  const ending = new AbortController()
  let rule = USUAL
  let over: readonly OverBudget[] | undefined
  /** As its last pass ended. */
  let databaseOver: OverBudget | undefined
  let setting: Pick<SpaceReport, 'setBy' | 'setAt'> = {}
  let spaces: SpaceView[] = []
  let measuredAt = 0
  let sweptAt = 0
  let swept: SpaceReport['swept']
  let isSweeping = false
  let timer: NodeJS.Timeout | undefined
  let working: Promise<unknown> = Promise.resolve()
  const oneAtATime = <T>(work: () => Promise<T>): Promise<T> => {
    const next = working.then(work)
    working = next.catch(() => {})
    return next
  }

  /** What the history of runs may take. */
  const runsMb = async (): Promise<number> => {
    const retention = await db.selectFrom('runRetention').selectAll().executeTakeFirst()
    return retention ? retention.maxMb + retention.maxMessageMb : config.runsKeepMb + config.runMessagesKeepMb
  }
  const readRule = async (): Promise<void> => {
    const row = await db.selectFrom('spaceRule').selectAll().executeTakeFirst()
    const keptMb = await runsMb()
    const usual = { ...USUAL, databaseMb: Math.max(USUAL.databaseMb, Math.ceil(keptMb * RUNS_TIMES)) }
    rule = row ? wholeRule(row.rule, usual) : usual
    setting = row ? { setBy: row.by, setAt: row.at.toISOString() } : {}
  }

  const journalSpace = async (): Promise<SpaceView> => {
    const perMachine = new Map<string, number>()
    for (const { machineId, bytes } of await journalFiles(paths.journals)) perMachine.set(machineId, (perMachine.get(machineId) ?? 0) + bytes)
    const parts = [...perMachine].map(([name, bytes]) => ({ name, bytes })).sort((a, b) => b.bytes - a.bytes)
    return { kind: 'journals', bytes: await dirSize(paths.journals, ending.signal), limitBytes: rule.journalMb * MB, path: paths.journals, parts }
  }
  const databaseSpaces = async (): Promise<SpaceView[]> => {
    const [sizes, keptMb] = await Promise.all([databaseSizes(db), runsMb()])
    const limitBytes = rule.databaseMb * MB
    const countedBytes = sizes.total < limitBytes * NEAR ? sizes.total : (await liveSize(asks(db))).counted
    const counts = { limitBytes, countedBytes }
    const parts = Object.entries(sizes.groups).map(([name, bytes]) => ({ name, bytes: bytes ?? 0 }))
    return [
      // with its log, where it is ours
      isEmbeddedDatabase
        ? { kind: 'database', bytes: await dirSize(paths.postgres, ending.signal), ...counts, path: paths.postgres, parts }
        : { kind: 'database', bytes: sizes.total, ...counts, parts },
      { kind: 'runs', bytes: sizes.groups.runs ?? 0, limitBytes: keptMb * 1e6 },
    ]
  }
  const folder = async (kind: SpaceView['kind'], path: string, limitBytes?: number): Promise<SpaceView> => ({
    kind,
    bytes: await dirSize(path, ending.signal),
    path,
    ...(limitBytes === undefined ? {} : { limitBytes }),
  })
  const measure = async (): Promise<void> => {
    const programsDir = join(paths.files, 'programs')
    // one after the other: nobody waits for it
    const found: SpaceView[] = []
    // without the database its figures are those of the last time
    found.push(...(await databaseSpaces().catch(() => spaces.filter(({ kind }) => kind === 'database' || kind === 'runs'))))
    found.push(await journalSpace())
    const programs = await folder('programs', programsDir)
    found.push(programs)
    const files = await folder('files', paths.files)
    found.push({ ...files, bytes: Math.max(0, files.bytes - programs.bytes) })
    found.push(await folder('logs', paths.logs, rule.logMb * MB))
    const backups = backupsDir()
    if (backups !== undefined) found.push(await folder('backups', backups))
    found.push(await folder('palette', paths.nodeRed), await folder('mirror', paths.mirror))
    if (ending.signal.aborted) return
    spaces = found
    measuredAt = now()
  }
  const databaseWithin = async (): Promise<DatabasePass | undefined> => {
    try {
      databaseOver = undefined
      const pass = await keepDatabaseWithin({ database: store.database, limitBytes: rule.databaseMb * MB, signal: ending.signal })
      if (!pass) return undefined
      if (!pass.suffices && !pass.isCut) databaseOver = { kind: 'database', bytes: pass.afterBytes, limitBytes: pass.limitBytes }
      log.info({ pass }, 'the database took more than its budget: history was deleted before its time')
      // what found nothing to delete is told, and does not itself fill the log every hour
      if (Object.values(pass.rows).some(Boolean))
        audit.record({ who: 'Cellwright', via: 'system', action: 'space.database', target: 'database', detail: { host: hosts.name, ...pass } })
      return pass
    } catch (error) {
      log.warn({ reason: messageOf(error) }, 'the database could not be brought within its budget; tried again later')
      return undefined
    }
  }
  /** @param isAsked somebody wants it now, of this host */
  const sweep = async (isAsked: boolean): Promise<void> => {
    const done = { journalBytes: 0, programBytes: 0, logBytes: 0, fileBytes: 0 }
    const tries: [keyof typeof done, () => Promise<number>][] = [
      [
        'journalBytes',
        async () =>
          (await trimJournals({ db, journalsDir: paths.journals, rule: { keepDays: rule.journalDays, maxBytes: rule.journalMb * MB }, now: now() })).reduce(
            (sum, { bytes }) => sum + bytes,
            0,
          ),
      ],
      [
        'programBytes',
        async () =>
          // several hosts share the files
          hosts.leads
            ? (await sweepPrograms({ db, filesDir: join(paths.files, 'programs'), graceDays: rule.programDays, now: now(), signal: ending.signal })).bytes
            : 0,
      ],
      [
        'fileBytes',
        async () =>
          (await sweepBrokenMirrors({ dir: paths.mirror, graceDays: rule.programDays, now: now() })) +
          (hosts.leads ? await sweepFiles({ db, filesDir: paths.files, graceDays: rule.programDays, now: now(), signal: ending.signal }) : 0),
      ],
      ['logBytes', () => trimLogs({ logsDir: paths.logs, maxBytes: rule.logMb * MB })],
    ]
    for (const [what, work] of tries) {
      try {
        done[what] = await work()
      } catch (error) {
        log.warn({ what, reason: messageOf(error) }, 'what is beyond its limit could not be deleted; tried again later')
      }
    }
    const database = isAsked || hosts.leads ? await databaseWithin() : undefined
    sweptAt = now()
    swept = { at: new Date(sweptAt).toISOString(), ...done, ...(database ? { database } : {}) }
    if (Object.values(done).some(Boolean)) log.info(done, 'what was beyond its limit was deleted')
  }

  /** Right after what may go has gone: what is over then stays so. */
  const judge = (): void => {
    const folders = spaces.flatMap(({ kind, bytes, limitBytes }) =>
      (kind === 'journals' || kind === 'logs') && limitBytes !== undefined && bytes > limitBytes ? [{ kind, bytes, limitBytes }] : [],
    )
    over = [...folders, ...(databaseOver ? [databaseOver] : [])]
  }

  const look = async (): Promise<void> => {
    const age = now() - measuredAt
    if (age < (isHurried() ? HURRIED_MS : MEASURE_EVERY_MS)) return
    await readRule().catch(() => {}) // the database is away: the rule is as it was
    const isDue = now() - sweptAt >= SWEEP_EVERY_MS
    if (isDue) await sweep(false)
    await measure()
    if (isDue) judge()
  }

  const report = (): SpaceReport => ({
    host: hosts.name,
    ...(measuredAt ? { measuredAt: new Date(measuredAt).toISOString() } : {}),
    spaces,
    rule,
    ...setting,
    ...(swept ? { swept } : {}),
    ...(isSweeping ? { isSweeping } : {}),
  })
  const set = async (
    next: SpaceRule | null,
    by: Pick<Caller, 'name'> & Partial<Pick<Caller, 'userId'>>,
    kept: { reason?: string | undefined; restoredFrom?: string },
  ) => {
    await db.transaction().execute(async (tx) => {
      if (next === null) await tx.deleteFrom('spaceRule').execute()
      else {
        const values = { rule: json(next), by: by.name, at: new Date() }
        await tx
          .insertInto('spaceRule')
          .values({ id: 1, ...values })
          .onConflict((conflict) => conflict.column('id').doUpdateSet(values))
          .execute()
      }
      await versions.keep(tx, { ...SETTING, title: 'How much room things may take', content: { rule: next }, author: by, ...kept })
    })
    await readRule()
  }
  versions.own(SETTING, {
    sees: 'system.view',
    changes: 'system.manage',
    async restore({ caller, version, reason }) {
      const { rule: older } = version.content as { rule: unknown }
      await set(older === null ? null : rules.parse(wholeRule(older, rule), 'The kept version'), caller, { reason, restoredFrom: version.id })
    },
  })

  return {
    report,
    overBudget: () => over,
    routes: [
      handle(getSpace, async () => {
        await readRule().catch(() => {}) // set on another host; the database is away: as it was
        return report()
      }),
      handle(setSpaceRule, async ({ body, caller }) => {
        const before = rule
        await set(body.rule, caller, { reason: body.reason })
        audit.record({ caller, action: 'space.rule', target: 'disk', detail: { rule: body.rule, before } })
        await oneAtATime(measure)
        return report()
      }),
      handle(sweepSpace, async ({ caller }) => {
        const done = oneAtATime(async () => {
          await readRule()
          await sweep(true)
          await measure()
          judge()
          audit.record({ caller, action: 'space.sweep', target: 'disk', detail: { host: hosts.name, ...swept } })
        })
        // a database that is far beyond its budget takes longer than anybody waits for an answer
        isSweeping = true
        void done
          .catch((error: unknown) => log.warn({ reason: messageOf(error) }, 'what is beyond its limit could not be deleted'))
          .finally(() => {
            isSweeping = false
          })
        await Promise.race([done, pause(ANSWER_MS, undefined, { ref: false, signal: ending.signal }).catch(() => {})])
        return report()
      }),
    ],
    start() {
      const again = () => {
        void oneAtATime(look)
          .catch((error: unknown) => log.warn({ reason: messageOf(error) }, 'what things take on the disk could not be measured'))
          .finally(() => {
            if (!ending.signal.aborted) timer = setTimeout(again, HURRIED_MS).unref()
          })
      }
      timer = setTimeout(again, FIRST_MS).unref()
    },
    async close() {
      ending.abort()
      clearTimeout(timer)
      await working
    },
  }
}

/** A rule of an earlier version says nothing of what came later. */
const wholeRule = (kept: unknown, usual: SpaceRule): SpaceRule => {
  const whole = { ...usual, ...(kept as Partial<SpaceRule>) }
  return rules.is(whole) ? whole : usual
}

/** Kysely's connections for queries that are text. */
const asks = (db: Kysely<Database>): Asks => ({
  query: async <Row extends object>(text: string, values: unknown[] = []) => ({
    rows: (await db.executeQuery<Row>(CompiledQuery.raw(text, values))).rows,
  }),
})
