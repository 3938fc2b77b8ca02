/** The nodes that wait for a machine, tell of it, or keep it. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { UserError } from '../../base/errors.ts'
import { flowOf, MILL, startNodeRed, type TestNodeRed } from '../testing/node-red.ts'
import { RecordingServices } from '../testing/recording-services.ts'
import type { MachineState } from './machine.ts'
import { differs } from './machine-value.node.ts'

const services = new RecordingServices()
let red: TestNodeRed
const catcher = { id: 'catch1', type: 'catch', scope: null }
const node = (type: string, more: object = {}) => ({ id: 'n1', type, machine: 'machine1', ...more })
const idle: MachineState = {
  machineId: 'mill-1',
  link: 'connected',
  controller: 'idle',
  isStanding: true,
  isPositionTrusted: true,
  machinePositionMm: [0, 0, 0],
  workPositionMm: [0, 0, 0],
  workOffsetMm: [0, 0, 0],
  feedMmPerMin: 0,
  spindleRpm: 0,
  overridesPercent: { feed: 100, rapid: 100, spindle: 100 },
  pins: '',
  notices: [],
  at: '2026-03-01T08:00:00.000Z',
}
const job: NonNullable<MachineState['job']> = {
  jobId: 'job_1',
  programName: 'plate.nc',
  phase: 'waiting',
  waitingFor: { kind: 'tool-change', text: 'Put in tool 3.', line: 40, tool: 3, answers: ['go-on', 'measure-tool', 'stop'] },
  totalLines: 100,
  linesSent: 40,
  linesAcknowledged: 40,
  currentLine: 40,
  startedAt: idle.at,
}
const tell = (more: Partial<MachineState>) => services.tellState({ ...idle, ...more })

beforeAll(async () => {
  red = await startNodeRed(services)
})
afterAll(() => red?.close())
beforeEach(async () => {
  await red.deploy([])
  services.calls.length = 0
  services.refuse.clear()
  services.states.clear()
  expect(services.watchers()).toBe(0)
})

describe('cw-wait-state', () => {
  it('holds a message, and its run, until the machine is free', async () => {
    await red.deploy(flowOf([MILL, node('cw-wait-state', { outputs: 2 })]))
    tell({ controller: 'run', isStanding: false })
    red.give('n1', { _run: 'run-a', payload: 5 })
    await red.untilStatus('n1', /^waiting until it is free/)
    expect(services.heldRuns.get('run-a')).toBe(1)
    tell({ lease: { kind: 'held', holder: 'Ann', token: 3 } })
    expect(red.sent.filter(({ from }) => from === 'n1')).toEqual([])
    tell({})
    expect(await red.next('n1')).toMatchObject({ payload: 5, machineState: { controller: 'idle' } })
    expect(services.heldRuns.size).toBe(0)
  })

  it('takes what its own flow holds for free', async () => {
    await red.deploy(flowOf([MILL, node('cw-wait-state', { outputs: 2 })]))
    tell({ lease: { kind: 'held', holder: 'flow', token: 3 } })
    red.give('n1', { lease: { machineId: 'mill-1', token: 3 } })
    await red.next('n1')
  })

  it('gives up after its time, also when it was restarted meanwhile', async () => {
    const flow = flowOf([MILL, node('cw-wait-state', { outputs: 2, condition: 'homed', timeout: 3 })])
    await red.deploy(flow)
    tell({ isPositionTrusted: false })
    red.give('n1', { _run: 'run-c', payload: 6 })
    await red.until(() => services.heldRuns.size === 1, 'waiting')
    await red.deploy(flow)
    expect(await red.next('n1', 1)).toMatchObject({ payload: 6 })
  })

  it('reaches nothing at a machine that is not connected', async () => {
    await red.deploy(flowOf([MILL, node('cw-wait-state', { outputs: 2, condition: 'idle', timeout: 0.2 })]))
    tell({ link: 'lost' })
    red.give('n1', {})
    await red.next('n1', 1)
  })

  it('says which messages are lost when it is removed, and lets go of their runs', async () => {
    await red.deploy(flowOf([MILL, node('cw-wait-state', { outputs: 2 })]))
    red.give('n1', { _run: 'run-b' })
    await red.until(() => services.heldRuns.size === 1, 'waiting')
    await red.deploy(flowOf([MILL]), 'nodes')
    expect(services.heldRuns.size).toBe(0)
    expect(red.logged.some(({ text }) => text.includes('1 message waited here'))).toBe(true)
  })
})

describe('cw-machine-value', () => {
  it('sends the value, its changes beyond the deadband, and the last one after a pause', async () => {
    await red.deploy(flowOf([MILL, node('cw-machine-value', { what: 'feed', deadband: 50, interval: 0.2 })]))
    // all within one pause
    for (const feedMmPerMin of [100, 140, 200, 400, 600, 500]) tell({ feedMmPerMin })
    expect(await red.next('n1')).toMatchObject({ topic: 'mill-1/feed', payload: 100, machineId: 'mill-1', at: idle.at })
    expect(await red.next('n1')).toMatchObject({ payload: 500, previous: 100 })
    expect(red.sent.filter(({ from }) => from === 'n1')).toHaveLength(2)
  })

  it.each([
    ['state', {}, 'idle'],
    ['work-position', { workPositionMm: [1, 2, 3, 4] }, { X: 1, Y: 2, Z: 3, A: 4 }],
    ['pins', { pins: 'PX' }, 'PX'],
    ['work-offset', { modal: ['G0', 'G55', 'G90'] }, 'G55'],
    ['interlocks', { interlocks: [{ id: 'door', name: 'Door', state: 'unknown', since: idle.at }] }, { door: 'unknown' }],
    ['program', {}, null],
    ['program', { job }, { jobId: 'job_1', program: 'plate.nc', phase: 'waiting', line: 40, totalLines: 100, waitingFor: job.waitingFor }],
    ['connection', { link: 'lost' }, 'lost'],
  ] as const)('%s', async (what, state, payload) => {
    await red.deploy(flowOf([MILL, node('cw-machine-value', { what })]))
    tell(state as Partial<MachineState>)
    expect((await red.next('n1')).payload).toEqual(payload)
  })

  it('compares numbers by distance, and everything else by being another', () => {
    expect(differs({ X: 1, Y: 1 }, { X: 1.05, Y: 1 }, 0.1)).toBe(false)
    expect(differs({ X: 1, Y: 1 }, { X: 1.2, Y: 1 }, 0.1)).toBe(true)
    expect(differs({ X: 1 }, { X: 1, A: 0 }, 9)).toBe(true)
    expect(differs(null, { X: 1 }, 0)).toBe(true)
    expect(differs('run', 'idle', 5)).toBe(true)
  })
})

describe('cw-tool-change', () => {
  const change = (more: object = {}) => node('cw-tool-change', { outputs: 2, kinds: ['tool-change'], answer: 'go-on', answerType: 'str', ...more })

  it('sends each wait once, of the kinds it was asked for, and answers it', async () => {
    const flow = flowOf([MILL, change()])
    await red.deploy(flow)
    tell({ job: { ...job, waitingFor: { ...job.waitingFor!, kind: 'optional-stop' } } })
    tell({ job })
    tell({ job, spindleRpm: 1 })
    expect((await red.next('n1')).payload).toMatchObject({ kind: 'tool-change', tool: 3, jobId: 'job_1', program: 'plate.nc' })
    expect(red.statusOf('n1')).toMatchObject({ fill: 'blue', text: 'Put in tool 3.' })
    await red.deploy(flow)
    await red.untilStatus('n1', 'Put in tool 3.')
    expect(red.sent.filter(({ output }) => output === 0)).toEqual([])
    red.give('n1', { _run: 'run-a' })
    expect((await red.next('n1', 1)).payload).toMatchObject({ answer: 'go-on', tool: 3 })
    expect(services.callsOf('answerMachineJob')).toEqual([{ machineId: 'mill-1', jobId: 'job_1', answer: 'go-on', nodeId: 'n1', runId: 'run-a' }])
  })

  it('answers nothing that nobody asked, and nothing that is no answer', async () => {
    await red.deploy(flowOf([MILL, change({ answer: 'payload', answerType: 'msg' }), catcher]))
    tell({})
    red.give('n1', { payload: 'go-on' })
    expect((await red.next('catch1')).error).toMatchObject({ code: 'nothing-to-answer' })
    tell({ job })
    red.give('n1', { payload: 'skip-line' })
    expect((await red.next('catch1')).error).toMatchObject({ code: 'answer-not-possible' })
    red.give('n1', { payload: 'dance' })
    expect((await red.next('catch1')).error).toMatchObject({ code: 'value-invalid' })
    expect(services.callsOf('answerMachineJob')).toEqual([])
  })
})

describe('cw-lease', () => {
  const take = (more: object = {}) => node('cw-lease', { outputs: 2, ...more })
  const give = { ...node('cw-lease', { action: 'release', outputs: 2 }), id: 'n2' }

  it('takes the machine, puts the hold on the message, and gives it back', async () => {
    await red.deploy(flowOf([MILL, take({ name: 'Probe and cut' }), give]))
    red.give('n1', { _run: 'run-a', payload: 1 })
    const message = await red.next('n1')
    expect(message).toMatchObject({ payload: 1, lease: { machineId: 'mill-1' } })
    expect(services.callsOf('holdMachine')).toEqual([{ machineId: 'mill-1', holder: 'Probe and cut', ttlMs: 5000, nodeId: 'n1', runId: 'run-a' }])
    red.give('n2', message)
    expect(await red.next('n2')).not.toHaveProperty('lease')
    expect(services.held.size).toBe(0)
  })

  it('gives it back when it is deployed anew, removed, or after the longest time', async () => {
    await red.deploy(flowOf([MILL, take()]))
    red.give('n1', {})
    await red.next('n1')
    await red.deploy(flowOf([MILL, take({ longest: 1 })]))
    expect(services.held.size).toBe(0)
    red.give('n1', {})
    await red.next('n1')
    expect(services.callsOf('holdMachine')).toHaveLength(2)
    await red.untilStatus('n1', 'gave mill-1 back after 1 s')
    expect(services.held.size).toBe(0)
  })

  it('tries for as long as it may while somebody else has it, then says so on output 2', async () => {
    services.refuse.set('holdMachine', new UserError({ code: 'machine-busy', message: 'Ann has the machine.' }))
    await red.deploy(flowOf([MILL, take({ waitFor: 30 })]))
    red.give('n1', {})
    await red.untilStatus('n1', 'mill-1 is taken: Ann has the machine.')
    services.refuse.clear()
    await red.next('n1')
    services.refuse.set('holdMachine', new UserError({ code: 'machine-busy', message: 'Ann has the machine.' }))
    await red.deploy(flowOf([MILL, take()]))
    red.give('n1', {})
    expect(await red.next('n1', 1)).not.toHaveProperty('lease')
  })

  it('says why a hold was lost, and gives nothing back that it has not', async () => {
    await red.deploy(flowOf([MILL, take(), give, catcher]))
    red.give('n1', {})
    const { lease } = (await red.next('n1')) as { lease: { token: number } }
    services.held.get(lease.token)?.('the gateway was away')
    expect(red.statusOf('n1')).toMatchObject({ fill: 'red', text: 'lost mill-1: the gateway was away' })
    red.give('n2', { lease: { machineId: 'mill-2', token: 1 } })
    expect((await red.next('catch1')).error).toMatchObject({ code: 'not-held' })
  })
})

describe('cw-run-program', () => {
  const run = (more: object = {}) => node('cw-run-program', { program: 'plate.nc', programType: 'str', outputs: 3, ...more })

  it('passes its options and the hold on, and tells once of each wait for a person', async () => {
    await red.deploy(flowOf([MILL, run({ optionalStop: true })]))
    red.give('n1', { lease: { machineId: 'mill-1', token: 9 } })
    await red.until(() => services.listeners() === 2, 'listening to the job')
    expect(services.callsOf('runProgram')[0]).toMatchObject({ options: { optionalStop: true, blockDelete: false }, lease: 9 })
    const jobId = services.lastJobId
    tell({ job: { ...job, jobId: 'job_other' } })
    tell({ job: { ...job, jobId } })
    tell({ job: { ...job, jobId }, feedMmPerMin: 1 })
    expect((await red.next('n1', 2)).payload).toMatchObject({ jobId, kind: 'tool-change', text: 'Put in tool 3.', answers: ['go-on', 'measure-tool', 'stop'] })
    services.progress(jobId, { done: 41, total: 100 })
    expect(red.statusOf('n1').text).toBe('Put in tool 3.')
    expect(red.sent.filter(({ output }) => output === 2)).toHaveLength(1)
    services.endJob({ jobId, state: 'completed' })
    await red.next('n1')
    expect(services.watchers()).toBe(0)
  })
})
