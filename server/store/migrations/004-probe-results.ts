/** What probing found, for programs that are levelled by it later, and for quality. */
import { type Kysely, sql } from 'kysely'

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table "probeResult" (id text primary key, "machineId" text not null, cycle text not null, result jsonb not null, "by" text not null, at timestamptz not null default now());
    create index "probeResult_machine" on "probeResult" ("machineId", cycle, at desc);
  `.execute(db)
}
