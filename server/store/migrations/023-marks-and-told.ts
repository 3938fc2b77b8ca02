/** How far connections have read by themselves; problems of connections in more than English. */
import { type Kysely, sql } from 'kysely'

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table "connectionMark" ("connectionId" text not null, name text not null, value text not null, at timestamptz not null default now(),
      primary key ("connectionId", name));
    alter table "connectionProblem" add column told jsonb;
  `.execute(db)
}
