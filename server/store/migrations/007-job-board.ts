/** The order of each queue, who holds it, due dates, what a job depends on, and what failed and nobody has looked at yet. */
import { type Kysely, sql } from 'kysely'

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create sequence "jobPosition";
    alter table job drop constraint job_kind_check;
    alter table job add constraint job_kind_check check (kind in ('program', 'flow', 'confirmation', 'maintenance'));
    alter table job
      add column position double precision,
      add column "isReady" boolean not null default true,
      add column "notBefore" timestamptz, add column "dueAt" timestamptz, add column "deadlineAt" timestamptz,
      add column "blockedBy" integer not null default 0, add column "whenBlockerFails" text not null default 'wait' check ("whenBlockerFails" in ('wait', 'fail', 'go-on')),
      add column "hasDependents" boolean not null default false,
      add column attempts integer not null default 0, add column claim text, add column host text,
      add column "retryOf" text, add column "handledAt" timestamptz, add column "handledBy" text,
      add column "estimateS" double precision, add column "progressText" text;
    update job set position = placed.position
      from (select id, row_number() over (order by "createdAt", id) as position from job) as placed where placed.id = job.id;
    select setval('"jobPosition"', (select coalesce(max(position), 0)::bigint + 1 from job));
    alter table job alter column position set default nextval('"jobPosition"'), alter column position set not null;
    update job set "isReady" = coalesce((request ->> 'isDispatched')::boolean, false) where kind = 'program' and state = 'waiting';
    update job set "handledAt" = "endedAt", "handledBy" = 'upgrade' where state in ('failed', 'interrupted');
    create index job_next on job (queue, priority, position, id) where state = 'waiting' and "isReady";
    create index job_started on job (queue, "startedAt");
    create index job_letters on job ("endedAt" desc, id) where state in ('failed', 'interrupted') and "handledAt" is null;
    create index job_timed on job ("notBefore") where state = 'waiting' and "notBefore" is not null;
    create index job_deadline on job ("deadlineAt") where state = 'waiting' and "deadlineAt" is not null;
    create index job_times on job (kind, name, "machineId", "endedAt" desc) where state = 'completed';
    create unique index job_alone on job (queue) where state = 'active' and kind = 'program';
    create table "jobDependency" ("jobId" text not null references job (id) on delete cascade, "onJob" text not null, primary key ("jobId", "onJob"));
    create index job_dependents on "jobDependency" ("onJob");
    create table "jobQueue" (
      name text primary key, mode text not null default 'open' check (mode in ('open', 'held', 'draining')), why text, "by" text, at timestamptz not null default now(),
      "rateJobs" integer, "rateSeconds" double precision,
      "afterBreak" text not null default 'cancel' check ("afterBreak" in ('cancel', 'hold')));
    create table "jobHost" (name text primary key, at timestamptz not null default now());
  `.execute(db)
}
