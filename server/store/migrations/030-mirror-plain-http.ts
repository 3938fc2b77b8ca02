/** A git server on the shop's own network, over plain http: only when somebody has said so. */
import { type Kysely, sql } from 'kysely'

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`alter table mirror add column "allowsPlainHttp" boolean not null default false`.execute(db)
}
