/**
 * What each part of the installation takes on the disk, measured from time to time and never for a request, and what is deleted by
 * itself when it takes more than it may. Never deleted: the audit log (but for its own rule), records of quality, programs of the library.
 * docs/disk.md has the table.
 */
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { messageOf } from '../../base/errors.ts'
import type { Logger } from '../../base/log.ts'
import { type DatabasePass, getSpace, type OverBudget, type SpaceReport, type SpaceView, setSpaceRule, sweepSpace } from '../api/index.ts'
import type { Audit } from '../audit/contract.ts'
import type { Config, dataPaths } from '../config.ts'
import type { Hosts } from '../hosts/contract.ts'
import { handle, type RouteHandler } from '../http/handler.ts'
import type { Store } from '../store/index.ts'
import type { KeptVersions } from '../versions/contract.ts'
import { keepDatabaseWithin } from './database-budget.ts'
import { trimJournals } from './journals.ts'
import { sweepBrokenMirrors, sweepFiles } from './left-files.ts'
import { createMeasuring } from './measuring.ts'
import { trimLogs } from './old-logs.ts'
import { sweepPrograms } from './program-files.ts'
import { createRuling, MB } from './ruling.ts'

const MEASURE_EVERY_MS = 300_000
const SWEEP_EVERY_MS = 3_600_000
/** A start has other things to do first. */
const FIRST_MS = 15_000
/** Whoever asks for deleting hears what came of it, or after so long that it goes on. */
const ANSWER_MS = 15_000
/** The disk is filling up: figures of five minutes ago help nobody. */
const HURRIED_MS = 30_000
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
  const ruling = createRuling({ db, versions, config })
  const measuring = createMeasuring({ db, ruling, paths, isEmbeddedDatabase, backupsDir, signal: ending.signal })
  let over: readonly OverBudget[] | undefined
  /** As its last pass ended. */
  let databaseOver: OverBudget | undefined
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

  const measure = async (): Promise<void> => {
    const found = await measuring.measure(spaces)
    if (ending.signal.aborted) return
    spaces = found
    measuredAt = now()
  }
  const databaseWithin = async (): Promise<DatabasePass | undefined> => {
    try {
      databaseOver = undefined
      const pass = await keepDatabaseWithin({ database: store.database, limitBytes: ruling.rule.databaseMb * MB, signal: ending.signal })
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
          (
            await trimJournals({
              db,
              journalsDir: paths.journals,
              rule: { keepDays: ruling.rule.journalDays, maxBytes: ruling.rule.journalMb * MB },
              now: now(),
            })
          ).reduce((sum, { bytes }) => sum + bytes, 0),
      ],
      [
        'programBytes',
        async () =>
          // several hosts share the files
          hosts.leads
            ? (await sweepPrograms({ db, filesDir: join(paths.files, 'programs'), graceDays: ruling.rule.programDays, now: now(), signal: ending.signal }))
                .bytes
            : 0,
      ],
      [
        'fileBytes',
        async () =>
          (await sweepBrokenMirrors({ dir: paths.mirror, graceDays: ruling.rule.programDays, now: now() })) +
          (hosts.leads ? await sweepFiles({ db, filesDir: paths.files, graceDays: ruling.rule.programDays, now: now(), signal: ending.signal }) : 0),
      ],
      ['logBytes', () => trimLogs({ logsDir: paths.logs, maxBytes: ruling.rule.logMb * MB })],
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
    await ruling.read().catch(() => {}) // the database is away: the rule is as it was
    const isDue = now() - sweptAt >= SWEEP_EVERY_MS
    if (isDue) await sweep(false)
    await measure()
    if (isDue) judge()
  }

  const report = (): SpaceReport => ({
    host: hosts.name,
    ...(measuredAt ? { measuredAt: new Date(measuredAt).toISOString() } : {}),
    spaces,
    rule: ruling.rule,
    ...ruling.setting,
    ...(swept ? { swept } : {}),
    ...(isSweeping ? { isSweeping } : {}),
  })
  return {
    report,
    overBudget: () => over,
    routes: [
      handle(getSpace, async () => {
        await ruling.read().catch(() => {}) // set on another host; the database is away: as it was
        return report()
      }),
      handle(setSpaceRule, async ({ body, caller }) => {
        const before = ruling.rule
        await ruling.set(body.rule, caller, { reason: body.reason })
        audit.record({ caller, action: 'space.rule', target: 'disk', detail: { rule: body.rule, before } })
        await oneAtATime(measure)
        return report()
      }),
      handle(sweepSpace, async ({ caller }) => {
        const done = oneAtATime(async () => {
          await ruling.read()
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
