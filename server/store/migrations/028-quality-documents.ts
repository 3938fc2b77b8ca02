/**
 * Documents of quality: nonconformance reports, CAPA, 8D, control plans. Where each stands is one row that follows from its revisions,
 * which never change; a document never goes, so that numbers have no gaps.
 */
import { type Kysely, sql } from 'kysely'

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table "qualityDocument" (id text primary key, kind text not null check (kind in ('ncr', 'capa', '8d', 'control-plan')), number text not null unique, state text not null,
      since timestamptz not null default now(), revision integer not null, content jsonb not null, words text not null, "machineId" text, "dueOn" text, "isFinal" boolean not null default false,
      releases integer not null default 0, "askedBy" text, "askedById" text, key text not null unique, "runId" text, "nodeId" text,
      -- what flows wait for was told to them
      "isTold" boolean not null default true,
      "openedBy" text not null, "openedById" text, "openedAt" timestamptz not null default now(), "changedAt" timestamptz not null default now());
    create index "qualityDocument_newest" on "qualityDocument" ("openedAt" desc, id desc);
    create index "qualityDocument_open" on "qualityDocument" (kind, state) where not "isFinal";
    create index "qualityDocument_due" on "qualityDocument" ("dueOn") where not "isFinal" and "dueOn" is not null;
    create index "qualityDocument_untold" on "qualityDocument" (id) where not "isTold";
    create index "qualityDocument_links" on "qualityDocument" using gin ((content -> 'links') jsonb_path_ops);
    create table "qualityDocumentRevision" ("documentId" text not null references "qualityDocument", revision integer not null, state text not null, act text not null, content jsonb not null,
      by text not null, "byId" text, reason text, at timestamptz not null default now(), primary key ("documentId", revision));
    -- counted up in the transaction that opens the document
    create table "qualityNumber" (scope text primary key, last bigint not null);
    create table "qualityNumbering" (kind text primary key, pattern text not null);

    create function "qualityDocumentStays"() returns trigger language plpgsql as $$
    begin
      raise exception 'Documents of quality stay, with their number and every revision: % on "%" is refused.', tg_op, tg_table_name using errcode = 'insufficient_privilege';
    end $$;
    create trigger "qualityDocument_stays" before delete on "qualityDocument" for each row execute function "qualityDocumentStays"();
    create trigger "qualityDocument_stays_itself" before update on "qualityDocument" for each row
      when ((new.id, new.kind, new.number, new.key) is distinct from (old.id, old.kind, old.number, old.key)) execute function "qualityDocumentStays"();
    create trigger "qualityDocument_stays_whole" before truncate on "qualityDocument" for each statement execute function "qualityDocumentStays"();
    create trigger "qualityDocumentRevision_stays" before update or delete on "qualityDocumentRevision" for each row execute function "qualityDocumentStays"();
    create trigger "qualityDocumentRevision_stays_whole" before truncate on "qualityDocumentRevision" for each statement execute function "qualityDocumentStays"();
  `.execute(db)
}
