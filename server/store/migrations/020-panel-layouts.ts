/** How operator panels are laid out, and browsers that are kiosks. */
import { type Kysely, sql } from 'kysely'

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table "panelLayout" (scope text primary key, place text, role text, layout jsonb not null, revision integer not null,
      by text not null, at timestamptz not null default now(), reason text);
    create table kiosk (id text primary key, sha256 text not null unique, name text not null, place text not null, layout jsonb, "lockAfterMin" integer not null,
      by text not null, at timestamptz not null default now(), "lastSeenAt" timestamptz);
  `.execute(db)
}
