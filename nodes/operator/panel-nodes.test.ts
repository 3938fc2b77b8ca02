import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
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
const calls = (method: string) => services.calls.filter((call) => call.method === method).map(({ params }) => params)

describe('panel form', () => {
  const form = (more: object = {}) => ({
    id: 'form',
    type: 'cw-form',
    label: 'Book scrap',
    says: 'Books parts that cannot be used',
    fields: [
      { key: 'count', label: 'Parts', kind: 'number', min: 1 },
      { key: 'reason', label: 'Reason', kind: 'choice', choices: 'tool broken, material ' },
      { key: 'note', label: 'Note', kind: 'long-text', isOptional: true },
    ],
    ...more,
  })

  it('puts its fields on the panel, and sends what was entered in the run of the press', async () => {
    await red.deploy(flowOf([MILL, form({ machine: 'machine1', who: 'machines.operate', needs: 'standing' })]))
    expect(services.buttons.get('form')?.face).toMatchObject({
      kind: 'form',
      machineId: 'mill-1',
      who: 'machines.operate',
      needs: 'standing',
      isEnabled: true,
      asks: [
        { key: 'count', kind: 'number', min: 1 },
        { key: 'reason', choices: ['tool broken', 'material'] },
        { key: 'note', isOptional: true },
      ],
    })
    await services.press('form', { pressId: 'press-0001', values: { count: 3, reason: 'material' }, by: 'Anna', runId: 'run-press' })
    expect(await red.next('form')).toMatchObject({ payload: { count: 3, reason: 'material' }, enteredBy: 'Anna', _run: 'run-press' })
  })

  it('sends nothing for what its fields do not allow', async () => {
    await red.deploy(flowOf([form()]))
    const press = (values: Record<string, unknown>) => services.press('form', { pressId: 'press-0002', values, by: 'Anna', runId: 'run-press' })
    await expect(press({ count: 0, reason: 'material' })).rejects.toMatchObject({ code: 'value-missing', details: { key: 'count' } })
    await expect(press({ count: 1, reason: 'lunch' })).rejects.toMatchObject({ details: { key: 'reason' } })
  })

  it('leaves the panel with its node', async () => {
    await red.deploy(flowOf([form()]))
    await red.deploy(flowOf([]))
    expect(services.buttons.has('form')).toBe(false)
  })
})

describe('panel message', () => {
  const message = (more: object = {}) => ({
    id: 'msg',
    type: 'cw-message',
    do: 'show',
    priority: 'warning',
    title: 'payload',
    titleType: 'msg',
    text: 'Fill it up',
    textType: 'str',
    lasts: 'cleared',
    key: 'coolant',
    ...more,
  })

  it('shows what happened and goes on when the panel has it', async () => {
    await red.deploy(flowOf([message()]))
    red.give('msg', { payload: 'Coolant at 8 %', _run: 'run-1' })
    expect((await red.next('msg')).payload).toBe('Coolant at 8 %')
    expect(calls('panelMessage')).toEqual([
      { nodeId: 'msg', key: 'coolant', priority: 'warning', title: 'Coolant at 8 %', text: 'Fill it up', needsAck: false, lasts: true, runId: 'run-1' },
    ])
  })

  it('takes back by the name of the matter', async () => {
    await red.deploy(flowOf([message({ do: 'clear' })]))
    red.give('msg', {})
    await red.next('msg')
    expect(calls('clearPanelMessage')).toEqual([{ nodeId: 'msg', key: 'coolant' }])
    expect(calls('panelMessage')).toEqual([])
  })
})

describe('panel value and chart', () => {
  const limits = { alarmBelow: '5', warnBelow: '', warnAbove: '8,5', alarmAbove: '' }

  it('shows a value with its limits, and leaves with its node', async () => {
    await red.deploy(
      flowOf([{ id: 'val', type: 'cw-value', label: 'Air', value: 'payload', valueType: 'msg', unit: 'bar', decimals: 1, staleAfterS: 60, ...limits }]),
    )
    expect(services.tiles.get('val')?.face).toEqual({ kind: 'value', label: 'Air', unit: 'bar', decimals: 1, staleAfterS: 60, alarmBelow: 5, warnAbove: 8.5 })
    red.give('val', { payload: 6.2 })
    red.give('val', { payload: 'off' })
    await red.untilStatus('val', 'off bar')
    expect(services.tiles.get('val')?.said).toEqual([6.2, 'off'])
    await red.deploy(flowOf([]))
    expect(services.tiles.has('val')).toBe(false)
  })

  it('draws numbers, and tells the Catch nodes of anything else', async () => {
    await red.deploy(
      flowOf([{ id: 'chart', type: 'cw-chart', label: 'Load', value: 'payload', valueType: 'msg', unit: '%', decimals: 0, spanMin: 15, ...limits }]),
    )
    expect(services.tiles.get('chart')?.face).toMatchObject({ kind: 'chart', spanS: 900 })
    red.give('chart', { payload: 42 })
    await red.untilStatus('chart', '42 %')
    red.logged.length = 0
    red.give('chart', { payload: 'forty' })
    await expect.poll(() => red.logged.length).toBeGreaterThan(0)
    expect(services.tiles.get('chart')?.said).toEqual([42])
  })
})
