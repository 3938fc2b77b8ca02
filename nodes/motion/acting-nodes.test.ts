/** The nodes that ask something of a machine: what they ask, and what they say and send. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { OperationalError, UserError } from '../../base/errors.ts'
import { checkConfig } from '../index.ts'
import { flowOf, MILL, startNodeRed, type TestNodeRed } from '../testing/node-red.ts'
import { RecordingServices } from '../testing/recording-services.ts'

const services = new RecordingServices()
let red: TestNodeRed
const catcher = { id: 'catch1', type: 'catch', scope: null }
const node = (type: string, more: object = {}) => ({ id: 'n1', type, machine: 'machine1', ...more })
const asked = () => services.callsOf('actOnMachine').map(({ action }) => action)

beforeAll(async () => {
  red = await startNodeRed(services)
})
afterAll(() => red?.close())
beforeEach(() => {
  services.calls.length = 0
  services.refuse.clear()
  services.actionResult = { text: 'done' }
})

describe('cw-jog', () => {
  it('moves by a distance, to work and to machine coordinates; empty axes stay', async () => {
    for (const [target, action] of [
      ['by', { kind: 'jog', by: { X: 5, Z: -1 }, feedMmPerMin: 300 }],
      ['work', { kind: 'go-to', to: { X: 5, Z: -1 }, frame: 'work', feedMmPerMin: 300 }],
      ['machine', { kind: 'go-to', to: { X: 5, Z: -1 }, frame: 'machine', feedMmPerMin: 300 }],
    ] as const) {
      services.calls.length = 0
      await red.deploy(flowOf([MILL, node('cw-jog', { target, axisX: '5', axisXType: 'num', axisZ: 'depth', axisZType: 'msg', feed: '300', feedType: 'num' })]))
      red.give('n1', { _run: 'run-a', depth: -1 })
      expect(await red.next('n1')).toMatchObject({ answer: 'done', depth: -1 })
      expect(services.callsOf('actOnMachine')).toEqual([{ machineId: 'mill-1', action, nodeId: 'n1', runId: 'run-a' }])
    }
  })

  it('moves nothing when the message brings no axis, a text, or a feed of zero', async () => {
    await red.deploy(flowOf([MILL, node('cw-jog', { axisX: 'x', axisXType: 'msg', feed: 'f', feedType: 'msg' }), catcher]))
    for (const [message, code] of [
      [{ f: 100 }, 'value-missing'],
      [{ x: '5 mm', f: 100 }, 'value-invalid'],
      [{ x: 5, f: 0 }, 'value-invalid'],
      [{ x: Number.NaN, f: 100 }, 'value-invalid'],
      [{ x: 5 }, 'value-missing'],
    ] as const) {
      red.give('n1', message)
      expect((await red.next('catch1')).error).toMatchObject({ code })
    }
    expect(asked()).toEqual([])
  })

  it('works under the lease of its machine only', async () => {
    await red.deploy(flowOf([MILL, node('cw-jog', { axisX: '5', axisXType: 'num', feed: '300', feedType: 'num' })]))
    red.give('n1', { lease: { machineId: 'mill-1', token: 4 } })
    await red.next('n1')
    red.give('n1', { lease: { machineId: 'mill-2', token: 4 } })
    await red.next('n1')
    red.give('n1', { lease: 4 })
    await red.next('n1')
    expect(services.callsOf('actOnMachine').map(({ lease }) => lease)).toEqual([4, undefined, undefined])
  })

  it('gives the guard’s refusal to the Catch node, and shows it', async () => {
    await red.deploy(flowOf([MILL, node('cw-jog', { axisX: '5', axisXType: 'num', feed: '300', feedType: 'num' }), catcher]))
    services.refuse.set('actOnMachine', new UserError({ code: 'outside-envelope', message: 'X 405 is outside the travel.' }))
    red.give('n1', {})
    expect((await red.next('catch1')).error).toMatchObject({ code: 'outside-envelope' })
    expect(red.statusOf('n1')).toMatchObject({ fill: 'red', text: 'X 405 is outside the travel.' })
  })
})

it('cw-home homes all axes, or the one it is set to', async () => {
  await red.deploy(flowOf([MILL, node('cw-home')]))
  red.give('n1', {})
  await red.next('n1')
  await red.deploy(flowOf([MILL, node('cw-home', { axes: 'Z' })]))
  red.give('n1', {})
  await red.next('n1')
  expect(asked()).toEqual([{ kind: 'home' }, { kind: 'home', axes: ['Z'] }])
})

describe('cw-set-offset', () => {
  it.each([
    [
      { what: 'here', workOffset: 'G55', axisX: '0', axisXType: 'num' },
      { kind: 'set-here', workOffset: 'G55', here: { X: 0 } },
    ],
    [
      { what: 'offset', axisZ: '-40.5', axisZType: 'num' },
      { kind: 'set-offset', workOffset: 'G54', offsetMm: { Z: -40.5 } },
    ],
    [
      { what: 'select', workOffset: 'G59.3' },
      { kind: 'select-offset', workOffset: 'G59.3' },
    ],
    [{ what: 'clear-g92' }, { kind: 'clear-g92' }],
    [
      { what: 'tool-length', toolLength: '12.5', toolLengthType: 'num' },
      { kind: 'tool-length', lengthMm: 12.5 },
    ],
    [{ what: 'no-tool-length' }, { kind: 'tool-length', lengthMm: null }],
  ])('%j', async (more, action) => {
    await red.deploy(flowOf([MILL, node('cw-set-offset', more)]))
    red.give('n1', {})
    await red.next('n1')
    expect(asked()).toEqual([action])
  })

  it('a proposed correction is set from where it was reckoned, and only on the offset that it is for', async () => {
    const payload = { proposalId: 'ofc_1', machineId: 'mill-1', workOffset: 'G54', axis: 'Z', fromMm: -30, offsetMm: { Z: -30.012 } }
    await red.deploy(flowOf([MILL, node('cw-set-offset', { what: 'offset', axisZ: 'payload.offsetMm.Z', axisZType: 'msg' }), catcher]))
    red.give('n1', { payload })
    await red.next('n1')
    expect(asked()).toEqual([{ kind: 'set-offset', workOffset: 'G54', offsetMm: { Z: -30.012 }, expectedMm: { Z: -30 } }])
    red.give('n1', { payload: { ...payload, workOffset: 'G55' } })
    expect((await red.next('catch1')).error).toMatchObject({ code: 'proposal-differs' })
    expect(asked()).toHaveLength(1)
  })

  it('a tool length that the message does not bring sets nothing', async () => {
    await red.deploy(flowOf([MILL, node('cw-set-offset', { what: 'tool-length', toolLength: 'length', toolLengthType: 'msg' }), catcher]))
    red.give('n1', {})
    expect((await red.next('catch1')).error).toMatchObject({ code: 'value-missing' })
    expect(asked()).toEqual([])
  })
})

describe('cw-override', () => {
  it('sets what it is told and leaves the rest', async () => {
    await red.deploy(flowOf([MILL, node('cw-override', { feed: 'payload', feedType: 'msg', rapid: '25', rapidType: 'num' }), catcher]))
    red.give('n1', { payload: 80 })
    await red.next('n1')
    red.give('n1', {})
    await red.next('n1')
    expect(asked()).toEqual([
      { kind: 'override', feed: 80, rapid: 25 },
      { kind: 'override', rapid: 25 },
    ])
    for (const payload of [80.5, 5, 300]) {
      red.give('n1', { payload })
      expect((await red.next('catch1')).error).toMatchObject({ code: 'value-invalid' })
    }
  })
})

it('cw-spindle switches spindle, then coolant', async () => {
  await red.deploy(flowOf([MILL, node('cw-spindle', { turn: 'cw', speed: '3000', speedType: 'num', coolant: 'both' })]))
  red.give('n1', {})
  expect(await red.next('n1')).toMatchObject({ answer: 'done done' })
  expect(asked()).toEqual([
    { kind: 'spindle', turn: 'cw', rpm: 3000 },
    { kind: 'coolant', isFloodOn: true, isMistOn: true },
  ])
})

describe('cw-probe', () => {
  const number = (key: string, value: string, type = 'num') => ({ [key]: value, [`${key}Type`]: type })
  const touch = { feedMmPerMin: 100, fineFeedMmPerMin: 25, maxTravelMm: 20, retractMm: 2 }
  it.each([
    [
      { ...number('plateThickness', '10'), workOffset: 'G54' },
      { cycle: 'touch-plate', plateThicknessMm: 10, ...touch, workOffset: 'G54' },
    ],
    [
      { cycle: 'surface', axis: 'Z', side: '-' },
      { cycle: 'surface', axis: 'Z', side: '-', tipDiameterMm: 0, ...touch },
    ],
    [
      { cycle: 'edge', axis: 'Y', ...number('tipDiameter', '3') },
      { cycle: 'edge', axis: 'Y', side: '+', tipDiameterMm: 3, ...touch },
    ],
    [
      { cycle: 'corner', cornerX: 'right', ...number('tipDiameter', '3') },
      { cycle: 'corner', x: 'right', y: 'front', clearanceMm: 10, depthMm: 5, tipDiameterMm: 3, ...touch },
    ],
    [
      { cycle: 'bore', ...number('diameter', '25'), ...number('tipDiameter', '3') },
      { cycle: 'bore', diameterMm: 25, tipDiameterMm: 3, ...touch },
    ],
    [
      { cycle: 'angle', ...number('distance', '40'), ...number('tipDiameter', '3'), feed: 50 },
      { cycle: 'angle', along: 'X', side: '+', distanceMm: 40, tipDiameterMm: 3, ...touch, feedMmPerMin: 50 },
    ],
    [
      { cycle: 'tool-length', isReference: true },
      { cycle: 'tool-length', isReference: true },
    ],
    [
      { cycle: 'height-map', ...number('fromX', '0'), ...number('fromY', '0'), ...number('toX', '80'), ...number('toY', '60'), clearance: 3 },
      { cycle: 'height-map', minMm: [0, 0], maxMm: [80, 60], columns: 5, rows: 5, clearanceZMm: 3, ...touch },
    ],
  ])('%j', async (more, probe) => {
    services.actionResult = { text: 'found', probe: { cycle: probe.cycle, pointsMm: [[1, 2, 3]], foundMm: { X: 1 } } }
    await red.deploy(flowOf([MILL, node('cw-probe', { outputs: 2, ...more })]))
    red.give('n1', { workOrder: 7 })
    expect(await red.next('n1')).toMatchObject({ workOrder: 7, payload: { text: 'found', cycle: probe.cycle, pointsMm: [[1, 2, 3]], foundMm: { X: 1 } } })
    expect(asked()).toEqual([{ kind: 'probe', probe }])
    expect(red.statusOf('n1')).toMatchObject({ fill: 'green', text: 'found' })
  })

  it('sends a probe that touched nothing on output 2, and other failures to the Catch node', async () => {
    await red.deploy(flowOf([MILL, node('cw-probe', { outputs: 2, plateThickness: '10', plateThicknessType: 'num' }), catcher]))
    services.refuse.set('actOnMachine', new OperationalError({ code: 'probe-failed', message: 'Nothing was touched within 20 mm.' }))
    red.give('n1', {})
    expect((await red.next('n1', 1)).payload).toMatchObject({ text: 'Nothing was touched within 20 mm.' })
    services.refuse.set('actOnMachine', new UserError({ code: 'machine-busy', message: 'Busy.' }))
    red.give('n1', {})
    expect((await red.next('catch1')).error).toMatchObject({ code: 'machine-busy' })
  })

  it('asks for no cycle with numbers out of range, and says which', async () => {
    await red.deploy(
      flowOf([MILL, node('cw-probe', { outputs: 2, cycle: 'bore', diameter: 'd', diameterType: 'msg', tipDiameter: '3', tipDiameterType: 'num' }), catcher]),
    )
    red.give('n1', { d: 0 })
    expect((await red.next('catch1')).error).toMatchObject({ code: 'value-invalid', message: expect.stringContaining('diameterMm') })
    expect(asked()).toEqual([])
    expect(checkConfig('cw-probe', { machine: 'm', cycle: 'edge', axis: 'Z' }).map(({ path }) => path)).toEqual(['/tipDiameter', '/axis'])
  })
})

describe('cw-program-check', () => {
  it('sends a program that may run on output 1, a refused one on output 2 with what is wrong', async () => {
    await red.deploy(flowOf([MILL, node('cw-program-check', { outputs: 2, program: 'plate.nc', programType: 'str' })]))
    services.report = { ...services.report, estimateS: 125 }
    red.give('n1', { _run: 'run-a' })
    expect((await red.next('n1')).payload).toMatchObject({ program: 'plate.nc', isRunnable: true })
    expect(red.statusOf('n1')).toMatchObject({ fill: 'green', text: 'plate.nc may run, about 2 min 05 s' })
    expect(services.callsOf('checkProgram')).toEqual([{ machineId: 'mill-1', program: 'plate.nc', nodeId: 'n1', runId: 'run-a' }])
    const finding = { severity: 'error' as const, code: 'outside-envelope', line: 7, column: 1, text: 'X 405 is outside the travel.' }
    services.report = { ...services.report, isRunnable: false, findings: [finding], findingsTotal: 1 }
    red.give('n1', {})
    expect((await red.next('n1', 1)).payload).toMatchObject({ findings: [finding] })
    expect(red.statusOf('n1').text).toBe('plate.nc: line 7: X 405 is outside the travel.')
  })
})

describe('cw-program-transform', () => {
  const transform = (more: object) => ({
    id: 'n1',
    type: 'cw-program-transform',
    program: 'a.nc',
    programType: 'str',
    newName: 'b.nc',
    newNameType: 'str',
    ...more,
  })
  const map = { minMm: [0, 0], maxMm: [1, 1], columns: 2, rows: 2, heightsMm: [0, 0, 0, 0.1] }
  it.each([
    [
      { byX: '10', byXType: 'num' },
      { kind: 'offset', byMm: [10, 0, 0] },
    ],
    [
      { kind: 'rotate', angle: '90', angleType: 'num', aboutY: '5', aboutYType: 'num' },
      { kind: 'rotate', angleDeg: 90, aboutMm: [0, 5] },
    ],
    [
      { kind: 'mirror', mirrored: 'Y' },
      { kind: 'mirror', axis: 'Y', atMm: 0 },
    ],
    [
      { kind: 'scale', byZ: '2', byZType: 'num' },
      { kind: 'scale', factor: [1, 1, 2], aboutMm: [0, 0, 0] },
    ],
    [
      { kind: 'level', tolerance: 0.01 },
      { kind: 'level', map, toleranceMm: 0.01 },
    ],
    [
      { kind: 'optimise', fitsArcs: true },
      { kind: 'optimise', toleranceMm: 0.005, dropsRedundantWords: true, mergesLines: true, fitsArcs: true },
    ],
  ])('%j', async (more, wanted) => {
    await red.deploy(flowOf([transform(more)]))
    red.give('n1', { payload: { heightMap: map } })
    expect((await red.next('n1')).payload).toMatchObject({ name: 'b.nc', revision: 1, report: { largestDeviationMm: 0.001 } })
    expect(services.callsOf('transformProgram')).toEqual([{ program: 'a.nc', name: 'b.nc', transform: wanted, nodeId: 'n1' }])
    expect(red.statusOf('n1').text).toBe('b.nc, revision 1: 1 lines, path within 0.001 mm')
  })

  it('a message without a height map, or a factor of zero, makes nothing', async () => {
    await red.deploy(flowOf([transform({ kind: 'level' }), catcher]))
    red.give('n1', {})
    expect((await red.next('catch1')).error).toMatchObject({ code: 'value-missing' })
    await red.deploy(flowOf([transform({ kind: 'scale', byX: 'f', byXType: 'msg' }), catcher]))
    red.give('n1', { f: 0 })
    expect((await red.next('catch1')).error).toMatchObject({ code: 'value-invalid' })
    expect(services.callsOf('transformProgram')).toEqual([])
  })
})

describe('cw-interlock', () => {
  it('tells each message, and nothing again by itself', async () => {
    await red.deploy(flowOf([MILL, node('cw-interlock', { interlock: 'door', outputs: 0 }), catcher]))
    red.give('n1', { payload: true })
    await red.untilStatus('n1', 'door is safe')
    red.give('n1', { payload: false })
    await red.untilStatus('n1', 'door is unsafe')
    expect(services.callsOf('setInterlock')).toEqual([
      { machineId: 'mill-1', id: 'door', isSafe: true, nodeId: 'n1' },
      { machineId: 'mill-1', id: 'door', isSafe: false, nodeId: 'n1' },
    ])
  })

  it('takes nothing but true and false for news', async () => {
    await red.deploy(flowOf([MILL, node('cw-interlock', { interlock: 'door', outputs: 0 }), catcher]))
    for (const payload of ['true', 1, 'safe', null, {}]) {
      red.give('n1', { payload })
      expect((await red.next('catch1')).error).toMatchObject({ code: expect.stringMatching(/^value-/) })
    }
    expect(services.callsOf('setInterlock')).toEqual([])
  })

  it('tells a message again for as long as it counts, then falls silent; nonsense ends it at once', async () => {
    await red.deploy(flowOf([MILL, node('cw-interlock', { interlock: 'door', outputs: 0, countsFor: 3 }), catcher]))
    red.give('n1', { payload: true })
    await red.untilStatus('n1', 'door: no news, unknown')
    const told = services.callsOf('setInterlock').length
    expect(told).toBeGreaterThanOrEqual(2)
    expect(told).toBeLessThanOrEqual(6)
    red.give('n1', { payload: true })
    red.give('n1', { payload: 'nonsense' })
    await red.next('catch1')
    const before = services.callsOf('setInterlock').length
    await new Promise((resolve) => setTimeout(resolve, 700))
    expect(services.callsOf('setInterlock').length).toBe(before)
  })
})
