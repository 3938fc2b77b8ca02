/** Triggers of the running flows and their firings. The row of a firing is the truth: unique by trigger and key, claimed once. */
import { type Kysely, sql } from 'kysely'

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table trigger (
      id text primary key, kind text not null check (kind in ('time', 'event', 'condition', 'manual')), name text not null, "flowId" text, "flowName" text,
      face jsonb not null, "isOn" boolean not null default true, "switchedBy" text, "switchedAt" timestamptz,
      "upTo" timestamptz not null default now(), "nextDueAt" timestamptz, epoch integer not null default 0,
      "createdAt" timestamptz not null default now(), "removedAt" timestamptz);
    create index trigger_due on trigger ("nextDueAt") where "nextDueAt" is not null;
    create table "triggerFiring" (
      id text primary key, "triggerId" text not null, key text not null, cause text not null check (cause in ('time', 'by-hand', 'itself')),
      state text not null check (state in ('due', 'offered', 'begun', 'skipped', 'failed')),
      "dueAt" timestamptz not null, at timestamptz not null default now(), "begunAt" timestamptz, "offeredAt" timestamptz, host text,
      "runId" text, "isLate" boolean not null default false, by text, "values" jsonb not null default '{}', text text, reason text, missed integer,
      unique ("triggerId", key));
    create index trigger_firing_of on "triggerFiring" ("triggerId", "dueAt" desc);
    create index trigger_firing_open on "triggerFiring" (state, "dueAt") where state in ('due', 'offered');
  `.execute(db)
}
