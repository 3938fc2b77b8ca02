/** Keeps the history within its limits: those that a person has set (one row for all hosts), else those of the settings. */
import { type Kysely, sql } from 'kysely'
import { messageOf } from '../../base/errors.ts'
import type { Logger } from '../../base/log.ts'
import type { RetentionLimits, RetentionView } from '../api/index.ts'
import type { Caller } from '../auth/caller.ts'
import type { Database } from '../store/tables.ts'
import type { KeptVersions } from '../versions/index.ts'
import { type Retention, trim } from './retention.ts'

type Db = Kysely<Database>

const TRIM_EVERY_MS = 10 * 60_000
/** A busy shop fills the history faster than that: then after so many runs more, as a share of those that are kept. */
const TRIM_AFTER_SHARE = 0.05
const MB = 1e6
const SETTING = { kind: 'setting', subject: 'run-retention' } as const
/** Counting goes through the whole history: what was counted so short ago is good enough. */
const COUNTED_MS = 10_000

export interface Trimming {
  /** Reads the limits and begins to look. */
  start(): Promise<void>
  /** What steps are given is kept at all. */
  readonly keepsMessages: boolean
  /** From now on, for all hosts; what is beyond goes at once, in the background. Null: what the settings say. */
  set(limits: RetentionLimits | null, by: Pick<Caller, 'name'> & Partial<Pick<Caller, 'userId'>>, reason?: string): Promise<void>
  view(): Promise<RetentionView>
  close(): void
}

export function createTrimming(deps: {
  db: Db
  log: Logger
  usual: Retention
  /** Counted since the process began. */
  runsRecorded: () => number
  lookEveryMs: number
  versions: Pick<KeptVersions, 'keep' | 'own'>
}): Trimming {
  const { db, log, usual, runsRecorded, lookEveryMs, versions } = deps
  let keep = usual
  let trimmed = { at: Date.now(), runs: 0 }
  let isTrimming = false
  let timer: NodeJS.Timeout | undefined

  let counted: { at: number; found: ReturnType<typeof held> } | undefined
  const count = () => {
    if (!counted || Date.now() - counted.at > COUNTED_MS) {
      const found = held(db)
      counted = { at: Date.now(), found }
      found.catch(() => {
        counted = undefined
      })
    }
    return counted.found
  }

  const own = () => db.selectFrom('runRetention').selectAll().executeTakeFirst()
  const read = async (): Promise<void> => {
    const row = await own()
    keep = row ? { ...usual, maxAgeDays: row.maxAgeDays, maxRuns: row.maxRuns, maxBytes: row.maxMb * MB, maxMessageBytes: row.maxMessageMb * MB } : usual
  }
  const trimNow = async (): Promise<void> => {
    if (isTrimming) return
    isTrimming = true
    trimmed = { at: Date.now(), runs: runsRecorded() }
    try {
      // another host may have been told of others
      await read()
      const removed = await trim(db, keep)
      if (removed.runs || removed.messages) log.info({ removed }, 'old runs were removed')
    } catch (error) {
      log.warn({ reason: messageOf(error) }, 'old runs could not be removed; tried again later')
    } finally {
      isTrimming = false
      counted = undefined
    }
  }
  const look = () => {
    if (Date.now() - trimmed.at >= TRIM_EVERY_MS || runsRecorded() - trimmed.runs >= keep.maxRuns * TRIM_AFTER_SHARE) void trimNow()
  }

  const set = async (limits: RetentionLimits | null, by: Parameters<Trimming['set']>[1], kept: { reason?: string | undefined; restoredFrom?: string } = {}) => {
    await db.transaction().execute(async (tx) => {
      if (limits === null) await tx.deleteFrom('runRetention').execute()
      else {
        const values = { ...limits, by: by.name, at: new Date() }
        await tx
          .insertInto('runRetention')
          .values({ id: 1, ...values })
          .onConflict((conflict) => conflict.column('id').doUpdateSet(values))
          .execute()
      }
      await versions.keep(tx, { ...SETTING, title: 'How much of the run history is kept', content: { limits }, author: by, ...kept })
    })
    await read()
    void trimNow()
  }
  versions.own(SETTING, {
    sees: 'runs.view',
    changes: 'system.manage',
    async restore({ caller, version, reason }) {
      const { limits } = version.content as { limits: RetentionLimits | null }
      await set(limits, caller, { reason, restoredFrom: version.id })
    },
  })

  return {
    async start() {
      await read()
      timer = setInterval(look, lookEveryMs)
    },
    get keepsMessages() {
      return keep.maxMessageBytes !== 0
    },
    set: (limits, by, reason) => set(limits, by, { reason }),
    async view() {
      const [row, { rows }] = await Promise.all([own(), count()])
      const [now] = rows
      return {
        limits: row ? { maxAgeDays: row.maxAgeDays, maxRuns: row.maxRuns, maxMb: row.maxMb, maxMessageMb: row.maxMessageMb } : limitsOf(usual),
        usual: limitsOf(usual),
        ...(row ? { setBy: row.by, setAt: row.at.toISOString() } : {}),
        holds: {
          runs: Number(now?.runs ?? 0),
          mb: Number(now?.bytes ?? 0) / MB,
          messageMb: Number(now?.messageBytes ?? 0) / MB,
          ...(now?.oldestAt ? { oldestAt: now.oldestAt.toISOString() } : {}),
        },
      }
    },
    close: () => clearInterval(timer),
  }
}

const limitsOf = ({ maxAgeDays, maxRuns, maxBytes, maxMessageBytes }: Retention): RetentionLimits => ({
  maxAgeDays,
  maxRuns,
  maxMb: Math.round(maxBytes / MB),
  maxMessageMb: Math.round(maxMessageBytes / MB),
})

const held = (db: Db) =>
  sql<{ runs: string; bytes: string | null; messageBytes: string | null; oldestAt: Date | null }>`
    select count(*) as runs, min("startedAt") as "oldestAt",
      coalesce(sum(bytes::bigint), 0) + (select coalesce(sum(length(message) + length(data)), 0) from step where state = 'ended') as bytes,
      (select sum(bytes::bigint) from "runMessage") as "messageBytes" from run`.execute(db)
