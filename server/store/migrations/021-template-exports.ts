/** What templates were made of here, and whose keys are trusted. */
import { type Kysely, sql } from 'kysely'

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table "templateExport" (id text primary key, version text not null, "nodeIds" jsonb not null, request json not null,
      at timestamptz not null default now(), by text not null);
    create table "templatePublisher" (fingerprint text primary key, name text not null, at timestamptz not null default now(), by text not null);
  `.execute(db)
}
