/**
 * Inspection plans with their revisions; inspections, whose row says where each stands; what was found and done, which never changes.
 * Numbers are counted in "qualityNumber" (028).
 */
import { type Kysely, sql } from 'kysely'

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table "inspectionPlan" (id text primary key, revision integer not null, part text not null, definition jsonb not null, "isRetired" boolean not null default false,
      by text not null, "changedAt" timestamptz not null default clock_timestamp());
    -- one plan of a part and its revision is used at a time
    create unique index "inspectionPlan_of" on "inspectionPlan" (part, coalesce(definition->>'partRevision', ''), coalesce(definition->>'isFirstArticle', '')) where not "isRetired";
    create table "inspectionPlanRevision" ("planId" text not null references "inspectionPlan", revision integer not null, definition jsonb not null, by text not null, "byId" text,
      reason text not null, at timestamptz not null default clock_timestamp(), primary key ("planId", revision));

    create table inspection (id text primary key, number text not null unique, "planId" text not null references "inspectionPlan", "planRevision" integer not null,
      state text not null check (state in ('open', 'verified', 'accepted', 'rejected', 'withdrawn')), revision integer not null,
      part text not null, "partName" text not null, "isFirstArticle" boolean not null, serials text[] not null default '{}', lot text, quantity integer not null, "workOrder" text,
      forms jsonb not null, words text not null, key text not null unique, "runId" text, "nodeId" text,
      -- what flows wait for was told to them
      "isTold" boolean not null default true,
      -- results as they were when it was verified
      signed jsonb, "verifiedById" text,
      "openedBy" text not null, "openedById" text, "openedAt" timestamptz not null default clock_timestamp(), "changedAt" timestamptz not null default clock_timestamp());
    create index inspection_newest on inspection ("openedAt" desc, id desc);
    create index inspection_untold on inspection (id) where not "isTold";
    create table "inspectionResult" (id text primary key, n bigint generated always as identity, "inspectionId" text not null references inspection, balloon text not null, piece integer not null,
      "measurementId" text, "isConforming" boolean, text text, tooling text, nonconformance text, by text not null, "byId" text, at timestamptz not null default clock_timestamp(),
      check ("measurementId" is not null or "isConforming" is not null));
    create index "inspectionResult_of" on "inspectionResult" ("inspectionId", balloon, piece, n desc);
    create table "inspectionAct" ("inspectionId" text not null references inspection, revision integer not null, act text not null, forms jsonb, reason text, by text not null, "byId" text,
      at timestamptz not null default clock_timestamp(), primary key ("inspectionId", revision));

    create function "inspectionStays"() returns trigger language plpgsql as $$
    begin
      -- one after the other: a record is only asked for what its table has
      if tg_op = 'UPDATE' and tg_table_name = 'inspection' then
        if new.id = old.id and new.number = old.number and new.key = old.key and new."planId" = old."planId" and new."planRevision" = old."planRevision" then
          return new;
        end if;
      elsif tg_op = 'UPDATE' and tg_table_name = 'inspectionPlan' then
        if new.id = old.id then
          return new;
        end if;
      end if;
      raise exception 'Inspections stay, with their number and what was found: % on "%" is refused.', tg_op, tg_table_name using errcode = 'insufficient_privilege';
    end $$;
  `.execute(db)
  for (const table of ['inspectionPlan', 'inspectionPlanRevision', 'inspection', 'inspectionResult', 'inspectionAct']) {
    await sql`create trigger ${sql.id(`${table}_stays`)} before update or delete on ${sql.table(table)} for each row execute function "inspectionStays"()`.execute(
      db,
    )
    await sql`create trigger ${sql.id(`${table}_stays_whole`)} before truncate on ${sql.table(table)} for each statement execute function "inspectionStays"()`.execute(
      db,
    )
  }
}
