/** Which schema the database has, for people. */
import { type Kysely, sql } from 'kysely'
import type { Database } from './tables.ts'

export interface SchemaFacts {
  /** Its newest change. */
  newest: string
  /** When it was brought there. */
  at: string
}

export async function readSchemaFacts(db: Kysely<Database>): Promise<SchemaFacts> {
  const { rows } = await sql<{ name: string; timestamp: string }>`select name, timestamp from kysely_migration order by name desc limit 1`.execute(db)
  const [row] = rows
  // openStore has migrated: there is one
  if (!row) throw new Error('The database has no migrations.')
  return { newest: row.name, at: new Date(row.timestamp).toISOString() }
}
