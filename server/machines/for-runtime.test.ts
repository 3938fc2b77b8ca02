/** What flows may ask of machines, over the socket that the flow runtime uses. */
import { createConnection } from 'node:net'
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { newId } from '../../base/ids.ts'
import { createLog } from '../../base/log.ts'
import { openRpc, type RpcPeer } from '../../base/rpc.ts'
import { socketPath } from '../../base/run-dir.ts'
import type { MachineState } from '../../nodes/motion/machine.ts'
import { guardSocketName } from '../launcher/contract.ts'
import { encodeTrace, type RunRecord } from '../runs/trace.ts'
import { gatewayRpc, runtimeRpc } from '../runtime/contract.ts'
import { createMachineServices } from '../runtime/machine-services.ts'
import { startTestGateway, type TestGateway } from '../testing.ts'
import { type GuardDouble, startGuardDouble } from './guard-double.ts'

const soon = { timeout: 60_000 }
const settings = { name: 'Mill', link: { kind: 'virtual', timeScale: 1 }, envelopeMm: { min: [0, 0, -50], max: [300, 200, 0] }, whenRequesterGone: 'finish' }
let shop: TestGateway
let guard: GuardDouble
let peer: RpcPeer<typeof gatewayRpc>
/** States that came, and how the runtime takes them. */
const states: (MachineState | null)[] = []
let takeState: () => Promise<null> | null = () => null
const asked = (method: string) => guard.asked.filter((one) => one.method === method).map(({ params }) => params)
const node = { machineId: 'm1', nodeId: 'n1' }

async function connectAsRuntime(): Promise<RpcPeer<typeof gatewayRpc>> {
  const socket = createConnection(shop.init.runtimeSocket)
  await new Promise((resolve, reject) => socket.once('connect', resolve).once('error', reject))
  const connected = openRpc({
    socket,
    serves: runtimeRpc,
    calls: gatewayRpc,
    handlers: {
      requests: {
        machineState: ({ state }: { state: MachineState | null }) => {
          states.push(state)
          return takeState()
        },
      },
      notifications: { machineEvent: () => {}, jobEnded: () => {}, jobProgress: () => {}, workOrder: () => {} },
    } as never,
  })
  await connected.call('hello', { token: 'process-token' })
  return connected
}

beforeAll(async () => {
  shop = await startTestGateway()
  await shop.admin('/api/machines', { method: 'POST', body: { id: 'm1', ...settings } })
  guard = await startGuardDouble({ machineId: 'm1', socket: socketPath(shop.init.runDir, guardSocketName('m1')) })
  await vi.waitFor(async () => expect((await shop.admin('/api/machines/m1')).json.guard).toBe('running'), soon)
  peer = await connectAsRuntime()
})
afterAll(async () => {
  peer?.close()
  await guard?.die()
  await shop?.close()
})
beforeEach(() => {
  guard.asked.length = 0
})

test('an action reaches the guard as asked for by its node, and is written down', async () => {
  guard.answer('act', () => ({ text: 'done' }))
  expect(await peer.call('actOnMachine', { ...node, runId: 'run_1', action: { kind: 'home' } })).toEqual({ text: 'done' })
  expect(asked('act')).toEqual([{ action: { kind: 'home' }, by: 'flow node n1' }])
  await expect
    .poll(async () => (await shop.admin('/api/audit')).json[0], soon)
    .toMatchObject({ who: 'flow node n1', via: 'runtime', action: 'machine.home', target: 'm1', detail: { runId: 'run_1' } })
})

test('what a flow may not do is refused before the guard hears of it', async () => {
  for (const line of ['$100=5', '$RST=*']) {
    await expect(peer.call('actOnMachine', { ...node, action: { kind: 'line', line } })).rejects.toMatchObject({ code: 'not-for-flows' })
    await expect(peer.call('commandMachine', { ...node, command: 'line', line })).rejects.toMatchObject({ code: 'not-for-flows' })
  }
  const wrong = [{ kind: 'fly' }, { kind: 'jog', by: { X: Number.MAX_VALUE }, feedMmPerMin: 1 }, { kind: 'line', line: 'G0 X1\nG0 X2' }]
  for (const action of wrong) await expect(peer.call('actOnMachine', { ...node, action: action as never })).rejects.toMatchObject({ code: 'invalid-input' })
  await expect(peer.call('runProgram', { ...node, program: 'x', key: 'k', options: { planId: 'p' } as never })).rejects.toMatchObject({ code: 'invalid-input' })
  await expect(peer.call('actOnMachine', { ...node, machineId: 'm9', action: { kind: 'home' } })).rejects.toMatchObject({ code: 'machine-not-found' })
  expect(guard.asked).toEqual([])
})

test('a lease of a person is none of a flow, and the other way round', async () => {
  let token = 40
  guard.answer('takeLease', () => ({ token: ++token }))
  guard.answer('beatLease', () => null)
  const person = (await shop.admin('/api/machines/m1/lease', { method: 'POST', body: {} })).json.token
  const stale = { code: 'lease-stale' }
  await expect(peer.call('beatLease', { machineId: 'm1', token: person })).rejects.toMatchObject(stale)
  await expect(peer.call('actOnMachine', { ...node, action: { kind: 'home' }, lease: person })).rejects.toMatchObject(stale)
  await expect(peer.call('runProgram', { ...node, program: 'x', key: 'k', lease: person })).rejects.toMatchObject(stale)
  const flow = await peer.call('takeLease', { ...node, holder: 'Probe', ttlMs: 5000 })
  expect(await peer.call('beatLease', { machineId: 'm1', ...flow })).toBe(null)
  expect(await shop.admin('/api/machines/m1/lease/beat', { method: 'POST', body: flow })).toMatchObject({ status: 409, json: stale })
})

test('a hold is kept alive by the runtime, given back by it, and lost with a reason', async () => {
  let isStale = false
  guard.answer('takeLease', () => ({ token: 77 }))
  guard.answer('beatLease', () => {
    if (isStale) throw Object.assign(new Error('x'), {})
    return null
  })
  guard.answer('dropLease', () => null)
  const link = {
    isConnected: true,
    call: (method: never, params: never) => peer.call(method, params),
    onConnection: () => () => {},
  } as never
  const { services } = createMachineServices({ link, take: (request) => peer.call('takeLease', request), log: createLog('test', 'silent') })
  const lost: string[] = []
  // long enough that it is not lost while the machine stands still
  const held = await services.holdMachine({ ...node, holder: 'Probe', ttlMs: 5000 }, (why) => lost.push(why))
  await expect.poll(() => asked('beatLease').length, soon).toBeGreaterThanOrEqual(2)
  await services.releaseMachine(held)
  expect(asked('dropLease')).toEqual([{ token: 77 }])
  const beats = asked('beatLease').length
  await new Promise((resolve) => setTimeout(resolve, 1600))
  expect(asked('beatLease')).toHaveLength(beats)

  isStale = true
  await services.holdMachine({ ...node, holder: 'Probe', ttlMs: 500 }, (why) => lost.push(why))
  await expect.poll(() => lost, soon).toEqual([expect.stringContaining('too long')])
})

test('a machine is given back when the run that holds it has ended', async () => {
  guard.answer('takeLease', () => ({ token: 88 }))
  guard.answer('dropLease', () => null)
  const runId = newId('run')
  const record = { id: runId, isNew: true, startedAt: Date.now(), trigger: 0, hops: 0, firstSeq: 0, detail: [], late: [], messages: [], texts: [], end: null }
  const tell = (one: RunRecord) => peer.notify('trace', { batch: encodeTrace([one], () => ({ id: 'n', type: 'inject' })).toString('base64'), dropped: 0 })
  tell(record)
  await peer.call('takeLease', { ...node, runId, holder: 'Probe', ttlMs: 60_000 })
  await expect.poll(async () => (await shop.admin(`/api/runs/${runId}`)).json.state, soon).toBe('active')
  expect(asked('dropLease')).toEqual([])
  tell({ ...record, isNew: false, end: { isFailed: false, atTenths: 10, isBySettling: false, text: -1 } })
  await expect.poll(() => asked('dropLease'), soon).toEqual([{ token: 88 }])
})

test('news of interlocks are passed on, and a flood of them is cut off', async () => {
  guard.answer('setInterlock', () => null)
  expect(await peer.call('setInterlock', { ...node, id: 'door', isSafe: true })).toBe(null)
  expect(asked('setInterlock')).toEqual([{ id: 'door', isSafe: true, by: 'flow node n1' }])
  const refused: string[] = []
  const flood = async () => {
    const all = await Promise.allSettled(Array.from({ length: 400 }, () => peer.call('setInterlock', { ...node, id: 'door', isSafe: true })))
    const codes = all.filter((one) => one.status === 'rejected').map((one) => (one as PromiseRejectedResult).reason.code)
    refused.push(...codes)
    return codes.length
  }
  // of four hundred in one second; on a machine that stands still they come in two
  await expect.poll(flood, soon).toBeGreaterThan(50)
  expect(new Set(refused)).toEqual(new Set(['too-many-requests']))
})

test('the state of a watched machine follows its changes; a runtime that hangs gets the latest when it is back', async () => {
  states.length = 0
  await peer.call('watchMachines', { machineIds: ['m1', 'm9'] })
  await expect.poll(() => states.length, soon).toBe(2)
  expect(states.map((state) => state?.machineId ?? null).sort()).toEqual(['m1', null])
  let resume: (value: null) => void = () => {}
  takeState = () =>
    new Promise((resolve) => {
      resume = resolve
    })
  for (let feedMmPerMin = 1; feedMmPerMin <= 50; feedMmPerMin += 1) guard.tell({ feedMmPerMin })
  await expect.poll(() => states.length, soon).toBe(3)
  await expect.poll(async () => (await shop.admin('/api/machines/m1')).json.state.feedMmPerMin, soon).toBe(50)
  expect(states).toHaveLength(3)
  takeState = () => null
  resume(null)
  await expect.poll(() => states.at(-1)?.feedMmPerMin, soon).toBe(50)
  expect(states.length).toBeLessThan(8)
  expect((await peer.call('machineState', { machineId: 'm1' }))?.feedMmPerMin).toBe(50)
  await peer.call('watchMachines', { machineIds: [] })
  const count = states.length
  guard.tell({ feedMmPerMin: 60 })
  await expect.poll(async () => (await shop.admin('/api/machines/m1')).json.state.feedMmPerMin, soon).toBe(60)
  expect(states).toHaveLength(count)
})
