import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Writable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { hostAsks, hostRpc } from '../../adapters/host-contract.ts'
import { OperationalError } from '../../base/errors.ts'
import { createLog } from '../../base/log.ts'
import { openRpc, type RpcNotice } from '../../base/rpc.ts'
import { socketPath } from '../../base/run-dir.ts'
import type { Connection, FlowNode, ResponseOf, testConnection, WorkOrderView } from '../api/index.ts'
import { createJobs, type JobsPart } from '../jobs/index.ts'
import { createRuns, type RunsPart } from '../runs/index.ts'
import type { runtimeRpc } from '../runtime/contract.ts'
import { openSecrets } from '../secrets/index.ts'
import { startTestStore, type TestStore } from '../store/testing.ts'
import { createVersions } from '../versions/index.ts'
import { type ConnectionsPart, createConnections } from './index.ts'

const log = createLog('test', process.env.TEST_LOG ?? 'silent')
const caller = { userId: 'u1', userName: 'ann', name: 'Ann', role: 'engineer', capabilities: new Set(), via: 'session', session: 's' } as const
const HOST = join(import.meta.dirname, '..', '..', 'adapters', 'host', 'main.ts')
const CRASHING_HOST = fileURLToPath(import.meta.resolve('../../adapters/host/crashing-host.ts'))
const TOKEN = 'process-token'
type TestResult = ResponseOf<typeof testConnection>

/** Generous: other tests may keep the machine busy. */
const eventually = <T>(fact: () => T | Promise<T>) => expect.poll(fact, { timeout: 60_000 })

describe('connections', () => {
  let test: TestStore
  let dir: string
  let socket: string
  let runs: RunsPart
  let jobs: JobsPart
  let connections: ConnectionsPart
  let host: ChildProcess | undefined
  let delivered: RpcNotice<typeof runtimeRpc, 'workOrder'>[]
  let runtimeIs: (isThere: boolean) => void
  let count = 0
  let flows: FlowNode[] = []
  let inbox = ''
  let outbox = ''
  let wired: { id: string; name: string; link: { kind: 'serial'; path: string } }[] = []
  let wiredChanged = () => {}
  let told: unknown[] = []

  const startGateway = async () => {
    const listeners: ((isConnected: boolean) => void)[] = []
    let isThere = true
    runtimeIs = (next) => {
      isThere = next
      for (const listener of listeners) listener(next)
    }
    const runtime = {
      onConnection: (listener: (isConnected: boolean) => void) => void listeners.push(listener),
      peer() {
        if (!isThere) throw new OperationalError({ code: 'runtime-away', message: 'Away.' })
        return { notify: (_method: string, params: never) => void delivered.push(params) } as never
      },
    }
    const live = { provide: () => {}, publish: (topic: string, change: unknown) => void (topic === 'gauge-lines' && told.push(change)) }
    const audit = { record: () => {} }
    const none = { onJobEnded: () => {}, onGuard: () => {}, onChange: () => {}, onHere: () => {}, list: () => [] } as never
    runs = createRuns({ store: test.store, log, live, runtime })
    jobs = await createJobs({
      store: test.store,
      log,
      live,
      machines: none,
      programs: none,
      runtime,
      runs,
      holders: { require: () => {} },
      audit,
      database: test.database,
    })
    connections = await createConnections({
      store: test.store,
      log,
      live,
      currentFlows: async () => ({ flows }),
      secrets: await openSecrets({ keysDir: join(dir, 'keys') }),
      jobs,
      runs,
      runtime,
      audit,
      versions: createVersions(test.store.db),
      machines: {
        list: () => wired as never,
        onChange(listener) {
          wiredChanged = listener as never
        },
        onRemoved() {},
      },
      socket,
      token: TOKEN,
      hostPatienceMs,
    })
    await jobs.start(connections.sender)
    await connections.start()
  }
  const stopGateway = async () => {
    await connections.close()
    await jobs.close()
    await runs.close()
  }
  let hostPatienceMs = 60_000
  const startHost = () => {
    const child = spawn(process.execPath, [HOST], { stdio: ['ignore', 'ignore', process.env.TEST_LOG ? 'inherit' : 'ignore', 'pipe'] })
    ;(child.stdio[3] as Writable).write(`${JSON.stringify({ type: 'init', data: { gatewaySocket: socket, gatewayToken: TOKEN } })}\n`)
    host = child
    return child
  }
  const killHost = async () => {
    const child = host
    host = undefined
    if (!child || child.exitCode !== null) return
    child.kill('SIGKILL')
    await once(child, 'exit')
  }
  const call = (id: string, context: object) => connections.routes.find(({ route }) => route.id === id)!.run({ caller, ...context } as never)
  const list = async () => (await call('listConnections', {})) as Connection[]
  const orders = async () => (await call('listWorkOrders', { query: { limit: 100 } })) as WorkOrderView[]
  const body = (more: object = {}) => ({
    name: `Shop folder ${count}`,
    connector: 'work-order-folder',
    settings: { inbox, outbox, pollSeconds: 0.2, settleSeconds: 0.1 },
    isEnabled: true,
    ...more,
  })
  const add = async (more: object = {}) => (await call('addConnection', { body: body(more) })) as Connection
  const hostIsThere = () => eventually(async () => (await call('listConnectors', {}).catch(() => [])) as unknown[]).not.toEqual([])
  const drop = (name: string, text: string) => {
    writeFileSync(join(dir, 'next'), text)
    renameSync(join(dir, 'next'), join(inbox, name))
  }
  const csv = (...rows: string[]) => `number,part,quantity\n${rows.join('\n')}\n`
  const confirmationFiles = () => readdirSync(outbox).filter((name) => name.startsWith('confirmation-'))

  beforeAll(async () => {
    test = await startTestStore()
  })
  afterAll(() => test?.close())
  beforeEach(async () => {
    count += 1
    wired = []
    dir = mkdtempSync(join(tmpdir(), 'cw-con-'))
    socket = socketPath(dir, 'host')
    inbox = join(dir, 'in')
    outbox = join(dir, 'out')
    mkdirSync(inbox)
    mkdirSync(outbox)
    delivered = []
    flows = []
    await startGateway()
  })
  afterEach(async () => {
    await killHost()
    await stopGateway()
    await test.store.db.deleteFrom('connection').execute()
    rmSync(dir, { recursive: true, force: true })
  })

  it('takes work orders from the folder, delivers each to the flow until it is taken, and confirms once', async () => {
    startHost()
    await hostIsThere()
    const connection = await add()
    expect(connection).toMatchObject({ state: 'running', problems: [] })
    drop('a.csv', csv('1001,Plate,5', '1002,Pin,2'))
    await eventually(async () => (await orders()).length).toBe(2)
    expect(delivered).toEqual([])

    const { requests } = connections.rpc
    await requests.subscribeWorkOrders({ connectionId: connection.id, nodeId: 'n' })
    await eventually(() => delivered.map(({ order }) => order.number)).toEqual(['1001', '1002'])
    const [first, second] = delivered
    await runs.open({ id: 'run_a', trigger: { nodeId: 'n', nodeType: 'cw-work-orders' } })
    await requests.workOrderTaken({ id: first!.id, runId: 'run_a' })
    // the runtime dies before it took the second: it comes again
    runtimeIs(false)
    runtimeIs(true)
    delivered = []
    await requests.subscribeWorkOrders({ connectionId: connection.id, nodeId: 'n' })
    await eventually(() => delivered.map(({ id }) => id)).toEqual([second!.id])

    const confirm = () =>
      requests.confirm({ connectionId: connection.id, workOrder: '1001', key: 'done-1001', body: { quantityGood: 5 }, runId: 'run_a', nodeId: 'n' })
    const ids = await Promise.all([confirm(), confirm()])
    expect(ids[0]?.id).toBe(ids[1]?.id)
    await eventually(confirmationFiles).toHaveLength(1)
    await eventually(async () => (await orders()).find(({ order }) => order.number === '1001')).toMatchObject({
      state: 'confirmed',
      confirmationFile: join(outbox, confirmationFiles()[0]!),
    })
    expect((await confirm()).reference).toBe(join(outbox, confirmationFiles()[0]!))
    expect(confirmationFiles()).toHaveLength(1)
    expect(JSON.parse(readFileSync(join(outbox, confirmationFiles()[0]!), 'utf8'))).toMatchObject({
      workOrder: '1001',
      key: 'done-1001',
      confirmation: { quantityGood: 5 },
    })
    await eventually(async () =>
      (await test.store.db.selectFrom('runLink').select('text').where('runId', '=', 'run_a').orderBy('at').execute()).map(({ text }) => text),
    ).toEqual([
      `work order 1001 from Shop folder ${count}`,
      'the flow runtime went away while the run was active',
      `work order 1001 confirmed to Shop folder ${count}`,
    ])
  })

  it('knows an order that comes again, and tells when its content changed', async () => {
    startHost()
    await hostIsThere()
    await add()
    drop('a.csv', csv('2001,Plate,5'))
    await eventually(() => readdirSync(inbox).includes('done') && readdirSync(join(inbox, 'done')).length).toBe(1)
    drop('b.csv', csv('2001,Plate,5', '2002,Pin,1'))
    await eventually(() => readdirSync(join(inbox, 'done')).length).toBe(2)
    expect((await list())[0]?.problems).toEqual([])
    drop('c.csv', csv('2001,Plate,8'))
    await eventually(async () => (await list())[0]?.problems).toMatchObject([
      { source: 'c.csv, row 2', reason: expect.stringContaining('Work order 2001 came again with other content') },
    ])
    expect((await orders()).find(({ order }) => order.number === '2001')?.order.quantity).toBe(5)
  })

  it('shows a broken row with its place and reason, and takes nothing of that file', async () => {
    startHost()
    await hostIsThere()
    await add()
    drop('bad.csv', csv('3001,Plate,5', '3002,Plate,lots'))
    await eventually(async () => (await list())[0]?.problems).toMatchObject([{ source: 'bad.csv, row 3', reason: expect.stringContaining('lots') }])
    expect((await orders()).some(({ order }) => order.number === '3001')).toBe(false)
  })

  it.each(['host', 'gateway'] as const)('loses and doubles nothing when the %s is killed and comes back', async (which) => {
    startHost()
    await hostIsThere()
    const connection = await add()
    drop('a.csv', csv(`${which}-1,Plate,5`))
    await eventually(async () => (await orders()).some(({ order }) => order.number === `${which}-1`)).toBe(true)
    if (which === 'host') await killHost()
    else await stopGateway()
    drop('b.csv', csv(`${which}-1,Plate,5`, `${which}-2,Plate,5`))
    if (which === 'host') startHost()
    else await startGateway()
    await hostIsThere()
    await eventually(async () => (await orders()).some(({ order }) => order.number === `${which}-2`)).toBe(true)
    expect((await orders()).filter(({ order }) => order.number === `${which}-1`)).toHaveLength(1)
    await connections.rpc.requests.confirm({ connectionId: connection.id, workOrder: `${which}-1`, key: which, body: {}, nodeId: 'n' })
    await eventually(confirmationFiles).toHaveLength(1)
  })

  it('sends a confirmation later when the host is away, also after a restart of the gateway', async () => {
    startHost()
    await hostIsThere()
    const connection = await add()
    await killHost()
    await eventually(async () => (await list())[0]?.why?.text).toMatch(/not running just now/)
    await connections.rpc.requests.confirm({ connectionId: connection.id, workOrder: '4001', key: 'k', body: {}, nodeId: 'n' })
    await eventually(
      async () =>
        (await test.store.db.selectFrom('outbox').select('error').where('key', '=', 'k').where('connectionId', '=', connection.id).executeTakeFirst())?.error,
    ).toMatch(/not running just now/)
    await stopGateway()
    await startGateway()
    startHost()
    await hostIsThere()
    await eventually(confirmationFiles).toHaveLength(1)
  })

  it('queues a confirmation whose job was lost', async () => {
    startHost()
    await hostIsThere()
    const connection = await add()
    await test.store.db
      .insertInto('outbox')
      .values({ id: `out_lost${count}`, connectionId: connection.id, key: 'lost', workOrder: '5001', body: '{}', state: 'waiting' })
      .execute()
    await connections.start()
    await eventually(confirmationFiles).toHaveLength(1)
  })

  it('refuses settings that cannot work, a name that is taken, and a secret that there is not', async () => {
    startHost()
    await hostIsThere()
    await expect(add({ settings: { inbox: join(dir, 'nowhere'), outbox } })).rejects.toMatchObject({ code: 'folder-not-found' })
    await expect(add({ settings: { inbox } })).rejects.toMatchObject({ code: 'invalid-input' })
    await expect(add({ connector: 'sap' })).rejects.toMatchObject({ code: 'connector-unknown' })
    await expect(add({ secrets: { password: 'x' } })).rejects.toMatchObject({ code: 'secret-unknown' })
    await add()
    await expect(add()).rejects.toMatchObject({ code: 'connection-name-taken' })
  })

  it('can be switched off, changed and removed', async () => {
    startHost()
    await hostIsThere()
    const { id } = await add()
    const change = (more: object) => call('changeConnection', { params: { connectionId: id }, body: body(more) }) as Promise<Connection>
    expect(await change({ isEnabled: false })).toMatchObject({ state: 'off' })
    drop('a.csv', csv(`6001-${count},Plate,5`))
    expect(await change({ name: 'Other name' })).toMatchObject({ state: 'running', name: 'Other name' })
    await eventually(async () => (await orders()).some(({ order }) => order.number === `6001-${count}`)).toBe(true)
    await call('removeConnection', { params: { connectionId: id }, query: {} })
    expect(await list()).toEqual([])
    expect((await orders()).some(({ order }) => order.number === `6001-${count}`)).toBe(true)
    await expect(connections.rpc.requests.confirm({ connectionId: id, workOrder: '6001', key: 'k', body: {}, nodeId: 'n' })).rejects.toMatchObject({
      code: 'connection-not-found',
    })
  })

  it('can be tested with what is in a form: what was seen, or what failed, and nothing is stored', async () => {
    startHost()
    await hostIsThere()
    const test = (settings: object) => call('testConnection', { body: { connector: 'work-order-folder', settings } }) as Promise<TestResult>
    expect(await test({ inbox, outbox })).toMatchObject({ isGood: true, seen: [{ code: 'inbox-seen' }, { code: 'outbox-seen' }] })
    expect(await test({ inbox: join(dir, 'nowhere'), outbox })).toMatchObject({ isGood: false, seen: [], problem: { code: 'folder-not-found' } })
    await expect(test({ inbox })).rejects.toMatchObject({ code: 'invalid-input' })
    expect(await list()).toEqual([])
  })

  it('is saved untested when asked to, tried until it works, and tried at once when told so', async () => {
    startHost()
    await hostIsThere()
    const folder = join(dir, 'later')
    const later = { connector: 'folder-events', settings: { folder, settleSeconds: 0.1 } }
    await expect(add(later)).rejects.toMatchObject({ code: 'folder-not-found' })
    const { id } = await add({ ...later, isUntested: true })
    await eventually(async () => (await list())[0]).toMatchObject({ state: 'failing', why: { code: 'folder-away' } })
    mkdirSync(folder)
    await call('retryConnection', { params: { connectionId: id } })
    await eventually(async () => (await list())[0]?.state).toBe('running')
  })

  it('is not made twice to the same place: the two would take from each other', async () => {
    startHost()
    await hostIsThere()
    const { id } = await add()
    await expect(add({ name: 'Twin' })).rejects.toMatchObject({ code: 'connection-twice', details: { errors: [{ path: '/inbox' }] } })
    // itself is no other
    await call('changeConnection', { params: { connectionId: id }, body: body({ name: 'Renamed' }) })
    expect((await list()).map(({ name }) => name)).toEqual(['Renamed'])
  })

  it('is switched off and on, counts what went through it, and shows settings only to those who may change them', async () => {
    startHost()
    await hostIsThere()
    const { id } = await add()
    const turn = (isOn: boolean) => call('switchConnection', { params: { connectionId: id }, body: { isOn } }) as Promise<Connection>
    expect(await turn(false)).toMatchObject({ state: 'off', isEnabled: false })
    await expect(call('retryConnection', { params: { connectionId: id } })).rejects.toMatchObject({ code: 'connection-off' })
    drop('a.csv', csv(`7001-${count},Plate,5`, `7002-${count},Plate,5`))
    expect((await turn(true)).isEnabled).toBe(true)
    await eventually(async () => (await list())[0]?.traffic).toMatchObject({ in: 2, lastIn: 'a.csv, row 3' })
    const manager = { ...caller, capabilities: new Set(['connections.manage']) }
    const [full] = (await connections.routes.find(({ route }) => route.id === 'listConnections')!.run({ caller: manager } as never)) as Connection[]
    expect(full?.settings).toMatchObject({ inbox, pollSeconds: 0.2, format: 'auto' })
    expect((await list())[0]?.settings).toEqual({})
  })

  it('never opens the port of a machine, and no machine is bound to a port that a connection has', async () => {
    startHost()
    await hostIsThere()
    const path = join(dir, 'ttyUSB0')
    writeFileSync(path, '')
    symlinkSync(path, join(dir, 'usb-router'))
    const gauge = (more: object = {}, settings: object = {}) => body({ connector: 'serial-gauge', isUntested: true, ...more, settings: { path, ...settings } })
    const router = { id: 'm1', name: 'Router', link: { kind: 'serial' as const, path: join(dir, 'usb-router') } }
    wired = [router]
    wiredChanged()
    for (const more of [{}, { isEnabled: false }, { isUntested: false }])
      await expect(call('addConnection', { body: gauge(more) })).rejects.toMatchObject({ code: 'port-of-machine', details: { blanks: { machine: 'Router' } } })
    const tested = (await call('testConnection', { body: { connector: 'serial-gauge', settings: { path } } })) as TestResult
    expect(tested.problem).toMatchObject({ code: 'port-of-machine' })

    // made while it was nobody's
    wired = []
    wiredChanged()
    const made = (await call('addConnection', { body: gauge() })) as Connection
    await expect(connections.requirePortFreeFor(router as never)).rejects.toMatchObject({
      code: 'port-of-connection',
      details: { blanks: { connection: made.name, machine: 'Router' } },
    })
    const params = { connectionId: made.id }
    await call('switchConnection', { params, body: { isOn: false } })
    await connections.requirePortFreeFor(router as never)
    wired = [router]
    wiredChanged()
    await expect(call('switchConnection', { params, body: { isOn: true } })).rejects.toMatchObject({ code: 'port-of-machine' })
    await expect(call('changeConnection', { params, body: gauge() })).rejects.toMatchObject({ code: 'port-of-machine' })
    await call('changeConnection', { params, body: { ...gauge({ isEnabled: false }), name: 'Renamed' } })
    await call('removeConnection', { params, query: { evenIfUsed: false } })
  })
  it('shows what a gauge shows to whoever measures, and asks it for them', async () => {
    const device = createServer((peer) => peer.on('data', () => peer.write('12.5 N\r\n')).on('error', () => {}))
    await new Promise<void>((resolve) => device.listen(0, '127.0.0.1', resolve))
    const { port } = device.address() as { port: number }
    startHost()
    await hostIsThere()
    told = []
    const settings = { line: 'tcp', host: '127.0.0.1', port, format: 'mark-10' }
    const { id } = (await call('addConnection', { body: body({ connector: 'serial-gauge', settings }) })) as Connection
    await eventually(() => told.at(-1)).toMatchObject({ connectionId: id, isThere: true })
    expect(await call('readGauge', { params: { connectionId: id } })).toMatchObject({ value: 12.5, unit: 'N', raw: '12.5 N' })
    await eventually(() => told.at(-1)).toMatchObject({ reading: { value: 12.5 } })
    await call('removeConnection', { params: { connectionId: id }, query: { evenIfUsed: false } })
    await eventually(() => told.at(-1)).toMatchObject({ connectionId: id, isThere: false })
    await expect(call('readGauge', { params: { connectionId: id } })).rejects.toMatchObject({ code: 'connection-not-found' })
    await new Promise((resolve) => device.close(resolve))
  })
  it('is not removed while running flows use it, unless told so', async () => {
    startHost()
    await hostIsThere()
    const { id } = await add()
    flows = [
      { id: 'tab', type: 'tab', label: 'Orders' },
      { id: 'n1', type: 'cw-work-orders', z: 'tab', name: 'From the ERP', connectionId: id },
    ]
    expect((await list())[0]?.uses).toEqual([
      { nodeId: 'n1', nodeType: 'cw-work-orders', nodeName: 'From the ERP', flowId: 'tab', flowName: 'Orders', isTrigger: true },
    ])
    const remove = (evenIfUsed: boolean) => call('removeConnection', { params: { connectionId: id }, query: { evenIfUsed } })
    await expect(remove(false)).rejects.toMatchObject({ code: 'connection-in-use', message: expect.stringContaining('"From the ERP" in "Orders"') })
    expect(await list()).toHaveLength(1)
    await remove(true)
    expect(await list()).toEqual([])
  })

  it('waits for a host that is on its way, where a person asks for something', async () => {
    const asked = add()
    startHost()
    expect((await asked).name).toMatch(/^Shop folder/)
  })

  it('lets no process in without the token', async () => {
    const stranger = connect(socket)
    const peer = openRpc({ socket: stranger, serves: hostRpc, calls: hostAsks, handlers: { requests: {}, notifications: {} } as never })
    await expect(peer.call('offer', { connectionId: 'c', items: [] })).rejects.toMatchObject({ code: 'hello-first' })
    await expect(peer.call('hello', { token: 'wrong' })).rejects.toMatchObject({ code: 'wrong-token' })
    await peer.closed
  })

  it('refuses what a person asks for when the host has been away for long', async () => {
    await stopGateway()
    hostPatienceMs = 0
    try {
      await startGateway()
      await expect(call('listConnectors', {})).rejects.toMatchObject({ code: 'connector-host-away' })
    } finally {
      hostPatienceMs = 60_000
    }
  })

  it('of one connector that crashes leave the others alone', async () => {
    const child = spawn(process.execPath, [CRASHING_HOST, socket, TOKEN], { stdio: 'ignore' })
    host = child
    await hostIsThere()
    await add({ name: 'Crashing', connector: 'crashing', settings: {} })
    await eventually(async () => (await list()).find(({ name }) => name === 'Crashing')).toMatchObject({
      state: 'failing',
      why: { text: expect.stringContaining('a bug in a connector') },
    })
    await add({ name: 'Steady', connector: 'steady', settings: {} })
    await eventually(async () => (await orders()).some(({ order }) => order.number === 'S1')).toBe(true)
    expect(child.exitCode).toBeNull()
  })
})
