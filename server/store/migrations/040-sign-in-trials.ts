/** Sign-ins that are only tried out, and what came of them. */
import { type Kysely, sql } from 'kysely'

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    alter table "signInAttempt" drop constraint "signInAttempt_kind_check";
    alter table "signInAttempt" add constraint "signInAttempt_kind_check" check (kind in ('oidc', 'link', 'trial', 'result'));
  `.execute(db)
}
