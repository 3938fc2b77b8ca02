/**
 * What each part of the installation takes on the disk, measured from time to time and never for a request, and what is deleted by
 * itself when it takes more than it may. Never deleted: the audit log (but for its own rule), records of quality, programs of the library.
 */
import { join } from 'node:path'
import { messageOf } from '../../base/errors.ts'
import type { Logger } from '../../base/log.ts'
import { checker } from '../../base/schema.ts'
import { getSpace, type SpaceReport, SpaceRule, type SpaceView, setSpaceRule, sweepSpace } from '../api/index.ts'
import type { Audit } from '../audit/contract.ts'
import type { Caller } from '../auth/caller.ts'
import type { Config, dataPaths } from '../config.ts'
import type { Hosts } from '../hosts/contract.ts'
import { handle, type RouteHandler } from '../http/handler.ts'
import { json, type Store } from '../store/index.ts'
import type { KeptVersions } from '../versions/contract.ts'
import { dirSize } from './dir-size.ts'
import { journalFiles, trimJournals } from './journals.ts'
import { trimLogs } from './old-logs.ts'
import { sweepPrograms } from './program-files.ts'
import { databaseSizes } from './tables.ts'

const MB = 1024 * 1024
const MEASURE_EVERY_MS = 300_000
const SWEEP_EVERY_MS = 3_600_000
/** A start has other things to do first. */
const FIRST_MS = 15_000
/** The disk is filling up: figures of five minutes ago help nobody. */
const HURRIED_MS = 30_000
const USUAL: SpaceRule = { journalDays: 30, journalMb: 4000, programDays: 14, logMb: 500 }
const SETTING = { kind: 'setting', subject: 'space' } as const
const rules = checker(SpaceRule)

export interface Space {
  report(): SpaceReport
  readonly routes: readonly RouteHandler[]
  start(): void
  close(): Promise<void>
}

export interface SpaceDeps {
  store: Pick<Store, 'db'>
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
  let setting: Pick<SpaceReport, 'setBy' | 'setAt'> = {}
  let spaces: SpaceView[] = []
  let measuredAt = 0
  let sweptAt = 0
  let swept: SpaceReport['swept']
  let timer: NodeJS.Timeout | undefined
  let working: Promise<unknown> = Promise.resolve()
  const oneAtATime = <T>(work: () => Promise<T>): Promise<T> => {
    const next = working.then(work)
    working = next.catch(() => {})
    return next
  }

  const readRule = async (): Promise<void> => {
    const row = await db.selectFrom('spaceRule').selectAll().executeTakeFirst()
    rule = row ? { ...USUAL, ...(rules.is(row.rule) ? row.rule : {}) } : USUAL
    setting = row ? { setBy: row.by, setAt: row.at.toISOString() } : {}
  }

  const journalSpace = async (): Promise<SpaceView> => {
    const perMachine = new Map<string, number>()
    for (const { machineId, bytes } of await journalFiles(paths.journals)) perMachine.set(machineId, (perMachine.get(machineId) ?? 0) + bytes)
    const parts = [...perMachine].map(([name, bytes]) => ({ name, bytes })).sort((a, b) => b.bytes - a.bytes)
    return { kind: 'journals', bytes: await dirSize(paths.journals, ending.signal), limitBytes: rule.journalMb * MB, path: paths.journals, parts }
  }
  const databaseSpaces = async (): Promise<SpaceView[]> => {
    const [sizes, retention] = await Promise.all([databaseSizes(db), db.selectFrom('runRetention').selectAll().executeTakeFirst()])
    const keptMb = retention ? retention.maxMb + retention.maxMessageMb : config.runsKeepMb + config.runMessagesKeepMb
    const parts = Object.entries(sizes.groups).map(([name, bytes]) => ({ name, bytes: bytes ?? 0 }))
    return [
      // with its log, where it is ours
      isEmbeddedDatabase
        ? { kind: 'database', bytes: await dirSize(paths.postgres, ending.signal), path: paths.postgres, parts }
        : { kind: 'database', bytes: sizes.total, parts },
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
  const sweep = async (): Promise<void> => {
    const done = { journalBytes: 0, programBytes: 0, logBytes: 0 }
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
      ['logBytes', () => trimLogs({ logsDir: paths.logs, maxBytes: rule.logMb * MB })],
    ]
    for (const [what, work] of tries) {
      try {
        done[what] = await work()
      } catch (error) {
        log.warn({ what, reason: messageOf(error) }, 'what is beyond its limit could not be deleted; tried again later')
      }
    }
    sweptAt = now()
    swept = { at: new Date(sweptAt).toISOString(), ...done }
    if (done.journalBytes || done.programBytes || done.logBytes) log.info(done, 'what was beyond its limit was deleted')
  }

  const look = async (): Promise<void> => {
    const age = now() - measuredAt
    if (age < (isHurried() ? HURRIED_MS : MEASURE_EVERY_MS)) return
    await readRule().catch(() => {}) // the database is away: the rule is as it was
    if (now() - sweptAt >= SWEEP_EVERY_MS) await sweep()
    await measure()
  }

  const report = (): SpaceReport => ({
    host: hosts.name,
    ...(measuredAt ? { measuredAt: new Date(measuredAt).toISOString() } : {}),
    spaces,
    rule,
    ...setting,
    ...(swept ? { swept } : {}),
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
      await set(older === null ? null : rules.parse(older, 'The kept version'), caller, { reason, restoredFrom: version.id })
    },
  })

  return {
    report,
    routes: [
      handle(getSpace, report),
      handle(setSpaceRule, async ({ body, caller }) => {
        const before = rule
        await set(body.rule, caller, { reason: body.reason })
        audit.record({ caller, action: 'space.rule', target: 'disk', detail: { rule: body.rule, before } })
        await oneAtATime(measure)
        return report()
      }),
      handle(sweepSpace, async ({ caller }) => {
        await oneAtATime(async () => {
          await readRule()
          await sweep()
          await measure()
        })
        audit.record({ caller, action: 'space.sweep', target: 'disk', detail: { host: hosts.name, ...swept } })
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
