/** How much of what grows is kept, where a person has said so: one row for all hosts. */
import { type Kysely, sql } from 'kysely'

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table "spaceRule" (id integer primary key default 1 check (id = 1), rule jsonb not null, by text not null, at timestamptz not null)`.execute(db)
}
