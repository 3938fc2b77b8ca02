/** Measurements are found by what was measured. */
import { type Kysely, sql } from 'kysely'

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`create index measurement_characteristic on measurement (characteristic, at desc)`.execute(db)
}
