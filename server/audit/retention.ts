/**
 * Removes what is older than the shop wants to keep. The chain stays verifiable: a signed checkpoint says up to where, how many and by whose
 * order, and an entry behind the end says the same. What is broken is not removed: it would be the end of the evidence.
 */
import type { Kysely } from 'kysely'
import { newId } from '../../base/ids.ts'
import type { Logger } from '../../base/log.ts'
import type { AuditCheckpoint } from '../api/audit.ts'
import type { Database } from '../store/index.ts'
import { atText } from './chain.ts'
import { append, lockHead } from './rows.ts'
import { type AuditKey, checkpointText } from './signing.ts'

/** Under one lock: entries wait in memory meanwhile. */
const AT_ONCE = 20_000
const DAY_MS = 86_400_000

export interface AuditRule {
  maxAgeDays: number | null
  by: string
  at: Date
}

export async function readRule(db: Kysely<Database>): Promise<AuditRule | undefined> {
  return db.selectFrom('auditRetention').select(['maxAgeDays', 'by', 'at']).executeTakeFirst()
}

/** @returns how many entries were removed */
export async function trimAudit(deps: { db: Kysely<Database>; key: AuditKey; log: Logger; now?: () => number }): Promise<number> {
  const { db, key, log, now = Date.now } = deps
  let removed = 0
  for (;;) {
    const part = await db.transaction().execute(async (tx) => {
      const head = await lockHead(tx)
      const rule = await tx.selectFrom('auditRetention').select(['maxAgeDays', 'by']).executeTakeFirst()
      if (!rule?.maxAgeDays) return 0
      const oldest = await tx.selectFrom('audit').select('seq').orderBy('seq').limit(1).executeTakeFirst()
      if (!oldest) return 0
      // up to the first that is young enough
      const young = await tx
        .selectFrom('audit')
        .select('seq')
        .where('at', '>=', new Date(now() - rule.maxAgeDays * DAY_MS))
        .orderBy('seq')
        .limit(1)
        .executeTakeFirst()
      const upTo = Math.min(young ? young.seq - 1 : head.seq, oldest.seq + AT_ONCE - 1)
      if (upTo < oldest.seq) return 0
      const last = await tx.selectFrom('audit').select(['hash', 'at']).where('seq', '=', upTo).executeTakeFirstOrThrow()
      const { firstAt, count } = await tx
        .selectFrom('audit')
        .select(({ fn }) => [fn.min('at').as('firstAt'), fn.countAll<number>().as('count')])
        .where('seq', '<=', upTo)
        .executeTakeFirstOrThrow()
      const at = new Date(now())
      const unsigned: Omit<AuditCheckpoint, 'signature'> = {
        upTo,
        hash: last.hash,
        removed: Number(count),
        firstAt: firstAt.toISOString(),
        lastAt: last.at.toISOString(),
        by: rule.by,
        byId: null,
        reason: `older than ${rule.maxAgeDays} days`,
        at: at.toISOString(),
      }
      await tx
        .insertInto('auditCheckpoint')
        .values({ ...unsigned, signature: key.sign(checkpointText(unsigned)) })
        .execute()
      await tx.deleteFrom('audit').where('seq', '<=', upTo).execute()
      const { by, reason, removed: gone } = unsigned
      const entry = { id: newId('aud'), at: atText(at), who: 'Cellwright', whoId: null, via: 'system', origin: null, action: 'audit.trim', target: 'audit log' }
      await append(tx, head, [{ ...entry, detail: { upTo, hash: last.hash, removed: gone, by, reason } }], key)
      return gone
    })
    if (part === 0) break
    removed += part
  }
  if (removed) log.info({ removed }, 'old entries of the audit log were removed; a signed checkpoint stands for them')
  return removed
}
