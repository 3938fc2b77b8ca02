/** Runs that a person cancelled, which job asked for which, why a job ended in one word, why a dead letter was put aside, and how much history is kept. */
import { type Kysely, sql } from 'kysely'

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    alter table run drop constraint run_state_check;
    alter table run add constraint run_state_check check (state in ('active', 'completed', 'failed', 'interrupted', 'cancelled'));
    create index run_cancelled on run (id) where state = 'cancelled';
    -- in an order that the primary key has not: else PostgreSQL reads the whole history backwards for a trigger or flow that ran long ago
    drop index run_flow, run_bad_flow, run_trigger;
    create index run_flow on run ("flowId", id collate "C");
    create index run_trigger on run ("triggerNodeId", id collate "C");
    create index run_bad_flow on run ("flowId", state, id collate "C") where state in ('failed', 'interrupted');
    alter table job add column "parentJob" text, add column cause text, add column "handledWhy" text;
    create index job_parent on job ("parentJob") where "parentJob" is not null;
    create index job_retry on job ("retryOf") where "retryOf" is not null;
    create index job_of_run on job ("runId") where "runId" is not null;
    create table "runRetention" (
      id integer primary key default 1 check (id = 1), "maxAgeDays" integer not null, "maxRuns" integer not null, "maxMb" integer not null, "maxMessageMb" integer not null,
      "by" text not null, at timestamptz not null default now());
  `.execute(db)
}
