/** Panels that came with imports. */
import { type Kysely, sql } from 'kysely'

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`alter table "templateImport" add column panels jsonb not null default '[]'`.execute(db)
}
