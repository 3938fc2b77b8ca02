/** Gauge studies with their readings, and acceptance sampling: plans, lots, what was found in them. All of it append-only (see 026). */
import { type Kysely, sql } from 'kysely'

const APPEND_ONLY = ['gageStudyRevision', 'gageReading', 'gageStudyEvent', 'samplingPlanRevision', 'sampledLot', 'samplingEvent']

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table "gageStudyRevision" ("studyId" text not null, revision integer not null, name text not null, definition jsonb not null, by text not null, "byId" text,
      reason text not null, at timestamptz not null default clock_timestamp(), primary key ("studyId", revision));
    -- the first reading of a place, and what took its place with a reason: the newest (n) counts
    create table "gageReading" (id text primary key, n bigint generated always as identity, "studyId" text not null, "entryId" text not null unique, part text not null, appraiser text not null,
      trial integer not null, value double precision not null, source text not null check (source in ('form', 'gauge', 'import', 'flow')), reason text, by text not null, "byId" text,
      "runId" text, at timestamptz not null default clock_timestamp());
    create unique index "gageReading_place" on "gageReading" ("studyId", appraiser, trial, part) where reason is null;
    create index "gageReading_of" on "gageReading" ("studyId", n);
    -- (studyId, place) is unique: of two who close at once one has to look again
    create table "gageStudyEvent" (id text primary key, "studyId" text not null, place integer not null, kind text not null check (kind in ('closed', 'reopened')),
      verdict text check (verdict in ('accepted', 'conditional', 'rejected')), revision integer not null, readings integer not null, summary jsonb, text text not null, by text not null, "byId" text,
      at timestamptz not null default clock_timestamp(), unique ("studyId", place), check ((kind = 'closed') = (verdict is not null)));

    create table "samplingPlanRevision" ("planId" text not null, revision integer not null, name text not null, "isRetired" boolean not null, definition jsonb not null, by text not null, "byId" text,
      reason text not null, at timestamptz not null default clock_timestamp(), primary key ("planId", revision));
    -- submission 1 is the lot as it came first; a lot that was sorted or mended comes again
    create table "sampledLot" (id text primary key, n bigint generated always as identity, "planId" text not null, revision integer not null, number text not null, submission integer not null,
      "entryId" text not null unique, size integer not null, sampling jsonb not null, comment text, "workOrder" text, "runId" text, "nodeId" text, by text not null, "byId" text,
      at timestamptz not null default clock_timestamp(), unique ("planId", number, submission));
    create index "sampledLot_newest" on "sampledLot" ("planId", n desc);
    -- what the switching rules know, by place in the series of a plan; state is how it stands after it
    create table "samplingEvent" (id text primary key, "planId" text not null, place integer not null, kind text not null check (kind in ('judged', 'corrected', 'withdrawn', 'set', 'changed')),
      "lotId" text, "entryId" text unique, nonconforming integer, defects jsonb, "isAccepted" boolean, counts boolean not null default false, state jsonb not null, "switchReason" text, text text,
      "runId" text, by text not null, "byId" text, at timestamptz not null default clock_timestamp(), unique ("planId", place));
    create unique index "samplingEvent_judged" on "samplingEvent" ("lotId") where kind in ('judged', 'withdrawn');
    create index "samplingEvent_lot" on "samplingEvent" ("lotId", place);
  `.execute(db)
  for (const table of APPEND_ONLY) {
    await sql`create trigger ${sql.id(`${table}_stays`)} before update or delete on ${sql.table(table)} for each row execute function "qualityStays"()`.execute(
      db,
    )
    await sql`create trigger ${sql.id(`${table}_stays_whole`)} before truncate on ${sql.table(table)} for each statement execute function "qualityStays"()`.execute(
      db,
    )
  }
}
