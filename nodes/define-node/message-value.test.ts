import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { flowOf, startNodeRed, type TestNodeRed } from '../testing/node-red.ts'
import { RecordingServices } from '../testing/recording-services.ts'

// through cw-enqueue (any content, text key) and cw-check (a number), in a real Node-RED
const services = new RecordingServices()
let red: TestNodeRed
const catcher = { id: 'catch1', type: 'catch', scope: null }

beforeAll(async () => {
  process.env.CW_TEST_BORE = '10.01'
  red = await startNodeRed(services)
})
afterAll(async () => {
  delete process.env.CW_TEST_BORE
  await red?.close()
})
beforeEach(() => {
  services.calls.length = 0
})

async function contentOf(content: string, contentType: string, message: object = {}): Promise<unknown> {
  await red.deploy(flowOf([{ id: 'enq', type: 'cw-enqueue', jobName: 'x', jobNameType: 'str', content, contentType }]))
  red.node('enq').context().flow.set('shift', 'early')
  red.node('enq').context().global.set('shop', { name: 'Halle 2' })
  red.give('enq', { ...message })
  await red.next('enq')
  return services.callsOf('enqueue').at(-1)?.payload
}

it('reads message, flow, global, environment, expressions and constants', async () => {
  expect(await contentOf('payload.parts[1]', 'msg', { payload: { parts: [1, 2] } })).toBe(2)
  expect(await contentOf('shift', 'flow')).toBe('early')
  expect(await contentOf('shop.name', 'global')).toBe('Halle 2')
  expect(await contentOf('CW_TEST_BORE', 'env')).toBe('10.01')
  expect(await contentOf('$sum(payload)', 'jsonata', { payload: [1, 2, 3] })).toBe(6)
  expect(await contentOf('plain', 'str')).toBe('plain')
  expect(await contentOf('4.5', 'num')).toBe(4.5)
  expect(await contentOf('true', 'bool')).toBe(true)
  expect(await contentOf('{"a":[1]}', 'json')).toEqual({ a: [1] })
})

it('takes a number from the environment, which only has text', async () => {
  await red.deploy(
    flowOf([{ id: 'chk', type: 'cw-check', characteristic: 'bore', nominal: 10, upper: 0.02, value: 'CW_TEST_BORE', valueType: 'env', outputs: 2 }]),
  )
  red.give('chk', {})
  expect((await red.next('chk')).payload).toMatchObject({ value: 10.01 })
})

it('says which expression failed and why', async () => {
  await red.deploy(flowOf([{ id: 'enq', type: 'cw-enqueue', jobName: '$fail(', jobNameType: 'jsonata' }, catcher]))
  red.give('enq', {})
  expect((await red.next('catch1')).error).toMatchObject({
    code: 'value-unreadable',
    message: expect.stringContaining('Job name could not be read from the expression "$fail("'),
  })
})

it('says that a required value is missing, also where its parent is missing', async () => {
  await red.deploy(flowOf([{ id: 'enq', type: 'cw-enqueue', jobName: 'a.b.c', jobNameType: 'msg' }, catcher]))
  red.give('enq', {})
  expect((await red.next('catch1')).error).toMatchObject({
    code: 'value-missing',
    message: expect.stringContaining('Job name is missing: msg.a.b.c is empty in this message.'),
  })
})

it('leaves an optional value out when it is not there', async () => {
  await red.deploy(flowOf([{ id: 'enq', type: 'cw-enqueue', jobName: 'x', jobNameType: 'str', onceFor: 'order.number', onceForType: 'msg' }]))
  red.give('enq', { payload: 1 })
  await red.next('enq')
  expect(services.callsOf('enqueue')[0]).not.toHaveProperty('key')
})
