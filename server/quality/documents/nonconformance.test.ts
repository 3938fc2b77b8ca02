/** `cw-nonconformance` in a real Node-RED over the real steps and documents: it goes on by what a second person approved, and outlives restarts. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { createLog } from '../../../base/log.ts'
import { capabilitiesOf, getDocument, moveDocument, type QualityDocument, saveDocument } from '../../api/index.ts'
import type { Caller } from '../../auth/caller.ts'
import { type Rig, startRig } from '../../orchestration/testing.ts'
import { createDocuments, type DocumentsPart } from './index.ts'

let rig: Rig
let documents: DocumentsPart
beforeAll(async () => {
  rig = await startRig()
  documents = createDocuments({
    store: rig.store.store,
    log: createLog('test', 'silent'),
    live: { provide: () => undefined, publish: () => undefined } as never,
    audit: { record: () => undefined },
    versions: { keep: async () => ({}) as never, own: () => undefined },
    shop: () => 'Test shop',
    machines: () => [{ id: 'mill', name: 'The mill' }],
    steps: { raiseEvent: (event) => rig.orchestration.raiseEvent(event) },
  })
  const { openNonconformance, nonconformanceNow } = documents.rpc.requests
  rig.services.nonconformances = {
    open: async (request) => openNonconformance(request as never),
    now: async (id) => nonconformanceNow({ id }),
  }
}, 60_000)
afterAll(() => rig?.close(), 30_000)
afterEach(async () => {
  rig.resetClock()
  for (const { id } of await rig.steps()) await rig.ask('endStep', { params: { stepId: id }, body: { reason: 'end of the test' } }).catch(() => undefined)
})

const person = (name: string): Caller => ({
  userId: name,
  userName: name,
  name,
  role: 'engineer',
  capabilities: capabilitiesOf('engineer'),
  via: 'session',
  session: name,
})
const [OPENED, USED, , OUT, OVER] = [0, 1, 2, 3, 4]
const sink = { id: 'sink', type: 'debug', active: false, tosidebar: false, wires: [] }
const node = (more: object = {}) => ({
  id: 'ncr',
  type: 'cw-nonconformance',
  title: 'Bore too large',
  titleType: 'str',
  found: 'payload.text',
  foundType: 'msg',
  requirement: '',
  requirementType: 'str',
  part: 'part',
  partType: 'msg',
  lot: 'lot',
  lotType: 'msg',
  serial: 'partSerial',
  serialType: 'msg',
  quantity: '3',
  quantityType: 'num',
  severity: 'major',
  onceFor: 'payload.measurementId',
  onceForType: 'msg',
  waits: true,
  deadline: 0,
  wires: [['sink'], ['sink'], ['sink'], ['sink'], ['sink']],
  ...more,
})
let count = 0
const give = () => {
  count += 1
  const message = {
    _run: `run_ncr${count}`,
    partSerial: `SN-${count}`,
    payload: {
      measurementId: `msr_${count}`,
      text: 'bore 12.06 mm, 0.040 mm above',
      characteristic: 'bore',
      characteristicId: 'chr_1',
      lowerLimit: 11.98,
      upperLimit: 12.02,
      unit: 'mm',
      signals: [{ id: `sig_${count}`, rule: 'nelson-1', chart: 'individuals', text: 'One point beyond the limits' }],
    },
  }
  rig.red.give('ncr', message)
  return message
}
const begin = async (more?: object) => {
  await rig.deploy([node(more), sink])
  const message = give()
  const { nonconformance } = (await rig.red.next('ncr', OPENED)) as unknown as { nonconformance: { id: string; number: string } }
  await rig.untilOpen(1)
  return { ...nonconformance, message }
}
async function ask<T>(route: unknown, input: object, name: string): Promise<T> {
  const handler = documents.routes.find((one) => one.route === route)
  return (await handler?.run({ ...input, caller: person(name) } as never)) as T
}
const look = (id: string) => ask<QualityDocument>(getDocument, { params: { id } }, 'Ann')
const move = async (id: string, name: string, by: string, reason?: string) =>
  ask(moveDocument, { params: { id }, body: { move: name, revision: (await look(id)).revision, reason } }, by)
const propose = async (id: string, dispositions: object[]) => {
  const { content, revision } = await look(id)
  const filled = { ...content, containment: 'red box', requirement: '12.02 at most', justification: 'the seal covers it', dispositions }
  await ask(saveDocument, { params: { id }, body: { content: filled, revision } }, 'Ann')
  await move(id, 'propose', 'Ann')
}
const TWO_WAYS = [
  { id: 'a', what: 'use-as-is', quantity: 1 },
  { id: 'b', what: 'scrap', quantity: 2, instruction: 'mark it red' },
]

describe('nonconformance', () => {
  test('opens a report with what the message says, and its measurement and run as evidence', async () => {
    const { id, number } = await begin()
    expect(number).toMatch(/^NCR-\d{4}-\d{4}$/)
    expect((await look(id)).content).toMatchObject({
      title: 'Bore too large',
      found: 'bore 12.06 mm, 0.040 mm above',
      requirement: '11.98 … 12.02 mm',
      serials: [`SN-${count}`],
      quantity: 3,
      severity: 'major',
      links: [
        { kind: 'measurement', id: `msr_${count}` },
        { kind: 'signal', id: `sig_${count}`, text: 'One point beyond the limits' },
        { kind: 'characteristic', id: 'chr_1', text: 'bore' },
        { kind: 'run', id: `run_ncr${count}` },
      ],
    })
  })

  test('lets nothing go on before a second person has approved, over restarts; then each disposition by its own output', async () => {
    const { id, number } = await begin()
    await propose(id, TWO_WAYS)
    // whoever may raise events decides nothing
    await rig.orchestration.raiseEvent({ name: 'quality-document', key: id, payload: { outcome: 'disposed' } })
    await rig.restartRuntime()
    await rig.restartGateway()
    await rig.until('the step to be the node’s again', async () => (await rig.steps())[0]?.isNodeMissing === false)
    expect(rig.red.sent.filter(({ from, output }) => from === 'ncr' && output !== OPENED)).toEqual([])
    await move(id, 'approve', 'Ben')
    expect(await rig.red.next('ncr', USED)).toMatchObject({ nonconformance: { number, disposition: 'use-as-is', quantity: 1, decidedBy: 'Ben' } })
    expect(await rig.red.next('ncr', OUT)).toMatchObject({ nonconformance: { number, disposition: 'scrap', quantity: 2, instruction: 'mark it red' } })
    await rig.untilOpen(0)
  })

  test('the same key is one report; what comes after its decision goes on at once', async () => {
    const { id, message } = await begin()
    await propose(id, [{ id: 'a', what: 'scrap', quantity: 3 }])
    await move(id, 'approve', 'Ben')
    await rig.red.next('ncr', OUT)
    rig.red.give('ncr', { ...message, _run: `${message._run}again` })
    expect(await rig.red.next('ncr', OPENED)).toMatchObject({ nonconformance: { id, state: 'disposed' } })
    expect(await rig.red.next('ncr', OUT)).toMatchObject({ nonconformance: { id, quantity: 3 } })
    await rig.untilOpen(0)
  })

  test('goes on by its last output when the report is withdrawn, and when nobody decides in time', async () => {
    const { id } = await begin()
    await move(id, 'withdraw', 'Ann', 'wrong gauge')
    expect(await rig.red.next('ncr', OVER)).toMatchObject({ error: { message: expect.stringContaining('withdrawn by Ann: wrong gauge') } })
    const late = await begin({ deadline: 60 })
    rig.pass(61_000)
    expect(await rig.red.next('ncr', OVER)).toMatchObject({ nonconformance: { id: late.id }, error: { message: expect.stringContaining('within 1 min') } })
    expect((await look(late.id)).state).toBe('open')
  })

  test('refuses a message that it could not tell from the next one', async () => {
    await rig.deploy([node(), sink])
    rig.red.logged.length = 0
    rig.red.give('ncr', { payload: { measurementId: '' } })
    await rig.until('a refusal', () => rig.red.logged.length > 0)
    expect(JSON.stringify(rig.red.logged)).toContain('Once for each')
  })
})
