/** Measurements from before there was a list of characteristics. */
import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { createLog } from '../../base/log.ts'
import { MIGRATIONS } from '../store/migrations/index.ts'
import { openStore } from '../store/store.ts'
import { startTestPostgres } from '../store/testing.ts'
import { createQuality } from './index.ts'

const log = createLog('test', 'silent')

test('each name becomes a characteristic with its newest nominal and limits; what was of another nominal or unit stays by name', async () => {
  const postgres = await startTestPostgres()
  try {
    const earlier = Object.fromEntries(Object.entries(MIGRATIONS).filter(([name]) => name < '026'))
    const before = await openStore({ database: postgres.database, log, migrations: earlier })
    const insert = (id: string, name: string, value: number, more: { nominal?: number; unit?: string; upper?: number; at: string }) =>
      sql`insert into measurement (id, characteristic, value, nominal, lower, upper, unit, "isInTolerance", "nodeId", at)
        values (${id}, ${name}, ${value}, ${more.nominal ?? 10}, 9.9, ${more.upper ?? 10.1}, ${more.unit ?? 'mm'}, true, 'node1', ${more.at})`.execute(
        before.db,
      )
    await insert('m1', 'bore', 10, { at: '2026-01-01T00:00:00Z' })
    await insert('m3', 'bore', 10.02, { at: '2026-01-03T00:00:00Z', upper: 10.2 })
    await insert('m2', 'bore', 10.01, { at: '2026-01-02T00:00:00Z' })
    await insert('m4', 'bore', 12, { at: '2025-01-01T00:00:00Z', nominal: 12 })
    await insert('m5', 'depth', 0.4, { at: '2026-01-01T00:00:00Z', nominal: 0.4, unit: 'inch' })
    await before.close()

    const store = await openStore({ database: postgres.database, log })
    const quality = createQuality({ store, log, live: { provide() {}, publish() {} }, audit: { record() {} }, runs: { linkOnce: async () => {} } })
    const rows = await store.db.selectFrom('characteristic').selectAll().orderBy('name').execute()
    expect(rows).toMatchObject([
      { name: 'bore', revision: 1, origin: 'earlier', seq: 3, subgroup: 3, lastValue: 10.02, fromNode: 'node1', definition: { nominal: 10, upper: 10.2 } },
      { name: 'depth', seq: 1, definition: { unit: 'inch' } },
    ])
    const id = rows[0]?.id ?? ''
    const measured = await quality.core.measurements({ characteristicId: id })
    expect(measured.map(({ id: one, seq, upper }) => [one, seq, upper])).toEqual([
      ['m3', 3, 10.2],
      ['m2', 2, 10.1],
      ['m1', 1, 10.1],
    ])
    // the node goes on with it, and with what is as it was: no new one, no new revision
    const of = { inline: { name: 'bore', unit: 'mm', decimals: 3, nominal: 10, lower: 9.9, upper: 10.2 } }
    const { result } = await quality.rpc.requests.enterMeasurement({ entryId: 'after_migration', of, values: [10.05], nodeId: 'node1' })
    expect(result).toMatchObject({ characteristicId: id, subgroup: 4, flags: [] })
    expect((await quality.core.characteristic(id)).revision).toBe(1)
    expect((await store.db.selectFrom('measurement').select('characteristicId').where('id', '=', 'm4').executeTakeFirstOrThrow()).characteristicId).toBeNull()
    await quality.close()
    await store.close()
  } finally {
    await postgres.close()
  }
})
