/** The proxy in front of a real Node-RED: editor, dashboard and flow endpoints, and every way to mix them up. */
import { request as httpRequest, type IncomingMessage } from 'node:http'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { createLog } from '../../base/log.ts'
import { ownTime } from '../../base/own-time.ts'
import { capabilitiesOf, type FlowNode, type Role } from '../api/index.ts'
import type { Caller } from '../auth/caller.ts'
import { createHttp } from '../http/server.ts'
import { createProxy } from './proxy.ts'
import { askExactly, openSocket, sayRaw, TRICKS, upgradeExactly } from './proxy-testing.ts'
import { type FlowsFixture, ROLE_HEADER, startFlowsFixture, until } from './testing.ts'
import { createTickets } from './tickets.ts'

const endpoint = (id: string, method: string, url: string, then: string, more: Record<string, unknown> = {}): FlowNode =>
  ({ id, type: 'http in', z: 'tab', name: '', url, method, upload: false, swaggerDoc: '', x: 100, y: 40, wires: [[then]], ...more }) as FlowNode
const code = (id: string, func: string, then: string): FlowNode =>
  ({
    id,
    type: 'function',
    z: 'tab',
    name: '',
    func,
    outputs: 1,
    timeout: 0,
    noerr: 0,
    initialize: '',
    finalize: '',
    libs: [],
    x: 300,
    y: 40,
    wires: [[then]],
  }) as FlowNode

const FLOWS = [
  { id: 'tab', type: 'tab', label: 'Endpoints', disabled: false, info: '' },
  endpoint('in1', 'get', '/part/:id', 'f1'),
  endpoint('in2', 'post', '/part/:id', 'f1'),
  code('f1', 'msg.payload = { url: msg.req.url, id: msg.req.params.id, headers: msg.req.headers, body: msg.payload }; return msg;', 'out'),
  // a flow that would answer for the editor and the dashboard, had it the chance
  endpoint('in3', 'get', '/red/flows', 'f3'),
  endpoint('in4', 'get', '/dashboard/page9', 'f3'),
  code('f3', 'msg.payload = "the flow"; return msg;', 'out'),
  endpoint('in5', 'get', '/go', 'f5'),
  code('f5', 'msg.statusCode = 303; msg.headers = { location: msg.req.query.to }; msg.cookies = { seen: { value: "1", path: "/" } }; return msg;', 'out'),
  endpoint('in6', 'get', '/block', 'f6'),
  code('f6', 'const end = Date.now() + Number(msg.req.query.ms); while (Date.now() < end) {} msg.payload = "done"; return msg;', 'out'),
  { id: 'out', type: 'http response', z: 'tab', name: '', statusCode: '', headers: {}, x: 500, y: 40, wires: [] },
  { id: 'wsl', type: 'websocket-listener', path: '/live', wholemsg: 'false' },
  { id: 'wsi', type: 'websocket in', z: 'tab', name: '', server: 'wsl', client: '', x: 100, y: 140, wires: [['f7']] },
  code('f7', 'msg.payload = "echo " + msg.payload; return msg;', 'wso'),
  { id: 'wso', type: 'websocket out', z: 'tab', name: '', server: 'wsl', client: '', x: 500, y: 140, wires: [] },
  { id: 'base0001', type: 'ui-base', name: 'Shop', path: '/dashboard', includeClientData: true, acceptsClientConfig: [] },
  { id: 'theme001', type: 'ui-theme', name: 'Default', colors: {}, sizes: {} },
  { id: 'page0001', type: 'ui-page', name: 'Mill', ui: 'base0001', path: '/mill', icon: 'home', layout: 'grid', theme: 'theme001', order: 1 },
  { id: 'group001', type: 'ui-group', name: 'Work', page: 'page0001', width: '6', height: '1', order: 1, showTitle: true },
  { id: 'button01', type: 'ui-button', z: 'tab', group: 'group001', name: '', label: 'Next part', order: 1, width: 3, height: 1, x: 100, y: 240, wires: [[]] },
] as FlowNode[]

let shop: FlowsFixture
beforeAll(async () => {
  shop = await startFlowsFixture()
  await shop.deploy(FLOWS)
})
afterAll(() => shop?.close())

const ask = (role: Role | undefined, path: string, options: Parameters<typeof askExactly>[2] = {}) =>
  askExactly(shop.url, path, { ...options, headers: { ...(role ? { [ROLE_HEADER]: role } : {}), ...options.headers } })
const socketAs = (role: Role | undefined, path: string) => openSocket(shop.url, path, { headers: role ? { [ROLE_HEADER]: role } : {} })
const v2 = { 'node-red-api-version': 'v2' }

describe('flow endpoints', () => {
  test('answer below /hooks, with the prefix removed', async () => {
    const answer = await ask('operator', '/hooks/part/A%2F12?x=1')
    expect(answer.status).toBe(200)
    expect(JSON.parse(answer.text)).toMatchObject({ url: '/part/A%2F12?x=1', id: 'A/12', body: { x: '1' } })
    expect(answer.headers['cache-control']).toBe('no-store')
    const posted = await ask('operator', '/hooks/part/7', { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"size":42}' })
    expect(JSON.parse(posted.text)).toMatchObject({ id: '7', body: { size: 42 } })
  })

  test('are for those who may press a button', async () => {
    expect((await ask(undefined, '/hooks/part/1')).status).toBe(401)
    expect((await ask('viewer', '/hooks/part/1')).status).toBe(403)
    expect((await ask('admin', '/hooks/part/1')).status).toBe(200)
  })

  test('do not get to know how their caller is signed in', async () => {
    const { text } = await ask('operator', '/hooks/part/1', { headers: { cookie: 'cellwright-1.session_token=s3cret.x; a=1', 'x-cellwright-way': 'red' } })
    expect(text).not.toContain('s3cret')
    expect(JSON.parse(text).headers).toMatchObject({ cookie: 'a=1', 'x-cellwright-way': 'hooks' })
  })

  test('get a token that opens nothing', async () => {
    const { headers } = JSON.parse((await ask('engineer', '/hooks/part/1')).text)
    const token = String(headers['x-cellwright-user'])
    expect(token).not.toBe('undefined')
    const inside = await askInside('/red/flows', { 'x-cellwright-way': 'red', 'x-cellwright-user': token })
    expect(inside).toBe(401)
  })

  test('lead on below /hooks only, and keep their cookies there', async () => {
    const inside = await ask('operator', '/hooks/go?to=/part/2')
    expect([inside.status, inside.headers.location, inside.headers['set-cookie']]).toEqual([303, '/hooks/part/2', ['seen=1; Path=/hooks']])
    expect((await ask('operator', '/hooks/go?to=https://evil.example')).status).toBe(502)
  })

  test('open WebSockets', async () => {
    const { socket, said } = await socketAs('operator', '/hooks/live').then((opened) =>
      'socket' in opened && opened.socket ? opened : Promise.reject(new Error(`${opened.status}`)),
    )
    socket.send('hello')
    await until('the flow’s echo', () => said[0] === 'echo hello')
    socket.terminate()
    expect((await socketAs('viewer', '/hooks/live')).status).toBe(403)
  })

  test.each(TRICKS)('%s reaches neither editor nor dashboard', async (path) => {
    const answer = await ask('engineer', path, { headers: v2 })
    expect([400, 404]).toContain(answer.status)
    // the gateway's own refusal: nothing inside has seen it
    expect(answer.headers['content-type']).toMatch(/^application\/problem\+json/)
    expect([400, 404]).toContain(await upgradeExactly(shop.url, path, { [ROLE_HEADER]: 'engineer' }))
  })

  test.each(['/hooks/red;x', '/hooks/red.', '/hooks/x/red/flows', '/hooks/redflows', '/hooks/re%C4%8F', '/hooks/%E2%93%A1ed', '/hooks/red%20'])(
    '%s is only another address of a flow',
    async (path) => {
      const answer = await ask('engineer', path, { headers: v2 })
      expect(answer.status).toBe(404)
      expect(answer.text).not.toContain('the flow')
    },
  )

  test('CONNECT and absolute addresses lead nowhere', async () => {
    const { host } = new URL(shop.url)
    for (const line of [`CONNECT ${host}`, `GET http://${host}/red/flows`, `GET http://${host}/hooks/red/flows`, `GET http://${host}/hooks/part/1`]) {
      const answer = await sayRaw(
        shop.url,
        `${line} HTTP/1.1\r\nHost: ${host}\r\n${ROLE_HEADER}: engineer\r\nnode-red-api-version: v2\r\nConnection: close\r\n\r\n`,
      )
      expect([line, answer === '' || /^HTTP\/1.1 4\d\d /.test(answer), answer.includes('"rev"'), answer.includes('"url"')]).toEqual([line, true, false, false])
    }
  })

  test('an endpoint named like the editor or a dashboard page does not stand in for it', async () => {
    expect((await ask('engineer', '/red/flows', { headers: v2 })).text).toContain('"rev"')
    expect((await ask('operator', '/hooks/red/flows')).status).toBe(404)
    expect((await ask('operator', '/hooks/dashboard/page9')).status).toBe(404)
  })
})

describe('the stock editor', () => {
  test('is there for those who may write code, signed in already', async () => {
    expect((await ask(undefined, '/red/')).status).toBe(401)
    expect((await ask('operator', '/red/')).status).toBe(403)
    const page = await ask('engineer', '/red/')
    expect([page.status, page.headers['x-powered-by']]).toEqual([200, undefined])
    expect(page.headers['content-security-policy']).toContain("frame-ancestors 'self'")
    expect((await ask('engineer', '/red')).headers.location).toBe('/red/')
    const settings = JSON.parse((await ask('engineer', '/red/settings')).text)
    expect(settings.user).toMatchObject({ username: 'engineer' })
    expect(JSON.parse((await ask('engineer', '/red/auth/login')).text).type).toBeUndefined()
    expect(JSON.parse((await ask('engineer', '/red/flows', { headers: v2 })).text).flows).toHaveLength(FLOWS.length)
  })

  test('cannot be reached by another’s word for who asks', async () => {
    for (const headers of [{ 'x-cellwright-user': 'admin' }, { authorization: 'Bearer admin' }] as Record<string, string>[])
      expect((await ask('operator', '/red/flows', { headers })).status).toBe(403)
    // a token of ours is needed inside, whoever asks at the runtime's own socket
    for (const headers of [{}, { 'x-cellwright-way': 'red' }, { 'x-cellwright-way': 'red', 'x-cellwright-user': 'admin' }] as Record<string, string>[])
      expect([401, 404]).toContain(await askInside('/red/flows', headers))
    expect(await askInside('/red/flows', { 'x-cellwright-way': 'hooks' })).toBe(404)
    expect(await askInside('/red/flows', { 'x-cellwright-way': 'dashboard' })).toBe(404)
    expect(await askInside('/dashboard', { 'x-cellwright-way': 'hooks' })).toBe(404)
  })

  test('its live connection refuses strangers and those without the right at the upgrade', async () => {
    expect((await socketAs(undefined, '/red/comms')).status).toBe(401)
    expect((await socketAs('operator', '/red/comms')).status).toBe(403)
    const opened = await socketAs('engineer', '/red/comms')
    if (!opened.socket) throw new Error(`refused with ${opened.status}`)
    // the server's first word to a connection that needs no further sign-in: what it keeps of a topic
    opened.socket.send('{"subscribe":"notification/#"}')
    await until('the kept notifications', () => opened.said.some((text) => text.includes('notification/runtime-')))
    expect(opened.said.join()).not.toContain('"auth"')
    opened.socket.terminate()
  })

  test('plain files of modules are for everybody who may see dashboards, and nothing else is', async () => {
    const icon = await ask('viewer', '/red/icons/node-red/inject.svg')
    expect([icon.status, icon.headers['content-type']]).toEqual([200, 'image/svg+xml'])
    expect(icon.headers['content-security-policy']).toMatch(/^sandbox/)
    expect((await ask(undefined, '/red/icons/node-red/inject.svg')).status).toBe(401)
    for (const path of ['/red/icons', '/red/icons/', '/red/settings', '/red/resources', '/red/resources/%2e%2e/flows', '/red/resources/a/..%2f..%2fflows'])
      expect([path, [400, 403].includes((await ask('viewer', path)).status)]).toEqual([path, true])
    expect((await ask('viewer', '/red/icons/node-red/inject.svg', { method: 'POST' })).status).toBe(403)
    expect((await ask('viewer', '/red/resources/node-red/package.json')).status).toBe(404)
    expect(JSON.parse((await ask('engineer', '/red/icons')).text)['node-red']).toContain('inject.svg')
  })
})

describe('dashboards', () => {
  test('are there for everybody who may see machines', async () => {
    expect((await ask(undefined, '/dashboard/mill')).status).toBe(401)
    expect((await ask('viewer', '/dashboard')).headers.location).toBe('/dashboard/')
    const page = await ask('viewer', '/dashboard/mill')
    expect(page.status).toBe(200)
    expect(page.text).toContain('<div id="app">')
    expect(JSON.parse((await ask('viewer', '/dashboard/_setup')).text).socketio.path).toBe('/dashboard/socket.io')
    const manifest = await ask('viewer', '/dashboard/manifest.webmanifest')
    expect([manifest.status, JSON.parse(manifest.text).name]).toEqual([200, 'Shop'])
    expect((await ask(undefined, '/dashboard/manifest.webmanifest')).status).toBe(401)
    expect((await ask('viewer', '/dashboard/page9')).status).toBe(200)
  })

  test('talk over Socket.IO: long polls and WebSocket', async () => {
    const poll = await ask('viewer', '/dashboard/socket.io/?EIO=4&transport=polling')
    expect(poll.text).toMatch(/^0\{"sid":/)
    expect((await ask(undefined, '/dashboard/socket.io/?EIO=4&transport=polling')).status).toBe(401)
    expect((await socketAs(undefined, '/dashboard/socket.io/?EIO=4&transport=websocket')).status).toBe(401)
    const opened = await socketAs('viewer', '/dashboard/socket.io/?EIO=4&transport=websocket')
    await until('the handshake', () => opened.socket && opened.said[0]?.startsWith('0{"sid":'))
    opened.socket?.terminate()
  })
})

/** The status of a request at the runtime's own socket, past the gateway. */
function askInside(path: string, headers: Record<string, string>): Promise<number> {
  return new Promise((resolve, reject) => {
    httpRequest({ socketPath: join(shop.dir, 'h.sock'), path, headers, agent: false }, (response) => {
      response.resume()
      resolve(response.statusCode ?? 0)
    })
      .on('error', reject)
      .end()
  })
}

test('a flow that blocks the runtime does not block the gateway, and costs a bounded number of waits', async () => {
  const callerOf = async ({ headers }: IncomingMessage): Promise<Caller | undefined> => {
    const role = headers[ROLE_HEADER] as Role | undefined
    return role && { userId: role, userName: role, name: role, role, capabilities: capabilitiesOf(role), via: 'token', session: role }
  }
  const proxy = createProxy({
    runtimeHttpSocket: join(shop.dir, 'h.sock'),
    tickets: createTickets(Buffer.alloc(32, 1)),
    isRuntimeThere: () => true,
    callerOf,
    log: createLog('test', 'silent'),
    limits: {
      red: { requests: 4, sockets: 1 },
      stock: { requests: 4, sockets: 0 },
      dashboard: { requests: 4, sockets: 1 },
      hooks: { requests: 4, sockets: 1 },
    },
    // all requests have come before the first is given up
    answerMs: 2000,
  })
  const http = createHttp({
    config: { host: '127.0.0.1', port: 0, publicUrl: undefined, maxLoginTriesPerMinute: 5 },
    auth: { callerNow: () => undefined, callerOf, handler: (_request, _response, next) => next() },
    log: createLog('test', 'silent'),
    version: '0',
    pagesDir: '/nowhere',
  })
  for (const mount of proxy.mounts) http.mount(mount)
  const { url } = await http.start([])
  const hook = (path: string) => askExactly(url, path, { headers: { [ROLE_HEADER]: 'operator' } })
  try {
    const blocking = hook('/hooks/block?ms=8000')
    const codes = (await Promise.all(Array.from({ length: 30 }, () => hook('/hooks/part/1')))).map(({ status, text }) =>
      status === 200 ? 'ok' : JSON.parse(text).code,
    )
    expect(codes.filter((each) => each === 'runtime-busy').length).toBeGreaterThanOrEqual(26)
    expect(codes.filter((each) => each === 'runtime-slow').length).toBeLessThanOrEqual(4)
    // and not the answer that the flow has in the end
    expect((await blocking).status).toBe(504)
    // the gateway itself was free all the while
    const free = ownTime()
    expect((await askExactly(url, '/healthz')).status).toBe(200)
    expect(free()).toBeLessThan(500)
    await vi.waitFor(async () => expect((await hook('/hooks/part/1')).status).toBe(200), { timeout: 60_000, interval: 100 })
  } finally {
    await http.close()
    proxy.close()
  }
})

test('a runtime that was killed is away until it is back', async () => {
  const socket = await socketAs('engineer', '/red/comms')
  shop.runtime.kill('SIGKILL')
  await until('the end of its WebSockets', () => socket.socket?.readyState === 3)
  await until('that the gateway noticed', () => shop.flows.runtime.state.process === 'gone')
  const page = await ask('viewer', '/dashboard/mill', { headers: { accept: 'text/html' } })
  expect([page.status, page.headers['retry-after']]).toEqual([503, '3'])
  expect(page.text).toContain('The flow runtime is being restarted')
  const program = await ask('operator', '/hooks/part/1')
  expect([program.status, JSON.parse(program.text).code]).toEqual([503, 'runtime-away'])
  expect((await socketAs('engineer', '/red/comms')).status).toBe(503)
  await shop.startRuntime()
  await until('the flows', async () => (await ask('operator', '/hooks/part/1')).status === 200)
  expect((await ask('viewer', '/dashboard/mill')).status).toBe(200)
})
