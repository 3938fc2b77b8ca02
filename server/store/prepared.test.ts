/** Statements by their plan, over a real PostgreSQL. */
import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { prepared } from './prepared.ts'
import { startTestStore } from './testing.ts'

test('a marked statement is planned once a connection, and goes on when another version changes its table', async () => {
  const { store, close } = await startTestStore({ maxConnections: 1 })
  try {
    const { db } = store
    await sql`create table part (id integer primary key, name text)`.execute(db)
    const add = (id: number) => sql`insert into part (id, name) values (${id}, ${'flange'}) returning * ${prepared}`.execute(db)
    expect((await add(1)).rows).toEqual([{ id: 1, name: 'flange' }])
    expect((await add(2)).rows).toEqual([{ id: 2, name: 'flange' }])
    const plans = async () =>
      (await sql<{ calls: string }>`select generic_plans + custom_plans as calls from pg_prepared_statements where name like 'cw_%'`.execute(db)).rows
    expect(await plans()).toEqual([{ calls: 2 }])
    await sql`alter table part add column material text`.execute(db)
    expect((await add(3)).rows).toEqual([{ id: 3, name: 'flange', material: null }])
    expect((await add(4)).rows).toEqual([{ id: 4, name: 'flange', material: null }])
    // what goes wrong is told as ever
    await expect(add(4)).rejects.toThrow(/duplicate key/)
  } finally {
    await close()
  }
})
