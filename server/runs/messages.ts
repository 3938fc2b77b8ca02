/** What steps were given, in the database: written in batches, read by run, trimmed by bytes. */
import { type Kysely, sql } from 'kysely'
import type { StepMessage } from '../api/index.ts'
import type { Database } from '../store/tables.ts'
import type { KeptMessage, TracedMessage } from './trace.ts'

type Db = Kysely<Database>
export interface MessageToKeep extends TracedMessage {
  runId: string
}

/** @returns undefined when it is not what the runtime should have sent */
function read(json: string): KeptMessage | undefined {
  try {
    const kept: unknown = JSON.parse(json)
    return typeof kept === 'object' && kept !== null && 'msg' in kept && 'cuts' in kept && Array.isArray(kept.cuts) ? (kept as KeptMessage) : undefined
  } catch {
    // the runtime is not trusted: what is not JSON is not kept
    return undefined
  }
}

/** Inserts messages; one of the same hop stays as it is. */
export async function insertMessages(db: Db, all: readonly MessageToKeep[]): Promise<void> {
  const good = all.flatMap((each) => {
    // neither text nor jsonb can hold the character 0
    const kept = read(each.json)
    return kept ? [{ ...each, message: JSON.stringify(kept.msg).replaceAll('\\u0000', ''), cuts: JSON.stringify(kept.cuts).replaceAll('\\u0000', '') }] : []
  })
  if (!good.length) return
  const column = <T>(of: (entry: (typeof good)[number]) => T) => good.map(of)
  await sql`
    insert into "runMessage" ("runId", seq, bytes, "isWhole", message, cuts)
    select run, seq, bytes, whole, message, cuts::jsonb
    from unnest(${column((e) => e.runId)}::text[], ${column((e) => e.seq)}::integer[], ${column((e) => Buffer.byteLength(e.message))}::integer[],
      ${column((e) => e.isWhole)}::boolean[], ${column((e) => e.message)}::text[], ${column((e) => e.cuts)}::text[]) as t(run, seq, bytes, whole, message, cuts)
    on conflict do nothing`.execute(db)
}

/** @param seqs only these @defaultValue all */
export async function readMessages(db: Db, runId: string, seqs?: readonly number[]): Promise<StepMessage[]> {
  if (seqs?.length === 0) return []
  const rows = await db
    .selectFrom('runMessage')
    .selectAll()
    .where('runId', '=', runId)
    .$if(seqs !== undefined, (q) => q.where('seq', 'in', [...(seqs ?? [])]))
    .orderBy('seq')
    .execute()
  return rows.map(({ seq, message, cuts, bytes, isWhole }) => ({ seq, msg: JSON.parse(message) as unknown, cuts: cuts as StepMessage['cuts'], bytes, isWhole }))
}
