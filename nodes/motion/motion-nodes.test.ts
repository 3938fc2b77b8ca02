import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { OperationalError, UserError } from '../../base/errors.ts'
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
  services.refuse.clear()
})

const runProgram = (more: object = {}) => ({
  id: 'run1',
  type: 'cw-run-program',
  machine: 'machine1',
  program: 'bearing-plate.nc',
  programType: 'str',
  outputs: 2,
  ...more,
})
const catcher = { id: 'catch1', type: 'catch', scope: null }
const outcome = { linesSent: 640, linesAcknowledged: 640, totalLines: 640, durationMs: 1200, text: 'completed', isPositionTrusted: true }

describe('cw-run-program', () => {
  it('queues the program and sends the outcome on output 1 when the job has completed', async () => {
    await red.deploy(flowOf([MILL, runProgram()]))
    red.give('run1', { _run: 'run-a', payload: 'x', workOrder: { number: 'WO-1' } })
    await red.untilStatus('run1', 'bearing-plate.nc is waiting for mill-1')
    await red.until(() => services.listeners() > 0, 'listening to the job')
    const request = services.callsOf('runProgram')[0]
    expect(request).toEqual({ machineId: 'mill-1', program: 'bearing-plate.nc', key: 'run-a-run1', nodeId: 'run1', runId: 'run-a' })

    services.progress('job_1', { done: 120, total: 640 })
    expect(red.statusOf('run1')).toEqual({ fill: 'grey', shape: 'dot', text: 'bearing-plate.nc: line 120 of 640' })
    services.endJob({ jobId: 'job_1', state: 'completed', outcome })

    const message = await red.next('run1', 0)
    expect(message.payload).toEqual({ ...outcome, jobId: 'job_1', program: 'bearing-plate.nc', state: 'completed', isRepeat: false })
    expect(message.workOrder).toEqual({ number: 'WO-1' })
    expect(red.statusOf('run1')).toEqual({ fill: 'green', shape: 'dot', text: 'bearing-plate.nc completed' })
  })

  it('sends a stopped job on output 2, with the reason in words', async () => {
    await red.deploy(flowOf([MILL, runProgram({ program: 'workOrder.program', programType: 'msg' })]))
    red.give('run1', { _run: 'run-b', workOrder: { program: 'plate.nc' } })
    await red.until(() => services.listeners() > 0, 'listening to the job')
    expect(services.callsOf('runProgram')[0]?.program).toBe('plate.nc')
    services.endJob({ jobId: 'job_2', state: 'stopped', reason: 'Anna pressed STOP at line 12' })
    const message = await red.next('run1', 1)
    expect(message.payload).toMatchObject({ jobId: 'job_2', state: 'stopped', text: 'Anna pressed STOP at line 12' })
    expect(red.statusOf('run1')).toMatchObject({ fill: 'red', text: 'plate.nc stopped: Anna pressed STOP at line 12' })
  })

  it('makes the same message twice one job, and says so', async () => {
    await red.deploy(flowOf([MILL, runProgram()]))
    red.give('run1', { _run: 'run-c' })
    red.give('run1', { _run: 'run-c' })
    await red.until(() => services.callsOf('runProgram').length === 2, 'two requests')
    const [first, second] = services.callsOf('runProgram')
    expect(second?.key).toBe(first?.key)
    await red.until(() => services.listeners() === 4, 'both wait')
    services.endJob({ jobId: 'job_3', state: 'completed', outcome })
    const repeats = [await red.next('run1', 0), await red.next('run1', 0)].map((message) => (message.payload as { isRepeat: boolean }).isRepeat)
    expect(repeats).toEqual([false, true])
    expect(red.logged.some(({ text }) => text.includes('Once for each'))).toBe(true)
  })

  it('runs again within one run when "once for each" differs', async () => {
    await red.deploy(flowOf([MILL, runProgram({ onceFor: 'part', onceForType: 'msg' })]))
    red.give('run1', { _run: 'run-d', part: 1 })
    red.give('run1', { _run: 'run-d', part: 2 })
    await red.until(() => services.callsOf('runProgram').length === 2, 'two requests')
    expect(services.callsOf('runProgram').map(({ key }) => key)).toEqual(['run-d-run1-1', 'run-d-run1-2'])
    await red.until(() => services.listeners() === 4, 'both wait')
    services.endJob({ jobId: 'job_4', state: 'completed', outcome })
    services.endJob({ jobId: 'job_5', state: 'completed', outcome })
    await red.next('run1', 0)
    await red.next('run1', 0)
  })

  it('goes on with the flow after a deploy that restarted it while the machine ran', async () => {
    const flow = flowOf([MILL, runProgram()])
    await red.deploy(flow)
    red.give('run1', { _run: 'run-e', payload: 'kept' })
    await red.until(() => services.listeners() === 2, 'listening to the job')
    await red.deploy(flow)
    expect(services.listeners()).toBe(2)
    services.endJob({ jobId: 'job_6', state: 'completed', outcome })
    const message = await red.next('run1', 0)
    expect(message._run).toBe('run-e')
    expect(services.callsOf('runProgram')).toHaveLength(1)
  })

  it('gives what could not be queued to the Catch node', async () => {
    await red.deploy(flowOf([MILL, runProgram(), catcher]))
    services.refuse.set('runProgram', new UserError({ code: 'program-not-found', message: 'There is no program "bearing-plate.nc".' }))
    red.give('run1', { _run: 'run-f' })
    const caught = await red.next('catch1')
    expect(caught.error).toMatchObject({ message: expect.stringContaining('There is no program'), code: 'program-not-found', source: { id: 'run1' } })
    expect(red.statusOf('run1')).toMatchObject({ fill: 'red', text: 'There is no program "bearing-plate.nc".' })
  })

  it('gives a program name that is missing in the message to the Catch node and queues nothing', async () => {
    await red.deploy(flowOf([MILL, runProgram({ program: 'workOrder.program', programType: 'msg' }), catcher]))
    red.give('run1', { _run: 'run-g' })
    const caught = await red.next('catch1')
    expect(caught.error).toMatchObject({ code: 'value-missing', message: expect.stringContaining('msg.workOrder.program is empty') })
    expect(services.callsOf('runProgram')).toEqual([])
  })

  it('says in its status what is not set up, and refuses messages', async () => {
    await red.deploy(flowOf([MILL, runProgram({ machine: '', program: '' }), catcher]))
    expect(red.statusOf('run1')).toMatchObject({ fill: 'red', text: 'not set up: Machine is missing. Program is missing.' })
    red.give('run1', {})
    expect((await red.next('catch1')).error).toMatchObject({ code: 'node-not-set-up' })
  })

  it('says so when the machine it refers to is gone', async () => {
    await red.deploy(flowOf([runProgram(), catcher]))
    red.give('run1', { _run: 'run-h' })
    expect((await red.next('catch1')).error).toMatchObject({ code: 'config-node-missing' })
  })

  it('shows a lost gateway, and its own last words when it is back', async () => {
    await red.deploy(flowOf([MILL, runProgram(), catcher]))
    services.refuse.set('runProgram', new OperationalError({ code: 'gateway-away', message: 'The gateway is away.' }))
    red.give('run1', { _run: 'run-i' })
    await red.untilStatus('run1', 'The gateway is away.')
    services.setConnected(false)
    expect(red.statusOf('run1').text).toBe('not connected to Cellwright just now')
    services.setConnected(true)
    expect(red.statusOf('run1').text).toBe('The gateway is away.')
  })
})

describe('cw-machine-command', () => {
  const command = (more: object) => ({ id: 'cmd1', type: 'cw-machine-command', machine: 'machine1', command: 'hold', ...more })

  it('gives the command and sends the answer on', async () => {
    await red.deploy(flowOf([MILL, command({})]))
    red.give('cmd1', { _run: 'run-k', payload: 5 })
    expect(await red.next('cmd1')).toMatchObject({ payload: 5, answer: 'ok' })
    expect(services.callsOf('commandMachine')).toEqual([{ machineId: 'mill-1', command: 'hold', nodeId: 'cmd1', runId: 'run-k' }])
  })

  it('sends a line only for the command "line", and never one with a line break', async () => {
    await red.deploy(flowOf([MILL, command({ command: 'line', line: 'payload', lineType: 'msg' }), catcher]))
    red.give('cmd1', { payload: 'G0 X10' })
    await red.next('cmd1')
    expect(services.callsOf('commandMachine')[0]).toMatchObject({ command: 'line', line: 'G0 X10' })
    red.give('cmd1', { payload: 'G0 X10\nG0 Z-50' })
    expect((await red.next('catch1')).error).toMatchObject({ code: 'value-invalid' })
    expect(services.callsOf('commandMachine')).toHaveLength(1)
  })
})

describe('cw-machine-event', () => {
  it('sends the kinds it was asked for, and no others', async () => {
    await red.deploy(flowOf([MILL, { id: 'ev1', type: 'cw-machine-event', machine: 'machine1', kinds: ['alarm'] }]))
    const at = '2026-03-01T08:00:00.000Z'
    services.machineEvent({ machineId: 'mill-1', kind: 'state', text: 'run', at })
    services.machineEvent({ machineId: 'mill-2', kind: 'alarm', text: 'Another machine', at })
    services.machineEvent({ machineId: 'mill-1', kind: 'alarm', text: 'Hard limit', at, controller: 'ALARM:1' })
    const message = await red.next('ev1')
    expect(message).toMatchObject({ machineId: 'mill-1', payload: { kind: 'alarm', text: 'Hard limit', controller: 'ALARM:1' } })
    expect(red.sent.filter(({ from }) => from === 'ev1')).toHaveLength(1)
  })

  it('no longer listens when it was removed', async () => {
    await red.deploy(flowOf([MILL, { id: 'ev1', type: 'cw-machine-event', machine: 'machine1', kinds: ['alarm'] }]))
    expect(services.listeners()).toBe(1)
    await red.deploy(flowOf([MILL]))
    expect(services.listeners()).toBe(0)
  })
})
