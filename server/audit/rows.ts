/** Entries between the table `audit` and the chain. */
import { type Kysely, sql, type Transaction } from 'kysely'
import type { AuditCheckpoint, AuditHead, AuditOrigin } from '../api/audit.ts'
import type { Database } from '../store/index.ts'
import { json } from '../store/index.ts'
import { type AuditContent, type ChainedEntry, chained } from './chain.ts'
import { type AuditKey, headText } from './signing.ts'

export type Db = Kysely<Database> | Transaction<Database>

/** The moment with its microseconds: a `Date` has none, and all that is stored is hashed. */
export const atColumn = sql<string>`to_char(audit.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`.as('atText')

export const toChained = (row: {
  id: string
  atText: string
  who: string
  whoId: string | null
  via: string
  origin: unknown
  action: string
  target: string | null
  detail: unknown
  seq: number
  prev: string
  hash: string
}): ChainedEntry => {
  const { atText: at, origin, ...rest } = row
  return { ...rest, at, origin: origin as AuditOrigin | null }
}
export const COLUMNS = ['id', 'who', 'whoId', 'via', 'origin', 'action', 'target', 'detail', 'seq', 'prev', 'hash'] as const

/** The end of the chain; locked until the transaction ends, so that all gateways append one after the other. */
export async function lockHead(tx: Transaction<Database>): Promise<AuditHead> {
  return tx.selectFrom('auditHead').select(['seq', 'hash', 'signature']).forUpdate().executeTakeFirstOrThrow()
}
export const readHead = (db: Db): Promise<AuditHead> => db.selectFrom('auditHead').select(['seq', 'hash', 'signature']).executeTakeFirstOrThrow()

/** Puts entries behind the head, which must be locked. */
export async function append(
  tx: Transaction<Database>,
  head: { seq: number; hash: string },
  entries: readonly AuditContent[],
  key: AuditKey,
): Promise<AuditHead> {
  const links = chained(entries, head)
  const last = links.at(-1)
  if (!last) return { ...head, signature: null }
  await tx
    .insertInto('audit')
    .values(
      links.map(({ origin, detail, ...link }) => ({ ...link, origin: origin === null ? null : json(origin), detail: detail === null ? null : json(detail) })),
    )
    .execute()
  const next = { seq: last.seq, hash: last.hash, signature: key.sign(headText(last)) }
  await tx
    .updateTable('auditHead')
    .set({ ...next, at: new Date() })
    .execute()
  return next
}

export async function readCheckpoints(db: Db): Promise<AuditCheckpoint[]> {
  const rows = await db.selectFrom('auditCheckpoint').selectAll().orderBy('upTo').execute()
  return rows.map(({ firstAt, lastAt, at, ...row }) => ({ ...row, firstAt: firstAt.toISOString(), lastAt: lastAt.toISOString(), at: at.toISOString() }))
}
