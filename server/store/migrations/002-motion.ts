/** Programs have revisions and an origin; machines may have passwords (sealed). */
import { type Kysely, sql } from 'kysely'

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    alter table machine add column secrets text;
    alter table program add column revision integer not null default 1, add column origin jsonb;
    update program set revision = counted.revision
      from (select id, row_number() over (partition by name order by "uploadedAt", id) as revision from program) as counted
      where counted.id = program.id;
    create unique index program_revision on program (name, revision);
    drop index program_name_content;
  `.execute(db)
}
