/** The first tables: machines, flows, jobs, runs, connections, people’s tokens and PINs. */
import { type Kysely, sql } from 'kysely'

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table machine (id text primary key, settings jsonb not null, "createdAt" timestamptz not null default now(), "createdBy" text not null);
    create table program (id text primary key, name text not null, sha256 text not null, bytes bigint not null, lines integer not null, "uploadedAt" timestamptz not null default now(), "uploadedBy" text not null, "removedAt" timestamptz);
    create unique index program_name_content on program (name, sha256) where "removedAt" is null;
    create table "flowVersion" (id text primary key, rev text not null, flows json not null, diff jsonb not null, author text not null, at timestamptz not null default now(), kind text not null, state text not null check (state in ('deployed', 'failed', 'restored')), comment text, text text);
    create index flow_version_at on "flowVersion" (at desc);
    create table "runtimeDocument" (what text primary key, data jsonb not null, at timestamptz not null default now());
    create table "runtimeLibrary" (type text not null, path text not null, meta jsonb not null, body text not null, primary key (type, path));
    create table job (
      id text primary key, kind text not null check (kind in ('program', 'flow', 'confirmation')), queue text not null, name text not null, key text unique,
      state text not null check (state in ('waiting', 'active', 'completed', 'failed', 'stopped', 'interrupted', 'cancelled')),
      "machineId" text, "programId" text, "runId" text, "nodeId" text, request jsonb not null, priority integer not null default 0, "requestedBy" text not null,
      "createdAt" timestamptz not null default now(), "startedAt" timestamptz, "endedAt" timestamptz, "progressDone" integer, "progressTotal" integer, outcome jsonb, reason text);
    create index job_created on job ("createdAt" desc);
    create index job_open on job (queue, state) where state in ('waiting', 'active');
    create table run (
      id text primary key, state text not null check (state in ('active', 'completed', 'failed', 'interrupted')),
      "triggerNodeId" text not null, "triggerNodeType" text not null, "triggerNodeName" text, "flowId" text, "flowName" text,
      "startedAt" timestamptz not null default now(), "endedAt" timestamptz, hops integer not null default 0, summary text, "endedBySettling" boolean not null default false, detail jsonb not null default '[]');
    create index run_open on run (id) where state = 'active';
    create table "runLink" ("runId" text not null, kind text not null, "targetId" text not null, text text not null, at timestamptz not null default now());
    create index run_link_run on "runLink" ("runId");
    create index run_link_target on "runLink" (kind, "targetId");
    create table connection (id text primary key, name text not null unique, connector text not null, settings jsonb not null, secrets text, "isEnabled" boolean not null default true, "createdAt" timestamptz not null default now(), "createdBy" text not null);
    create table "workOrder" (id text primary key, "connectionId" text not null, key text not null, source text not null, "order" jsonb not null, state text not null check (state in ('new', 'delivered', 'confirmed', 'refused')), "receivedAt" timestamptz not null default now(), "runId" text, unique ("connectionId", key));
    create table "connectionProblem" (id bigint generated always as identity primary key, "connectionId" text not null, source text not null, reason text not null, at timestamptz not null default now());
    create index connection_problem_recent on "connectionProblem" ("connectionId", at desc);
    create table outbox (id text primary key, "connectionId" text not null, key text not null, "workOrder" text not null, body jsonb not null, state text not null check (state in ('waiting', 'sent', 'failed')), attempts integer not null default 0, reference text, error text, "runId" text, "createdAt" timestamptz not null default now(), "sentAt" timestamptz, unique ("connectionId", key));
    create table measurement (id text primary key, characteristic text not null, value double precision not null, nominal double precision not null, lower double precision not null, upper double precision not null, unit text not null, "isInTolerance" boolean not null, "runId" text, "nodeId" text not null, "workOrder" text, "partSerial" text, by text, at timestamptz not null default now());
    create table "apiToken" (id text primary key, name text not null, sha256 text not null unique, role text not null, "userId" text not null, "createdAt" timestamptz not null default now(), "expiresAt" timestamptz, "lastUsedAt" timestamptz, "revokedAt" timestamptz);
    create table pin ("userId" text primary key, hash text not null, failures integer not null default 0, "lockedUntil" timestamptz);
    create table audit (id text primary key, at timestamptz not null default now(), who text not null, via text not null, action text not null, target text, detail jsonb);
    create index audit_at on audit (at desc);
  `.execute(db)
}
