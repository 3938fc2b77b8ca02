/**
 * Statements that are planned once a connection: for the few that a person or a machine waits for, where planning costs more
 * than doing. Marked in their text; outside of transactions only, since one whose table has changed is asked for again.
 */
import { createHash } from 'node:crypto'
import { sql } from 'kysely'
import type { PoolClient, QueryResult } from 'pg'

/** For the end of a statement that is written as text. */
export const PREPARED = '/* prepared */'
/** The same for one of Kysely's builder. */
export const prepared = sql.raw(PREPARED)

const names = new Map<string, string>()
/** Another version of the product has changed their tables: PostgreSQL refuses plans whose result has other columns (SQLSTATE 0A000). */
const stale = new WeakSet<PoolClient>()

function nameOf(text: string): string {
  let name = names.get(text)
  if (name === undefined) {
    name = `cw_${createHash('sha1').update(text).digest('hex').slice(0, 16)}`
    names.set(text, name)
  }
  return name
}

/** Runs a statement, by its plan if it is marked. */
export async function runStatement(client: PoolClient, text: string, values: unknown[]): Promise<QueryResult> {
  if (!text.endsWith(PREPARED) || stale.has(client)) return client.query(text, values)
  try {
    return await client.query({ name: nameOf(text), text, values })
  } catch (error) {
    if ((error as { code?: unknown }).code !== '0A000') throw error
    stale.add(client)
    return client.query(text, values)
  }
}
