/**
 * Characteristics with the revisions of their definition, what is known of each measurement, corrections, marks, signals, control
 * limits, gauges. Measurements from before belong to a characteristic made from their name, with the newest nominal and limits of it;
 * those of the name that were in another unit, or of another nominal, stay by name alone.
 */
import { type Kysely, sql } from 'kysely'

/** Rows that never change and never go. */
const APPEND_ONLY = [
  'characteristicRevision',
  'measurementCorrection',
  'measurementMark',
  'qualitySignal',
  'controlLimit',
  'gaugeRevision',
  'gaugeCalibration',
  'qualityCatalogue',
]

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    -- where each stands: everything in it follows from the rows behind it
    create table characteristic (id text primary key, revision integer not null, name text not null, part text, "inlineKey" text unique, "isRetired" boolean not null default false,
      definition jsonb not null, origin text not null check (origin in ('person', 'flow', 'earlier')), "fromNode" text,
      seq bigint not null default 0, subgroup bigint not null default 0, "openValues" integer not null default 0,
      "lastAt" timestamptz, "lastValue" double precision, "lastSize" double precision, "lastInTolerance" boolean, "lastBy" text, "lastMeasuredAt" timestamptz,
      "limitId" text, "openSignals" jsonb not null default '[]', changes bigint not null default 0, "createdAt" timestamptz not null default now());
    -- the same feature of the same revision of a part is there once
    create unique index characteristic_of on characteristic (coalesce(part, ''), coalesce(definition->>'partRevision', ''), coalesce(definition->>'operation', ''), name, coalesce("inlineKey", ''))
      where not "isRetired";
    create index characteristic_name on characteristic (name);
    create table "characteristicRevision" ("characteristicId" text not null, revision integer not null, definition jsonb not null, origin text not null, by text not null, "byId" text,
      reason text not null, at timestamptz not null default clock_timestamp(), primary key ("characteristicId", revision));

    alter table measurement alter column nominal drop not null, alter column lower drop not null, alter column upper drop not null, alter column "nodeId" drop not null,
      add column "characteristicId" text, add column revision integer, add column seq bigint, add column subgroup bigint, add column size double precision,
      add column "entryId" text, add column place integer, add column source text not null default 'flow' check (source in ('flow', 'form', 'gauge', 'import')),
      add column lot text, add column program text, add column tool text, add column "byId" text, add column comment text, add column flags text[] not null default '{}',
      add column "gaugeId" text, add column "gaugeCalibratedAt" timestamptz, add column "gaugeDueAt" timestamptz, add column "enteredAt" timestamptz not null default clock_timestamp();

    create table "measurementCorrection" (id text primary key, n bigint generated always as identity, "characteristicId" text not null, "measurementId" text not null, subgroup bigint not null,
      value double precision not null, size double precision, "isInTolerance" boolean not null, reason text not null, by text not null, "byId" text, at timestamptz not null default clock_timestamp());
    create index "measurementCorrection_of" on "measurementCorrection" ("characteristicId", subgroup);
    create index "measurementCorrection_measurement" on "measurementCorrection" ("measurementId", n);
    create table "measurementMark" (id text primary key, n bigint generated always as identity, "characteristicId" text not null, subgroup bigint not null,
      kind text not null check (kind in ('exclude', 'include', 'comment', 'cause', 'action')), "signalId" text, "entryId" text, title text, text text, by text not null, "byId" text,
      at timestamptz not null default clock_timestamp());
    create index "measurementMark_of" on "measurementMark" ("characteristicId", subgroup);
    create index "measurementMark_newest" on "measurementMark" ("characteristicId", n desc);
    create table "qualitySignal" (id text primary key, n bigint generated always as identity, "characteristicId" text not null, subgroup bigint not null, chart text not null, rule text not null,
      text text not null, subgroups jsonb not null, side text, value double precision not null, lower double precision, center double precision, upper double precision, "limitId" text,
      asks text not null check (asks in ('nothing', 'cause', 'cause-and-action')), at timestamptz not null default clock_timestamp());
    create index "qualitySignal_of" on "qualitySignal" ("characteristicId", subgroup);
    create index "qualitySignal_newest" on "qualitySignal" (n desc);
    create table "controlLimit" (id text primary key, n bigint generated always as identity, "characteristicId" text not null, phase text not null, "validFrom" timestamptz not null,
      "fromSubgroup" bigint, source text not null check (source in ('data', 'given')), given jsonb not null, basis jsonb, revision integer not null, by text not null, "byId" text, reason text not null,
      at timestamptz not null default clock_timestamp());
    create index "controlLimit_of" on "controlLimit" ("characteristicId", n);

    create table "gaugeRevision" ("gaugeId" text not null, revision integer not null, name text not null, "isRetired" boolean not null, definition jsonb not null, by text not null, "byId" text,
      reason text not null, at timestamptz not null default clock_timestamp(), primary key ("gaugeId", revision));
    create table "gaugeCalibration" (id text primary key, n bigint generated always as identity, "gaugeId" text not null, "calibratedAt" timestamptz not null, "dueAt" timestamptz not null,
      passed boolean not null, certificate text, lab text, comment text, by text not null, "byId" text, at timestamptz not null default clock_timestamp());
    create index "gaugeCalibration_of" on "gaugeCalibration" ("gaugeId", "calibratedAt" desc);
    create table "qualityCatalogue" ("entryId" text not null, revision integer not null, kind text not null check (kind in ('cause', 'action')), code text, title text not null,
      "isRetired" boolean not null, by text not null, "byId" text, reason text, at timestamptz not null default clock_timestamp(), primary key ("entryId", revision));
  `.execute(db)
  await takeOver(db)
  await sql`
    create unique index measurement_entry on measurement ("entryId", place);
    create index measurement_of on measurement ("characteristicId", subgroup, seq) where "characteristicId" is not null;
    create index measurement_serial on measurement ("characteristicId", "partSerial") where "partSerial" is not null;
    create index measurement_lot on measurement ("characteristicId", lot) where lot is not null;
    create index measurement_of_at on measurement ("characteristicId", at) where "characteristicId" is not null;

    create function "qualityStays"() returns trigger language plpgsql as $$
    begin
      raise exception 'What was measured and said of it is append-only: % on "%" is refused.', tg_op, tg_table_name using errcode = 'insufficient_privilege';
    end $$;
  `.execute(db)
  for (const table of ['measurement', ...APPEND_ONLY]) {
    await sql`create trigger ${sql.id(`${table}_stays`)} before update or delete on ${sql.table(table)} for each row execute function "qualityStays"()`.execute(
      db,
    )
    await sql`create trigger ${sql.id(`${table}_stays_whole`)} before truncate on ${sql.table(table)} for each statement execute function "qualityStays"()`.execute(
      db,
    )
  }
}

/** Of each name the newest nominal in the newest unit: what else was measured under that name was something else. */
async function takeOver(db: Kysely<unknown>): Promise<void> {
  await sql`
    create temporary table "tookOver" on commit drop as
      select 'chr_' || lpad((row_number() over (order by newest.name))::text, 26, '0') as id, newest.*
      from (select distinct on (characteristic) characteristic as name, unit, nominal, lower, upper, "nodeId", at, value, "isInTolerance", by
        from measurement order by characteristic, at desc, id desc) newest;
    insert into characteristic (id, revision, name, "inlineKey", definition, origin, "fromNode")
      select id, 1, name, name || E'\n' || unit || E'\n' || nominal::text,
        jsonb_build_object('name', name, 'unit', unit, 'decimals', 3, 'nominal', nominal, 'lower', lower, 'upper', upper,
          'chart', jsonb_build_object('kind', 'i-mr', 'subgroupSize', 1, 'rules', jsonb_build_array('nelson-1'), 'autoLimitsAfter', 25),
          'overdueGauge', 'flag', 'asks', '[]'::jsonb, 'uniqueSerials', false, 'afterSignal', 'nothing', 'afterOutOfTolerance', 'nothing', 'isRetired', false),
        'earlier', "nodeId"
      from "tookOver";
    insert into "characteristicRevision" ("characteristicId", revision, definition, origin, by, reason)
      select id, 1, definition, 'earlier', 'Cellwright', 'Made from what was measured before there was a list of characteristics' from characteristic;
    with placed as (
      select m.id, t.id as "characteristicId", row_number() over (partition by t.id order by m.at, m.id) as seq
      from measurement m join "tookOver" t on t.name = m.characteristic and t.unit = m.unit and t.nominal = m.nominal)
    update measurement m set "characteristicId" = p."characteristicId", revision = 1, seq = p.seq, subgroup = p.seq, "entryId" = m.id, place = 0, "enteredAt" = m.at
      from placed p where p.id = m.id;
    update characteristic c set seq = n.seq, subgroup = n.seq, "lastAt" = t.at, "lastMeasuredAt" = t.at, "lastValue" = t.value, "lastInTolerance" = t."isInTolerance", "lastBy" = t.by
      from "tookOver" t, (select "characteristicId", max(seq) as seq from measurement group by 1) n
      where t.id = c.id and n."characteristicId" = c.id;
  `.execute(db)
}
