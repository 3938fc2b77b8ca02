/** At which machine a measurement was taken; what became of a message that nobody acknowledged in time, and the rules for that. */
import { type Kysely, sql } from 'kysely'

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    alter table measurement add column "machineId" text;
    update measurement m set "machineId" = (
      select j."machineId" from job j where j."runId" = m."runId" and j.kind = 'program' and j."startedAt" <= m.at order by j."startedAt" desc limit 1)
      where "runId" is not null;
    create index measurement_at on measurement (at);
    alter table "panelMessage" add column "escalatedAt" timestamptz, add column "escalatedTo" text;
    create table "messageEscalation" (priority text primary key check (priority in ('alarm', 'warning', 'action')), "connectionId" text not null,
      "afterS" integer not null check ("afterS" > 0), by text not null, at timestamptz not null default now());
    alter table outbox add column kind text not null default 'confirmation' check (kind in ('confirmation', 'notice'));
  `.execute(db)
}
