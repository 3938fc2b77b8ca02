/** Roles that a shop makes, what is known of sign-ins and sessions, one-time links for passwords, people who have left, and settings of the shop. */
import { type Kysely, sql } from 'kysely'

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table role (id text primary key, name text not null, "basedOn" text not null, capabilities jsonb not null, by text not null, at timestamptz not null default now());
    create unique index role_name on role (lower(name));
    create table "lastSignIn" ("userId" text primary key, at timestamptz not null default now(), method text not null);
    create table "sessionSeen" (token text primary key, at timestamptz not null default now(), address text, agent text);
    create table "passwordLink" ("userId" text primary key, sha256 text not null unique, "expiresAt" timestamptz not null, by text not null, at timestamptz not null default now());
    create table "formerAccount" ("userId" text primary key, by text not null, at timestamptz not null default now());
    create table setting (key text primary key, value jsonb not null, by text not null, at timestamptz not null default now());
  `.execute(db)
}
