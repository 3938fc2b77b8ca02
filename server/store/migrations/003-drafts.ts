/** What people have drawn and not deployed: one draft a person, apart from the versions. */
import { type Kysely, sql } from 'kysely'

export async function up(db: Kysely<unknown>): Promise<void> {
  // json and not jsonb: the order of keys is part of a flow file
  await sql`
    create table "flowDraft" (owner text primary key, base jsonb not null, changes json not null, revision integer not null, at timestamptz not null default now());
  `.execute(db)
}
