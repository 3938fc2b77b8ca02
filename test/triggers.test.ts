/** Each kind of trigger in the whole product: a virtual machine runs a program, and flows start by themselves. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  deployFlows,
  type FlowNode,
  fireTrigger,
  getTrigger,
  listMachines,
  listPrograms,
  listTriggers,
  startDemo,
  startProgram,
  switchTrigger,
  type TriggerFiring,
} from '../server/api/index.ts'
import { type Product, startTestProduct, until } from './product.ts'

const node = (id: string, type: string, more: Record<string, unknown> = {}): FlowNode => ({ id, type, z: 'tab', name: id, x: 1, y: 1, wires: [[]], ...more })
const flowsFor = (machineId: string): FlowNode[] => [
  { id: 'tab', type: 'tab', label: 'Triggers' },
  { id: 'machine', type: 'cw-machine', name: '', machineId },
  node('ended', 'cw-event-trigger', { source: 'program-done', machine: 'machine', ends: ['completed'] }),
  node('runs', 'cw-event-trigger', { source: 'machine-state', machine: 'machine', states: ['run'] }),
  node('off', 'cw-event-trigger', { source: 'machine-state', machine: 'machine', states: ['run'] }),
  node('told', 'cw-event-trigger', { source: 'machine-event', machine: 'machine', kinds: ['message'] }),
  node('feeds', 'cw-condition-trigger', {
    machine: 'machine',
    conditions: [{ what: 'feed', operator: '>', to: '10' }],
    together: 'all',
    also: '',
    alsoType: 'msg',
    wires: [[], []],
  }),
  node('by-hand', 'cw-manual-trigger', { wires: [['emit']] }),
  node('emit', 'cw-emit', { event: 'by hand' }),
  node('chained', 'cw-event-trigger', { source: 'flow', event: 'by hand' }),
]

describe('triggers in the product', () => {
  let product: Product
  let machineId: string
  const last = async (triggerId: string): Promise<TriggerFiring | undefined> =>
    (await product.client.call(getTrigger, { params: { triggerId }, query: { limit: 1 } })).firings[0]
  const fired = (triggerId: string) =>
    until(`${triggerId} has fired, and its run has ended`, 60_000, async () => {
      const firing = await last(triggerId)
      return firing?.runState === 'completed' ? firing : undefined
    })

  beforeAll(async () => {
    product = await startTestProduct()
    const { client } = product
    await client.call(startDemo, { body: { timeScale: 60 } })
    machineId = (await client.call(listMachines, {}))[0]?.id ?? ''
    const flows = flowsFor(machineId)
    await client.call(deployFlows, { body: { flows, kind: 'full' } })
    await until('every trigger is announced', 60_000, async () => (await client.call(listTriggers, {})).length === 7)
    await client.call(switchTrigger, { params: { triggerId: 'off' }, body: { isOn: false } })
    await until('the machine is there', 60_000, async () => (await client.call(listMachines, {}))[0]?.state?.link === 'connected')
  })
  afterAll(() => product?.close())

  it('start when a machine runs, feeds, says something and ends a program; not while switched off', async () => {
    const { client } = product
    const [program] = await client.call(listPrograms, {})
    await client.call(startProgram, { body: { machineId, programId: program?.id ?? '' } })
    expect(await fired('ended')).toMatchObject({ cause: 'itself', text: expect.stringContaining('completed') })
    expect((await fired('runs')).text).toBe(`${machineId} is run`)
    expect((await fired('feeds')).text).toMatch(/^feed is \d+ \(> 10\)/)
    expect((await fired('told')).text).toBeTruthy()
    expect(await last('off')).toBeUndefined()
  })

  it('start by hand, and one flow starts another', async () => {
    await product.client.call(fireTrigger, { params: { triggerId: 'by-hand' }, body: { fireId: 'by-hand-0001', values: {} } })
    const byHand = await fired('by-hand')
    const chained = await fired('chained')
    expect(chained).toMatchObject({ cause: 'itself', text: 'event by hand' })
    expect(chained.runId).not.toBe(byHand.runId)
  })
})
