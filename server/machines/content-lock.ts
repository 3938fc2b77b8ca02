/** Who puts a program's content in place and who deletes it take turns. */
import { type Kysely, sql } from 'kysely'
import type { Database } from '../store/index.ts'

/** Held until the transaction ends. */
export async function contentLock(transaction: Kysely<Database>, sha256: string): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtextextended(${`content ${sha256}`}, 0))`.execute(transaction)
}
