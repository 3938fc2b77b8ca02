/** Sign-in through the company: providers, who is who there, sign-ins that have begun. */
import { type Kysely, sql } from 'kysely'

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table "signInProvider" (id text primary key, kind text not null check (kind in ('oidc', 'ldap')), name text not null, "isOn" boolean not null,
      settings jsonb not null, secret text, by text not null, at timestamptz not null default now());
    create table "signInRule" (id integer primary key default 1 check (id = 1), passwords text not null check (passwords in ('everybody', 'administrators')),
      by text not null, at timestamptz not null default now());
    create table "signInIdentity" ("providerId" text not null references "signInProvider" (id) on delete cascade, subject text not null, "userId" text not null,
      mail text, "linkedBy" text, at timestamptz not null default now(), "lastAt" timestamptz, primary key ("providerId", subject), unique ("userId", "providerId"));
    create table "signInWaiting" ("providerId" text not null references "signInProvider" (id) on delete cascade, subject text not null, "userName" text not null,
      name text not null, mail text, role text not null, at timestamptz not null default now(), primary key ("providerId", subject));
    create table "signInAttempt" (key text primary key, browser text not null, kind text not null check (kind in ('oidc', 'link')),
      "providerId" text not null references "signInProvider" (id) on delete cascade, sealed text not null, "expiresAt" timestamptz not null);
    create table "providerSession" (token text primary key, "providerId" text not null references "signInProvider" (id) on delete cascade, sealed text,
      "expiresAt" timestamptz not null);
  `.execute(db)
}
