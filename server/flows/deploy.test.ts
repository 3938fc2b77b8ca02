import { createConnection } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openRpc, type RpcHandlers, type RpcPeer } from '../../base/rpc.ts'
import { checkFlows, commentVersion, type FlowNode, type FlowProblem, getFlows, getVersion, listNodeTypes, listVersions, type NodeType } from '../api/index.ts'
import { gatewayRpc, runtimeRpc } from '../runtime/contract.ts'
import { LISTED_TYPES } from './fence-table.ts'
import { type FlowsFixture, startFlowsFixture, until } from './testing.ts'

let fixture: FlowsFixture
beforeAll(async () => {
  fixture = await startFlowsFixture({ env: { DATABASE_URL: 'postgres://secret', REDIS_URL: 'redis://secret', CELLWRIGHT_OWNER: 'a:secret' } })
})
afterAll(() => fixture?.close())

const TAB: FlowNode = { id: 'tab1', type: 'tab', label: 'Cell' }
/** An endpoint that answers a fixed text, or what a property expression gives. */
function endpoint(path: string, to: unknown, tot = 'str', tab = 'tab1'): FlowNode[] {
  const at = { z: tab, x: 1, y: 1 }
  return [
    { ...at, id: `${path}-in`, type: 'http in', url: `/${path}`, method: 'get', wires: [[`${path}-set`]] },
    { ...at, id: `${path}-set`, type: 'change', rules: [{ t: 'set', p: 'payload', pt: 'msg', to, tot }], wires: [[`${path}-out`]] },
    { ...at, id: `${path}-out`, type: 'http response', wires: [] },
  ]
}
const answerOf = async (path: string) => {
  const answer = await fetch(`${fixture.url}/hooks/${path}`, { headers: { 'x-test-role': 'operator' } })
  return answer.ok ? answer.text() : answer.status
}
const versions = () =>
  fixture.call<{ id: string; state: string; author: string; rev: string; text?: string; changes: object }[]>(listVersions, 'viewer', { query: { limit: 50 } })
const now = () => fixture.call<{ flows: FlowNode[]; rev: string; versionId?: string; runtime: { flows: string; text?: string } }>(getFlows, 'viewer')
const sealedCredentials = async () =>
  (await fixture.testStore.store.db.selectFrom('runtimeDocument').select('data').where('what', '=', 'credentials').executeTakeFirst())?.data as
    | string
    | undefined

/** Speaks to the gateway as a runtime would. */
async function asRuntime<T>(work: (gateway: RpcPeer<typeof gatewayRpc>) => Promise<T>, token = 'process-token'): Promise<T> {
  const socket = createConnection(join(fixture.dir, 'g.sock'))
  const refuse = () => {
    throw new Error('not asked here')
  }
  const names = (part: object) => Object.fromEntries(Object.keys(part).map((name) => [name, refuse]))
  const handlers = { requests: names(runtimeRpc.requests), notifications: names(runtimeRpc.notifications) } as unknown as RpcHandlers<typeof runtimeRpc>
  const gateway = openRpc({ socket, serves: runtimeRpc, handlers, calls: gatewayRpc })
  try {
    if (token) await gateway.call('hello', { token })
    return await work(gateway)
  } finally {
    gateway.close()
  }
}

describe('node types', () => {
  test('every type that is installed has a line of its own in the fence’s table, or is ours', async () => {
    const types = await fixture.call<NodeType[]>(listNodeTypes, 'viewer')
    expect(types.filter(({ type }) => !type.startsWith('cw-') && !LISTED_TYPES.has(type)).map(({ type }) => type)).toEqual([])
  })

  test('tell what the palette and the form need', async () => {
    const types = await fixture.call<NodeType[]>(listNodeTypes, 'viewer')
    const find = (name: string) => types.find(({ type }) => type === name)
    expect(find('inject')).toMatchObject({ family: 'common', inputs: 0, outputs: 1, color: '#a6bbcf', needs: 'flows.deploy', module: 'node-red' })
    expect(find('inject')?.defaults).toMatchObject({ payloadType: 'date', once: false })
    expect(find('function')).toMatchObject({ needs: 'flows.code', inputs: 1, outputs: 1 })
    expect(find('mqtt in')).toMatchObject({ references: { broker: 'mqtt-broker' } })
    expect(find('ui-button')).toMatchObject({ label: 'button', references: { group: 'ui-group' } })
  })
})

describe('a deploy', () => {
  test('runs the flows, and is a version with its author and what changed', async () => {
    const first = await fixture.deploy([TAB, ...endpoint('hello', 'good morning')])
    expect(await answerOf('hello')).toBe('good morning')
    const second = await fixture.deploy([TAB, ...endpoint('hello', 'good evening')], { rev: first.rev, kind: 'nodes' })
    expect(await answerOf('hello')).toBe('good evening')
    expect(await now()).toMatchObject({ rev: second.rev, versionId: second.versionId, runtime: { flows: 'running' } })
    const [newest] = await versions()
    expect(newest).toMatchObject({ id: second.versionId, state: 'deployed', author: 'The engineer', changes: { added: 0, removed: 0, changed: 1 } })
    expect(await fixture.call(getVersion, 'viewer', { params: { versionId: second.versionId } })).toMatchObject({
      diff: { changed: ['hello-set'] },
      flows: { length: 4 },
    })
    expect(fixture.published).toContainEqual({ topic: 'flows', change: expect.objectContaining({ rev: second.rev, by: 'The engineer' }) })
    expect(fixture.audit).toContainEqual(expect.objectContaining({ action: 'flows.deploy', target: second.versionId }))
  })

  test('tells everybody how far it is, by the id that the caller chose', async () => {
    const id = 'ab'.repeat(8)
    const stages = () =>
      fixture.published.flatMap(({ topic, change }) =>
        topic === 'deploys' && (change as { id: string }).id === id ? [(change as { stage: string }).stage] : [],
      )
    await fixture.flows.deploy({ flows: [TAB, ...endpoint('hello', 'hi')], kind: 'full', id, comment: 'greeting' }, fixture.as('engineer'))
    expect(stages()).toEqual(['waiting', 'checking', 'saving', 'starting', 'running'])
    expect((await versions())[0]).toMatchObject({ comment: 'greeting', kind: 'full' })
    await expect(fixture.flows.deploy({ flows: [{ id: 'x', type: 'mystery' }], kind: 'full', id }, fixture.as('engineer'))).rejects.toThrow()
    expect(stages().slice(5)).toEqual(['waiting', 'checking', 'refused'])
  })

  test('can be given its reason afterwards; the audit log keeps what was said before', async () => {
    const [newest] = await versions()
    const said = await fixture.call<{ comment?: string }>(commentVersion, 'engineer', {
      params: { versionId: newest!.id },
      body: { comment: ' a better greeting ' },
    })
    expect(said.comment).toBe('a better greeting')
    expect(fixture.audit).toContainEqual(expect.objectContaining({ action: 'flows.comment', detail: { comment: 'a better greeting', before: 'greeting' } }))
    await expect(fixture.call(commentVersion, 'engineer', { params: { versionId: 'ver_none' }, body: { comment: '' } })).rejects.toMatchObject({
      code: 'version-not-found',
    })
  })

  test('from an old revision is refused', async () => {
    const { rev } = await now()
    await fixture.deploy([TAB, ...endpoint('hello', 'from Ann')], { rev })
    await expect(fixture.deploy([TAB, ...endpoint('hello', 'from Bob')], { rev })).rejects.toMatchObject({ code: 'version-mismatch', status: 409 })
    expect(await answerOf('hello')).toBe('from Ann')
  })

  test('with an unknown type is refused, names the node and leaves everything running', async () => {
    await fixture.deploy([TAB, ...endpoint('hello', 'still here')])
    const before = await now()
    await expect(fixture.deploy([TAB, { id: 'x', type: 'mystery', z: 'tab1', x: 1, y: 1, wires: [] }])).rejects.toMatchObject({
      code: 'node-type-unknown',
      details: { problems: [expect.objectContaining({ nodeId: 'x' })] },
    })
    expect(await answerOf('hello')).toBe('still here')
    expect(await now()).toEqual(before)
  })

  test('of a node that cannot start puts flows and credentials back and says which node', async () => {
    const broker = { id: 'broker', type: 'mqtt-broker', broker: '127.0.0.1', port: '1', autoConnect: false }
    await fixture.deploy([TAB, broker, ...endpoint('hello', 'before')], { credentials: { broker: { user: 'ann', password: 'right' } } })
    const before = await now()
    // its constructor throws: it takes `temp` for text
    const bad = { id: 'bad', type: 'csv', z: 'tab1', x: 1, y: 1, name: 'breaks', temp: { not: 'text' }, wires: [[]] }
    const failing = fixture.deploy([TAB, broker, bad, ...endpoint('hello', 'after')], { credentials: { broker: { user: 'bob', password: 'wrong' } } })
    await expect(failing).rejects.toMatchObject({ code: 'deploy-failed', details: { problems: [expect.objectContaining({ nodeId: 'bad' })] } })
    expect(await answerOf('hello')).toBe('before')
    const after = await now()
    expect({ flows: after.flows, rev: after.rev, runtime: after.runtime }).toEqual({
      flows: before.flows,
      rev: before.rev,
      runtime: { process: 'running', flows: 'running' },
    })
    const [restored, failed] = await versions()
    expect(restored).toMatchObject({ state: 'restored', rev: before.rev })
    expect(failed).toMatchObject({ state: 'failed', text: expect.stringContaining('breaks') })
    const editor = await fetch(`${fixture.url}/red/credentials/mqtt-broker/broker`, { headers: { 'x-test-role': 'engineer' } })
    expect(await editor.json()).toEqual({ user: 'ann', has_password: true })
    expect(await asRuntimeCredentials()).toMatchObject({ broker: { user: 'ann', password: 'right' } })
  })

  test('keeps the credentials that it does not mention, sealed in the database', async () => {
    const broker = { id: 'broker', type: 'mqtt-broker', broker: '127.0.0.1', port: '1', autoConnect: false }
    await fixture.deploy([TAB, broker], { credentials: { broker: { user: 'ann', password: 'T0p-Secret' } } })
    await fixture.deploy([TAB, { ...broker, port: '2' }], { credentials: { broker: { user: 'eve' } } })
    expect(await asRuntimeCredentials()).toEqual({ broker: { user: 'eve', password: 'T0p-Secret' } })
    const sealed = await sealedCredentials()
    expect(sealed).toMatch(/^v1\./)
    const rows = await fixture.testStore.store.db.selectFrom('flowVersion').select('flows').execute()
    expect(sealed + JSON.stringify(rows)).not.toContain('T0p-Secret')
  })

  test('is checked without being made', async () => {
    const before = await now()
    const { problems } = await fixture.call<{ problems: FlowProblem[] }>(checkFlows, 'integrator', {
      body: { flows: [TAB, { id: 'x', type: 'mystery' }, { id: 'f', type: 'function', z: 'tab1' }] },
    })
    expect(problems.map(({ nodeId }) => nodeId)).toEqual(['x', 'f'])
    expect(await now()).toEqual(before)
  })
})

/** The set as the runtime would load it. */
async function asRuntimeCredentials(): Promise<unknown> {
  const sealed = await sealedCredentials()
  return sealed === undefined ? undefined : fixture.open(sealed)
}

describe('the fence', () => {
  test('refuses code from somebody without flows.code through the API, and leaves flows and credentials as they were', async () => {
    await fixture.deploy([TAB, ...endpoint('fence', 'closed')])
    const before = { ...(await now()), credentials: await sealedCredentials() }
    const flows = [TAB, ...endpoint('fence', 'closed'), { id: 'fn', type: 'function', z: 'tab1', x: 1, y: 1, func: 'return msg', wires: [[]] }]
    await expect(fixture.deploy(flows, { role: 'integrator' })).rejects.toMatchObject({
      code: 'node-type-not-allowed',
      status: 403,
      details: { problems: [expect.objectContaining({ nodeId: 'fn' })] },
    })
    expect({ ...(await now()), credentials: await sealedCredentials() }).toEqual(before)
  })

  test('lets them change what is safe beside it', async () => {
    await fixture.deploy([TAB, ...endpoint('fence', 'closed')])
    await fixture.deploy([TAB, ...endpoint('fence', 'ajar')], { role: 'integrator' })
    expect(await answerOf('fence')).toBe('ajar')
  })

  test('stands in saveFlows too: a ticket of somebody without flows.code saves no code, and no ticket saves nothing', async () => {
    const flows = [TAB, { id: 'fn', type: 'function', z: 'tab1', x: 1, y: 1, func: 'return msg', wires: [[]] }]
    const before = await now()
    const ticket = fixture.ticket('integrator')
    const engineers = fixture.ticket('engineer')
    const forged = `${engineers.split('.')[0]}.${ticket.split('.')[1]}`
    await fixture.stopRuntime()
    await asRuntime(async (gateway) => {
      await expect(gateway.call('saveFlows', { flows, ticket })).rejects.toMatchObject({ code: 'node-type-not-allowed' })
      await expect(gateway.call('saveFlows', { flows })).rejects.toMatchObject({ code: 'ticket-missing' })
      await expect(gateway.call('saveFlows', { flows, ticket: forged })).rejects.toMatchObject({ code: 'ticket-missing' })
    })
    expect(await now()).toMatchObject({ rev: before.rev, versionId: before.versionId })
    await fixture.startRuntime()
  })

  test('holds for an import in the stock editor, and its refusal leaves credentials in memory as they were', async () => {
    const broker = { id: 'broker', type: 'mqtt-broker', broker: '127.0.0.1', port: '1', autoConnect: false }
    await fixture.deploy([TAB, broker], { credentials: { broker: { user: 'ann', password: 'right' } } })
    const before = { ...(await now()), credentials: await asRuntimeCredentials() }
    // somebody whose capability was taken away while the editor was open: the ticket says what they may do now
    const import_ = {
      flows: [
        TAB,
        { ...broker, credentials: { user: 'eve', password: 'stolen' } },
        { id: 'fn', type: 'exec', z: 'tab1', x: 1, y: 1, command: 'id', wires: [[], [], []] },
      ],
    }
    await fixture.flows.runtime
      .peer()
      .call('deploy', { ...import_, kind: 'full', by: 'eve', ticket: fixture.ticket('integrator') })
      .then(
        () => expect.unreachable('it was deployed'),
        (error) => expect(error).toMatchObject({ code: 'node-type-not-allowed' }),
      )
    expect({ ...(await now()), credentials: await asRuntimeCredentials() }).toEqual(before)
    const kept = await fetch(`${fixture.url}/red/credentials/mqtt-broker/broker`, { headers: { 'x-test-role': 'engineer' } })
    expect(await kept.json()).toEqual({ user: 'ann', has_password: true })
  })
})

describe('the gateway’s socket', () => {
  test('refuses a wrong token', async () => {
    await expect(asRuntime(async () => {}, 'guess')).rejects.toMatchObject({ code: 'wrong-token' })
  })

  test('answers nothing before the token was said', async () => {
    await expect(asRuntime((gateway) => gateway.call('load', { what: 'credentials' }), '')).rejects.toMatchObject({ code: 'hello-first' })
  })
})

describe('the runtime', () => {
  test('shows no secret of its environment to a flow', async () => {
    await fixture.deploy([
      TAB,
      ...endpoint('env', 'DATABASE_URL', 'env'),
      ...endpoint('jsonata', '$env("DATABASE_URL") & $env("REDIS_URL") & $env("CELLWRIGHT_OWNER")', 'jsonata'),
      ...endpoint('path', 'PATH', 'env'),
    ])
    expect(await answerOf('path')).not.toBe('')
    expect(await answerOf('env')).toBe('')
    expect(await answerOf('jsonata')).toBe('')
  })

  test('killed and started again runs the same flows', async () => {
    await fixture.deploy([TAB, ...endpoint('again', 'here I am')])
    const before = await now()
    fixture.runtime.kill('SIGKILL')
    await until('the gateway to notice', () => fixture.flows.runtime.state.process === 'gone')
    expect(() => fixture.flows.runtime.peer()).toThrow(expect.objectContaining({ code: 'runtime-away' }))
    expect(await answerOf('again')).toBe(503)
    await fixture.startRuntime()
    expect(await answerOf('again')).toBe('here I am')
    expect(await now()).toMatchObject({ rev: before.rev, versionId: before.versionId, runtime: { flows: 'running' } })
    await fixture.deploy([TAB, ...endpoint('again', 'and again')], { rev: before.rev })
    expect(await answerOf('again')).toBe('and again')
  })

  test('that is being started takes a deploy as soon as it is there', async () => {
    await fixture.stopRuntime()
    await until('the gateway to notice', () => fixture.flows.runtime.state.process === 'gone')
    const deploying = fixture.deploy([TAB, ...endpoint('early', 'bird')])
    await fixture.startRuntime()
    await deploying
    expect(await answerOf('early')).toBe('bird')
  })

  test('leaves flows stopped and says so when their credentials cannot be read, and a deploy starts them', async () => {
    const { db } = fixture.testStore.store
    await fixture.deploy([TAB, ...endpoint('sealed', 'one')], { credentials: { 'sealed-in': {} } })
    await fixture.stopRuntime()
    const data = JSON.stringify(`v1.${Buffer.from('sealed with another key, or broken').toString('base64')}`)
    await db
      .insertInto('runtimeDocument')
      .values({ what: 'credentials', data, at: new Date() })
      .onConflict((on) => on.column('what').doUpdateSet({ data }))
      .execute()
    await fixture.startRuntime()
    expect(fixture.flows.runtime.state).toMatchObject({ flows: 'failed', text: expect.stringContaining('cannot be read') })
    expect(await answerOf('sealed')).toBe(404)
    await fixture.deploy([TAB, ...endpoint('sealed', 'two')])
    expect(await answerOf('sealed')).toBe('two')
  })

  test('in safe mode starts no flows, and a deploy starts them', async () => {
    await fixture.deploy([TAB, ...endpoint('safe', 'one')])
    await fixture.stopRuntime()
    await fixture.startRuntime({ isSafeMode: true })
    await until('safe mode', () => fixture.flows.runtime.state.flows === 'safe')
    expect(await answerOf('safe')).toBe(404)
    await fixture.deploy([TAB, ...endpoint('safe', 'two')])
    expect(await answerOf('safe')).toBe('two')
  })

  test('ends and says so when a flow throws where nobody catches it', async () => {
    const boom = { id: 'boom', type: 'function', z: 'tab1', x: 1, y: 1, func: 'Promise.reject(new Error("loose wire"))', wires: [[]] }
    await fixture.deploy([TAB, { id: 'go', type: 'http in', z: 'tab1', x: 1, y: 1, url: '/boom', method: 'get', wires: [['boom']] }, boom])
    const gone = new Promise<number | null>((resolve) => fixture.runtime.once('exit', resolve))
    fetch(`${fixture.url}/hooks/boom`, { headers: { 'x-test-role': 'operator' } }).catch(() => {}) // the answer never comes
    expect(await gone).toBe(1)
    // what it wrote last may come behind its end
    await until('its last words', () => fixture.log().includes('loose wire'))
    await fixture.startRuntime()
    await fixture.deploy([TAB])
  })
})
