/** Corrections of offsets by drift: what was proposed and what became of it, for each offset. Append-only (see 026). */
import { type Kysely, sql } from 'kysely'

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    -- target: machine, tool, offset and axis as one key. place: the newest point of the characteristic at that time
    create table "offsetCorrection" (id text primary key, n bigint generated always as identity, target text not null, "proposalId" text not null,
      kind text not null check (kind in ('seen', 'proposed', 'applied', 'found', 'refused', 'lapsed', 'moved', 'reset')), "characteristicId" text not null, place bigint not null,
      "byMm" double precision, "fromMm" double precision, "toMm" double precision, answer jsonb, text text, by text not null, "runId" text, "nodeId" text,
      at timestamptz not null default clock_timestamp(), unique ("proposalId", kind), check ((kind = 'proposed') = (answer is not null)));
    create index "offsetCorrection_of" on "offsetCorrection" (target, n);
    create trigger "offsetCorrection_stays" before update or delete on "offsetCorrection" for each row execute function "qualityStays"();
    create trigger "offsetCorrection_stays_whole" before truncate on "offsetCorrection" for each statement execute function "qualityStays"();
  `.execute(db)
}
