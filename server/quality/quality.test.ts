/** What was measured today, and what a flow enters, over a real database. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { listCharacteristics, listQualitySince, type MeasuredName, type QualityOfDay } from '../api/index.ts'
import { startTestQuality, type TestQuality } from './testing.ts'

let its: TestQuality
beforeAll(async () => {
  its = await startTestQuality()
})
afterAll(() => its?.close())

let count = 0
const bore = { name: 'bore diameter', unit: 'mm', decimals: 3, nominal: 12, lower: 11.98, upper: 12.02 }
const record = (inline: typeof bore, value: number, more: object = {}) =>
  its.rpc.enterMeasurement({ entryId: `entry_${++count}`, of: { inline }, values: [value], nodeId: 'n1', ...more })

test('a measurement of a flow is kept and told to its run in words, with the limits that it missed', async () => {
  const { result } = await record(bore, 12.01, { runId: 'run_1', workOrder: '1001', by: 'Ann' })
  await record(bore, 12.5, { runId: 'run_1' })
  await record(bore, 12)
  const id = result.measurements[0]?.id ?? ''
  expect(result.measurements[0]).toMatchObject({ isInTolerance: true, text: 'bore diameter 12.010 mm, within 12.000 +0.020/-0.020' })
  expect(await its.db.selectFrom('measurement').selectAll().where('id', '=', id).executeTakeFirst()).toMatchObject({
    value: 12.01,
    workOrder: '1001',
    by: 'Ann',
    partSerial: null,
    isInTolerance: true,
  })
  expect(its.links).toMatchObject([
    { runId: 'run_1', kind: 'measurement', id, text: 'bore diameter 12.01 mm in tolerance' },
    { text: 'bore diameter 12.5 mm out of tolerance (11.98 to 12.02)' },
  ])
})

test('a measurement that is told again, since its answer was lost, is one measurement', async () => {
  const depth = { ...bore, name: 'depth' }
  const entryId = 'entry_lost_answer'
  const first = await record(depth, 12, { entryId })
  const again = await record(depth, 12, { entryId })
  expect(first.result.isRepeat).toBe(false)
  expect(again.result).toMatchObject({ isRepeat: true, measurements: first.result.measurements })
  await expect(record(depth, 12.001, { entryId })).rejects.toMatchObject({ code: 'entry-id-used' })
  expect(await its.db.selectFrom('measurement').select('value').where('entryId', '=', entryId).execute()).toEqual([{ value: 12 }])
})

test('the node that gave a characteristic revises its tolerance; another node does not, and its values are flagged and judged by its own', async () => {
  const slot = { ...bore, name: 'slot' }
  const { result } = await record(slot, 12)
  await record({ ...slot, upper: 12.05 }, 12.04)
  const other = await record({ ...slot, upper: 12.001 }, 12.01, { nodeId: 'n2' })
  expect(other.result).toMatchObject({ isInTolerance: false, flags: [{ code: 'other-tolerance' }] })
  const { characteristic, revisions } = await its.get(result.characteristicId)
  expect(characteristic).toMatchObject({ revision: 2, origin: 'flow', definition: { upper: 12.05 }, measured: 3 })
  expect(revisions.map(({ revision }) => revision)).toEqual([2, 1])
})

test('each name that was measured is listed once, as it was judged last', async () => {
  const groove = { ...bore, name: 'a groove', nominal: 8, lower: 7.9, upper: 8.1 }
  await record(groove, 8)
  await record({ ...groove, upper: 8.05 }, 8)
  const listed = await its.call<MeasuredName[]>(listCharacteristics, {})
  expect(listed.map(({ name }) => name)).toEqual([...new Set(listed.map(({ name }) => name))].sort())
  expect(listed.find(({ name }) => name === 'a groove')).toMatchObject({ unit: 'mm', nominal: 8, lower: 7.9, upper: 8.05 })
})

test('today is told by machine, with control limits from earlier days alone', async () => {
  const job = { kind: 'program', queue: 'machine-mill', name: 'p.nc', state: 'completed', request: '{}', requestedBy: 'Ann', isReady: true } as const
  await its.db
    .insertInto('job')
    .values([
      { ...job, id: 'job_1', machineId: 'mill', runId: 'run_q', startedAt: '2026-03-02T08:00:00Z' },
      { ...job, id: 'job_2', machineId: 'lathe', runId: 'run_q', startedAt: '2026-03-02T09:00:00Z' },
    ])
    .execute()
  const pin = { ...bore, name: 'pin', nominal: 6, lower: 5, upper: 7 }
  const ofRun = { runId: 'run_q' }
  for (let i = 0; i < 24; i += 1) await record(pin, 6 + (i % 2) * 0.1, { ...ofRun, at: new Date(Date.UTC(2026, 2, 1, 8, i)).toISOString() })
  // in tolerance, and yet nothing like before
  await record(pin, 6.9, ofRun)
  await record(pin, 6.05, ofRun)
  await record({ ...pin, name: 'new' }, 6, ofRun)
  await record(pin, 7.2)
  const listed = await its.call<QualityOfDay[]>(listQualitySince, { query: { from: '2026-03-02T00:00:00Z' } })
  const of = (name: string, machineId?: string) => listed.find((one) => one.name === name && one.machineId === machineId)
  expect(of('pin', 'lathe')).toMatchObject({ measured: 2, inTolerance: 2, control: { outside: 1, from: 24 }, values: [6.9, 6.05], last: 6.05 })
  expect(of('pin', 'lathe')?.control?.upper).toBeCloseTo(6.05 + 3 * (0.1 / 1.128), 3)
  // too little was measured before to say anything
  expect(of('new', 'lathe')).not.toHaveProperty('control')
  expect(of('pin')).toMatchObject({ measured: 1, inTolerance: 0 })
})
