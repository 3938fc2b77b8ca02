import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  beginLot,
  changeSamplingPlan,
  correctLot,
  createSamplingPlan,
  exportLots,
  getSamplingPlan,
  judgeLot,
  type Lot,
  listLots,
  listSamplingPlans,
  type SamplingDefinition,
  type SamplingPlanView,
  setSeverity,
  withdrawLot,
} from '../../api/index.ts'
import { startTestStore, type TestStore } from '../../store/testing.ts'
import { createLots, type LotsPart } from './index.ts'
import { callerOf } from './testing.ts'

let store: TestStore
let lots: LotsPart
let call: ReturnType<typeof callerOf>
const told: unknown[] = []
const published: unknown[] = []
const raised: (string | undefined)[] = []
beforeAll(async () => {
  store = await startTestStore()
  lots = createLots({
    db: store.store.db,
    audit: { record: () => {} },
    live: { publish: (_, news) => void published.push(news) },
    log: { warn: () => {} },
    steps: { raiseEvent: async ({ key }: { key?: string }) => ({ woken: raised.push(key) }) },
    happenedWithin: async (_, happenings) => () => void told.push(...happenings),
  })
  call = callerOf(lots.routes)
})
afterAll(() => store?.close())

const definition: SamplingDefinition = {
  name: 'Castings',
  edition: 'ansi-z1.4',
  level: 'II',
  aql: 1,
  counts: 'items',
  allowsReduced: true,
  discontinueAfter: 5,
  defects: ['burr', 'pore'],
  isRetired: false,
}
let count = 0
const nextNumber = () => {
  count += 1
  return count
}
const id = () => `entry-${String(nextNumber()).padStart(5, '0')}`
const plan = async (more: Partial<SamplingDefinition> = {}) =>
  (await call(createSamplingPlan, { body: { definition: { ...definition, name: `Plan ${nextNumber()}`, ...more } } })) as SamplingPlanView
const begin = async (planId: string, number: string, size = 2000, more: object = {}) =>
  (await call(beginLot, { params: { id: planId }, body: { entryId: id(), number, size, isResubmission: false, ...more } })) as Lot
const judge = async (lot: Lot, nonconforming: number, more: object = {}) =>
  (await call(judgeLot, { params: { id: lot.id }, body: { entryId: id(), nonconforming, defects: [], ...more } })) as Lot
const pass = async (planId: string, number: string, nonconforming: number) => judge(await begin(planId, number), nonconforming)
const stateOf = async (planId: string) => ((await call(getSamplingPlan, { params: { id: planId } })) as { plan: SamplingPlanView }).plan

test('a lot is told its sample by the published table, and judged by its numbers', async () => {
  const { id: planId } = await plan()
  const lot = await begin(planId, 'L1')
  expect(lot).toMatchObject({ state: 'open', sampling: { codeLetter: 'K', sample: 125, accept: 3, reject: 4, severity: 'normal' } })
  const judged = await judge(lot, 4, { defects: [{ kind: 'burr', count: 3 }] })
  expect(judged).toMatchObject({
    state: 'rejected',
    result: { nonconforming: 4, counts: true, severityAfter: 'normal', defects: [{ kind: 'burr', count: 3 }] },
  })
  expect(raised).toContain(lot.id)
  expect(published).toContainEqual({ kind: 'changed', what: 'sampling' })
  expect(told.at(-1)).toMatchObject({ key: lot.id, what: { source: 'quality-lot', planId }, payload: { state: 'rejected', lot: 'L1' } })
})

test('the series goes tightened after two of five rejected, back after five, and stops after five rejected; each with its why', async () => {
  const { id: planId } = await plan()
  await pass(planId, '1', 4)
  expect(await pass(planId, '2', 4)).toMatchObject({ result: { switchReason: 'two-of-five-rejected', severityAfter: 'tightened' } })
  expect(await stateOf(planId)).toMatchObject({ state: { severity: 'tightened' }, change: { reason: 'two-of-five-rejected', lotNumber: '2' } })
  for (let i = 3; i < 8; i += 1) expect(await pass(planId, String(i), 2)).toMatchObject({ sampling: { severity: 'tightened', accept: 2 } })
  expect(await stateOf(planId)).toMatchObject({ state: { severity: 'normal' }, change: { reason: 'five-accepted' } })
  await pass(planId, '8', 4)
  await pass(planId, '9', 4)
  for (let i = 10; i < 15; i += 1) await pass(planId, String(i), 3)
  expect(await stateOf(planId)).toMatchObject({ state: { isDiscontinued: true } })
  await expect(begin(planId, '15')).rejects.toMatchObject({ code: 'sampling-discontinued' })
  const { place } = await stateOf(planId)
  const set = (severity: string, at: number) => call(setSeverity, { params: { id: planId }, body: { severity, reason: 'tool mended', place: at } })
  await expect(set('normal', place)).rejects.toMatchObject({ code: 'severity-not-allowed' })
  await expect(set('tightened', place - 1)).rejects.toMatchObject({ code: 'sampling-moved-on' })
  expect(await set('tightened', place)).toMatchObject({ state: { severity: 'tightened', isDiscontinued: false }, change: { text: 'tool mended', by: 'Ann' } })
  const { changes } = (await call(getSamplingPlan, { params: { id: planId } })) as { changes: { severity: string }[] }
  expect(changes.map(({ severity }) => severity)).toEqual(['tightened', 'tightened', 'tightened', 'normal', 'tightened'])
})

test('the state survives whoever held it: another instance over the same store goes on with it', async () => {
  const { id: planId } = await plan()
  for (let i = 0; i < 10; i += 1) await pass(planId, String(i), 0)
  const again = createLots({
    db: store.store.db,
    audit: { record: () => {} },
    live: { publish: () => {} },
    log: { warn: () => {} },
    steps: { raiseEvent: async () => ({ woken: 0 }) },
    happenedWithin: async () => () => {},
  })
  const lot = (await callerOf(again.routes)(beginLot, {
    params: { id: planId },
    body: { entryId: id(), number: 'next', size: 2000, isResubmission: false },
  })) as Lot
  expect(lot.sampling).toMatchObject({ severity: 'reduced', sample: 50, accept: 1, reject: 4 })
  // accepted within the gap, and normal from the next lot on
  expect(await judge(lot, 2)).toMatchObject({ state: 'accepted', result: { switchReason: 'between-accept-and-reject', severityAfter: 'normal' } })
})

test('a lot that comes again counts for nothing, and only after it was rejected', async () => {
  const { id: planId } = await plan()
  await expect(begin(planId, 'A', 2000, { isResubmission: true })).rejects.toMatchObject({ code: 'lot-not-rejected' })
  await pass(planId, 'A', 4)
  await expect(begin(planId, 'A')).rejects.toMatchObject({ code: 'lot-exists' })
  const again = await begin(planId, 'A', 2000, { isResubmission: true })
  expect(again.submission).toBe(2)
  expect(await judge(again, 9)).toMatchObject({ state: 'rejected', result: { counts: false } })
  expect(await stateOf(planId)).toMatchObject({ state: { severity: 'normal', recent: [false] }, lots: 2, rejectedLots: 2 })
})

test('the same entry again is the same lot and the same result; another one under its id is refused', async () => {
  const { id: planId } = await plan()
  const body = { entryId: id(), number: 'X', size: 300, isResubmission: false }
  const first = (await call(beginLot, { params: { id: planId }, body })) as Lot
  expect(await call(beginLot, { params: { id: planId }, body })).toEqual(first)
  await expect(call(beginLot, { params: { id: planId }, body: { ...body, size: 301 } })).rejects.toMatchObject({ code: 'entry-id-used' })
  const result = { entryId: id(), nonconforming: 1, defects: [] }
  const judged = await call(judgeLot, { params: { id: first.id }, body: result })
  expect(await call(judgeLot, { params: { id: first.id }, body: result })).toEqual(judged)
  await expect(call(judgeLot, { params: { id: first.id }, body: { ...result, nonconforming: 0 } })).rejects.toMatchObject({ code: 'entry-id-used' })
  await expect(judge(first, 0)).rejects.toMatchObject({ code: 'lot-judged' })
})

test('lots judged at the same time take their places in the series one after the other', async () => {
  const { id: planId } = await plan()
  const open = await Promise.all(['1', '2', '3', '4', '5', '6'].map((number) => begin(planId, number)))
  await Promise.all(open.map((lot) => judge(lot, 4)))
  // drawn by normal inspection: once the series is tightened, the rest hold for their lots alone
  expect(await stateOf(planId)).toMatchObject({ state: { severity: 'tightened', rejectedOnTightened: 0 }, place: 6, rejectedLots: 6 })
  const all = (await call(listLots, { query: { planId, limit: 10 } })) as Lot[]
  expect(all.filter(({ result }) => result?.counts)).toHaveLength(2)
})

test('a count that cannot be is refused', async () => {
  const { id: planId } = await plan()
  const lot = await begin(planId, '1', 300)
  await expect(judge(lot, lot.sampling.sample + 1)).rejects.toMatchObject({ code: 'finding-invalid' })
  await expect(judge(lot, 0, { defects: [{ kind: 'burr', count: 1 }] })).rejects.toMatchObject({ code: 'finding-invalid' })
  const twice = { kind: 'burr', count: 1 }
  await expect(judge(lot, 2, { defects: [twice, twice] })).rejects.toMatchObject({ code: 'finding-invalid' })
  await expect(plan({ aql: 15 })).rejects.toMatchObject({ code: 'aql-for-counts' })
})

test('a correction of the newest result moves the series back; one of an older result changes that lot alone', async () => {
  const { id: planId } = await plan()
  const first = await pass(planId, '1', 4)
  const second = await pass(planId, '2', 4)
  const correct = (lot: Lot, nonconforming: number) =>
    call(correctLot, { params: { id: lot.id }, body: { entryId: id(), nonconforming, defects: [], reason: 'typed wrong' } })
  expect(await correct(second, 0)).toMatchObject({ state: 'accepted', corrected: [{ nonconforming: 4, reason: 'typed wrong' }] })
  expect(await stateOf(planId)).toMatchObject({ state: { severity: 'normal', recent: [false, true] } })
  expect(await correct(first, 0)).toMatchObject({ state: 'accepted', result: { counts: false } })
  expect(await stateOf(planId)).toMatchObject({ state: { severity: 'normal', recent: [false, true] } })
})

test('a lot that was begun by mistake is withdrawn, and its number is free again', async () => {
  const { id: planId } = await plan()
  const lot = await begin(planId, '1', 20)
  await call(withdrawLot, { params: { id: lot.id }, body: { reason: 'wrong size' } })
  await expect(judge(lot, 0)).rejects.toMatchObject({ code: 'lot-withdrawn' })
  expect(await judge(await begin(planId, '1', 200), 0)).toMatchObject({ submission: 2, result: { counts: true } })
  expect(await stateOf(planId)).toMatchObject({ lots: 1 })
})

test('another AQL begins the counting anew, as severely as before', async () => {
  const before = await plan()
  await pass(before.id, '1', 4)
  await pass(before.id, '2', 4)
  const change = { definition: { ...before.definition, aql: 2.5 as const }, revision: 1, reason: 'customer asks' }
  expect(await call(changeSamplingPlan, { params: { id: before.id }, body: change })).toMatchObject({
    revision: 2,
    state: { severity: 'tightened', acceptedInRow: 0 },
  })
  await expect(call(changeSamplingPlan, { params: { id: before.id }, body: change })).rejects.toMatchObject({ code: 'sampling-plan-changed' })
})

test('a flow takes up a lot and has it judged; asked twice it is one lot', async () => {
  const {
    id: planId,
    definition: { name },
  } = await plan()
  const ask = { planId, number: 'F1', size: 2000, isResubmission: false, nodeId: 'n1', runId: 'run_1' }
  const lot = await lots.rpc.requests.beginLot({ ...ask, entryId: id() })
  expect(lot).toMatchObject({ plan: name, sample: 125, accept: 3, state: 'open' })
  expect(await lots.rpc.requests.beginLot({ ...ask, entryId: id() })).toEqual(lot)
  expect(await lots.rpc.requests.judgeLot({ planId, number: 'F1', nonconforming: 3, nodeId: 'n1', entryId: id(), by: 'Bea' })).toMatchObject({
    state: 'accepted',
    nextSeverity: 'normal',
  })
  await expect(lots.rpc.requests.judgeLot({ planId, number: 'F2', nonconforming: 3, nodeId: 'n1', entryId: id() })).rejects.toMatchObject({
    code: 'lot-not-found',
  })
})

test('no row of the series is ever changed or removed', async () => {
  const { db } = store.store
  await expect(db.updateTable('samplingEvent').set({ nonconforming: 0 }).execute()).rejects.toThrow('append-only')
  await expect(db.deleteFrom('sampledLot').execute()).rejects.toThrow('append-only')
})

test('the file has every lot of the plan, oldest first, and no formula', async () => {
  const { id: planId } = await plan({ name: '=Plan' })
  await pass(planId, '1', 4)
  await begin(planId, '2')
  const lines = ((await call(exportLots, { query: { planId } })) as string).trim().split('\r\n')
  expect(lines).toHaveLength(3)
  expect(lines[1]).toMatch(/^'=Plan,1,1,2000,normal,II,1,K,125,3,4,rejected,4,/)
  expect((await call(listSamplingPlans, { query: { retired: false } })) as SamplingPlanView[]).toContainEqual(
    expect.objectContaining({ id: planId, openLots: 1 }),
  )
})
