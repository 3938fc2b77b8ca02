import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { UserError } from '../../base/errors.ts'
import { flowOf, startNodeRed, type TestNodeRed } from '../testing/node-red.ts'
import { RecordingServices } from '../testing/recording-services.ts'

describe('cw-gage-study and what starts with a verdict', () => {
  const services = new RecordingServices()
  let red: TestNodeRed
  const study = (more: object = {}) => ({
    id: 's',
    type: 'cw-gage-study',
    study: 'std_1',
    does: 'feed',
    value: 'payload',
    valueType: 'msg',
    appraiser: 'appraiser',
    appraiserType: 'msg',
    outputs: 3,
    ...more,
  })
  const catcher = { id: 'catch1', type: 'catch', scope: null }
  beforeAll(async () => {
    red = await startNodeRed(services)
  })
  afterAll(() => red?.close())
  beforeEach(() => {
    services.calls.length = 0
    services.readingNow = { part: '3', appraiser: 'Ann', trial: 1, value: 1.5, readings: 4, of: 12 }
  })

  it('puts a reading with its unit at the next place of the appraiser, and tells which that was', async () => {
    await red.deploy(flowOf([study()]))
    red.give('s', { payload: 1.5, unit: 'mm', appraiser: ' Ann ', _run: 'run_1' })
    expect(await red.next('s', 0)).toMatchObject({ study: { part: '3', readings: 4, of: 12 } })
    expect(services.callsOf('addStudyReading')).toMatchObject([{ studyId: 'std_1', value: 1.5, unit: 'mm', appraiser: 'Ann', runId: 'run_1' }])
  })

  it('goes its own way with the last reading', async () => {
    await red.deploy(flowOf([study()]))
    services.readingNow = { part: '1', appraiser: 'Bea', trial: 3, value: 1, readings: 12, of: 12 }
    red.give('s', { payload: 1 })
    expect(await red.next('s', 1)).toMatchObject({ study: { readings: 12 } })
    expect(services.callsOf('addStudyReading')[0]).not.toHaveProperty('appraiser')
  })

  it.each([['1.5'], [undefined], [Number.NaN]])('keeps nothing of %o', async (payload) => {
    await red.deploy(flowOf([study(), catcher]))
    red.give('s', { payload })
    expect((await red.next('catch1')).error).toBeDefined()
    expect(services.calls).toEqual([])
  })

  it('tells why a reading was refused', async () => {
    await red.deploy(flowOf([study(), catcher]))
    services.refuse.set('addStudyReading', new UserError({ code: 'study-closed', message: 'This study is closed.' }))
    red.give('s', { payload: 1 })
    expect((await red.next('catch1')).error).toMatchObject({ message: expect.stringContaining('closed') })
    services.refuse.clear()
  })

  it('starts a run when the study is closed', async () => {
    await red.deploy(flowOf([study({ does: 'listen' })]))
    expect(services.triggers.registered.get('s')?.face.on).toEqual({ source: 'quality-study', studyId: 'std_1' })
    await services.triggers.fire('s', { runId: 'run_c', values: { topic: 'C-12', text: '', payload: { study: 'Caliper', verdict: 'rejected' } } })
    expect(await red.next('s', 2)).toMatchObject({ payload: { verdict: 'rejected' }, _run: 'run_c' })
    expect(red.statusOf('s').fill).toBe('red')
  })

  it('a sampling node that listens starts a run with each verdict of its plan', async () => {
    await red.deploy(flowOf([{ id: 'l', type: 'cw-sampling', plan: 'spl_1', does: 'listen', waits: true, deadline: 0, outputs: 4 }]))
    expect(services.triggers.registered.get('l')?.face.on).toEqual({ source: 'quality-lot', planId: 'spl_1' })
    await services.triggers.fire('l', { runId: 'run_l', values: { topic: '7', text: '', payload: { lot: '7', state: 'rejected' } } })
    expect(await red.next('l', 2)).toMatchObject({ payload: { lot: '7' }, topic: '7', _run: 'run_l' })
  })
})
