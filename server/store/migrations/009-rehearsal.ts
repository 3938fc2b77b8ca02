/** Tests that are kept with the flows. */
import { type Kysely, sql } from 'kysely'

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table "flowTest" (id text primary key, name text not null, "flowId" text not null, steps jsonb not null, answers jsonb not null, expect jsonb not null,
      "changedAt" timestamptz not null default now(), "changedBy" text not null);
    create index "flowTest_flow" on "flowTest" ("flowId", name);
  `.execute(db)
}
