import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { flowOf, startNodeRed, type TestNodeRed } from '../testing/node-red.ts'
import { RecordingServices } from '../testing/recording-services.ts'
import { judge } from './judge.ts'

const bore = { characteristic: 'bore diameter', nominal: 10, lower: 0, upper: 0.02, unit: 'mm', decimals: 3 }

describe('judge', () => {
  it.each([
    [10.012, true, 'bore diameter 10.012 mm, within 10.000 +0.020/-0.000'],
    [10.031, false, 'bore diameter 10.031 mm, 0.011 mm above 10.000 +0.020/-0.000'],
    [9.99, false, 'bore diameter 9.990 mm, 0.010 mm below 10.000 +0.020/-0.000'],
  ])('says of %d in words what it decided', (value, isInTolerance, text) => {
    expect(judge({ ...bore, value })).toMatchObject({ isInTolerance, text })
  })

  it('takes the limits themselves as in tolerance, whatever binary arithmetic makes of them', () => {
    // 10.3 - 10 is 0.3000000000000007 in binary
    expect(judge({ ...bore, upper: 0.3, value: 10.3 }).isInTolerance).toBe(true)
    expect(judge({ ...bore, nominal: 0.1, upper: 0.2, value: 0.3 }).isInTolerance).toBe(true)
    expect(judge({ ...bore, lower: -0.1, value: 9.9 }).isInTolerance).toBe(true)
  })

  it('does not show a value just outside as if it were on the limit', () => {
    const verdict = judge({ ...bore, value: 10.0201 })
    expect(verdict.isInTolerance).toBe(false)
    expect(verdict.text).toBe('bore diameter 10.0201 mm, 0.0001 mm above 10.000 +0.020/-0.000')
  })

  it('keeps the signs of a tolerance that lies on one side', () => {
    expect(judge({ ...bore, lower: 0.005, upper: 0.02, value: 10.01 }).text).toContain('10.000 +0.020/+0.005')
  })
})

describe('cw-check', () => {
  const services = new RecordingServices()
  let red: TestNodeRed
  const check = (more: object = {}) => ({
    id: 'chk',
    type: 'cw-check',
    characteristic: 'bore diameter',
    nominal: '10',
    lower: 0,
    upper: '0.02',
    outputs: 2,
    ...more,
  })
  const catcher = { id: 'catch1', type: 'catch', scope: null }

  beforeAll(async () => {
    red = await startNodeRed(services)
  })
  afterAll(() => red?.close())
  beforeEach(() => {
    services.calls.length = 0
    services.refuse.clear()
  })

  it('keeps a good value and sends it on output 1', async () => {
    await red.deploy(flowOf([check({ value: 'values.boreMm', valueType: 'msg' })]))
    red.give('chk', { _run: 'run-1', values: { boreMm: 10.012 }, workOrder: { number: 'WO-1' }, pressedBy: 'Anna' })
    const message = await red.next('chk', 0)
    expect(message.payload).toMatchObject({ isInTolerance: true, value: 10.012, text: 'bore diameter 10.012 mm, within 10.000 +0.020/-0.000' })
    expect(message.workOrder).toEqual({ number: 'WO-1' })
    expect(services.callsOf('enterMeasurement')).toEqual([
      {
        of: { inline: { name: 'bore diameter', unit: 'mm', decimals: 3, nominal: 10, lower: 10, upper: 10.02 } },
        values: [10.012],
        nodeId: 'chk',
        runId: 'run-1',
        workOrder: 'WO-1',
        by: 'Anna',
      },
    ])
  })

  it('sends a bad value on output 2', async () => {
    await red.deploy(flowOf([check()]))
    red.give('chk', { payload: 10.5 })
    expect((await red.next('chk', 1)).payload).toMatchObject({ isInTolerance: false })
    expect(red.statusOf('chk').fill).toBe('red')
  })

  it.each([
    ['10.012', 'value-invalid', 'msg.payload is the text "10.012"'],
    [Number.NaN, 'value-invalid', 'not a number (NaN)'],
    [Number.POSITIVE_INFINITY, 'value-invalid', 'Infinity'],
    [undefined, 'value-missing', 'msg.payload is empty'],
    [[10], 'value-invalid', 'a list of 1'],
  ])('refuses %o as a measured value, and keeps nothing', async (payload, code, words) => {
    await red.deploy(flowOf([check(), catcher]))
    red.give('chk', { payload })
    expect((await red.next('catch1')).error).toMatchObject({ code, message: expect.stringContaining(words) })
    expect(services.calls).toEqual([])
    expect(red.sent.filter(({ from }) => from === 'chk')).toEqual([])
  })

  it('sends nothing on when the result could not be kept', async () => {
    await red.deploy(flowOf([check(), catcher]))
    services.refuse.set('enterMeasurement', new Error('no database'))
    red.give('chk', { payload: 10.01 })
    expect((await red.next('catch1')).error).toMatchObject({ message: expect.stringContaining('no database') })
    expect(red.sent.filter(({ from }) => from === 'chk')).toEqual([])
  })

  it('is not set up with a lower deviation above the upper one', async () => {
    await red.deploy(flowOf([check({ lower: 0.5 })]))
    expect(red.statusOf('chk').text).toContain('Lower deviation (0.5) is above the upper one (0.02)')
  })
})
