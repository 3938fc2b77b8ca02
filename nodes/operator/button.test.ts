import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { flowOf, MILL, startNodeRed, type TestNodeRed } from '../testing/node-red.ts'
import { RecordingServices } from '../testing/recording-services.ts'

const services = new RecordingServices()
let red: TestNodeRed

beforeAll(async () => {
  red = await startNodeRed(services)
})
afterAll(() => red?.close())
beforeEach(() => {
  services.calls.length = 0
})

const button = (more: object = {}) => ({ id: 'btn', type: 'cw-button', label: 'Start part', says: 'Starts the program of the work order', ...more })
// wired to the button, so that it holds messages; test messages are given to the button itself
const feeder = { id: 'feeder', type: 'link in', links: [], wires: [['btn']] }
const press = (more: object = {}) => ({ pressId: 'press-0001', values: {}, by: 'Anna', runId: 'run-press', ...more })
const asks = [{ key: 'boreMm', label: 'Bore', kind: 'number', unit: 'mm' }]

it('makes a new message at each press when nothing is wired to its input', async () => {
  await red.deploy(flowOf([MILL, button({ machine: 'machine1', asks })]))
  expect(services.buttons.get('btn')?.face).toEqual({
    label: 'Start part',
    says: 'Starts the program of the work order',
    color: 'normal',
    machineId: 'mill-1',
    asks,
    isEnabled: true,
    waiting: [],
  })
  await services.press('btn', press({ values: { boreMm: 42.01 } }))
  const message = await red.next('btn')
  expect(message).toMatchObject({ payload: { boreMm: 42.01 }, values: { boreMm: 42.01 }, pressedBy: 'Anna', pressId: 'press-0001', _run: 'run-press' })
})

it('holds each message until a press releases it, oldest first, with the entered values', async () => {
  await red.deploy(flowOf([feeder, button({ asks })]))
  expect(services.buttons.get('btn')?.face).toMatchObject({ isEnabled: false, reason: 'Nothing is waiting' })
  red.give('btn', { _run: 'run-1', payload: 1, workOrder: { number: 'WO-1' }, values: { lot: 'A' } })
  red.give('btn', { _run: 'run-2', payload: 2, workOrder: { number: 'WO-2' } })
  await red.untilStatus('btn', '2 waiting')
  expect(services.buttons.get('btn')?.face.waiting.map(({ text }) => text)).toEqual(['WO-1', 'WO-2'])
  expect([...services.heldRuns]).toEqual([
    ['run-1', 1],
    ['run-2', 1],
  ])

  await services.press('btn', press({ values: { boreMm: 42 } }))
  const first = await red.next('btn')
  expect(first).toMatchObject({ payload: 1, values: { lot: 'A', boreMm: 42 }, pressedBy: 'Anna', _run: 'run-press' })
  expect([...services.heldRuns.keys()]).toEqual(['run-2'])
  await services.press('btn', press({ values: { boreMm: 43 } }))
  expect((await red.next('btn')).payload).toBe(2)
  expect(services.buttons.get('btn')?.face).toMatchObject({ isEnabled: false, waiting: [] })
})

it('releases the waiting message that was chosen, once', async () => {
  await red.deploy(flowOf([feeder, button()]))
  for (const number of ['WO-1', 'WO-2']) red.give('btn', { workOrder: { number } })
  await red.untilStatus('btn', '2 waiting')
  const second = services.buttons.get('btn')?.face.waiting[1]
  await services.press('btn', press({ waitingId: second?.id }))
  expect((await red.next('btn')).workOrder).toEqual({ number: 'WO-2' })
  await expect(services.press('btn', press({ waitingId: second?.id }))).rejects.toMatchObject({
    code: 'button-disabled',
    message: expect.stringContaining('somebody else'),
  })
  await services.press('btn', press())
  await red.next('btn')
  await expect(services.press('btn', press())).rejects.toMatchObject({ code: 'button-disabled', message: 'Nothing is waiting.' })
})

it('refuses a press without the values it asks for, and keeps the message waiting', async () => {
  await red.deploy(flowOf([feeder, button({ asks })]))
  red.give('btn', { workOrder: { number: 'WO-1' } })
  await red.untilStatus('btn', '1 waiting')
  for (const values of [{}, { boreMm: 'forty-two' }, { boreMm: Number.NaN }]) {
    await expect(services.press('btn', press({ values }))).rejects.toMatchObject({ code: 'value-missing', message: expect.stringContaining('"Bore"') })
  }
  expect(services.buttons.get('btn')?.face.waiting).toHaveLength(1)
  await services.press('btn', press({ values: { boreMm: 1 } }))
})

it('keeps what waits across a deploy', async () => {
  const flow = flowOf([feeder, button()])
  await red.deploy(flow)
  red.give('btn', { _run: 'run-3', workOrder: { number: 'WO-3' } })
  await red.untilStatus('btn', '1 waiting')
  await red.deploy(flow)
  expect(red.statusOf('btn')).toMatchObject({ fill: 'blue', text: '1 waiting' })
  await services.press('btn', press())
  expect((await red.next('btn')).workOrder).toEqual({ number: 'WO-3' })
})

it('names what was waiting when it is removed, and lets their runs end', async () => {
  await red.deploy(flowOf([feeder, button()]))
  red.give('btn', { _run: 'run-4', workOrder: { number: 'WO-4' } })
  await red.untilStatus('btn', '1 waiting')
  await red.deploy(flowOf([MILL]))
  expect(red.logged.some(({ text }) => text.includes('removed with 1 waiting: WO-4'))).toBe(true)
  expect(services.heldRuns.size).toBe(0)
  expect(services.buttons.has('btn')).toBe(false)
})

it('takes the work order when it releases it, and does not line it up twice', async () => {
  await red.deploy(flowOf([feeder, button()]))
  const order = () => ({ workOrder: { number: 'WO-5' }, receipt: { id: 'wo_5', connectionId: 'con_1', source: 'a.csv', isOpen: true } })
  red.give('btn', order())
  await red.untilStatus('btn', '1 waiting')
  red.give('btn', order())
  red.give('btn', { workOrder: { number: 'WO-6' } })
  await red.untilStatus('btn', '2 waiting')
  expect(services.callsOf('workOrderTaken')).toEqual([])
  await services.press('btn', press())
  expect(services.callsOf('workOrderTaken')).toEqual([{ id: 'wo_5', runId: 'run-press' }])
  await services.press('btn', press())
})

it('follows a wire that a deploy adds or takes away', async () => {
  await red.deploy(flowOf([{ ...feeder, wires: [[]] }, button()]))
  expect(services.buttons.get('btn')?.face.isEnabled).toBe(true)
  await red.deploy(flowOf([feeder, button()]), 'nodes')
  expect(services.buttons.get('btn')?.face).toMatchObject({ isEnabled: false, reason: 'Nothing is waiting' })
})

it('refuses two asked values of the same name', async () => {
  await red.deploy(flowOf([button({ asks: [...asks, ...asks] })]))
  expect(red.statusOf('btn').text).toBe('not set up: Values to enter: "boreMm" is there twice.')
})

it('leaves the message of a job in the run of its job', async () => {
  const jobIn = { id: 'in', type: 'cw-job-in', jobName: 'measure', wires: [['btn']] }
  await red.deploy(flowOf([jobIn, button()]))
  await services.runJob({ jobId: 'job_m', name: 'measure', payload: 1, runId: 'run-job' })
  await red.untilStatus('btn', '1 waiting')
  await services.press('btn', press())
  expect(await red.next('btn')).toMatchObject({ _run: 'run-job', job: { id: 'job_m' }, pressedBy: 'Anna' })
  expect(services.callsOf('endRun')).toEqual([expect.objectContaining({ runId: 'run-press', state: 'completed' })])
  expect(services.heldRuns.size).toBe(0)
})
