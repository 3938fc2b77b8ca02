import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { OperationalError } from '../../base/errors.ts'
import { flowOf, startNodeRed, type TestNodeRed } from '../testing/node-red.ts'
import { RecordingServices } from '../testing/recording-services.ts'

const reading = (more: object = {}) => ({ value: 0.5, decimals: 4, unit: 'inch', raw: '01A+000.5000', at: '2026-11-23T06:00:00.000Z', ...more })

describe('cw-gauge', () => {
  const services = new RecordingServices()
  let red: TestNodeRed
  const gauge = (more: object = {}) => ({ id: 'g', type: 'cw-gauge', connection: 'con_1', isStarting: true, unit: 'mm', outputs: 2, ...more })
  const catcher = { id: 'catch1', type: 'catch', scope: null }
  beforeAll(async () => {
    red = await startNodeRed(services)
  })
  afterAll(() => red?.close())
  beforeEach(() => {
    services.calls.length = 0
    services.asked = async () => null
  })
  const fire = (payload: unknown) => services.triggers.fire('g', { runId: 'run_g', values: { topic: 'reading', text: '', payload } })

  it('starts a run with each reading, its value exactly in the unit that is wanted', async () => {
    await red.deploy(flowOf([gauge()]))
    await fire(reading())
    const message = await red.next('g', 0)
    expect(message).toMatchObject({ payload: 12.7, unit: 'mm', _run: 'run_g', gauge: { connectionId: 'con_1', value: 0.5, unit: 'inch', raw: '01A+000.5000' } })
  })

  it('takes the readings of its channel only', async () => {
    await red.deploy(flowOf([gauge({ channel: '2' })]))
    expect(services.triggers.registered.get('g')?.face.on).toEqual({ source: 'connection', connectionId: 'con_1', subject: 'reading/2' })
  })

  it('asks the gauge when a message comes, and starts no run by itself where that is switched off', async () => {
    await red.deploy(flowOf([gauge({ isStarting: false, unit: 'as-read' })]))
    expect(services.triggers.registered.has('g')).toBe(false)
    services.asked = async () => reading({ value: 3, unit: 'N' })
    red.give('g', { _run: 'run-1', partSerial: 'S1' })
    expect(await red.next('g', 0)).toMatchObject({ payload: 3, unit: 'N', partSerial: 'S1' })
    expect(services.callsOf('askConnection')).toEqual([{ connectionId: 'con_1', nodeId: 'g', runId: 'run-1' }])
  })

  it.each([
    ['does not answer', () => Promise.reject(new OperationalError({ code: 'no-answer', message: 'The gauge did not answer.' })), 'no-answer'],
    ['reads what has no such unit', () => Promise.resolve(reading({ unit: 'N' })), 'unit-differs'],
    ['is none', () => Promise.resolve({ celsius: 4 }), 'not-a-gauge'],
  ])('gives no value on output 2 when the gauge %s', async (_, asked, code) => {
    await red.deploy(flowOf([gauge()]))
    services.asked = asked
    red.give('g', { payload: 99 })
    const message = await red.next('g', 1)
    expect(message).toMatchObject({ payload: null, error: { code } })
    expect(red.statusOf('g').fill).toBe('red')
  })

  it('tells the Catch nodes where nothing is wired to output 2', async () => {
    await red.deploy(flowOf([{ ...gauge(), wires: [[], []] }, catcher]))
    await fire({ refused: { code: 'line-half', text: 'A line stopped in the middle.' }, count: 1, at: reading().at })
    expect((await red.next('catch1')).error).toMatchObject({ message: expect.stringContaining('stopped in the middle') })
  })
})
