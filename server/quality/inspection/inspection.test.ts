/** Plans, inspections, the forms of AS9102, signatures, and `cw-inspection` in a real Node-RED: over the real store, entries and steps. */
import { Writable } from 'node:stream'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createLog } from '../../../base/log.ts'
import {
  type AnyRoute,
  addInspectionResult,
  type Characteristic,
  capabilitiesOf,
  changeInspectionPlan,
  correctMeasurement,
  createInspectionPlan,
  getCharacteristicReport,
  getInspection,
  getInspectionReport,
  type Inspection,
  type InspectionPlan,
  type InspectionPlanDefinition,
  listInspectionPlans,
  listInspections,
  moveInspection,
  type Role,
  saveInspectionForms,
  startInspection,
} from '../../api/index.ts'
import type { Caller } from '../../auth/caller.ts'
import { type Rig, startRig } from '../../orchestration/testing.ts'
import { createQuality, type QualityPart } from '../index.ts'
import { createReports } from '../reports/index.ts'
import { ordinary } from '../testing.ts'
import { createInspections, type InspectionPart } from './index.ts'

let rig: Rig
let quality: QualityPart
let part: InspectionPart
let bore: Characteristic
let slot: Characteristic
let steps: { raiseEvent: Rig['orchestration']['raiseEvent'] }

const live = { provide: () => undefined, publish: () => undefined } as never
const audit = { record: () => undefined } as never
const log = createLog('test', 'silent')
const make = () => createInspections({ store: rig.store.store, log, live, audit, core: quality.core, steps, shop: () => 'Werk Süd' })

beforeAll(async () => {
  rig = await startRig()
  steps = { raiseEvent: (event) => rig.orchestration.raiseEvent(event) }
  quality = createQuality({ store: rig.store.store, log, live, audit, runs: { linkOnce: async () => undefined } })
  part = make()
  rig.services.inspections = {
    start: async (request) => part.rpc.requests.startInspection(request as never),
    now: async (id) => part.rpc.requests.inspectionNow({ id }),
  }
  bore = await quality.core.addCharacteristic(ordinary({ name: 'bore', part: 'BRK-1042' }), { name: 'Ann' })
  slot = await quality.core.addCharacteristic(ordinary({ name: 'slot', part: 'BRK-1042', nominal: 4, lower: 3.95, upper: null }), { name: 'Ann' })
}, 60_000)
afterAll(async () => {
  part?.close()
  await quality?.close()
  await rig?.close()
}, 30_000)

const person = (name: string, more: Partial<Caller> = {}, role: Role = 'engineer'): Caller => ({
  userId: name,
  userName: name,
  name,
  role,
  capabilities: capabilitiesOf(role),
  via: 'session',
  session: name,
  ...more,
})
async function ask<T = Inspection>(route: AnyRoute, input: { params?: object; query?: object; body?: object }, caller: Caller = person('Ann')): Promise<T> {
  const handler = [...part.routes, ...quality.routes].find((one) => one.route === route)
  if (!handler) throw new Error(`no handler for ${route.id}`)
  return (await handler.run({ params: {}, query: {}, body: {}, ...input, caller } as never)) as T
}

let count = 0
const definition = (more: Partial<InspectionPlanDefinition> = {}): InspectionPlanDefinition => ({
  part: `BRK-${++count}`,
  partName: 'Bracket',
  partRevision: 'C',
  drawing: 'DWG-7',
  isFirstArticle: true,
  needsSecondPerson: true,
  balloons: [
    { number: '1', kind: 'measured', characteristicId: bore.id, sampling: { kind: 'all' }, place: 'sheet 1, B4', designator: 'KC' },
    { number: '2', kind: 'measured', characteristicId: slot.id, sampling: { kind: 'one' } },
    { number: '3', kind: 'attribute', requirement: 'All edges broken', sampling: { kind: 'count', count: 2 }, tooling: 'radius gauge 0.2 to 0.4' },
  ],
  product: [{ kind: 'material', name: 'EN AW-6082', specification: 'EN 573' }],
  isRetired: false,
  ...more,
})
const plan = (more?: Partial<InspectionPlanDefinition>) => ask<InspectionPlan>(createInspectionPlan, { body: { definition: definition(more) } })
const begin = async (more: object = {}, of?: Partial<InspectionPlanDefinition>) =>
  ask(startInspection, { body: { key: `key-${++count}-abcdef`, planId: (await plan(of)).id, serials: [`S${count}-1`, `S${count}-2`], quantity: 2, ...more } })
const put = (id: string, balloon: string, piece: number, more: object, by = 'Otto') =>
  ask(addInspectionResult, { params: { id }, body: { resultId: `res-${++count}-abcdef`, balloon, piece, ...more } }, person(by, {}, 'operator'))
const look = (id: string) => ask(getInspection, { params: { id } })
const move = async (id: string, name: string, by: string | Caller, reason?: string) =>
  ask(
    moveInspection,
    { params: { id }, body: { move: name, revision: (await look(id)).revision, ...(reason ? { reason } : {}) } },
    typeof by === 'string' ? person(by) : by,
  )
const lacksIn = ({ lacks }: Inspection) => lacks.map((lack) => Object.values(lack).join(' '))
const codeOf = (work: Promise<unknown>) =>
  work.then(
    () => 'taken',
    (error: { code?: string }) => error.code ?? String(error),
  )
const fill = async (id: string, values: { bore?: [number, number] } = {}) => {
  const [first, second] = values.bore ?? [10.01, 9.99]
  await put(id, '1', 1, { value: first })
  await put(id, '1', 2, { value: second })
  await put(id, '2', 1, { value: 4.2 })
  await put(id, '3', 1, { isConforming: true })
  await put(id, '3', 2, { isConforming: true, text: 'one burr taken off' })
  const { forms, revision } = await look(id)
  const one = { ...forms.one, processReference: 'WO-88421', organization: 'Werk Süd', scope: 'detail', extent: 'full', reason: 'New part number' }
  const two = forms.two.map((row) => ({ ...row, supplier: 'Alu AG', certificate: 'CERT-44819' }))
  return ask(saveInspectionForms, { params: { id }, body: { forms: { one, two }, revision } })
}

describe('an inspection plan', () => {
  test('is refused with the balloon that is wrong in it', async () => {
    const [one] = definition().balloons
    if (!one) throw new Error('no balloon')
    expect(await codeOf(plan({ balloons: [one, one] }))).toBe('inspection-plan-invalid')
    expect(await codeOf(plan({ balloons: [{ ...one, characteristicId: 'chr_none' }] }))).toBe('characteristic-not-found')
    expect(await codeOf(plan({ balloons: [{ number: '1', kind: 'attribute', sampling: { kind: 'one' } }] }))).toBe('inspection-plan-invalid')
  })

  test('is one for a part in its revision; a change is a revision, and an inspection keeps the one it began with', async () => {
    const first = await plan()
    expect(await codeOf(ask(createInspectionPlan, { body: { definition: first.definition } }))).toBe('inspection-plan-exists')
    const begun = await ask(startInspection, { body: { key: 'key-revision', planId: first.id, serials: [], quantity: 1 } })
    const changed = await ask<InspectionPlan>(changeInspectionPlan, {
      params: { id: first.id },
      body: { definition: { ...first.definition, balloons: first.definition.balloons.slice(0, 1) }, revision: 1, reason: 'fewer' },
    })
    expect(changed.revision).toBe(2)
    expect(await codeOf(ask(changeInspectionPlan, { params: { id: first.id }, body: { definition: first.definition, revision: 1, reason: 'late' } }))).toBe(
      'inspection-plan-changed',
    )
    expect((await look(begun.id)).plan.balloons).toHaveLength(3)
    expect((await ask<InspectionPlan[]>(listInspectionPlans, { query: { retired: false } })).map(({ id }) => id)).toContain(first.id)
  })
})

describe('an inspection', () => {
  test('says what is missing until nothing is, and only then takes a signature', async () => {
    const { id, number, lacks } = await begin()
    expect(number).toMatch(/^FAIR-\d{4}-\d{4}$/)
    expect(lacks).toHaveLength(2 + 1 + 2 + 5 + 2)
    expect(await codeOf(move(id, 'verify', 'Otto'))).toBe('inspection-incomplete')
    await put(id, '1', 1, { value: 10.2 })
    expect(lacksIn(await look(id))).toContain('nonconformance 1 1')
    await put(id, '1', 1, { nonconformance: 'NCR-2026-0001' })
    expect((await look(id)).results[0]).toMatchObject({ balloon: '1', piece: 1, value: 10.2, isConforming: false, nonconformance: 'NCR-2026-0001' })
    await put(id, '1', 2, { value: 9.99 })
    await put(id, '2', 1, { value: 4.2 })
    await put(id, '3', 1, { isConforming: true })
    expect(lacksIn(await look(id))).toEqual([
      'result 3 2',
      'form-1 processReference',
      'form-1 organization',
      'form-1 scope',
      'form-1 extent',
      'form-1 reason',
      'form-2 1 EN AW-6082 supplier',
      'form-2 1 EN AW-6082 certificate',
    ])
  })

  test('keeps a value as a measurement of its characteristic, with serial number and lot, once for its id', async () => {
    const { id, serials } = await begin({ lot: 'L7' })
    const body = { resultId: 'res-once-abcdef', balloon: '1', piece: 2, value: 10.03 }
    for (let i = 0; i < 2; i += 1) await ask(addInspectionResult, { params: { id }, body })
    const measured = await quality.core.measurements({ characteristicId: bore.id, serial: serials[1] ?? '' })
    expect(measured).toMatchObject([{ value: 10.03, serial: serials[1], lot: 'L7', by: 'Ann', source: 'form' }])
    expect((await look(id)).results).toMatchObject([{ measurementId: measured[0]?.id, origin: 'entered' }])
    expect(await codeOf(ask(addInspectionResult, { params: { id }, body: { ...body, piece: 1 } }))).toBe('result-id-used')
    expect(await codeOf(put(id, '2', 2, { value: 4 }))).toBe('balloon-not-found')
    expect(await codeOf(put(id, '1', 1, {}))).toBe('result-missing')
    expect(await codeOf(put(id, '1', 1, { value: Number.NaN }))).toBe('value-invalid')
    expect((await look(id)).results).toHaveLength(1)
  })

  test('collects what is measured of its serial numbers elsewhere, from its beginning on', async () => {
    const before = { entryId: 'elsewhere-0', characteristicId: bore.id, values: [10.05], serial: 'SN-early', source: 'gauge' as const }
    await quality.core.enter(before, { name: 'gauge' })
    const { id } = await begin({ serials: ['SN-early', 'SN-late'] })
    expect((await look(id)).results).toEqual([])
    await quality.core.enter({ ...before, entryId: 'elsewhere-1', serial: 'SN-late', values: [10.04] }, { name: 'gauge' })
    expect((await look(id)).results).toMatchObject([{ balloon: '1', piece: 2, value: 10.04, origin: 'collected', by: 'gauge' }])
    // one from before is taken when a person says so; one of another characteristic never
    const [early] = await quality.core.measurements({ characteristicId: bore.id, serial: 'SN-early' })
    await put(id, '1', 1, { measurementId: early?.id })
    expect((await look(id)).results[0]).toMatchObject({ piece: 1, value: 10.05, origin: 'entered' })
    expect(await codeOf(put(id, '2', 1, { measurementId: early?.id }))).toBe('measurement-of-another')
  })

  test('is verified by one person and accepted by another, who are signed in themselves and may', async () => {
    const { id } = await begin()
    await fill(id)
    expect(await codeOf(move(id, 'verify', person('Otto', { via: 'token' })))).toBe('approve-in-person')
    expect((await move(id, 'verify', 'Otto')).state).toBe('verified')
    expect(await codeOf(put(id, '3', 1, { isConforming: false }))).toBe('inspection-signed')
    expect(await codeOf(move(id, 'accept', 'Otto'))).toBe('own-signature')
    expect(await codeOf(move(id, 'accept', person('Olga', {}, 'operator')))).toBe('not-allowed')
    const accepted = await move(id, 'accept', 'Paula')
    expect(accepted).toMatchObject({
      state: 'accepted',
      moves: [],
      acts: [{ act: 'open' }, { act: 'forms' }, { act: 'verify', by: 'Otto' }, { act: 'accept', by: 'Paula' }],
    })
    expect(await codeOf(move(id, 'reject', 'Paula', 'after all'))).toBe('move-not-possible')
  })

  test('takes a reason for accepting what does not conform, and for opening it again', async () => {
    const { id } = await begin()
    await fill(id, { bore: [10.2, 10] })
    await put(id, '1', 1, { nonconformance: 'NCR-7' })
    await move(id, 'verify', 'Otto')
    expect(await codeOf(move(id, 'accept', 'Paula'))).toBe('reason-missing')
    expect(await codeOf(move(id, 'reopen', 'Paula'))).toBe('reason-missing')
    expect((await move(id, 'reopen', 'Paula', 'wrong serial number')).state).toBe('open')
    await move(id, 'verify', 'Otto')
    expect((await move(id, 'accept', 'Paula', 'concession C-12')).state).toBe('accepted')
  })

  test('shows what was signed, and says so when a measurement is corrected afterwards', async () => {
    const { id } = await begin()
    await fill(id)
    const { results } = await move(id, 'verify', 'Otto')
    const measurementId = results[0]?.measurementId ?? ''
    await ask(correctMeasurement, { params: { id: measurementId }, body: { correctionId: 'correction-1', value: 10.09, reason: 'read wrongly' } })
    expect(await look(id)).toMatchObject({ results: [{ value: 10.01 }, {}, {}, {}, {}], changedSince: [{ balloon: '1', piece: 1, value: 10.09 }] })
  })

  test('of two people who begin with the same key is one, with one number', async () => {
    const { id } = await plan()
    const same = { body: { key: 'key-the-same', planId: id, serials: [], quantity: 1 } }
    const [a, b] = await Promise.all([ask(startInspection, same), ask(startInspection, same)])
    expect(a.number).toBe(b.number)
    expect(await ask<unknown[]>(listInspections, { query: { planId: id, open: true, limit: 10 } })).toHaveLength(1)
    expect(await codeOf(ask(startInspection, { body: { key: 'key-too-many', planId: id, serials: ['a', 'b'], quantity: 1 } }))).toBe('serials-too-many')
  })

  test('never goes: the database refuses to change or remove what was found', async () => {
    const { id } = await begin()
    await put(id, '3', 1, { isConforming: true })
    const { db } = rig.store.store
    await expect(db.updateTable('inspectionResult').set({ isConforming: false }).where('inspectionId', '=', id).execute()).rejects.toThrow(/Inspections stay/)
    await expect(db.deleteFrom('inspection').where('id', '=', id).execute()).rejects.toThrow(/Inspections stay/)
  })
})

/** What a handler sends as a file. */
async function fileOf(route: AnyRoute, params: object, query: object): Promise<{ body: Buffer; headers: Map<string, string> }> {
  const pieces: Buffer[] = []
  const headers = new Map<string, string>()
  const response: object = Object.assign(
    new Writable({
      write(piece, _, done) {
        pieces.push(Buffer.from(piece))
        done()
      },
    }),
    {
      status: () => response,
      setHeader: (name: string, value: string) => {
        headers.set(name.toLowerCase(), value)
        return response
      },
    },
  )
  const reports = createReports({ core: quality.core, shop: () => 'Werk Süd' })
  const handler = [...part.routes, ...reports.routes].find((one) => one.route === route)
  await handler?.run({ params, query: { language: 'de', paper: 'a4', ...query }, caller: person('Ann'), response } as never)
  return { body: Buffer.concat(pieces), headers }
}

describe('on paper', () => {
  test('the three forms are a PDF in the language asked for, and the results a table', async () => {
    const { id, number } = await begin()
    await fill(id)
    await move(id, 'verify', 'Otto')
    const { body, headers } = await fileOf(getInspectionReport, { id }, { format: 'pdf' })
    expect(headers.get('content-type')).toBe('application/pdf')
    expect(headers.get('content-disposition')).toContain(`filename="${number} BRK-`)
    expect(body.subarray(0, 5).toString()).toBe('%PDF-')
    if (process.env.CELLWRIGHT_SHOTS) (await import('node:fs')).writeFileSync(`${process.env.CELLWRIGHT_SHOTS}/fai.pdf`, body)
    const rows = (await fileOf(getInspectionReport, { id }, { format: 'csv' })).body.toString().split('\r\n')
    expect(rows).toHaveLength(1 + 5 + 1)
    expect(rows[1]).toContain('bore,mm,10,9.9,10.1,10.01,1,')
    expect(rows[5]).toContain('one burr taken off')
  })

  test('measurements and the chart of a characteristic are files of the same numbers', async () => {
    const query = { last: 200, format: 'csv' }
    const measured = (await fileOf(getCharacteristicReport, { id: bore.id, report: 'measurements' }, query)).body.toString().trimEnd().split('\r\n')
    const drawn = (await fileOf(getCharacteristicReport, { id: bore.id, report: 'chart' }, query)).body.toString().trimEnd().split('\r\n')
    expect(measured.length).toBeGreaterThan(5)
    expect(drawn).toHaveLength(measured.length)
    expect(measured[1]).toMatch(/^1,1,\d{4}-/)
    const { body } = await fileOf(getCharacteristicReport, { id: bore.id, report: 'capability' }, { last: 200, format: 'pdf' })
    expect(body.subarray(0, 5).toString()).toBe('%PDF-')
  })
})

describe('cw-inspection', () => {
  const [BEGUN, ACCEPTED, REJECTED, OVER] = [0, 1, 2, 3]
  const sink = { id: 'sink', type: 'debug', active: false, tosidebar: false, wires: [] }
  const node = (partNumber: string, more: object = {}) => ({
    id: 'fai',
    type: 'cw-inspection',
    part: partNumber,
    partType: 'str',
    partRevision: '',
    partRevisionType: 'str',
    kind: 'first-article',
    serials: 'serials',
    serialsType: 'msg',
    lot: 'lot',
    lotType: 'msg',
    quantity: '2',
    quantityType: 'num',
    onceFor: 'partSerial',
    onceForType: 'msg',
    waits: true,
    deadline: 0,
    wires: [['sink'], ['sink'], ['sink'], ['sink']],
    ...more,
  })
  const start = async (more?: object) => {
    const { definition: of } = await plan()
    await rig.deploy([node(of.part, more), sink])
    rig.red.give('fai', { _run: `run_fai${++count}`, partSerial: `F${count}-1`, serials: [`F${count}-1`, `F${count}-2`] })
    const { inspection } = (await rig.red.next('fai', BEGUN)) as unknown as { inspection: { id: string; number: string } }
    await rig.untilOpen(1)
    return inspection
  }
  const over = async () => {
    rig.resetClock()
    for (const { id } of await rig.steps()) await rig.ask('endStep', { params: { stepId: id }, body: { reason: 'end of the test' } })
    rig.red.sent.length = 0
  }

  test('goes on by what a second person decided, over a restart of runtime and gateway', async () => {
    const { id } = await start()
    await fill(id)
    await rig.restartRuntime()
    await rig.restartGateway()
    await rig.until('the step to be the node’s again', async () => (await rig.steps())[0]?.isNodeMissing === false)
    await move(id, 'verify', 'Otto')
    expect(rig.red.sent.filter(({ from, output }) => from === 'fai' && output !== BEGUN)).toEqual([])
    await move(id, 'accept', 'Paula')
    expect(await rig.red.next('fai', ACCEPTED)).toMatchObject({
      inspection: { id, state: 'accepted', decidedBy: 'Paula', conforming: 5, nonconforming: 0, needed: 5 },
    })
    await rig.untilOpen(0)
    await over()
  })

  test('goes on by a decision that nobody could be told of when it was taken', async () => {
    const { id } = await start()
    await fill(id)
    await move(id, 'verify', 'Otto')
    const heard = steps.raiseEvent
    // the gateway ends between the decision and the telling
    steps.raiseEvent = async () => Promise.reject(new Error('ended'))
    await move(id, 'reject', 'Paula', 'edges')
    steps.raiseEvent = heard
    part.close()
    part = make()
    await part.start()
    expect(await rig.red.next('fai', REJECTED)).toMatchObject({ inspection: { state: 'rejected', reason: 'edges' } })
    await over()
  })

  test('is over when nobody decides in time, and begins one inspection however often it is asked', async () => {
    const { id } = await start({ deadline: 60 })
    rig.pass(61_000)
    expect(await rig.red.next('fai', OVER)).toMatchObject({ inspection: { id }, error: { message: expect.stringContaining('within 1 min') } })
    expect((await look(id)).state).toBe('open')
    const { definition: of } = await plan()
    const request = { nodeId: 'fai', key: 'same', part: of.part, isFirstArticle: true, serials: [], quantity: 1 }
    const { startInspection: ask2 } = part.rpc.requests
    expect((await ask2(request)).id).toBe((await ask2(request)).id)
    await expect(ask2({ ...request, key: 'other', part: 'no such part' })).rejects.toMatchObject({ code: 'inspection-plan-not-found' })
    await over()
  })
})
