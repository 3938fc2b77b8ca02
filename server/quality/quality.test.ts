import { afterAll, beforeAll, expect, test } from 'vitest'
import { startTestStore, type TestStore } from '../store/testing.ts'
import { createQuality } from './index.ts'

let store: TestStore
beforeAll(async () => {
  store = await startTestStore()
})
afterAll(() => store?.close())

test('a measurement is kept and told to its run in words, with the limits that it missed', async () => {
  const links: unknown[] = []
  const quality = createQuality({ store: store.store, runs: { linkOnce: async (runId, link) => void links.push({ runId, ...link }) } })
  const record = quality.rpc.requests.recordMeasurement
  const bore = { characteristic: 'bore diameter', nominal: 12, lower: 11.98, upper: 12.02, unit: 'mm', nodeId: 'n1', runId: 'run_1' }
  const { id } = await record({ ...bore, value: 12.01, isInTolerance: true, workOrder: '1001', by: 'Ann' })
  await record({ ...bore, value: 12.5, isInTolerance: false })
  await record({ ...bore, value: 12, isInTolerance: true, runId: undefined as never })
  expect(await store.store.db.selectFrom('measurement').selectAll().where('id', '=', id).executeTakeFirst()).toMatchObject({
    value: 12.01,
    workOrder: '1001',
    by: 'Ann',
    partSerial: null,
    isInTolerance: true,
  })
  expect(links).toMatchObject([
    { runId: 'run_1', kind: 'measurement', id, text: 'bore diameter 12.01 mm in tolerance' },
    { text: 'bore diameter 12.5 mm out of tolerance (11.98 to 12.02)' },
  ])
})

test('a measurement that is told again, since its answer was lost, is one measurement', async () => {
  const quality = createQuality({ store: store.store, runs: { linkOnce: async () => {} } })
  const record = quality.rpc.requests.recordMeasurement
  const bore = { id: `msr_${'0'.repeat(26)}`, characteristic: 'depth', value: 5, nominal: 5, lower: 4, upper: 6, unit: 'mm', nodeId: 'n2', isInTolerance: true }
  expect(await record(bore)).toEqual({ id: bore.id })
  expect(await record(bore)).toEqual({ id: bore.id })
  expect(await store.store.db.selectFrom('measurement').select('id').where('nodeId', '=', 'n2').execute()).toEqual([{ id: bore.id }])
})
