/** What the product tells: events, who is to have them, how they went out; mail, webhooks, browsers that show messages. */
import { type Kysely, sql } from 'kysely'

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table "notificationEvent" (id text primary key, n bigint generated always as identity, key text not null unique, type text not null,
      severity text not null check (severity in ('info', 'warning', 'alarm')), data jsonb not null, "panelKey" text, at timestamptz not null,
      "recordedAt" timestamptz not null default now(), "routedAt" timestamptz);
    create index "notificationEvent_new" on "notificationEvent" (n) where "routedAt" is null;
    create index "notificationEvent_old" on "notificationEvent" ("recordedAt");
    -- how far each table was read for events
    create table "notificationMark" (source text primary key, "upTo" timestamptz not null);
    -- what lasts and was told of: told again when it is over, or is another
    create table "notificationCondition" (subject text primary key, type text not null, stamp text not null, data jsonb not null, since timestamptz not null default now());
    create table "notificationRule" (id text primary key, settings jsonb not null, by text not null, at timestamptz not null default now());
    create table "notificationPreference" ("userId" text primary key, settings jsonb not null, at timestamptz not null default now());
    create table "notificationDelivery" (id text primary key, "eventId" text not null references "notificationEvent" on delete cascade,
      channel text not null check (channel in ('mail', 'push', 'webhook', 'connection')), "to" text not null, "afterS" integer not null default 0, language text not null,
      "ruleId" text, state text not null default 'waiting' check (state in ('waiting', 'sent', 'dead', 'dropped')), attempts integer not null default 0,
      "nextAt" timestamptz not null, "messageId" text, "claimedBy" text, status integer, error text, "createdAt" timestamptz not null default now(), "endedAt" timestamptz,
      unique ("eventId", channel, "to", "afterS"));
    create index "notificationDelivery_due" on "notificationDelivery" ("nextAt") where state = 'waiting';
    create index "notificationDelivery_to" on "notificationDelivery" (channel, "to", "createdAt" desc);
    create index "notificationDelivery_newest" on "notificationDelivery" ("createdAt" desc, id desc);
    create table "mailSettings" (id integer primary key default 1 check (id = 1), settings jsonb not null, password text, by text not null, at timestamptz not null default now());
    create table webhook (id text primary key, settings jsonb not null, secret text not null, "oldSecret" text, "oldSecretUntil" timestamptz, "isGone" boolean not null default false,
      by text not null, at timestamptz not null default now());
    create table "pushKey" (id integer primary key default 1 check (id = 1), public text not null, private text not null, at timestamptz not null default now());
    create table "pushDevice" (id text primary key, "userId" text not null, subscription text not null, name text not null, at timestamptz not null default now());
    create index "pushDevice_of" on "pushDevice" ("userId");
    -- what is read for events every few seconds
    create index job_told on job ("endedAt") where "endedAt" is not null and (kind = 'program' or state in ('failed', 'interrupted'));
    create index run_told on run ("endedAt") where state in ('failed', 'interrupted');
    create index "triggerFiring_told" on "triggerFiring" (at) where state = 'skipped' and missed is not null;
    create index step_told on step ("createdAt") where kind = 'person';
    create index "flowVersion_told" on "flowVersion" (at);
    create index "qualitySignal_told" on "qualitySignal" (at);
    create index "panelMessage_told" on "panelMessage" (at) where kind = 'flow';
    create index audit_told on audit (at) where action = 'signed in';
  `.execute(db)
}
