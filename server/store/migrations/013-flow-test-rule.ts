/** Flow tests before a deploy; answers of tests say where they come from. */
import { type Kysely, sql } from 'kysely'

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    -- one row a flow whose tests have to pass before each deploy; '' stands for all flows
    create table "flowTestRule" ("flowId" text primary key, "setBy" text not null, "setAt" timestamptz not null default now());
    -- until now every answer was one that a person gave
    update "flowTest" set answers = (
      select coalesce(jsonb_object_agg(node.key, (select coalesce(jsonb_agg(jsonb_build_object('from', 'given', 'value', answer.value) order by answer.ordinality), '[]'::jsonb)
        from jsonb_array_elements(node.value) with ordinality as answer)), '{}'::jsonb)
      from jsonb_each("flowTest".answers) as node) where answers <> '{}'::jsonb;
  `.execute(db)
}
