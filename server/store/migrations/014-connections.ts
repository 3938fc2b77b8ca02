/** What went through each connection, and when last. MQTT messages are told of at least once; the third quality of service promised more than it held. */
import { type Kysely, sql } from 'kysely'

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table "connectionTraffic" ("connectionId" text primary key, "in" bigint not null default 0, "lastInAt" timestamptz, "lastIn" text,
      "out" bigint not null default 0, "lastOutAt" timestamptz, "lastOut" text)`.execute(db)
  await sql`
    update connection set settings = jsonb_set(settings, '{qos}', '1') where connector = 'mqtt-events' and settings->'qos' = '2'`.execute(db)
}
