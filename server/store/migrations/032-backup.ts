/** Scheduled back-ups, and how each back-up came out. */
import { type Kysely, sql } from 'kysely'

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    -- destination: kind and address, without secrets. secrets: sealed, the passphrase and the key of the destination
    create table "backupPlan" (id integer primary key default 1 check (id = 1), "isOn" boolean not null, "atTime" text not null, destination jsonb not null,
      "keepDaily" integer not null, "keepWeekly" integer not null, "keepMonthly" integer not null, secrets text, by text not null, at timestamptz not null default now());
    create table "backupRun" (id bigint generated always as identity primary key, why text not null check (why in ('person', 'schedule', 'upgrade')),
      state text not null check (state in ('done', 'failed', 'stopped')), name text, bytes bigint, sha256 text, destination text, host text not null, by text not null,
      code text, text text, "startedAt" timestamptz not null, "endedAt" timestamptz not null default now());
    create index "backupRun_at" on "backupRun" ("endedAt");
  `.execute(db)
}
