/** A log from before there was a chain is chained as it stands. */
import { Client } from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createLog } from '../../base/log.ts'
import { verifyAudit } from '../api/index.ts'
import { MIGRATIONS } from '../store/migrations/index.ts'
import { openStore } from '../store/store.ts'
import { startTestPostgres, type TestPostgres } from '../store/testing.ts'
import { createVersions } from '../versions/index.ts'
import { createAudit } from './index.ts'
import { ann, testSecrets } from './testing.ts'

let postgres: TestPostgres
beforeAll(async () => {
  postgres = await startTestPostgres()
})
afterAll(() => postgres?.close())

test('entries from before are chained in their order, unchanged, and the log goes on behind them', async () => {
  const { database } = postgres
  const log = createLog('test', 'silent')
  const older = Object.fromEntries(Object.entries(MIGRATIONS).filter(([name]) => name < '018'))
  await (await openStore({ database, log, migrations: older })).close()
  const client = new Client({ connectionString: database })
  await client.connect()
  await client.query(
    `insert into audit (id, at, who, via, action, target, detail) select 'aud_' || n, '2026-01-01'::timestamptz + (5000 - n) * interval '1.000001 second', 'p' || n % 7,
      'session', 'flows.deploy', case when n % 2 = 0 then 'ver_' || n end, case when n % 3 = 0 then jsonb_build_object('b', n, 'a', 1.50, 'ü', jsonb_build_array(null, true)) end
      from generate_series(1, 5000) n`,
  )
  await client.end()
  const store = await openStore({ database, log })
  const audit = createAudit({ db: store.db, log, secrets: testSecrets(), versions: createVersions(store.db) })
  try {
    audit.record({ caller: ann, action: 'signed in' })
    await audit.written()
    const verify = audit.handlers.find(({ route }) => route.id === verifyAudit.id)
    expect(await verify?.run({ body: {}, caller: ann } as never)).toMatchObject({ isWhole: true, checked: 5001 })
    const rows = await store.db.selectFrom('audit').select(['id', 'seq']).orderBy('seq').execute()
    expect([rows[0]?.id, rows[4999]?.id]).toEqual(['aud_5000', 'aud_1'])
  } finally {
    await audit.close()
    await store.close()
  }
})
