/** Templates of this shop, and what was imported from templates. */
import { type Kysely, sql } from 'kysely'

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table template (id text not null, version text not null, sha256 text not null, bytes integer not null, manifest jsonb not null, facts jsonb not null,
      signer text, "signerName" text, at timestamptz not null default now(), by text not null, primary key (id, version));
    -- json, not jsonb: the nodes as they were made, in their order
    create table "templateImport" (id text primary key, "templateId" text not null, version text not null, name text not null, title text, n integer not null,
      parameters jsonb not null, ids jsonb not null, base json, tests jsonb not null, programs jsonb not null, signer text, pending json,
      at timestamptz not null default now(), by text not null);
    create index "templateImport_template" on "templateImport" ("templateId");
  `.execute(db)
}
