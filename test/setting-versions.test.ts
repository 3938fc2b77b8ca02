/** What is set has versions as flows have: who, why, what it was, and the way back through the same door as any change. */
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  addConnection,
  addMachine,
  changeConnection,
  changeMachine,
  changeQueue,
  createToken,
  deployFlows,
  type FlowNode,
  forgetTemplatePublisher,
  getEscalation,
  getHistoryEntry,
  getMachine,
  getTrigger,
  listAudit,
  listConnections,
  listFlowTests,
  listHistory,
  listQueues,
  listTemplatePublishers,
  listTriggers,
  putFlowTest,
  removeConnection,
  removeFlowTest,
  removeMachine,
  restoreVersion,
  setEscalation,
  switchConnection,
  switchTrigger,
  trustTemplatePublisher,
  type VersionKind,
} from '../server/api/index.ts'
import { createClient } from '../server/cli/client.ts'
import { type Product, startTestProduct } from './product.ts'

const machineId = 'mill'
const machine = { name: 'Mill', link: { kind: 'virtual' as const, timeScale: 20 }, envelopeMm: box(400), whenRequesterGone: 'finish' as const }
function box(x: number) {
  return { min: [0, 0, -80] as [number, number, number], max: [x, 300, 20] as [number, number, number] }
}
const FLOW = [
  { id: 'tab', type: 'tab', label: 'Night', disabled: false, info: '', env: [] },
  {
    ...{ id: 'nightly', type: 'cw-time-trigger', z: 'tab', name: 'Nightly', schedule: 'interval', every: 12, unit: 'hours', missed: 'skip', late: 1 },
    ...{ x: 1, y: 1, wires: [[]] },
  },
] as unknown as FlowNode[]

let product: Product
/** The other side of the connections: takes everything. */
let other: Server
let url: string

beforeAll(async () => {
  other = createServer((_, response) => void response.end())
  await new Promise<void>((ready) => other.listen(0, '127.0.0.1', ready))
  url = `http://127.0.0.1:${(other.address() as AddressInfo).port}`
  product = await startTestProduct()
}, 120_000)
afterAll(async () => {
  await product?.close()
  other?.close()
})

/** Newest first. */
const historyOf = (kind: VersionKind, subject: string) => product.client.call(listHistory, { query: { kind, subject } })
const restore = async (kind: VersionKind, subject: string, number: number, reason: string) => {
  const id = (await historyOf(kind, subject)).find((version) => version.number === number)?.id ?? ''
  await product.client.call(restoreVersion, { params: { versionId: id }, body: { reason } })
}

test('settings of a machine: changed with a reason, put back, and brought back after it was removed', async () => {
  const { client } = product
  await client.call(addMachine, { body: { id: machineId, ...machine } })
  await client.call(changeMachine, { params: { machineId }, body: { ...machine, envelopeMm: box(250), reason: 'a vice stands there' } })
  expect(await historyOf('machine', machineId)).toMatchObject([
    { number: 2, title: 'Mill', reason: 'a vice stands there', isCurrent: true },
    { number: 1, mayRestore: true, isCurrent: false },
  ])
  await restore('machine', machineId, 1, 'the vice is gone')
  expect((await client.call(getMachine, { params: { machineId } })).envelopeMm).toEqual(box(400))
  expect((await historyOf('machine', machineId))[0]).toMatchObject({ number: 3, reason: 'the vice is gone', isCurrent: true })

  await client.call(removeMachine, { params: { machineId } })
  await restore('machine', machineId, 2, 'it came back from repair')
  expect(await client.call(getMachine, { params: { machineId } })).toMatchObject({ name: 'Mill', envelopeMm: box(250) })
  // a version in which it was removed puts nothing back
  await expect(restore('machine', machineId, 4, 'x')).rejects.toMatchObject({ code: 'version-removed' })
  const actions = async () => (await client.call(listAudit, { query: { target: machineId, limit: 20 } })).map(({ action }) => action)
  await expect.poll(actions).toEqual(expect.arrayContaining(['added a machine', 'changed a machine', 'removed a machine']))
})

test('rules of a queue: what held before the first version is the first; holding a queue is work and makes none', async () => {
  const { client } = product
  const queue = `machine-${machineId}`
  const params = { queue }
  await client.call(changeQueue, { params, body: { mode: 'held', why: 'break' } })
  expect(await historyOf('queue', queue)).toEqual([])
  await client.call(changeQueue, { params, body: { afterBreak: 'hold', rate: { jobs: 2, seconds: 60 }, reason: 'night shift' } })
  expect(await historyOf('queue', queue)).toMatchObject([
    { number: 2, reason: 'night shift', title: 'Mill' },
    { number: 1, author: 'Cellwright' },
  ])
  await restore('queue', queue, 1, 'day shift')
  const now = (await client.call(listQueues, {})).find((one) => one.queue === queue)
  expect(now).toMatchObject({ mode: 'held', afterBreak: 'cancel' })
  expect(now?.rate).toBeUndefined()
})

test('a connection: no secret is in a version; one that was removed comes back switched off, under the id that flows know', async () => {
  const { client } = product
  const body = { name: 'Chat', connector: 'webhook', settings: { url }, secrets: { token: 'do-not-keep-me' }, isEnabled: true }
  const { id } = await client.call(addConnection, { body })
  const params = { connectionId: id }
  const night = { ...body, settings: { url: `${url}/night` }, secrets: { token: 'nor-me' }, reason: 'the other room' }
  await client.call(changeConnection, { params, body: night })
  const [changed] = await historyOf('connection', id)
  expect(changed).toMatchObject({ number: 2, reason: 'the other room' })
  const entry = await client.call(getHistoryEntry, { params: { versionId: changed?.id ?? '' } })
  expect(entry).toMatchObject({ content: { settings: { url: `${url}/night` } }, before: { content: { settings: { url } } } })
  expect(JSON.stringify(entry)).not.toMatch(/do-not-keep-me|nor-me/)
  await client.call(switchConnection, { params, body: { isOn: false, reason: 'holidays' } })
  expect((await historyOf('connection', id))[0]).toMatchObject({ number: 3, reason: 'holidays' })
  const here = async () => (await client.call(listConnections, {})).find((one) => one.id === id)
  expect(await here()).toMatchObject({ state: 'off' })
  await restore('connection', id, 2, 'back from holidays')
  expect(await here()).toMatchObject({ state: 'running', settings: { url: `${url}/night` } })
  // the token that is kept was entered for another place
  await expect(restore('connection', id, 1, 'back to the first room')).rejects.toMatchObject({ code: 'secret-again' })

  await client.call(removeConnection, { params, query: { evenIfUsed: false } })
  await restore('connection', id, 2, 'needed after all')
  expect(await here()).toMatchObject({ name: 'Chat', state: 'off', settings: { url: `${url}/night` } })
})

test('a switched trigger, and where messages go that nobody acknowledges', async () => {
  const { client } = product
  await client.call(deployFlows, { body: { flows: FLOW, kind: 'full' } })
  await expect.poll(async () => (await client.call(listTriggers, {})).map(({ id }) => id), { timeout: 30_000 }).toEqual(['nightly'])
  const params = { triggerId: 'nightly' }
  await client.call(switchTrigger, { params, body: { isOn: false, reason: 'no parts' } })
  expect(await historyOf('trigger', 'nightly')).toMatchObject([{ number: 2, reason: 'no parts', title: 'Nightly' }, { number: 1 }])
  await restore('trigger', 'nightly', 1, 'parts are here')
  expect((await client.call(getTrigger, { params, query: { limit: 1 } })).trigger.isOn).toBe(true)

  const { id } = await client.call(addConnection, { body: { name: 'Pager', connector: 'webhook', settings: { url: `${url}/pager` }, isEnabled: true } })
  const to = { connectionId: id, afterS: 60 }
  await client.call(setEscalation, { params: { priority: 'alarm' }, body: { to, reason: 'nobody is here at night' } })
  await client.call(setEscalation, { params: { priority: 'alarm' }, body: { to: null } })
  expect(await historyOf('setting', 'escalation')).toMatchObject([{ number: 2 }, { number: 1, reason: 'nobody is here at night' }])
  await restore('setting', 'escalation', 1, 'again')
  expect(JSON.stringify(await client.call(getEscalation, {}))).toContain(`"connectionId":"${id}"`)
})

test('a flow test, and whose signatures are trusted', async () => {
  const { client } = product
  const params = { testId: 'night' }
  const body = { name: 'it begins', flowId: 'tab', steps: [{ do: 'wait' as const, s: 1 }], answers: {}, expect: [{ kind: 'motion' as const, machineId }] }
  await client.call(putFlowTest, { params, body })
  await client.call(putFlowTest, { params, body: { ...body, name: 'it begins late', reason: 'later now' } })
  expect(await historyOf('flow-test', 'night')).toMatchObject([{ number: 2, reason: 'later now', title: 'it begins late' }, { number: 1 }])
  await client.call(removeFlowTest, { params })
  await restore('flow-test', 'night', 1, 'removed by mistake')
  expect(await client.call(listFlowTests, {})).toMatchObject([{ id: 'night', name: 'it begins' }])

  const fingerprint = '0123 4567 89ab cdef 0123 4567 89ab cdef'
  await client.call(trustTemplatePublisher, { body: { fingerprint, name: 'Jigs Ltd' } })
  await client.call(forgetTemplatePublisher, { params: { fingerprint } })
  await restore('setting', 'template-publishers', 1, 'they called')
  expect((await client.call(listTemplatePublishers, {})).map(({ name }) => name)).toContain('Jigs Ltd')
})

test('nobody sees versions of what their role does not open', async () => {
  const { token } = await product.client.call(createToken, { body: { name: 'looks', role: 'viewer' } })
  const viewer = createClient(() => ({ ...product.client.access, token }))
  const kinds = new Set((await viewer.call(listHistory, { query: { limit: 200 } })).map(({ kind }) => kind))
  expect([...kinds].toSorted()).toEqual(['machine', 'queue'])
  const [, older] = await historyOf('machine', machineId)
  await expect(viewer.call(restoreVersion, { params: { versionId: older?.id ?? '' }, body: {} })).rejects.toMatchObject({ code: 'not-allowed' })
})
