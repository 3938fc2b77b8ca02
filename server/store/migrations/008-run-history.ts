/** Runs that wait, what their messages held, pins, and indexes for the filters of the run history. */
import { type Kysely, sql } from 'kysely'

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    -- held: {why, since, releasedAt?, failed?}: the run owns something that waits and does not end by silence
    alter table run add column held jsonb, add column "replayOf" text, add column bytes integer not null default 0;
    -- the hops live out of line, and nothing else does: a list of runs reads small rows
    alter table run set (toast_tuple_target = 400),
      alter column id set storage main, alter column state set storage main, alter column "triggerNodeId" set storage main,
      alter column "triggerNodeType" set storage main, alter column "triggerNodeName" set storage main, alter column "flowId" set storage main,
      alter column "flowName" set storage main, alter column summary set storage main, alter column "replayOf" set storage main;
    create index run_held on run (id) where held is not null;
    create index run_bad on run (state, id) where state in ('failed', 'interrupted');
    create index run_flow on run ("flowId", id);
    create index run_bad_flow on run ("flowId", state, id) where state in ('failed', 'interrupted');
    create index run_trigger on run ("triggerNodeId", id);
    create table "runMessage" ("runId" text not null, seq integer not null, bytes integer not null, "isWhole" boolean not null, message text not null, cuts jsonb not null default '[]', primary key ("runId", seq));
    create table "runPin" ("nodeId" text not null, output integer not null default 0, message text not null, "runId" text, seq integer, by text not null, at timestamptz not null default now(), primary key ("nodeId", output));
  `.execute(db)
}
