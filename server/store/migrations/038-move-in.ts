/** What somebody brought from another program, and what of it waits for the deploy of its nodes. Both are sealed: passwords are in them. */
import { type Kysely, sql } from 'kysely'

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table "moveIn" (
      id text primary key,
      owner text not null,
      kind text not null,
      name text not null,
      at timestamptz not null,
      until timestamptz not null,
      content text not null
    )`.execute(db)
  await sql`create index on "moveIn" (owner)`.execute(db)
  await sql`
    create table "moveInArrival" (
      id text primary key,
      owner text not null,
      name text not null,
      at timestamptz not null,
      until timestamptz not null,
      content text not null
    )`.execute(db)
  await sql`create index on "moveInArrival" (owner)`.execute(db)
}
