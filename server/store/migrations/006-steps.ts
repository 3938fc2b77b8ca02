/** Steps of orchestration nodes, resources that one step has at a time, and rates that several share: server/orchestration/README.md. */
import { type Kysely, sql } from 'kysely'

export async function up(db: Kysely<unknown>): Promise<void> {
  // message and data are text, not jsonb: nobody looks into them here, and they are written at every turn
  await sql`
    create table step (
      id text primary key, "runId" text not null, "nodeId" text not null, "nodeType" text not null, "nodeName" text,
      kind text not null check (kind in ('time', 'event', 'person', 'lock', 'scope')), "parentId" text, part integer, "aliveIn" jsonb not null default '{}', host text not null,
      state text not null check (state in ('waiting', 'ended')), outcome text check (outcome in ('done', 'timed-out', 'failed', 'cancelled')), text text not null,
      message text not null, data text not null, key text, ask jsonb, wake jsonb,
      "dueAt" timestamptz, "isElapsed" boolean not null default false, "isOut" boolean not null default false, life text not null, turn text, revision integer not null default 0,
      "createdAt" timestamptz not null, "changedAt" timestamptz not null, "endedAt" timestamptz);
    create index step_run on step ("runId");
    create index step_parent on step ("parentId") where state = 'waiting';
    create index step_due on step ("dueAt") where state = 'waiting' and "dueAt" is not null;
    create index step_woken on step (host) where state = 'waiting' and wake is not null;
    create index step_out on step (host, life) where state = 'waiting' and "isOut";
    create index step_key on step (kind, key, "createdAt") where state = 'waiting' and key is not null;
    create index step_ask on step ("createdAt") where state = 'waiting' and ask is not null;
    create index step_waiting on step ("createdAt", id) where state = 'waiting';
    create index step_open on step ("nodeId") where state = 'waiting';
    create index step_ended on step ("endedAt") where state = 'ended';
    create table "lockHolder" (name text primary key, token bigint not null, "stepId" text, since timestamptz not null);
    create table "rateGate" (name text primary key, slots jsonb not null);
  `.execute(db)
}
