/** What this installation is, what was promoted to it, and the git mirror. */
import { type Kysely, sql } from 'kysely'

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table environment (id integer primary key default 1 check (id = 1), kind text not null check (kind in ('unmarked', 'test', 'production')),
      name text not null, by text not null, at timestamptz not null default now());
    -- where these flows come from, with the nodes and tests that came along: one with the version, in one transaction
    alter table "flowVersion" add column "promotedFrom" jsonb;
    create index "flowVersion_promoted" on "flowVersion" (number desc) where "promotedFrom" is not null;
    -- what somebody chose for a thing of another installation, for the next time
    create table "promotionChoice" ("fromId" text not null, key text not null, value text not null, by text not null, at timestamptz not null default now(),
      primary key ("fromId", key));
    create table mirror (id integer primary key default 1 check (id = 1), "isOn" boolean not null, remote text, branch text not null, "userName" text, token text,
      "pushedCommit" text, "pushedAt" timestamptz, error jsonb, by text not null, at timestamptz not null default now());
  `.execute(db)
}
