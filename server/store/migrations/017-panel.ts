/** Messages of the operator panels with their acknowledgement, badges, and sessions that were locked at a panel. */
import { type Kysely, sql } from 'kysely'

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table "panelMessage" (id text primary key, key text, kind text not null, priority text not null, "machineId" text, title text not null, text text,
      by text, "runId" text, at timestamptz not null default now(), "endedAt" timestamptz, "needsAck" boolean not null,
      "acknowledgedAt" timestamptz, "acknowledgedBy" text);
    create index "panelMessage_open" on "panelMessage" (at) where "endedAt" is null or ("needsAck" and "acknowledgedAt" is null);
    create table badge ("userId" text primary key, hash text not null unique, at timestamptz not null default now());
    create table "lockedSession" (token text primary key, at timestamptz not null default now());
  `.execute(db)
}
