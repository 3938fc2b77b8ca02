/** Several hosts on one database: who each is, which machine is wired to which, what each asked for, and under which deployment. */
import { type Kysely, sql } from 'kysely'

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    delete from "jobHost";
    alter table "jobHost"
      add column id text, add column life text, add column computer text, add column version text, add column url text, add column "startedAt" timestamptz, add column "endedAt" timestamptz,
      add column "clockOffMs" double precision, add column deployment bigint;
    create table "hostRole" (name text primary key, host text not null, since timestamptz not null default now());
    create table "hostMessage" (id bigint generated always as identity primary key, body text not null, at timestamptz not null default now());
    alter table machine add column host text;
    alter table run add column host text;
    create index run_active_on on run (host) where state = 'active';
    alter table job add column "askedOn" text, add column deployment bigint;
    create index job_done_elsewhere on job ("askedOn", "endedAt") where "nodeId" is not null and host <> "askedOn";
    -- all gateways had this name until now
    update job set host = null where host = 'here';
    create sequence "deploymentNumber";
    alter table "flowVersion" add column number bigint;
    update "flowVersion" set number = placed.number
      from (select id, row_number() over (order by at, id) as number from "flowVersion") as placed where placed.id = "flowVersion".id;
    select setval('"deploymentNumber"', (select coalesce(max(number), 0) + 1 from "flowVersion"));
    alter table "flowVersion" alter column number set default nextval('"deploymentNumber"'), alter column number set not null;
    create index flow_version_number on "flowVersion" (number desc);
  `.execute(db)
}
