/** The audit trail: written in the background, in order, kept in memory (up to a bound) while the database is away. */
import type { Kysely } from 'kysely'
import { newId } from '../../base/ids.ts'
import type { Logger } from '../../base/log.ts'
import { listAudit, type ResponseOf } from '../api/index.ts'
import { handle, type RouteHandler } from '../http/handler.ts'
import type { Database } from '../store/tables.ts'
import type { Audit } from './contract.ts'

type AuditEntry = ResponseOf<typeof listAudit>[number]
type Row = { id: string; at: Date; who: string; via: string; action: string; target: string | null; detail: string | null }

const MAX_KEPT = 20_000
const MAX_BATCH = 500
const RETRY_MS = 1000

export interface AuditTrail extends Audit {
  readonly handlers: readonly RouteHandler[]
  /** Resolves when everything recorded so far is written. */
  written(): Promise<void>
  /** Writes what is left, for at most two seconds; what then remains goes to the log. */
  close(): Promise<void>
}

export function createAudit(options: { db: Kysely<Database>; log: Logger }): AuditTrail {
  const { db, log } = options
  const kept: Row[] = []
  let lost = 0
  let writing: Promise<void> | undefined
  let isAway = false
  let isClosed = false
  let wake: () => void = () => {}

  const write = async () => {
    while (kept.length) {
      const batch = kept.slice(0, MAX_BATCH)
      try {
        // the same row twice is one row: an answer may be lost on the way back
        await db
          .insertInto('audit')
          .values(batch)
          .onConflict((conflict) => conflict.column('id').doNothing())
          .execute()
        kept.splice(0, batch.length)
        if (isAway) log.info('the audit trail is written again')
        isAway = false
      } catch (error) {
        if (!isAway) log.warn({ err: error }, 'the audit trail cannot be written now and waits in memory')
        isAway = true
        if (isClosed) return
        await new Promise<void>((resolve) => {
          wake = resolve
          setTimeout(resolve, RETRY_MS).unref()
        })
      }
    }
  }
  const start = () => {
    writing ??= write().finally(() => {
      writing = undefined
    })
    return writing
  }

  const toEntry = (row: { id: string; at: Date; who: string; via: string; action: string; target: string | null; detail: unknown }): AuditEntry => ({
    id: row.id,
    at: row.at.toISOString(),
    who: row.who,
    via: row.via,
    action: row.action,
    ...(row.target === null ? {} : { target: row.target }),
    ...(row.detail === null ? {} : { detail: row.detail }),
  })

  return {
    record({ caller, who, via, action, target, detail }) {
      const row: Row = {
        id: newId('aud'),
        at: new Date(),
        who: who ?? caller?.userName ?? 'nobody',
        via: via ?? caller?.via ?? 'system',
        action,
        target: target ?? null,
        detail: detail === undefined ? null : JSON.stringify(detail),
      }
      if (kept.length >= MAX_KEPT) {
        // the log is the last place that keeps it
        lost += 1
        log.error({ entry: row, lost }, 'audit entry kept in the log only: the database has been away too long')
        return
      }
      kept.push(row)
      // not in the caller's own turn: recording must not delay what is recorded
      setImmediate(start)
    },
    written: async () => {
      await new Promise((resolve) => setImmediate(resolve))
      while (writing) await writing
    },
    handlers: [
      handle(listAudit, async ({ query }) => {
        const rows = await db.selectFrom('audit').selectAll().orderBy('at', 'desc').orderBy('id', 'desc').limit(query.limit).execute()
        return rows.map(toEntry)
      }),
    ],
    async close() {
      isClosed = true
      wake()
      await Promise.race([start(), new Promise((resolve) => setTimeout(resolve, 2000).unref())])
      for (const entry of kept) log.error({ entry }, 'audit entry kept in the log only: the database was away at the end')
    },
  }
}
