/** Reads the log: lists, the whole chain in order, its verification. Long ones in small steps: the gateway's loop carries every stop. */
import { type Kysely, type RawBuilder, type SqlBool, sql } from 'kysely'
import type { AuditEntry, AuditVerdict, exportAudit, QueryOf } from '../api/index.ts'
import type { Database } from '../store/index.ts'
import type { ChainedEntry } from './chain.ts'
import { atColumn, COLUMNS, type Db, readCheckpoints, readHead, toChained } from './rows.ts'
import { fingerprintOf } from './signing.ts'
import { checkChain, type Remembered } from './verify.ts'

const AT_ONCE = 200

export type AuditFilter = Omit<QueryOf<typeof exportAudit>, 'format'>

const like = (text: string) => `%${text.trim().replaceAll(/[\\%_]/g, '\\$&')}%`

function wanted({ who, action, actions, target, search, from, to }: AuditFilter): RawBuilder<SqlBool>[] {
  const all: RawBuilder<SqlBool>[] = []
  if (who?.trim()) all.push(sql`who ilike ${like(who)}`)
  if (action?.trim()) all.push(sql`action ilike ${like(action)}`)
  if (actions?.trim()) all.push(sql`action in (${sql.join(actions.split(',').map((one) => one.trim()))})`)
  if (target?.trim()) all.push(sql`target ilike ${like(target)}`)
  if (search?.trim()) all.push(sql`concat_ws(' ', who, via, action, target, origin::text, detail::text) ilike ${like(search)}`)
  if (from !== undefined) all.push(sql`at >= ${from}::timestamptz`)
  if (to !== undefined) all.push(sql`at < ${to}::timestamptz`)
  return all
}

export const isFiltered = (filter: AuditFilter): boolean => wanted(filter).length > 0

function toEntry({ seq, id, at, who, whoId, via, origin, action, target, detail, hash }: ChainedEntry): AuditEntry {
  return {
    seq,
    id,
    at,
    who,
    ...(whoId === null ? {} : { whoId }),
    via,
    ...(origin === null ? {} : { origin }),
    action,
    ...(target === null ? {} : { target }),
    ...(detail === null ? {} : { detail }),
    hash,
  }
}

/** Newest first. */
export async function listEntries(db: Db, filter: AuditFilter & { before?: number; limit: number }): Promise<AuditEntry[]> {
  let query = db.selectFrom('audit').select([...COLUMNS, atColumn])
  for (const one of wanted(filter)) query = query.where(one)
  if (filter.before !== undefined) query = query.where('seq', '<', filter.before)
  const rows = await query.orderBy('seq', 'desc').limit(filter.limit).execute()
  return rows.map((row) => toEntry(toChained(row)))
}

/** Oldest first, up to the entry at `upTo`. */
export async function* entriesOf(db: Db, filter: AuditFilter, upTo: number): AsyncGenerator<ChainedEntry> {
  for (let after = 0; ; ) {
    let query = db.selectFrom('audit').select([...COLUMNS, atColumn])
    for (const one of wanted(filter)) query = query.where(one)
    const rows = await query.where('seq', '>', after).where('seq', '<=', upTo).orderBy('seq').limit(AT_ONCE).execute()
    const last = rows.at(-1)
    if (!last) return
    after = last.seq
    for (const row of rows) yield toChained(row)
  }
}

/** The whole chain as it is in the database. */
export async function verifyChain(db: Kysely<Database>, publicKey: string, remembered: readonly Remembered[]): Promise<AuditVerdict> {
  for (;;) {
    // the head first: what is appended meanwhile is not looked at
    const head = await readHead(db)
    const checkpoints = await readCheckpoints(db)
    const check = checkChain({ head, checkpoints, publicKey }, remembered)
    // beyond the head too: nothing may be there
    let isStopped = false
    let until = performance.now() + 1
    for await (const entry of entriesOf(db, {}, Number.MAX_SAFE_INTEGER)) {
      if (entry.seq > head.seq && (await readHead(db)).seq >= entry.seq) break
      if (!check.take(entry)) {
        isStopped = true
        break
      }
      if (performance.now() > until) {
        await new Promise((resolve) => setImmediate(resolve))
        until = performance.now() + 1
      }
    }
    // removed by retention while it was read: once more
    if (isStopped && (await readCheckpoints(db)).length !== checkpoints.length) continue
    const { problem, ...found } = check.end()
    return {
      isWhole: problem === undefined,
      ...(problem ? { problem } : {}),
      ...found,
      checkpoints: checkpoints.length,
      fingerprint: fingerprintOf(publicKey),
      at: new Date().toISOString(),
    }
  }
}
