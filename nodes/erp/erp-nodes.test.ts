import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { OperationalError } from '../../base/errors.ts'
import { flowOf, startNodeRed, type TestNodeRed } from '../testing/node-red.ts'
import { RecordingServices } from '../testing/recording-services.ts'

const services = new RecordingServices()
let red: TestNodeRed

beforeAll(async () => {
  red = await startNodeRed(services)
})
afterAll(() => red?.close())
beforeEach(async () => {
  await red.deploy(flowOf([]))
  services.calls.length = 0
  services.refuse.clear()
})

const orders = (more: object = {}) => ({ id: 'wo', type: 'cw-work-orders', connectionId: 'con_1', ...more })
let count = 0
const anOrder = () => {
  const number = `WO-${++count}`
  return { id: `wo_${count}`, connectionId: 'con_1', order: { number, part: 'bearing plate', quantity: 2 }, source: 'orders.csv row 1' }
}

describe('cw-work-orders', () => {
  it('sends each order in a run of its own and says that it is taken', async () => {
    await red.deploy(flowOf([orders()]))
    const order = anOrder()
    services.deliver(order)
    const message = await red.next('wo')
    const run = services.callsOf('newRun')[0]
    expect(run?.nodeId).toBe('wo')
    expect(message).toMatchObject({ _run: run?.runId, topic: order.order.number, workOrder: order.order, payload: order.order })
    expect(message.receipt).toEqual({ id: order.id, connectionId: 'con_1', source: 'orders.csv row 1', isOpen: false })
    expect(services.callsOf('workOrderTaken')).toEqual([{ id: order.id, runId: run?.runId }])
  })

  it('does not send an order again that is delivered again, also after a deploy', async () => {
    const flow = flowOf([orders({ takenWhen: 'released' })])
    await red.deploy(flow)
    const order = anOrder()
    services.deliver(order)
    expect((await red.next('wo')).receipt).toMatchObject({ isOpen: true })
    services.deliver(order)
    await red.deploy(flow)
    services.deliver(order)
    const other = anOrder()
    services.deliver(other)
    expect((await red.next('wo')).topic).toBe(other.order.number)
    expect(services.callsOf('workOrderTaken')).toEqual([])
  })

  it('only reports an order that could not be reported when it comes again', async () => {
    await red.deploy(flowOf([orders()]))
    services.refuse.set('workOrderTaken', new OperationalError({ code: 'gateway-away', message: 'The gateway is away.' }))
    const order = anOrder()
    services.deliver(order)
    await red.untilStatus('wo', 'The gateway is away.')
    services.refuse.clear()
    services.deliver(order)
    const taken = services.callsOf('workOrderTaken')
    expect(taken).toHaveLength(2)
    expect(taken[1]).toEqual(taken[0])
    expect(red.sent.filter(({ from }) => from === 'wo')).toHaveLength(1)
  })

  it('leaves orders where they are while nothing is wired to it', async () => {
    await red.deploy(flowOf([orders({ wires: [[]] })]))
    expect(red.statusOf('wo').text).toBe('nothing is wired to this node: work orders wait')
    expect(services.callsOf('subscribeWorkOrders')).toEqual([])
    await red.deploy(flowOf([orders()]), 'nodes')
    expect(services.callsOf('subscribeWorkOrders')).toEqual([{ connectionId: 'con_1', nodeId: 'wo' }])
  })
})

describe('cw-confirm', () => {
  const confirm = (more: object = {}) => ({ id: 'cf', type: 'cw-confirm', connectionId: 'con_1', ...more })
  const catcher = { id: 'catch1', type: 'catch', scope: null }

  it('confirms with the work order as key and goes on when accepted', async () => {
    await red.deploy(flowOf([confirm({ quantityGood: '1', quantityGoodType: 'num', details: '{"measured": payload.text}', detailsType: 'jsonata' })]))
    red.give('cf', { _run: 'run-1', workOrder: { number: 'WO-1' }, payload: { text: 'bore 10.012 mm' } })
    const message = await red.next('cf')
    expect(message.confirmation).toEqual({ id: expect.any(String), key: 'WO-1' })
    expect(services.callsOf('confirm')).toEqual([
      {
        connectionId: 'con_1',
        workOrder: 'WO-1',
        key: 'WO-1',
        nodeId: 'cf',
        runId: 'run-1',
        body: { workOrder: 'WO-1', result: 'completed', quantityGood: 1, measured: 'bore 10.012 mm', confirmedAt: expect.stringMatching(/^\d{4}-.*Z$/) },
      },
    ])
    expect(red.statusOf('cf')).toMatchObject({ fill: 'green', text: 'WO-1 confirmed' })
  })

  it('adds the operation to the key', async () => {
    await red.deploy(flowOf([confirm({ operation: 'op', operationType: 'msg' })]))
    red.give('cf', { workOrder: { number: 'WO-1' }, op: 20 })
    await red.next('cf')
    expect(services.callsOf('confirm')[0]).toMatchObject({ key: 'WO-1-20', body: { operation: '20' } })
  })

  it('confirms nothing without a work order, or with a quantity that is not a whole number', async () => {
    await red.deploy(flowOf([confirm({ quantityGood: 'good', quantityGoodType: 'msg' }), catcher]))
    red.give('cf', { payload: 1 })
    expect((await red.next('catch1')).error).toMatchObject({ code: 'value-missing', message: expect.stringContaining('Work order is missing') })
    red.give('cf', { workOrder: { number: 'WO-1' }, good: '3' })
    expect((await red.next('catch1')).error).toMatchObject({
      code: 'value-invalid',
      message: expect.stringContaining('Good parts must be a number, but msg.good is the text "3"'),
    })
    red.give('cf', { workOrder: { number: 'WO-1' }, good: 1.5 })
    expect((await red.next('catch1')).error).toMatchObject({ code: 'value-invalid' })
    expect(services.callsOf('confirm')).toEqual([])
  })
})
