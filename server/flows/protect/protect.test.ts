/** A protected flow changes by two people only, whatever way the change comes; in a real runtime. */
import { createConnection } from 'node:net'
import { join } from 'node:path'
import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { openRpc, type RpcHandlers } from '../../../base/rpc.ts'
import {
  type AnyRoute,
  approveChange,
  type BodyOf,
  type Capability,
  type ChangeRequest,
  capabilitiesOf,
  deployFlows,
  type FlowNode,
  getChangeRequest,
  getFlows,
  listChangeRequests,
  listProtected,
  type ParamsOf,
  protectFlow,
  type ResponseOf,
  type Role,
  refuseChange,
  unprotectFlow,
  withdrawChange,
} from '../../api/index.ts'
import type { Caller } from '../../auth/caller.ts'
import { gatewayRpc, runtimeRpc } from '../../runtime/contract.ts'
import { type FlowsFixture, startFlowsFixture } from '../testing.ts'

const person = (name: string, more: Partial<Caller> = {}, role: Role = 'engineer'): Caller => ({
  userId: `u-${name}`,
  userName: name,
  name: name[0]?.toUpperCase() + name.slice(1),
  role,
  capabilities: capabilitiesOf(role),
  via: 'session',
  session: name,
  ...more,
})
const ann = person('ann')
const ben = person('ben')
const TAB: FlowNode = { id: 'tab', type: 'tab', label: 'Spindle' }
const OTHER: FlowNode = { id: 'other', type: 'tab', label: 'Other' }
const text = (id: string, z: string, to: string, more: object = {}): FlowNode => ({
  id,
  z,
  type: 'change',
  x: 1,
  y: 1,
  rules: [{ t: 'set', p: 'payload', pt: 'msg', to, tot: 'str' }],
  wires: [[]],
  ...more,
})
const BASE = [TAB, OTHER, text('a', 'tab', 'one'), text('b', 'other', 'one')]

let its: FlowsFixture
beforeAll(async () => {
  its = await startFlowsFixture()
  await sql`create table "user" (id text primary key, name text, email text, username text, role text, banned boolean, "createdAt" timestamptz default now())`.execute(
    its.testStore.store.db,
  )
  for (const one of ['ann', 'ben', 'carl'])
    await sql`insert into "user" (id, name, username, role) values (${`u-${one}`}, ${one}, ${one}, 'engineer')`.execute(its.testStore.store.db)
})
afterAll(() => its?.close())

async function call<R extends AnyRoute>(
  route: R,
  caller: Caller,
  input: { params?: ParamsOf<R>; body?: BodyOf<R>; query?: object } = {},
): Promise<ResponseOf<R>> {
  const handler = its.flows.routes.find((one) => one.route === route)
  if (!handler) throw new Error(`Nobody answers ${route.id}`)
  return (await handler.run({ query: { limit: 50 }, ...input, caller } as never)) as never
}
const now = async () => (await call(getFlows, ann)).flows as FlowNode[]
const codeOf = (work: Promise<unknown>) =>
  work.then(
    () => 'done',
    (error: { code?: string; message: string }) => error.code ?? error.message,
  )
const nodeNow = async (id: string) => (await now()).find((node) => node.id === id)
const deploy = (flows: FlowNode[], caller = ann, more: object = {}) => call(deployFlows, caller, { body: { flows, kind: 'nodes', ...more } as never })
/** What becomes a request. */
const asked = async (flows: FlowNode[], caller = ann, more: object = {}): Promise<string> => {
  try {
    await deploy(flows, caller, more)
  } catch (error) {
    expect(error).toMatchObject({ code: 'change-requested', status: 409 })
    return (error as { details: { requestId: string } }).details.requestId
  }
  throw new Error('it was deployed')
}
const seen = (requestId: string, caller = ben) => call(getChangeRequest, caller, { params: { requestId } })
const approve = async (requestId: string, caller = ben) => {
  const { hash } = await seen(requestId)
  return call(approveChange, caller, { params: { requestId }, body: hash === undefined ? {} : { hash } })
}
const changed = (to: string) => BASE.map((node) => (node.id === 'a' ? text('a', 'tab', to) : node))

beforeEach(async () => {
  const { db } = its.testStore.store
  await db.deleteFrom('flowProtection').execute()
  await db.deleteFrom('changeRequest').execute()
  await deploy(BASE, ann, { kind: 'full' })
  await call(protectFlow, ann, { params: { flowId: 'tab' } })
})

test('a deploy that changes a protected flow waits for a second person, and is then deployed as it was approved', async () => {
  const requestId = await asked(changed('two'), ann, { comment: 'faster' })
  expect(await nodeNow('a')).toMatchObject({ rules: [{ to: 'one' }] })
  const { request, flows, base } = await seen(requestId)
  expect(request).toMatchObject({
    state: 'open',
    author: 'Ann',
    reason: 'faster',
    flows: [{ id: 'tab', name: 'Spindle' }],
    changes: { added: 0, removed: 0, changed: 1 },
    isStale: false,
  })
  expect(request.mayNot).toBeUndefined()
  expect([flows, base].map((list) => list.find(({ id }) => id === 'a'))).toMatchObject([{ rules: [{ to: 'two' }] }, { rules: [{ to: 'one' }] }])
  expect(await approve(requestId)).toMatchObject({ state: 'deployed', decidedBy: 'Ben' })
  expect(await nodeNow('a')).toMatchObject({ rules: [{ to: 'two' }] })
  const version = await its.testStore.store.db.selectFrom('flowVersion').selectAll().where('requestId', '=', requestId).executeTakeFirstOrThrow()
  expect(version).toMatchObject({ author: 'Ann', authorId: 'u-ann', approvedBy: 'Ben', comment: 'faster' })
  expect(its.audit.map(({ action }) => action)).toEqual(expect.arrayContaining(['flows.protect', 'flows.request', 'flows.approve', 'flows.deploy']))
})

test('other flows are deployed as ever, also beside a protected one', async () => {
  await deploy(BASE.map((node) => (node.id === 'b' ? text('b', 'other', 'new') : node)))
  expect(await nodeNow('b')).toMatchObject({ rules: [{ to: 'new' }] })
})

test('that a node of a protected flow is deployed as a newer type is nobody’s change', async () => {
  const settings = { characteristic: 'bore', nominal: 10, lower: 0, upper: 1, unit: 'mm', decimals: 3, value: 'payload', valueType: 'msg' }
  const old: FlowNode = { ...{ id: 'old', type: 'cw-check', z: 'tab', x: 1, y: 1, name: '', wires: [[], []] }, ...settings }
  await approve(await asked([...BASE, old]))
  expect(await nodeNow('old')).toMatchObject({ type: 'cw-measure' })
  // as it was deployed before there was the newer type
  await sql`update "flowVersion" set flows = replace(flows::text, '"cw-measure"', '"cw-check"')::json where flows::text like '%cw-measure%'`.execute(
    its.testStore.store.db,
  )
  expect(await nodeNow('old')).toMatchObject({ type: 'cw-check' })
  await deploy([...BASE.map((node) => (node.id === 'b' ? text('b', 'other', 'new') : node)), { ...old, from: 'here' }])
  expect(await nodeNow('old')).toMatchObject({ type: 'cw-measure' })
  expect(await nodeNow('b')).toMatchObject({ rules: [{ to: 'new' }] })
})

describe('nobody approves what they asked for', () => {
  test.each<[string, Caller, string]>([
    ['themselves', ann, 'own-request'],
    ['by an API token of their own', { ...ann, via: 'token', session: 'tok' }, 'own-request'],
    ['by the command line of this computer', person('local', { userId: 'local', via: 'token' }, 'admin'), 'approve-in-person'],
    ['by a token of somebody else', { ...ben, via: 'token' }, 'approve-in-person'],
    ['without the right to', person('carl', { capabilities: new Set<Capability>(['flows.view', 'flows.deploy']) }), 'not-allowed'],
  ])('%s', async (_, caller, code) => {
    const requestId = await asked(changed('two'))
    expect(await codeOf(approve(requestId, caller))).toBe(code)
    expect(await codeOf(call(refuseChange, caller, { params: { requestId }, body: { reason: 'because' } }))).toBe(code)
    expect(await nodeNow('a')).toMatchObject({ rules: [{ to: 'one' }] })
  })

  test('the command line of this computer cannot ask: it is nobody in particular', async () => {
    const local = person('local', { userId: 'local', via: 'token' }, 'admin')
    expect(await codeOf(deploy(changed('two'), local))).toBe('request-needs-person')
    expect(await call(listChangeRequests, ann)).toEqual([])
  })
})

test('what a protected flow stands on is protected with it: config nodes, subflows, links into it, credentials, the tab itself', async () => {
  const broker: FlowNode = { id: 'broker', type: 'mqtt-broker', name: 'B', broker: '127.0.0.1', port: '1', autoConnect: false }
  const full = [
    ...BASE,
    broker,
    { id: 'sub', type: 'subflow', name: 'S', in: [], out: [] },
    text('inner', 'sub', 'one'),
    { id: 'mq', type: 'mqtt out', z: 'tab', x: 1, y: 1, broker: 'broker', topic: 't', wires: [] },
    { id: 'inst', type: 'subflow:sub', z: 'tab', x: 1, y: 1, wires: [] },
    { id: 'lin', type: 'link in', z: 'tab', x: 1, y: 1, links: [], wires: [[]] },
  ] as FlowNode[]
  await approve(await asked(full))
  const put = (id: string, more: object) => full.map((node) => (node.id === id ? { ...node, ...more } : node))
  for (const flows of [
    put('broker', { port: '2' }),
    put('inner', { name: 'x' }),
    put('tab', { disabled: true }),
    put('a', { x: 2 }),
    [...full, { id: 'lout', type: 'link out', z: 'other', x: 1, y: 1, mode: 'link', links: ['lin'], wires: [] }],
    full.filter(({ id }) => id !== 'a'),
    full.filter(({ id, z }) => id !== 'tab' && z !== 'tab'),
    [...full, text('new', 'tab', 'one')],
    [...full, { id: 'g', type: 'global-config', env: [{ name: 'X', value: '1', type: 'str' }] }],
  ] as FlowNode[][])
    await asked(flows)
  await asked(full, ann, { credentials: { broker: { user: 'u', password: 'p' } } })
  await deploy([...full, { ...broker, id: 'broker2' } as FlowNode, text('c', 'other', 'x')])
})

test('new credentials wait sealed with the request, and are set by the approval', async () => {
  const flows = [
    ...BASE,
    { id: 'mq', type: 'mqtt-broker', name: 'B', broker: '127.0.0.1', port: '1', autoConnect: false },
    { id: 'o', type: 'mqtt out', z: 'tab', x: 1, y: 1, broker: 'mq', wires: [] },
  ] as FlowNode[]
  const requestId = await asked(flows, ann, { credentials: { mq: { user: 'u', password: 'very secret' } } })
  const row = await its.testStore.store.db.selectFrom('changeRequest').selectAll().where('id', '=', requestId).executeTakeFirstOrThrow()
  expect(JSON.stringify(row)).not.toContain('very secret')
  await approve(requestId)
  const sealed = await its.testStore.store.db.selectFrom('runtimeDocument').select('data').where('what', '=', 'credentials').executeTakeFirstOrThrow()
  expect(its.open(sealed.data as string)).toMatchObject({ mq: { password: 'very secret' } })
})

test('a request whose flows have changed meanwhile says so and is not deployed; its author asks again, which replaces it', async () => {
  const first = await asked(changed('two'))
  await deploy([...BASE, text('c', 'other', 'x')])
  expect((await seen(first)).request).toMatchObject({ isStale: true, mayNot: 'stale' })
  expect(await codeOf(approve(first))).toBe('request-stale')
  const second = await asked([...changed('two'), text('c', 'other', 'x')])
  const states = (await call(listChangeRequests, ben)).map(({ id, state }) => [id, state])
  expect(states).toEqual([
    [second, 'open'],
    [first, 'replaced'],
  ])
  await approve(second)
  expect(await nodeNow('a')).toMatchObject({ rules: [{ to: 'two' }] })
})

test('what was put into the database behind the approver’s back is not deployed', async () => {
  const requestId = await asked(changed('two'))
  const { hash } = await seen(requestId)
  await its.testStore.store.db
    .updateTable('changeRequest')
    .set({ flows: JSON.stringify(changed('evil')) })
    .where('id', '=', requestId)
    .execute()
  expect(await codeOf(call(approveChange, ben, { params: { requestId }, body: { hash: hash ?? '' } }))).toBe('request-changed')
  // and nothing is approved that nobody has looked at
  const other = await asked(changed('three'))
  expect(await codeOf(call(approveChange, ben, { params: { requestId: other }, body: {} }))).toBe('request-changed')
})

test('an author who may not deploy any more deploys nothing by a request from before', async () => {
  const requestId = await asked(changed('two'), person('carl'))
  await sql`update "user" set banned = true where id = 'u-carl'`.execute(its.testStore.store.db)
  expect(await codeOf(approve(requestId))).toBe('author-not-allowed')
  expect((await call(listChangeRequests, ben))[0]?.state).toBe('open')
})

test('two who decide at once: one of them does', async () => {
  const requestId = await asked(changed('two'))
  const { hash } = await seen(requestId)
  const by = (caller: Caller) => codeOf(call(approveChange, caller, { params: { requestId }, body: hash === undefined ? {} : { hash } }))
  expect((await Promise.all([by(ben), by(person('carl'))])).toSorted()).toEqual(['done', 'request-decided'])
})

test('a request is refused with a reason, or withdrawn by its author', async () => {
  const first = await asked(changed('two'))
  expect(await codeOf(call(withdrawChange, ben, { params: { requestId: first } }))).toBe('not-own-request')
  expect(await call(refuseChange, ben, { params: { requestId: first }, body: { reason: 'too fast' } })).toMatchObject({
    state: 'refused',
    decidedWhy: 'too fast',
  })
  const second = await asked(changed('two'))
  expect(await call(withdrawChange, ann, { params: { requestId: second } })).toMatchObject({ state: 'withdrawn' })
  expect(await codeOf(approve(second))).toBe('request-decided')
})

test('ending the protection takes two as well', async () => {
  const request: ChangeRequest = await call(unprotectFlow, ann, { params: { flowId: 'tab' }, body: { reason: 'not needed' } })
  expect(await codeOf(approve(request.id, ann))).toBe('own-request')
  await asked(changed('two'))
  expect(await approve(request.id)).toMatchObject({ state: 'deployed' })
  expect(await call(listProtected, ann)).toEqual([])
  await deploy(changed('two'))
  expect(await nodeNow('a')).toMatchObject({ rules: [{ to: 'two' }] })
})

describe('the stock editor and the runtime', () => {
  const viaNodeRed = (flows: FlowNode[]) =>
    fetch(`${its.url}/red/flows`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-test-role': 'admin', 'Node-RED-API-Version': 'v2', 'Node-RED-Deployment-Type': 'nodes' },
      body: JSON.stringify({ flows }),
    })
  test('cannot deploy a change of a protected flow, and may change the others', async () => {
    expect((await viaNodeRed(changed('two'))).ok).toBe(false)
    expect(await nodeNow('a')).toMatchObject({ rules: [{ to: 'one' }] })
    expect((await viaNodeRed(BASE.map((node) => (node.id === 'b' ? text('b', 'other', 'by red') : node)))).ok).toBe(true)
    expect(await nodeNow('b')).toMatchObject({ rules: [{ to: 'by red' }] })
  })

  test('cannot set other credentials under a protected flow either', async () => {
    const broker = { id: 'mq', type: 'mqtt-broker', name: 'B', broker: '127.0.0.1', port: '1', autoConnect: false }
    const flows = [...BASE, broker, { id: 'o', type: 'mqtt out', z: 'tab', x: 1, y: 1, broker: 'mq', wires: [] }] as FlowNode[]
    await approve(await asked(flows, ann, { credentials: { mq: { user: 'u', password: 'right' } } }))
    expect((await viaNodeRed(flows.map((node) => (node.id === 'mq' ? { ...node, credentials: { user: 'u', password: 'wrong' } } : node)))).ok).toBe(false)
    const sealed = await its.testStore.store.db.selectFrom('runtimeDocument').select('data').where('what', '=', 'credentials').executeTakeFirstOrThrow()
    expect(its.open(sealed.data as string)).toMatchObject({ mq: { password: 'right' } })
  })

  // the last one: it takes the place of the runtime, which would come back and push it out
  test('cannot save one past the gateway, with whatever ticket', async () => {
    await its.stopRuntime()
    const socket = createConnection(join(its.dir, 'g.sock'))
    const refuse = () => {
      throw new Error('not asked here')
    }
    const names = (part: object) => Object.fromEntries(Object.keys(part).map((name) => [name, refuse]))
    const handlers = { requests: names(runtimeRpc.requests), notifications: names(runtimeRpc.notifications) } as unknown as RpcHandlers<typeof runtimeRpc>
    const gateway = openRpc({ socket, serves: runtimeRpc, handlers, calls: gatewayRpc })
    try {
      await gateway.call('hello', { token: 'process-token' })
      const ticket = its.flows.tickets.issue(ben, 'editor', 60_000)
      await expect(gateway.call('saveFlows', { flows: changed('evil'), ticket })).rejects.toThrow(/second person/)
    } finally {
      gateway.close()
    }
    expect(await nodeNow('a')).toMatchObject({ rules: [{ to: 'one' }] })
  })
})
