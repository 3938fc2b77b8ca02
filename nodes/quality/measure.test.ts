/** The nodes that measure, watch a chart and ask for capability, in a real Node-RED. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { flowOf, startNodeRed, type TestNodeRed } from '../testing/node-red.ts'
import { RecordingServices } from '../testing/recording-services.ts'
import type { CapabilityNow } from './services.ts'

const services = new RecordingServices()
const catcher = { id: 'catch1', type: 'catch', scope: null }
let red: TestNodeRed
beforeAll(async () => {
  red = await startNodeRed(services)
})
afterAll(() => red?.close())
beforeEach(() => {
  services.calls.length = 0
  services.refuse.clear()
  services.entered = {}
})

describe('cw-measure', () => {
  const here = (more: object = {}) => ({
    ...{ id: 'm', type: 'cw-measure', from: 'here', characteristic: 'bore diameter', nominal: 10, lower: 0, upper: 0.02, unit: 'mm', decimals: 3, outputs: 2 },
    ...more,
  })
  const list = (more: object = {}) => ({ id: 'm', type: 'cw-measure', from: 'list', characteristicId: 'chr_1', outputs: 2, ...more })

  it('is what cw-check was, with the same settings', async () => {
    await red.deploy(flowOf([here()]))
    red.give('m', { payload: 10.012, partSerial: 'S1', lot: 'L7' })
    const { payload } = await red.next('m', 0)
    expect(payload).toMatchObject({
      text: 'bore diameter 10.012 mm, within 10.000 +0.020/-0.000',
      isInTolerance: true,
      lowerLimit: 10,
      upperLimit: 10.02,
      measurementId: expect.any(String),
    })
    expect(services.callsOf('enterMeasurement')).toMatchObject([{ of: { inline: { lower: 10, upper: 10.02 } }, values: [10.012], serial: 'S1', lot: 'L7' }])
    red.give('m', { payload: 10.5 })
    expect((await red.next('m', 1)).payload).toMatchObject({ isInTolerance: false })
    expect(red.statusOf('m').fill).toBe('red')
  })

  it('gives a subgroup, a count and the unit of a gauge to a characteristic of the list', async () => {
    await red.deploy(flowOf([list()]))
    red.give('m', { payload: [10, 10.01], size: 50, unit: 'inch', gauge: { connectionId: 'c' } })
    expect((await red.next('m', 0)).payload).toMatchObject({ values: [10, 10.01], value: 10.01 })
    expect(services.callsOf('enterMeasurement')).toMatchObject([
      { of: { characteristicId: 'chr_1' }, values: [10, 10.01], size: 50, unit: 'inch', source: 'gauge' },
    ])
  })

  it('shows what the chart says of a value in tolerance', async () => {
    const signal = {
      id: 's',
      characteristicId: 'chr_1',
      name: 'bore',
      subgroup: 3,
      chart: 'individuals',
      rule: 'nelson-1',
      text: 'above the upper control limit',
    }
    services.entered = { signals: [{ ...signal, subgroups: [3], value: 10.01, asks: 'cause', at: '2026-01-01T00:00:00Z' }], isLocked: true }
    await red.deploy(flowOf([list()]))
    red.give('m', { payload: 10.01 })
    expect((await red.next('m', 0)).payload).toMatchObject({ signals: [{ rule: 'nelson-1' }], isLocked: true })
    expect(red.statusOf('m').text).toContain('above the upper control limit')
  })

  it.each([['10.01'], [[10, '11']], [[]], [{}]])('refuses %o, and keeps nothing', async (payload) => {
    await red.deploy(flowOf([list(), catcher]))
    red.give('m', { payload })
    expect((await red.next('catch1')).error).toMatchObject({ code: 'value-invalid' })
    expect(services.calls).toEqual([])
  })

  it('sends nothing on when the value was refused or could not be kept', async () => {
    await red.deploy(flowOf([list(), catcher]))
    services.refuse.set('enterMeasurement', new Error('waits for a cause'))
    red.give('m', { payload: 10.01 })
    expect((await red.next('catch1')).error).toMatchObject({ message: expect.stringContaining('waits for a cause') })
    expect(red.sent.filter(({ from }) => from === 'm')).toEqual([])
  })

  it.each([
    [list({ characteristicId: '' }), 'Choose the characteristic'],
    [here({ characteristic: '' }), 'Characteristic is missing'],
    [here({ nominal: '' }), 'Nominal is missing'],
    [here({ lower: 0.5 }), 'Lower deviation (0.5) is above the upper one (0.02)'],
  ])('is not set up without what it needs', async (node, words) => {
    await red.deploy(flowOf([node]))
    expect(red.statusOf('m').text).toContain(words)
  })
})

describe('cw-capability', () => {
  const index = (value: number) => ({ value, lower: value - 0.2, upper: value + 0.2, confidence: 0.95 })
  const now = (cpk: number, more: Partial<CapabilityNow> = {}): CapabilityNow => ({
    ...{ values: 125, subgroups: 125, excluded: 0, mean: 10, signals: 0 },
    indices: {
      cp: index(2),
      cpk: index(cpk),
      pp: index(2),
      ppk: index(1),
      cpm: null,
      within: { sigma: 1 },
      overall: { sigma: 1 },
      expectedOverallPpm: { total: 1 },
    },
    ...more,
  })
  const node = (more: object = {}) => ({
    ...{ id: 'c', type: 'cw-capability', characteristicId: 'chr_1', last: 125, index: 'cpk', least: 1.33, by: 'value', leastPoints: 25, outputs: 3 },
    ...more,
  })
  it.each([
    ['at least what is wanted', now(1.5), {}, 0],
    ['below it', now(1.2), {}, 1],
    ['not with its interval', now(1.5), { by: 'lower' }, 1],
    ['not with few points', now(1.5, { subgroups: 24 }), {}, 2],
    ['not without both limits', now(1.5), { index: 'cpm' }, 2],
    ['not where there is a problem', now(1.5, { indices: undefined as never, problem: { code: 'no-tolerance', message: 'There is no tolerance.' } }), {}, 2],
  ])('%s', async (_, capability, more, output) => {
    services.capabilityNow = capability
    await red.deploy(flowOf([node(more)]))
    red.give('c', { payload: 1, lot: 'L1' })
    expect((await red.next('c', output)).payload).toMatchObject({ isReached: [true, false, undefined][output], characteristic: 'bore diameter' })
    expect(services.callsOf('capability')).toMatchObject([{ characteristicId: 'chr_1', last: 125, lot: 'L1' }])
  })
})

describe('cw-spc-chart', () => {
  it('asks for the signals of its rules, and gives each on in a run of its own', async () => {
    await red.deploy(flowOf([{ id: 's', type: 'cw-spc-chart', name: 'bore', characteristicId: 'chr_1', rules: ['nelson-1'], coolDown: 0, outputs: 1 }]))
    expect(services.triggers.registered.get('s')?.face).toMatchObject({
      kind: 'event',
      on: { source: 'quality', characteristicId: 'chr_1', rules: ['nelson-1'] },
    })
    const payload = { rule: 'nelson-1', text: 'above the upper control limit' }
    await services.triggers.fire('s', { runId: 'run-9', values: { payload, text: 'bore 10.2: above', topic: 'bore' } })
    expect(await red.next('s', 0)).toMatchObject({ topic: 'bore', payload, signal: 'bore 10.2: above', _run: 'run-9' })
  })
})
