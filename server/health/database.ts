/** How the database is, in one question; how far its clock is from ours. */
import { type Kysely, sql } from 'kysely'
import type { Database } from '../store/index.ts'

export interface DatabaseFacts {
  postgres: string
  schema: string | undefined
  connections: number
  mostConnections: number
  answerMs: number
  longestS: number
  /** Our clock minus its. */
  offMs: number
}

/** @throws what the database says when it does not answer */
export async function askDatabase(db: Kysely<Database>): Promise<DatabaseFacts> {
  const begin = performance.now()
  const { rows } = await sql<{ postgres: string; schema: string | null; connections: number; most: number; longest: number | null; at: Date }>`
    select current_setting('server_version') as postgres, current_setting('max_connections')::integer as most, clock_timestamp() as at,
      (select name from kysely_migration order by name desc limit 1) as schema,
      (select count(*)::integer from pg_stat_activity where datname = current_database()) as connections,
      (select max(extract(epoch from clock_timestamp() - query_start))::double precision from pg_stat_activity
        where state = 'active' and datname = current_database() and backend_type = 'client backend' and pid <> pg_backend_pid()) as longest`.execute(db)
  const answerMs = performance.now() - begin
  const [row] = rows
  if (!row) throw new Error('the database answered nothing')
  return {
    postgres: row.postgres.split(' ')[0] ?? row.postgres,
    schema: row.schema ?? undefined,
    connections: row.connections,
    mostConnections: row.most,
    answerMs: Math.round(answerMs * 10) / 10,
    longestS: Math.round(row.longest ?? 0),
    // it looked at its clock somewhere on the way
    offMs: Math.round(Date.now() - answerMs / 2 - row.at.getTime()),
  }
}
