/**
 * Versions of panels, templates and settings; flows that need a second person, with what was asked for; and the chain of the audit
 * log, which entries from before are put into as they stand.
 */
import { type Kysely, sql } from 'kysely'
import { type AuditContent, CHAIN_BEGIN, chained } from '../../audit/chain.ts'

const AT_ONCE = 2000

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    -- json, not jsonb: content as its owner wrote it
    create table "keptVersion" (id text primary key, kind text not null, subject text not null, number integer not null, title text not null, content json not null,
      author text not null, "authorId" text, reason text, label text, "restoredFrom" text, at timestamptz not null default clock_timestamp(),
      unique (kind, subject, number));
    create index "keptVersion_at" on "keptVersion" (at desc, id desc);
    alter table "flowVersion" add column label text, add column "authorId" text, add column "approvedBy" text, add column "requestId" text;

    create table "flowProtection" ("flowId" text primary key, name text not null, by text not null, "byId" text not null, at timestamptz not null default now());
    create table "changeRequest" (id text primary key, kind text not null check (kind in ('deploy', 'unprotect')),
      state text not null check (state in ('open', 'approved', 'deployed', 'refused', 'withdrawn', 'replaced', 'failed')),
      author text not null, "authorId" text not null, "authorName" text not null, capabilities jsonb not null, reason text, at timestamptz not null default now(),
      "baseRev" text not null, "baseVersion" text, protected jsonb not null, flows json, "flowsHash" text, credentials text, "deployKind" text, untested text, "promotedFrom" jsonb, diff jsonb not null,
      "decidedBy" text, "decidedById" text, "decidedAt" timestamptz, "decidedWhy" text, "versionId" text);
    create index "changeRequest_open" on "changeRequest" (at) where state in ('open', 'approved');
    create index "changeRequest_at" on "changeRequest" (at desc);

    alter table audit add column seq bigint, add column prev text, add column hash text, add column "whoId" text, add column origin jsonb;
    create table "auditHead" (id integer primary key default 1 check (id = 1), seq bigint not null, hash text not null, signature text, at timestamptz not null default now());
    create table "auditCheckpoint" ("upTo" bigint primary key, hash text not null, removed bigint not null, "firstAt" timestamptz not null, "lastAt" timestamptz not null,
      by text not null, "byId" text, reason text not null, at timestamptz not null, signature text not null);
    create table "auditRetention" (id integer primary key default 1 check (id = 1), "maxAgeDays" integer, by text not null, at timestamptz not null default now());
  `.execute(db)
  await chainWhatIsThere(db)
  await sql`
    alter table audit alter column seq set not null, alter column prev set not null, alter column hash set not null;
    create unique index audit_seq on audit (seq);
    create index audit_who on audit (who, seq desc);
    create index audit_action on audit (action, seq desc);
    create index audit_target on audit (target, seq desc) where target is not null;

    create function "auditStays"() returns trigger language plpgsql as $$
    begin
      -- only what a signed checkpoint stands for may go
      if tg_op = 'DELETE' and tg_table_name = 'audit' then
        if old.seq <= (select coalesce(max("upTo"), 0) from "auditCheckpoint") then return old; end if;
      end if;
      raise exception 'The audit log is append-only: % on "%" is refused.', tg_op, tg_table_name using errcode = 'insufficient_privilege';
    end $$;
    create trigger "audit_stays" before update or delete on audit for each row execute function "auditStays"();
    create trigger "audit_stays_whole" before truncate on audit for each statement execute function "auditStays"();
    create trigger "auditCheckpoint_stays" before update or delete on "auditCheckpoint" for each row execute function "auditStays"();
    create trigger "auditCheckpoint_stays_whole" before truncate on "auditCheckpoint" for each statement execute function "auditStays"();

    create function "versionStays"() returns trigger language plpgsql as $$
    begin
      -- a label may come and go; what it is of stays
      new.label := null; old.label := null;
      if new::text = old::text then return null; end if;
      raise exception 'A kept version never changes.' using errcode = 'insufficient_privilege';
    end $$;
    create constraint trigger "keptVersion_stays" after update on "keptVersion" for each row execute function "versionStays"();
  `.execute(db)
}

/** In the order in which they were written; a part at a time, since a shop may have millions. */
async function chainWhatIsThere(db: Kysely<unknown>): Promise<void> {
  await sql`create temporary table "auditOrder" on commit drop as select id, row_number() over (order by at, id) as n from audit`.execute(db)
  await sql`create index on "auditOrder" (n)`.execute(db)
  let head = { seq: 0, hash: CHAIN_BEGIN }
  for (;;) {
    const { rows } = await sql<AuditContent>`
      select a.id, to_char(a.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as at, a.who, a."whoId", a.via, a.origin, a.action, a.target, a.detail
      from "auditOrder" o join audit a on a.id = o.id where o.n > ${head.seq} and o.n <= ${head.seq + AT_ONCE} order by o.n`.execute(db)
    const links = chained(rows, head)
    const last = links.at(-1)
    if (!last) break
    const entries = JSON.stringify(links.map(({ id, seq, prev, hash }) => ({ id, seq, prev, hash })))
    await sql`update audit set seq = e.seq, prev = e.prev, hash = e.hash
      from jsonb_to_recordset(${entries}::jsonb) as e(id text, seq bigint, prev text, hash text) where audit.id = e.id`.execute(db)
    head = { seq: last.seq, hash: last.hash }
  }
  await sql`insert into "auditHead" (seq, hash) values (${head.seq}, ${head.hash})`.execute(db)
}
