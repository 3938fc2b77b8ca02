/** The runtime process over the real contract: what it tells of runs, panel, jobs; what the palette may install; what it serves. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import type { FlowNode } from '../api/index.ts'
import { type FlowsFixture, startFlowsFixture, until } from '../flows/testing.ts'
import { decodeTrace, type TracedRun } from '../runs/trace.ts'

let fixture: FlowsFixture
const batches: TracedRun[] = []
let since = 0
const panels: unknown[][] = []
const programs: { jobId: string; runId: string; isRepeat?: boolean }[] = []
const subscriptions: unknown[] = []
const takenOrders: unknown[] = []
const ends = new Map<string, 'completed'>()
let endAtOnce = false
let dropsNextProgram = false

/** Node types that do the least with the services. */
const NODES = `
let key = 0
module.exports = (RED) => {
  const services = RED.settings.cellwright
  const type = (name, setup) => RED.nodes.registerType(name, function (config) { RED.nodes.createNode(this, config); setup(this, config) })
  type('t-button', (node, config) => {
    const face = { label: config.name, says: 'sends', color: 'normal', asks: [], isEnabled: true, waiting: [] }
    const button = services.registerButton({ nodeId: node.id, face, onPress(press) {
      if (!press.values.part) throw Object.assign(new Error('Enter the part.'), { name: 'UserError', kind: 'user', code: 'value-missing', status: 400 })
      node.send({ payload: press.values, _run: press.runId })
    } })
    node.on('close', () => button.remove())
  })
  type('t-program', (node) => {
    node.on('input', async (message, send, done) => {
      const { jobId } = await services.runProgram({ machineId: 'm1', program: 'p', key: String(key++), nodeId: node.id })
      services.onJobEnded(jobId, (end) => { send({ ...message, payload: end.state }); done() })
    })
  })
  type('t-orders', (node) => {
    const stop = services.subscribeWorkOrders({ connectionId: 'c1', nodeId: node.id }, (order) => {
      const runId = services.newRun(node.id)
      services.withRun(runId, () => node.send({ payload: order.order }))
      services.workOrderTaken({ id: order.id, runId })
    })
    node.on('close', () => stop())
  })
  type('t-job-in', (node) => {
    const stop = services.registerJobIn({ nodeId: node.id, name: 'deburr', onJob: (job) => node.send({ payload: job.payload }) })
    node.on('close', () => stop())
  })
}`

beforeAll(async () => {
  fixture = await startFlowsFixture({
    palette: { types: ['t-button', 't-program', 't-orders', 't-job-in'], source: NODES },
    parts: [
      {
        notifications: {
          trace: ({ batch }) => void batches.push(...decodeTrace(Buffer.from(batch, 'base64'))),
          panel: (list) => void panels.push(list),
        },
        requests: {
          machines: () => [{ id: 'm1', name: 'Mill 1', isVirtual: true }],
          programs: () => [],
          connections: () => [],
          runProgram({ key, runId = '', isRepeat = false }) {
            const jobId = `job_${key}`
            programs.push({ jobId, runId, isRepeat })
            if (dropsNextProgram) {
              dropsNextProgram = false
              fixture.dropConnection()
            }
            if (endAtOnce) fixture.flows.runtime.peer().notify('jobEnded', { jobId, state: 'completed' })
            return { jobId }
          },
          jobState: ({ jobId }) => ({ state: ends.get(jobId) ?? 'active' }),
          subscribeWorkOrders(request) {
            subscriptions.push(request)
            return null
          },
          workOrderTaken(request) {
            takenOrders.push(request)
            return null
          },
        },
      },
    ],
  })
})
afterAll(() => fixture?.close())
beforeEach(() => {
  batches.length = 0
  since = Date.now()
  programs.length = 0
  subscriptions.length = 0
})

const TAB: FlowNode = { id: 'tab1', type: 'tab', label: 'Cell' }
const node = (id: string, type: string, wires: string[], more: object = {}): FlowNode => ({
  id,
  type,
  z: 'tab1',
  name: `the ${id}`,
  x: 1,
  y: 1,
  wires: [wires],
  ...more,
})
const inject = (to: string[], more: object = {}) =>
  node('in', 'inject', to, { props: [{ p: 'payload' }], payload: '1', payloadType: 'num', once: true, onceDelay: 0.05, ...more })
const fn = (id: string, func: string, to: string[]) => node(id, 'function', to, { func, outputs: 1, libs: [] })
const debug = node('show', 'debug', [], { active: true, tosidebar: true, complete: 'payload', targetType: 'msg' })

/** All that was told of one run, put together as the gateway does. */
function runs(): {
  id: string
  hops: { node: string; from: string | undefined; outcome: string; error?: string }[]
  count: number
  end: TracedRun['end']
  trigger: string
}[] {
  const found = new Map<string, ReturnType<typeof runs>[number]>()
  for (const batch of batches) {
    // what an earlier test left behind
    if (batch.startedAt < since) continue
    const run = found.get(batch.id) ?? { id: batch.id, hops: [], count: 0, end: undefined, trigger: batch.trigger.id }
    found.set(batch.id, run)
    run.count = batch.hops
    run.end = batch.end
    for (const {
      seq,
      node: { id },
      from,
      outcome,
      error,
    } of batch.detail)
      run.hops[seq] = { node: id, from, outcome, ...(error ? { error } : {}) }
    for (const { seq, outcome, error } of batch.late) Object.assign(run.hops[seq] ?? {}, { outcome, ...(error ? { error } : {}) })
  }
  return [...found.values()]
}
const ended = () => until('a run to end', () => runs().find((run) => run.end))

describe('runs', () => {
  test('record each hop of a flow with where it came from', async () => {
    await fixture.deploy([TAB, inject(['double']), fn('double', 'msg.payload *= 2; return msg', ['show']), debug])
    const run = await ended()
    expect(run.hops).toEqual([
      { node: 'in', from: undefined, outcome: 'completed' },
      { node: 'double', from: 'in', outcome: 'completed' },
      { node: 'show', from: 'double', outcome: 'completed' },
    ])
    expect(run).toMatchObject({ trigger: 'in', count: 3, end: { state: 'completed', endedBySettling: false } })
    const second = batches.flatMap(({ detail }) => detail)[1]
    expect(second?.node).toEqual({ id: 'double', type: 'function', name: 'the double', flowId: 'tab1', flowName: 'Cell' })
    expect(runs()).toHaveLength(1)
  })

  test('follow both ways of a fork, and a message that a node makes anew', async () => {
    await fixture.deploy([
      TAB,
      inject(['a', 'b']),
      fn('a', 'return { payload: "new" }', ['show']),
      fn('b', 'setTimeout(() => node.send({ payload: "later" }), 100)', ['show']),
      debug,
    ])
    const run = await ended()
    expect(run.hops.map((hop) => `${hop.from}>${hop.node}`).sort()).toEqual(['a>show', 'b>show', 'in>a', 'in>b', 'undefined>in'])
    expect(runs()).toHaveLength(1)
  })

  test('fail with the error that nobody caught', async () => {
    await fixture.deploy([TAB, inject(['bad']), fn('bad', 'throw new Error("the vise is open")', ['show']), debug])
    const run = await ended()
    expect(run.hops[1]).toMatchObject({ node: 'bad', outcome: 'failed', error: expect.stringContaining('the vise is open') })
    expect(run.end).toMatchObject({ state: 'failed', text: expect.stringContaining('the vise is open') })
  })

  test('complete when the flow catches the error itself, and still show the failed hop', async () => {
    await fixture.deploy([TAB, inject(['bad']), fn('bad', 'throw new Error("no part")', []), node('catch', 'catch', ['show'], { scope: null }), debug])
    const run = await ended()
    expect(run.hops.find((hop) => hop.node === 'bad')).toMatchObject({ outcome: 'failed' })
    expect(run.hops.find((hop) => hop.node === 'catch')).toMatchObject({ from: 'bad', outcome: 'completed' })
    expect(run.end).toMatchObject({ state: 'completed' })
  })

  test('complete when the error is that of a branch, which its step takes as the outcome', async () => {
    const mark = 'msg._steps = [{ id: "stp_1", nodeId: "retry", part: 1 }]; return msg'
    await fixture.deploy([TAB, inject(['mark']), fn('mark', mark, ['bad']), fn('bad', 'throw new Error("no answer")', []), debug])
    const run = await ended()
    expect(run.hops.find((hop) => hop.node === 'bad')).toMatchObject({ outcome: 'failed', error: expect.stringContaining('no answer') })
    expect(run.end).toMatchObject({ state: 'completed' })
  })

  test('stay open while a node still works on a message', async () => {
    await fixture.deploy([TAB, inject(['wait']), node('wait', 'delay', ['show'], { pauseType: 'delay', timeout: '1200', timeoutUnits: 'milliseconds' }), debug])
    const run = await ended()
    expect(run.hops.map((hop) => hop.node)).toEqual(['in', 'wait', 'show'])
    expect(run.hops[2]).toMatchObject({ from: 'wait' })
    expect(runs()).toHaveLength(1)
  })

  test('count every hop and describe the first 200', async () => {
    await fixture.deploy([TAB, inject(['many']), fn('many', 'return [Array.from({ length: 300 }, () => ({ payload: 1 }))]', ['show']), debug])
    const run = await ended()
    expect(run.count).toBe(302)
    expect(run.hops).toHaveLength(200)
  })

  test('are one for each message of a trigger', async () => {
    await fixture.deploy([TAB, node('hook', 'http in', ['answer'], { url: '/part', method: 'get' }), node('answer', 'http response', [])])
    for (let i = 0; i < 3; i += 1) await fetch(`${fixture.url}/hooks/part`, { headers: { 'x-test-role': 'operator' } })
    await until('three runs to end', () => runs().filter((run) => run.end).length === 3)
    expect(runs().map(({ trigger, hops }) => [trigger, hops.map((hop) => hop.node)])).toEqual(Array(3).fill(['hook', ['answer']]))
  })
})

describe('the services that nodes get', () => {
  const peer = () => fixture.flows.runtime.peer()

  test('offer a button, and a press goes on in the run that the gateway opened', async () => {
    await fixture.deploy([TAB, node('btn', 't-button', ['show']), debug])
    await until('the button', () => panels.at(-1)?.length === 1)
    expect(panels.at(-1)).toEqual([expect.objectContaining({ nodeId: 'btn', label: 'the btn', isEnabled: true })])
    await peer().call('press', { nodeId: 'btn', pressId: 'press-0001', values: { part: 7 }, by: 'Ann', runId: 'run_pressed' })
    const run = await ended()
    expect(run).toMatchObject({ id: 'run_pressed', trigger: 'btn', hops: [{ node: 'show', from: 'btn' }] })
    await expect(peer().call('press', { nodeId: 'btn', pressId: 'press-0002', values: {}, by: 'Ann', runId: 'run_2' })).rejects.toMatchObject({
      code: 'value-missing',
    })
  })

  test('say that a button or a job in is gone', async () => {
    await fixture.deploy([TAB])
    await until('no button', () => panels.at(-1)?.length === 0)
    await expect(peer().call('press', { nodeId: 'btn', pressId: 'press-0003', values: {}, by: 'Ann', runId: 'run_x' })).rejects.toMatchObject({
      code: 'button-gone',
    })
    await expect(peer().call('runJob', { jobId: 'job_9', name: 'nobody', payload: 1, runId: 'run_y' })).rejects.toMatchObject({ code: 'no-job-in' })
  })

  test('queue a program in the run of the message and keep the run open until the job ended', async () => {
    await fixture.deploy([TAB, inject(['prog']), node('prog', 't-program', ['show']), debug])
    const { runId, jobId } = await until('the program', () => programs.at(-1))
    await until('the run', () => runs().some(({ id }) => id === runId))
    // far longer than an idle run lives
    await new Promise((resolve) => setTimeout(resolve, 1200))
    expect(runs().find(({ id }) => id === runId)?.end).toBeUndefined()
    peer().notify('jobEnded', { jobId, state: 'completed', outcome: { linesSent: 3 } })
    const run = await ended()
    expect(run).toMatchObject({ id: runId, hops: [{ node: 'in' }, { node: 'prog', outcome: 'completed' }, { node: 'show', from: 'prog' }] })
  })

  test('tell a node of a job that ended before it listened', async () => {
    endAtOnce = true
    await fixture.deploy([TAB, inject(['prog']), node('prog', 't-program', ['show']), debug])
    const run = await ended()
    endAtOnce = false
    expect(run.hops.map((hop) => hop.node)).toEqual(['in', 'prog', 'show'])
  })

  test('ask after a lost connection how jobs ended meanwhile, offer buttons again and subscribe again', async () => {
    await fixture.deploy([TAB, inject(['prog']), node('prog', 't-program', ['show']), node('btn', 't-button', []), node('orders', 't-orders', ['show']), debug])
    const { jobId } = await until('the program', () => programs.at(-1))
    await until('the subscription', () => subscriptions.length === 1)
    ends.set(jobId, 'completed')
    panels.length = 0
    fixture.dropConnection()
    const run = await until('the run to end', () => runs().find(({ end, hops }) => end && hops.some((hop) => hop.node === 'prog')))
    expect(run.hops.at(-1)).toMatchObject({ node: 'show', from: 'prog' })
    await until('the button again', () => panels.at(-1)?.length === 1)
    await until('the subscription again', () => subscriptions.length === 2)
  })

  test('hand a work order to the flow in a run of its own', async () => {
    await fixture.deploy([TAB, node('orders', 't-orders', ['show']), debug])
    peer().notify('workOrder', { id: 'wo_1', connectionId: 'c1', order: { number: 'WO-7', part: 'plate', quantity: 1 }, source: 'orders.csv' })
    const taken = await until('the order to be taken', () => takenOrders.at(-1))
    const run = await ended()
    expect(taken).toEqual({ id: 'wo_1', runId: run.id })
    expect(run).toMatchObject({ trigger: 'orders', hops: [{ node: 'show', from: 'orders' }] })
  })

  test('give a flow job to the node that takes its name, in the run of the job', async () => {
    await fixture.deploy([TAB, node('jobs', 't-job-in', ['show']), debug])
    await peer().call('runJob', { jobId: 'job_7', name: 'deburr', payload: 5, runId: 'run_of_job' })
    expect(await ended()).toMatchObject({ id: 'run_of_job', trigger: 'jobs', hops: [{ node: 'show', from: 'jobs' }] })
  })
})

describe('while the gateway is away', () => {
  test('flows go on, and are told of again when it is back', async () => {
    await fixture.deploy([TAB, inject(['show'], { repeat: '0.2', once: false }), debug])
    await until('a run', () => runs().length)
    const rev = (await fixture.flows.current()).rev
    const { pid } = fixture.runtime
    fixture.dropConnection()
    await until('the gateway to notice', () => fixture.flows.runtime.state.process === 'gone')
    await until('the connection to come back', () => fixture.flows.runtime.state.process === 'running' && fixture.flows.runtime.state.flows === 'running')
    batches.length = 0
    await until('a run after that', () => runs().length)
    expect(fixture.runtime.pid).toBe(pid)
    expect((await fixture.flows.runtime.peer().call('getFlows', {})).rev).toBe(rev)
  })

  test('the end of a run that was told just before is told again, with its reason', async () => {
    await fixture.deploy([TAB, inject(['bad']), fn('bad', 'throw new Error("the vise is open")', []), debug])
    const { id } = await until('the run to fail', () => runs().find(({ end }) => end?.state === 'failed'))
    batches.length = 0
    fixture.dropConnection()
    const again = await until('the end again', () => batches.find((run) => run.id === id && run.end))
    expect(again).toMatchObject({ isNew: true, hops: 2, end: { state: 'failed', text: expect.stringContaining('the vise is open') } })
  })

  test('a program that was perhaps queued is asked about and not asked for again', async () => {
    dropsNextProgram = true
    await fixture.deploy([TAB, inject(['prog']), node('prog', 't-program', ['show']), debug])
    const repeat = await until('the question', () => programs.find(({ isRepeat }) => isRepeat))
    expect(programs.map(({ jobId, isRepeat }) => [jobId, isRepeat])).toEqual([
      [repeat.jobId, false],
      [repeat.jobId, true],
    ])
    fixture.flows.runtime.peer().notify('jobEnded', { jobId: repeat.jobId, state: 'completed' })
    const run = await until('the run to end', () => runs().find(({ end, hops }) => end && hops.some((hop) => hop.node === 'show')))
    expect(run.id).toBe(repeat.runId)
  })
})

describe('the palette', () => {
  const install = (body: object, role = 'engineer') =>
    fetch(`${fixture.url}/red/nodes`, {
      method: 'POST',
      headers: { 'x-test-role': role, 'content-type': 'application/json', 'x-cellwright': '1' },
      body: JSON.stringify(body),
    })

  test('refuses what is not on the list', async () => {
    const answer = await install({ module: 'node-red-contrib-anything' })
    expect(answer.status).toBe(403)
    expect(await answer.json()).toMatchObject({ code: 'install_not_allowed', message: expect.stringContaining('node-red-contrib-anything') })
  })

  test.each([{ module: 'x', url: 'https://example.com/x.tgz' }, { url: '/tmp/x.tgz' }, { module: '../../somewhere' }, {}])('refuses %j', async (body) => {
    expect((await install(body)).status).toBe(403)
  })

  test('is for nobody without flows.code', async () => {
    expect((await install({ module: '@cellwright/nodes' }, 'integrator')).status).toBe(403)
  })
})

describe('the stock editor and the dashboard', () => {
  const heard: string[] = []
  const open = (path: string, headers: Record<string, string> = {}) =>
    new Promise<WebSocket | number>((resolve) => {
      heard.length = 0
      const socket = new WebSocket(`${fixture.url.replace('http', 'ws')}${path}`, { headers })
      socket.on('message', (data) => void heard.push(String(data)))
      socket.once('open', () => resolve(socket))
      socket.once('unexpected-response', (_request, response) => resolve(response.statusCode ?? 0))
      socket.once('error', () => {})
    })

  test('/red/comms refuses a stranger and an operator at the upgrade', async () => {
    expect(await open('/red/comms')).toBe(401)
    expect(await open('/red/comms', { 'x-test-role': 'operator' })).toBe(403)
  })

  test('/red/comms speaks to an engineer without another sign-in', async () => {
    const socket = await open('/red/comms', { 'x-test-role': 'engineer' })
    if (!(socket instanceof WebSocket)) throw new Error(`refused with ${socket}`)
    socket.send(JSON.stringify({ subscribe: 'notification/#' }))
    const isNews = (message: string) => message.includes('notification/')
    expect(JSON.parse(await until('a message', () => heard.find(isNews)))).toEqual(
      expect.arrayContaining([expect.objectContaining({ topic: expect.stringContaining('notification/') })]),
    )
    socket.close()
  })

  test('the editor deploys for the person who is signed in', async () => {
    const headers = { 'x-test-role': 'engineer', 'content-type': 'application/json', 'Node-RED-API-Version': 'v2', 'x-cellwright': '1' }
    const { rev } = (await (await fetch(`${fixture.url}/red/flows`, { headers })).json()) as { rev: string }
    const answer = await fetch(`${fixture.url}/red/flows`, {
      method: 'POST',
      headers,
      body: JSON.stringify({ rev, flows: [{ ...TAB, label: 'From the editor' }] }),
    })
    expect(answer.status).toBe(200)
    const current = await fixture.flows.current()
    expect(current).toMatchObject({ rev: ((await answer.json()) as { rev: string }).rev, flows: [{ label: 'From the editor' }] })
    const [version] = await fixture.testStore.store.db.selectFrom('flowVersion').selectAll().orderBy('at', 'desc').limit(1).execute()
    expect(version).toMatchObject({ author: 'The engineer', kind: 'editor', state: 'deployed' })
  })

  test('what the editor deploys and does not start is put back', async () => {
    await fixture.deploy([{ ...TAB, label: 'Good' }])
    const good = await fixture.flows.current()
    const headers = { 'x-test-role': 'engineer', 'content-type': 'application/json', 'x-cellwright': '1' }
    await fetch(`${fixture.url}/red/flows`, { method: 'POST', headers, body: JSON.stringify([TAB, node('x', 'a-type-that-is-missing', [])]) })
    await until('the good flows to be back', async () => (await fixture.flows.current()).rev === good.rev && fixture.flows.runtime.state.flows === 'running')
    expect((await fixture.flows.runtime.peer().call('getFlows', {})).rev).toBe(good.rev)
  })

  test('a dashboard page and its Socket.IO work through the proxy', async () => {
    const ui = [
      { id: 'base1', type: 'ui-base', name: 'Shop', path: '/dashboard', acceptsClientConfig: [] },
      {
        id: 'theme1',
        type: 'ui-theme',
        name: 'Plain',
        colors: { surface: '#fff', primary: '#09c', bgPage: '#eee', groupBg: '#fff', groupOutline: '#ccc' },
        sizes: {},
      },
      { id: 'page1', type: 'ui-page', name: 'Cell', ui: 'base1', path: '/cell', layout: 'grid', theme: 'theme1', order: 1, visible: true, disabled: false },
      { id: 'group1', type: 'ui-group', name: 'State', page: 'page1', width: 6, height: 1, order: 1, visible: true, disabled: false },
      node('text1', 'ui-text', [], { group: 'group1', label: 'Part', format: '{{msg.payload}}', layout: 'row-spread', order: 1, width: 0, height: 0 }),
    ]
    await fixture.deploy([TAB, ...(ui as FlowNode[])])
    const headers = { 'x-test-role': 'viewer' }
    const page = await fetch(`${fixture.url}/dashboard/cell`, { headers })
    expect(page.status).toBe(200)
    expect(await page.text()).toContain('<div id="app">')
    expect(await (await fetch(`${fixture.url}/dashboard/_setup`, { headers })).json()).toMatchObject({ socketio: { path: '/dashboard/socket.io' } })
    expect((await fetch(`${fixture.url}/dashboard/cell`)).status).toBe(401)
    const socket = await open('/dashboard/socket.io/?EIO=4&transport=websocket', headers)
    if (!(socket instanceof WebSocket)) throw new Error(`refused with ${socket}`)
    expect(await until('the session', () => heard[0])).toMatch(/^0\{"sid"/)
    socket.send('40')
    expect(await until('the page’s configuration', () => heard.find((message) => message.includes('ui-config')))).toContain('text1')
    socket.close()
    expect(await open('/dashboard/socket.io/?EIO=4&transport=websocket')).toBe(401)
  })
})
