/** The node over a real Node-RED, real steps and a real store. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { beginLot, createSamplingPlan, judgeLot, type Lot, type SamplingPlanView, withdrawLot } from '../../api/index.ts'
import { type Rig, startRig } from '../../orchestration/testing.ts'
import { createLots, type LotsPart } from './index.ts'
import { callerOf } from './testing.ts'

let rig: Rig
let lots: LotsPart
let call: ReturnType<typeof callerOf>
let isDeaf = false
const [SAMPLE, ACCEPTED, REJECTED, NOT_SAMPLED] = [0, 1, 2, 3]
beforeAll(async () => {
  rig = await startRig()
  lots = createLots({
    db: rig.store.store.db,
    audit: { record: () => {} },
    live: { publish: () => {} },
    log: { warn: () => {} },
    steps: { raiseEvent: async (event) => (isDeaf ? Promise.reject(new Error('ended')) : rig.orchestration.raiseEvent(event)) },
    happenedWithin: async () => () => {},
  })
  call = callerOf(lots.routes)
  const { requests } = lots.rpc
  rig.services.sampling = {
    beginLot: (request) => requests.beginLot(request),
    judgeLot: (request) => requests.judgeLot(request),
    lotNow: (lotId) => requests.lotNow({ lotId }),
  }
}, 60_000)
afterAll(() => rig?.close(), 30_000)

let count = 0
const next = () => {
  count += 1
  return `entry-${String(count).padStart(5, '0')}`
}
const plan = async (more: object = {}) => {
  const definition = {
    name: next(),
    edition: 'ansi-z1.4',
    level: 'II',
    aql: 1,
    counts: 'items',
    allowsReduced: false,
    discontinueAfter: 1,
    defects: [],
    isRetired: false,
  }
  return ((await call(createSamplingPlan, { body: { definition: { ...definition, ...more } } })) as SamplingPlanView).id
}
const judge = (lotId: string, nonconforming: number) => call(judgeLot, { params: { id: lotId }, body: { entryId: next(), nonconforming, defects: [] } })
const node = (planId: string, more: object = {}) => ({
  id: 'lot',
  type: 'cw-sampling',
  plan: planId,
  does: 'take-up',
  number: 'lot',
  numberType: 'msg',
  size: 'size',
  sizeType: 'msg',
  isResubmission: 'false',
  isResubmissionType: 'bool',
  waits: true,
  deadline: 0,
  nonconforming: 'payload',
  nonconformingType: 'msg',
  wires: [['sink'], ['sink'], ['sink'], ['sink']],
  ...more,
})
const sink = { id: 'sink', type: 'debug', active: false, tosidebar: false, wires: [] }
const catcher = { id: 'catch1', type: 'catch', scope: null, wires: [['sink']] }
const give = (to: string, message: object) => rig.red.give(to, { _run: `run_${next()}`, ...message })

test('says how many to take, and goes on with its own message when a person has judged the lot, after restarts too', async () => {
  const planId = await plan()
  await rig.deploy([node(planId), sink])
  give('lot', { lot: 'D-1', size: 2000, order: 'O-7' })
  const asked = await rig.red.next('lot', SAMPLE)
  expect(asked).toMatchObject({ payload: 125, order: 'O-7', sampling: { accept: 3, reject: 4, severity: 'normal', state: 'open' } })
  await rig.untilOpen(1)
  await rig.restartGateway()
  await judge((asked.sampling as { lotId: string }).lotId, 2)
  expect(await rig.red.next('lot', ACCEPTED)).toMatchObject({ order: 'O-7', sampling: { nonconforming: 2, by: 'Ann', nextSeverity: 'normal' } })
  await rig.untilOpen(0)
})

test('goes on by a verdict that nobody could be told of when it was given', async () => {
  const planId = await plan()
  await rig.deploy([node(planId), sink])
  give('lot', { lot: 'D-2', size: 2000 })
  const { sampling } = await rig.red.next('lot', SAMPLE)
  await rig.untilOpen(1)
  isDeaf = true
  await judge((sampling as { lotId: string }).lotId, 4)
  isDeaf = false
  await lots.start()
  expect(await rig.red.next('lot', REJECTED)).toMatchObject({ sampling: { state: 'rejected', nonconforming: 4 } })
})

test('a lot that is withdrawn, or of a discontinued series, goes the way of what is not sampled', async () => {
  const planId = await plan()
  await rig.deploy([node(planId), sink])
  give('lot', { lot: 'D-3', size: 300 })
  const { sampling } = await rig.red.next('lot', SAMPLE)
  await rig.untilOpen(1)
  await call(withdrawLot, { params: { id: (sampling as { lotId: string }).lotId }, body: { reason: 'wrong truck' } })
  expect(await rig.red.next('lot', NOT_SAMPLED)).toMatchObject({ sampling: { state: 'withdrawn', reason: 'wrong truck' } })
  for (const number of ['1', '2', '3']) {
    const lot = (await call(beginLot, { params: { id: planId }, body: { entryId: next(), number, size: 2000, isResubmission: false } })) as Lot
    await judge(lot.id, 9)
  }
  give('lot', { lot: 'D-4', size: 300 })
  expect(await rig.red.next('lot', NOT_SAMPLED)).toMatchObject({
    sampling: { lot: 'D-4', state: 'discontinued' },
    error: { message: expect.stringContaining('every item') },
  })
})

test('judges a lot by a count in the message', async () => {
  const planId = await plan()
  await rig.deploy([node(planId, { waits: false }), node(planId, { id: 'judge', does: 'judge' }), catcher, sink])
  give('lot', { lot: 'D-5', size: 2000 })
  await rig.red.next('lot', SAMPLE)
  give('judge', { lot: 'D-5', payload: 5 })
  expect(await rig.red.next('judge', REJECTED)).toMatchObject({ sampling: { state: 'rejected', nonconforming: 5 } })
  give('judge', { lot: 'D-6', payload: 0 })
  expect((await rig.red.next('catch1')).error).toMatchObject({ message: expect.stringContaining('no such lot') })
  give('judge', { payload: 0 })
  expect((await rig.red.next('catch1')).error).toBeDefined()
})
