/**
 * How the proxy carries requests, against an HTTP server on the runtime's socket that does what flows do at their
 * worst: never answers, breaks off, sends nonsense. The same way with a real Node-RED is in `proxy.test.ts`.
 */
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { Agent, createServer, request as httpRequest, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { WebSocketServer } from 'ws'
import { createLog } from '../../base/log.ts'
import { capabilitiesOf, type Role } from '../api/index.ts'
import type { Caller } from '../auth/caller.ts'
import { createHttp, type HttpServer } from '../http/server.ts'
import { createProxy, type FlowProxy, type ProxyOptions } from './proxy.ts'
import { askExactly, openSocket, sayRaw } from './proxy-testing.ts'
import { createTickets } from './tickets.ts'

/** What is waited for comes late on a busy machine. */
const soon = { timeout: 15_000 }

const callers = new Map<string, Caller>()
/** The header `x-test-role` stands for a session of that role. */
function callerNow({ headers }: IncomingMessage): Caller | undefined {
  const role = headers['x-test-role'] as Role | undefined
  if (role === undefined || signedOut.has(role)) return undefined
  const found = callers.get(role) ?? {
    userId: role,
    userName: `user-${role}`,
    name: role,
    role,
    capabilities: capabilitiesOf(role),
    via: 'session' as const,
    session: role,
  }
  callers.set(role, found)
  return found
}
const signedOut = new Set<string>()

let dir: string
let http: HttpServer
let proxy: FlowProxy
let url: string
let runtime: Server
let connections = 0
let onRequest: (request: IncomingMessage, response: ServerResponse) => void
const tickets = createTickets(randomBytes(32))
let isRuntimeThere = true

async function start(options: Partial<ProxyOptions> = {}): Promise<void> {
  proxy = createProxy({
    runtimeHttpSocket: join(dir, 'r.sock'),
    tickets,
    isRuntimeThere: () => isRuntimeThere,
    callerOf: async (request) => callerNow(request),
    log: createLog('test', process.env.CELLWRIGHT_TEST_LOG ?? 'silent'),
    ...options,
  })
  http = createHttp({
    config: { host: '127.0.0.1', port: 0, publicUrl: undefined, maxLoginTriesPerMinute: 5 },
    auth: { callerNow, callerOf: async (request) => callerNow(request), handler: (_request, _response, next) => next() },
    log: createLog('test', 'silent'),
    version: '0',
    pagesDir: '/nowhere',
  })
  for (const mount of proxy.mounts) http.mount(mount)
  url = (await http.start([])).url
}

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'cw-proxy-'))
  connections = 0
  isRuntimeThere = true
  signedOut.clear()
  onRequest = (_request, response) => void response.end('ok')
  // as long as a test on a busy machine takes: it is not what ends connections here
  runtime = createServer({ keepAliveTimeout: 300_000 }, (request, response) => onRequest(request, response))
  runtime.on('connection', () => {
    connections += 1
  })
  await new Promise<void>((resolve) => runtime.listen(join(dir, 'r.sock'), resolve))
})
afterEach(async () => {
  proxy.close()
  await http.close()
  runtime.closeAllConnections()
  await new Promise((resolve) => runtime.close(resolve))
  rmSync(dir, { recursive: true, force: true })
})

const operator = { 'x-test-role': 'operator', 'sec-fetch-site': 'same-origin' }
const engineer = { 'x-test-role': 'engineer', 'sec-fetch-site': 'same-origin' }
const ask = (path: string, more: Parameters<typeof askExactly>[2] = {}) => askExactly(url, path, { ...more, headers: { ...operator, ...more.headers } })

test('what a flow sees of a request holds no key of ours and no claim of the client', async () => {
  await start({ isOwnCookie: (name) => name === 'mine' })
  let seen: IncomingMessage['headers'] = {}
  onRequest = (request, response) => {
    seen = request.headers
    response.end()
  }
  await ask('/hooks/x', {
    headers: {
      cookie: 'a=1; cellwright-0011.session_token=s3cret; mine=2; __Secure-cellwright-99.session_data=x; b=3',
      authorization: 'Bearer cw_secret',
      'proxy-authorization': 'Basic x',
      forwarded: 'for=1.2.3.4',
      'x-forwarded-for': '1.2.3.4',
      'x-forwarded-user': 'admin',
      'x-cellwright': '1',
      'x-cellwright-way': 'red',
      'x-cellwright-user': 'admin',
      'x-cellwright-anything': '1',
      'x-own': 'stays',
      connection: 'keep-alive, x-hop, content-length',
      'x-hop': 'goes',
      te: 'trailers',
    },
  })
  expect(seen).toMatchObject({ cookie: 'a=1; b=3', 'x-own': 'stays', 'x-cellwright-way': 'hooks', 'x-forwarded-for': '127.0.0.1', 'x-forwarded-proto': 'http' })
  for (const name of ['authorization', 'proxy-authorization', 'forwarded', 'x-forwarded-user', 'x-cellwright', 'x-cellwright-anything', 'x-hop', 'te'])
    expect([name, seen[name]]).toEqual([name, undefined])
  const facts = tickets.read(String(seen['x-cellwright-user']))
  expect(facts).toMatchObject({ userName: 'user-operator', use: 'hooks' })
  expect([...(facts?.capabilities ?? ['?'])]).toEqual([])

  await ask('/hooks/x', { headers: { cookie: 'cellwright-0011.session_token=s3cret' } })
  expect(seen.cookie).toBeUndefined()
  await ask('/red/x', { headers: engineer })
  const inEditor = tickets.read(String(seen['x-cellwright-user']))
  expect(inEditor).toMatchObject({ userName: 'user-engineer', use: 'editor' })
  expect(inEditor?.expiresAt).toBeLessThanOrEqual(Date.now() + 60_000)
})

test('what a flow answers cannot act on our origin', async () => {
  await start()
  onRequest = (request, response) => {
    response.writeHead(200, {
      'content-type': 'text/html',
      'set-cookie': ['cellwright-0011.session_token=stolen', 'a=1; Path=/; Domain=shop.example; HttpOnly', 'b=2', 'c=3; Path=/part'],
      'content-security-policy': "script-src 'none'",
      'clear-site-data': '"*"',
      'service-worker-allowed': '/',
      'strict-transport-security': 'max-age=1',
      'x-frame-options': 'ALLOWALL',
      'x-content-type-options': 'sniff',
      'alt-svc': 'h2="evil.example:443"',
      refresh: '0; url=https://evil.example',
      server: 'flow',
      'x-powered-by': 'flow',
      'x-accel-redirect': '/etc/passwd',
      'access-control-allow-credentials': 'true',
      'x-own': request.url ?? '',
    })
    response.end('<script>1</script>')
  }
  const { headers } = await ask('/hooks/part/1?x=2')
  expect(headers['x-own']).toBe('/part/1?x=2')
  expect(headers['set-cookie']).toEqual(['a=1; HttpOnly; Path=/hooks', 'b=2; Path=/hooks', 'c=3; Path=/hooks/part'])
  expect(headers['x-frame-options']).toBe('SAMEORIGIN')
  expect(headers['x-content-type-options']).toBe('nosniff')
  for (const name of [
    'clear-site-data',
    'service-worker-allowed',
    'strict-transport-security',
    'alt-svc',
    'refresh',
    'server',
    'x-powered-by',
    'x-accel-redirect',
    'access-control-allow-credentials',
  ])
    expect([name, headers[name]]).toEqual([name, undefined])
  const policy = String(headers['content-security-policy'])
  expect(policy).toMatch(/^sandbox allow-scripts/)
  expect(policy).not.toContain('allow-same-origin')
  expect(policy).toContain("frame-ancestors 'self'")
  expect(policy.endsWith(", script-src 'none'")).toBe(true)
  // a file of a module is no page of ours either, whatever it holds
  const file = await ask('/red/resources/module/x.html')
  expect(file.headers['content-security-policy']).toMatch(/^sandbox allow-scripts(?!.*allow-same-origin)/)
})

test('pages of editor and dashboard may call their own addresses, not the API', async () => {
  await start({ publicUrl: 'https://cellwright.example' })
  const policy = async (path: string) => {
    const value = String((await ask(path, { headers: engineer })).headers['content-security-policy'])
    return /connect-src ([^;]*)/.exec(value)?.[1] ?? ''
  }
  const { host } = new URL(url)
  const dashboard = await policy('/dashboard/page1')
  expect(dashboard).toContain(`ws://${host}/dashboard/`)
  expect(dashboard).toContain('https://cellwright.example/dashboard/')
  expect(dashboard).not.toContain("'self'")
  expect(await policy('/red/')).toContain(`ws://${host}/red/`)
  expect(await policy('/red/')).not.toContain("'self'")
})

test('redirects are translated, and refused when they lead elsewhere', async () => {
  await start()
  onRequest = (request, response) => void response.writeHead(302, { location: request.url === '/go' ? '/done' : 'https://evil.example/' }).end()
  expect((await ask('/hooks/go')).headers.location).toBe('/hooks/done')
  const refused = await ask('/hooks/evil')
  expect([refused.status, refused.headers.location, JSON.parse(refused.text).code]).toEqual([502, undefined, 'redirect-refused'])
})

test('bodies are streamed both ways, piece by piece', async () => {
  await start()
  const got: string[] = []
  onRequest = (request, response) => {
    response.write('begun;')
    request.on('data', (chunk: Buffer) => {
      got.push(chunk.toString())
      response.write(`got ${chunk.length};`)
    })
    request.on('end', () => response.end('end'))
  }
  const { hostname, port } = new URL(url)
  const request = httpRequest({ hostname, port, path: '/hooks/x', method: 'POST', agent: false, headers: { ...operator, 'transfer-encoding': 'chunked' } })
  let answer = ''
  request.on('response', (response) =>
    response.on('data', (chunk: Buffer) => {
      answer += chunk.toString()
    }),
  )
  request.write('one')
  await vi.waitFor(() => expect(answer).toBe('begun;got 3;'), soon)
  request.write('two2')
  await vi.waitFor(() => expect(answer).toBe('begun;got 3;got 4;'), soon)
  request.end()
  await vi.waitFor(() => expect(answer.endsWith('end')).toBe(true), soon)
  expect(got).toEqual(['one', 'two2'])
})

test('large bodies arrive whole, with and without a length', async () => {
  await start()
  onRequest = (request, response) => void request.pipe(response)
  const body = randomBytes(4_000_000).toString('hex')
  expect((await ask('/hooks/echo', { method: 'POST', body })).text).toBe(body)
  expect((await ask('/hooks/echo', { method: 'POST', body, headers: { 'transfer-encoding': 'chunked' } })).text).toBe(body)
  expect((await ask('/hooks/echo', { method: 'DELETE', body: 'with a body', headers: { 'transfer-encoding': 'chunked' } })).text).toBe('with a body')
  expect(
    (await ask('/hooks/echo', { method: 'GET', body: 'GET too', headers: { 'transfer-encoding': 'chunked', connection: 'transfer-encoding' } })).text,
  ).toBe('GET too')
})

test('an answer that comes before the body was read reaches its sender, and the connection goes on', async () => {
  await start()
  onRequest = (request, response) => {
    if (request.method === 'POST') response.writeHead(413).end('too large')
    else response.end('next')
  }
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  const over = (method: string, body: Buffer) =>
    new Promise<{ status: number | undefined; text: string }>((resolve, reject) => {
      const request = httpRequest(`${url}/hooks/x`, { method, agent, headers: { ...operator, 'content-length': body.length } }, (answer) => {
        let text = ''
        answer.on('data', (chunk) => {
          text += chunk
        })
        answer.once('end', () => resolve({ status: answer.statusCode, text }))
      })
      request.once('error', reject)
      request.end(body)
    })
  for (const bytes of [20, 16_384, 4_000_000]) expect(await over('POST', randomBytes(bytes))).toMatchObject({ status: 413, text: 'too large' })
  expect(await over('GET', Buffer.alloc(0))).toMatchObject({ status: 200, text: 'next' })
  agent.destroy()
})

test('connections to the runtime are kept and used again', async () => {
  await start()
  for (let i = 0; i < 20; i += 1) expect((await ask(`/hooks/${i}`)).status).toBe(200)
  expect(connections).toBe(1)
})

test('a kept connection that the runtime had closed costs a page no answer, and does no work twice', async () => {
  await start()
  const seen: string[] = []
  let isCutOnce = false
  onRequest = (request, response) => {
    seen.push(request.url ?? '')
    if (request.url === '/dashboard/1') response.end('fresh')
    else if (request.url === '/dashboard/2' && isCutOnce) response.end('fresh again')
    else {
      isCutOnce = true
      request.socket.destroy()
    }
  }
  expect((await ask('/dashboard/1')).text).toBe('fresh')
  expect((await ask('/dashboard/2')).text).toBe('fresh again')
  expect(seen).toEqual(['/dashboard/1', '/dashboard/2', '/dashboard/2'])
  // what may have done something is not sent twice
  for (const [path, method] of [
    ['/dashboard/3', 'POST'],
    ['/hooks/4', 'DELETE'],
    ['/hooks/5', 'GET'],
  ] as const) {
    const lost = await ask(path, { method })
    expect([path, lost.status, JSON.parse(lost.text).code]).toEqual([path, 502, 'runtime-lost'])
    expect((await ask('/dashboard/1')).text).toBe('fresh')
  }
  expect(seen.slice(3)).toEqual(['/dashboard/3', '/dashboard/1', '/4', '/dashboard/1', '/5', '/dashboard/1'])
})

test('a client that goes away takes its request with it', async () => {
  await start()
  const closed = vi.fn()
  let arrived = 0
  onRequest = (_request, response) => {
    arrived += 1
    response.on('close', closed)
    if (arrived === 2) response.write('half')
  }
  const { hostname, port } = new URL(url)
  const before = httpRequest({ hostname, port, path: '/hooks/x', agent: false, headers: operator })
  before.on('error', () => {})
  before.end()
  await vi.waitFor(() => expect(arrived).toBe(1), soon)
  before.destroy()
  await vi.waitFor(() => expect(closed).toHaveBeenCalledTimes(1), soon)
  const during = httpRequest({ hostname, port, path: '/hooks/x', agent: false, headers: operator }, (response) => {
    response.on('error', () => {})
    response.once('data', () => during.destroy())
  })
  during.on('error', () => {})
  during.end()
  await vi.waitFor(() => expect(closed).toHaveBeenCalledTimes(2), soon)
})

test('half an answer is a broken connection, never a whole one', async () => {
  await start()
  onRequest = (_request, response) => {
    response.writeHead(200, { 'content-length': '100' })
    response.write('half')
    setImmediate(() => response.destroy())
  }
  await expect(ask('/hooks/x')).rejects.toThrow(/aborted|reset|hang up/)
})

test('without a runtime a program gets a problem and a person a calm page that looks again', async () => {
  await start()
  for (const state of ['told', 'not yet noticed'] as const) {
    if (state === 'told') isRuntimeThere = false
    else {
      isRuntimeThere = true
      runtime.closeAllConnections()
      await new Promise((resolve) => runtime.close(resolve))
    }
    const program = await ask('/hooks/x', { method: 'POST', body: 'y' })
    expect([program.status, program.headers['retry-after'], JSON.parse(program.text).code]).toEqual([503, '3', 'runtime-away'])
    const person = await ask('/dashboard/page1', { headers: { accept: 'text/html,*/*' } })
    expect([person.status, person.headers['retry-after'], person.headers['content-type']]).toEqual([503, '3', 'text/html; charset=utf-8'])
    expect(person.text).toContain('The flow runtime is being restarted')
    expect(person.text).toContain('http-equiv="refresh"')
    const socket = await openSocket(url, '/dashboard/socket.io/?EIO=4&transport=websocket', { headers: operator })
    expect([socket.status, 'headers' in socket && socket.headers['retry-after']]).toEqual([503, '3'])
  }
  await new Promise<void>((resolve) => runtime.listen(join(dir, 'r.sock'), resolve))
  expect((await ask('/hooks/x')).status).toBe(200)
})

test('a runtime that hangs holds a bounded number of requests, each for a bounded time', async () => {
  await start({
    limits: {
      red: { requests: 2, sockets: 1 },
      stock: { requests: 2, sockets: 0 },
      dashboard: { requests: 2, sockets: 1 },
      hooks: { requests: 3, sockets: 1 },
    },
    // all of them have come before the first is given up
    answerMs: 1500,
  })
  onRequest = () => {}
  const answers = await Promise.all(Array.from({ length: 40 }, () => ask('/hooks/x', { method: 'POST', body: 'x'.repeat(10_000) })))
  const codes = answers.map(({ text }) => JSON.parse(text).code as string)
  expect(codes.filter((code) => code === 'runtime-slow')).toHaveLength(3)
  expect(codes.filter((code) => code === 'runtime-busy')).toHaveLength(37)
  expect(connections).toBe(3)
  // another way has places of its own
  const other = await ask('/dashboard/x')
  expect([other.status, JSON.parse(other.text).code]).toEqual([504, 'runtime-slow'])
  // and the places are given back
  onRequest = (_request, response) => void response.end('well again')
  for (let i = 0; i < 5; i += 1) expect((await ask('/hooks/x')).text).toBe('well again')
})

test('a request that was given up is over for both sides, its body and its connections too', async () => {
  await start({ answerMs: 1000 })
  const closed = vi.fn()
  onRequest = (request, response) => {
    if (request.url === '/next') {
      response.end('next')
      return
    }
    response.on('close', closed)
  }
  const { hostname, port } = new URL(url)
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  let opened = 0
  const post = (path: string, body: string) =>
    new Promise<string>((resolve, reject) => {
      const request = httpRequest(
        { hostname, port, path, method: 'POST', agent, headers: { ...operator, 'content-length': String(body.length) } },
        (response) => {
          let text = ''
          response.on('data', (chunk: Buffer) => {
            text += chunk.toString()
          })
          response.on('end', () => resolve(`${response.statusCode} ${text}`))
        },
      )
      request.on('error', reject)
      request.on('socket', (socket) => {
        if (socket.connecting) opened += 1
      })
      request.end(body)
    })
  try {
    expect(await post('/hooks/x', 'short')).toMatch(/^504 .*runtime-slow/)
    await vi.waitFor(() => expect(closed).toHaveBeenCalledTimes(1), soon)
    // more than the buffers on the way hold, and never read by the runtime
    expect(await post('/hooks/x', 'x'.repeat(5_000_000))).toMatch(/^504 .*runtime-slow/)
    expect(await post('/hooks/next', 'y')).toBe('200 next')
    expect(opened).toBe(1)
  } finally {
    agent.destroy()
  }
})

test('an upload that takes its time is not a late answer', async () => {
  const answerMs = 1500
  await start({ answerMs })
  onRequest = (request, response) => {
    let length = 0
    request.on('data', (chunk: Buffer) => {
      length += chunk.length
    })
    request.on('end', () => response.end(String(length)))
  }
  const { hostname, port } = new URL(url)
  const pieces = 45
  const text = await new Promise((resolve, reject) => {
    const request = httpRequest(
      { hostname, port, path: '/hooks/x', method: 'POST', agent: false, headers: { ...operator, 'content-length': String(pieces) } },
      (response) => {
        response.on('data', (chunk: Buffer) => resolve(chunk.toString()))
      },
    )
    request.on('error', reject)
    let sent = 0
    // three times the limit in all, each pause a small part of it; the pauses are what is tested
    const timer = setInterval(
      () => {
        sent += 1
        request.write('a')
        if (sent < pieces) return
        clearInterval(timer)
        request.end()
      },
      (answerMs * 3) / pieces,
    )
  })
  expect(text).toBe(String(pieces))
})

test('long polls of Socket.IO wait longer than other requests', async () => {
  await start({ answerMs: 100 })
  onRequest = (_request, response) => void setTimeout(() => response.end('news'), 400)
  expect((await ask('/dashboard/socket.io/?EIO=4&transport=polling&t=x')).text).toBe('news')
  expect((await ask('/dashboard/page1')).status).toBe(504)
})

test('an answer that is not HTTP breaks nothing', async () => {
  await start()
  onRequest = (request) => void request.socket.end('SMTP 220 ready\r\n\r\n')
  const answer = await ask('/hooks/x')
  expect([answer.status, JSON.parse(answer.text).code]).toEqual([502, 'answer-broken'])
  onRequest = (request) => void request.socket.end('HTTP/1.1 200 o\x80k\r\nx-odd: \x80\xff\tx\r\nContent-Length: 2\r\n\r\nhi')
  expect((await ask('/hooks/x')).status).toBeGreaterThanOrEqual(200)
  onRequest = (_request, response) => void response.end('ok')
  expect((await ask('/hooks/x')).text).toBe('ok')
})

test('a link on another site does not call a flow with the rights of who follows it', async () => {
  await start()
  const get = async (headers: Record<string, string>) => (await askExactly(url, '/hooks/x', { headers: { 'x-test-role': 'operator', ...headers } })).status
  expect(await get({})).toBe(200)
  expect(await get({ 'sec-fetch-site': 'none' })).toBe(200)
  expect(await get({ 'sec-fetch-site': 'same-origin' })).toBe(200)
  expect(await get({ referer: `${url}/operator` })).toBe(200)
  expect(await get({ 'sec-fetch-site': 'cross-site' })).toBe(403)
  expect(await get({ 'sec-fetch-site': 'same-site' })).toBe(403)
  expect(await get({ referer: 'http://evil.example/' })).toBe(403)
  expect(await get({ origin: 'null' })).toBe(403)
})

test('who may not, does not reach the runtime', async () => {
  await start()
  let seen = 0
  onRequest = (_request, response) => {
    seen += 1
    response.end()
  }
  for (const [path, role] of [
    ['/red/flows', 'operator'],
    ['/red/icons', 'operator'],
    ['/red/resources/module/../../flows', 'operator'],
    ['/red/settings', 'integrator'],
    ['/hooks/x', 'viewer'],
    ['/hooks/x', 'integrator'],
  ] as const)
    expect([path, role, (await ask(path, { headers: { 'x-test-role': role } })).status >= 400]).toEqual([path, role, true])
  expect((await ask('/red/resources/module/file.js', { method: 'POST' })).status).toBe(403)
  expect((await askExactly(url, '/dashboard/x')).status).toBe(401)
  expect((await ask('/hooks/x', { method: 'TRACE' })).status).toBe(405)
  expect(seen).toBe(0)
  expect((await ask('/dashboard/x', { headers: { 'x-test-role': 'viewer' } })).status).toBe(200)
  expect(seen).toBe(1)
})

test('CONNECT, absolute addresses and other oddities do not reach the runtime', async () => {
  await start()
  let seen = 0
  onRequest = (_request, response) => {
    seen += 1
    response.end('inside')
  }
  const { host } = new URL(url)
  const who = 'x-test-role: engineer\r\nsec-fetch-site: same-origin\r\n'
  for (const line of [
    `CONNECT ${host}`,
    'CONNECT /red/flows',
    `GET http://${host}/red/flows`,
    `GET http://${host}/hooks/red`,
    `GET http://evil.example/hooks/x`,
    'GET //hooks/red',
    'GET \\hooks\\red',
    'GET hooks/red',
    'OPTIONS *',
  ]) {
    const answer = await sayRaw(url, `${line} HTTP/1.1\r\nHost: ${host}\r\n${who}Connection: close\r\n\r\n`)
    expect([line, answer.includes('inside')]).toEqual([line, false])
  }
  // a second request hidden in the body of the first is not one
  const smuggled = `POST /hooks/x HTTP/1.1\r\nHost: ${host}\r\n${who}Content-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /red/flows HTTP/1.1\r\nx-cellwright-way: red\r\n\r\n`
  expect(await sayRaw(url, smuggled)).toMatch(/^HTTP\/1.1 400/)
  expect(seen).toBe(0)
})

test('WebSockets go through, with the same headers, and end together', async () => {
  await start({
    limits: {
      red: { requests: 2, sockets: 1 },
      stock: { requests: 2, sockets: 0 },
      dashboard: { requests: 2, sockets: 2 },
      hooks: { requests: 3, sockets: 1 },
    },
  })
  const inside = new WebSocketServer({ noServer: true, handleProtocols: (protocols) => [...protocols][0] ?? false })
  let seen: IncomingMessage | undefined
  runtime.on('upgrade', (request, socket, head) => {
    seen = request
    if (request.url?.startsWith('/dashboard/refuse'))
      socket.end('HTTP/1.1 403 Forbidden\r\nSet-Cookie: cellwright-1.session_token=x\r\nContent-Length: 2\r\n\r\nno')
    else if (request.url?.startsWith('/dashboard/drop')) socket.destroy()
    else inside.handleUpgrade(request, socket, head, (one) => one.on('message', (text) => one.send(`echo ${text}`)))
  })
  const opened = await openSocket(url, '/hooks/live?x=1', {
    headers: { ...operator, cookie: 'cellwright-1.session_token=s; a=1', authorization: 'Bearer x', 'x-cellwright-way': 'red' },
    protocols: ['cut'],
  })
  if (!opened.socket) throw new Error(`refused with ${opened.status}`)
  const { socket, said } = opened
  expect(seen?.url).toBe('/live?x=1')
  expect(seen?.headers).toMatchObject({ cookie: 'a=1', 'x-cellwright-way': 'hooks', connection: 'Upgrade', upgrade: 'websocket' })
  expect(seen?.headers.authorization).toBeUndefined()
  expect(socket.protocol).toBe('cut')
  socket.send('hello')
  await vi.waitFor(() => expect(said).toEqual(['echo hello']), soon)

  // one more than there are places
  expect((await openSocket(url, '/hooks/live', { headers: operator })).status).toBe(503)
  const atRuntime = [...inside.clients][0]
  socket.terminate()
  await vi.waitFor(() => expect(atRuntime?.readyState).toBe(3), soon)
  const again = await openSocket(url, '/hooks/live', { headers: operator })
  expect(again.status).toBe(101)
  for (const one of inside.clients) one.terminate()
  await vi.waitFor(() => expect(again.socket?.readyState).toBe(3), soon)

  // a client that does not close its side has no place either
  const { hostname, port } = new URL(url)
  const lazy = connect({ host: hostname, port: Number(port), allowHalfOpen: true })
  lazy.on('error', () => {})
  lazy.write(
    `GET /hooks/live HTTP/1.1\r\nHost: ${hostname}:${port}\r\nx-test-role: operator\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n`,
  )
  await vi.waitFor(() => expect(inside.clients.size).toBe(1), soon)
  for (const one of inside.clients) one.terminate()
  await vi.waitFor(async () => {
    const next = await openSocket(url, '/hooks/live', { headers: operator })
    next.socket?.terminate()
    expect(next.status).toBe(101)
  }, soon)
  lazy.destroy()

  const refused = await openSocket(url, '/dashboard/refuse', { headers: operator })
  expect([refused.status, 'headers' in refused && refused.headers['set-cookie']]).toEqual([403, undefined])
  expect((await openSocket(url, '/dashboard/drop', { headers: operator })).status).toBe(502)
  expect((await openSocket(url, '/red/comms', { headers: operator })).status).toBe(403)
  expect((await openSocket(url, '/red/comms')).status).toBe(401)
})

test('an open WebSocket ends when its person is signed out', async () => {
  await start()
  const inside = new WebSocketServer({ noServer: true })
  runtime.on('upgrade', (request, socket, head) => inside.handleUpgrade(request, socket, head, () => {}))
  const mine = await openSocket(url, '/red/comms', { headers: engineer })
  const other = await openSocket(url, '/dashboard/x', { headers: operator })
  await proxy.recheck()
  expect([mine.socket?.readyState, other.socket?.readyState]).toEqual([1, 1])
  signedOut.add('engineer')
  await proxy.recheck()
  await vi.waitFor(() => expect(mine.socket?.readyState).toBe(3), soon)
  expect(other.socket?.readyState).toBe(1)
  await vi.waitFor(() => expect(inside.clients.size).toBe(1), soon)
  other.socket?.terminate()
})

test('a dashboard in a frame gets its pages and the plain files of modules by its own address, and nothing else of the editor', async () => {
  await start()
  const seen: [string | undefined, string | undefined][] = []
  onRequest = (request, response) => {
    seen.push([request.url, request.headers['x-cellwright-way'] as string])
    response.writeHead(200, { 'content-type': request.url?.includes('resources') ? 'text/javascript' : 'text/html' }).end('<html>')
  }
  const prefix = proxy.frames.open({ headers: { ...operator, cookie: 'otto' } } as unknown as IncomingMessage)
  // as a page without an origin asks: no cookie, `Origin: null`
  const asFrame = (path: string, method = 'GET') => askExactly(url, prefix + path, { method, headers: { origin: 'null', 'sec-fetch-site': 'cross-site' } })
  const file = await asFrame('/red/resources/@scope/node-red-dashboard-2-lamp/ui-lamp.umd.js')
  expect([file.status, file.text, file.headers['access-control-allow-origin']]).toEqual([200, '<html>', '*'])
  const page = await asFrame('/dashboard/oee')
  expect(page.text).toMatch(/^<!doctype html><script type="importmap">/)
  expect(page.text).toContain(`"/red/resources/":"${prefix}/red/resources/"`)
  expect(page.text.endsWith('<html>')).toBe(true)
  expect(seen).toEqual([
    ['/red/resources/@scope/node-red-dashboard-2-lamp/ui-lamp.umd.js', 'red'],
    ['/dashboard/oee', 'dashboard'],
  ])
  for (const path of ['/red/flows', '/red/settings', '/red/icons', '/red/resources', '/red/resources/a/..%2f..%2fflows', '/hooks/x', '/stock/', '/api/me'])
    expect([path, (await asFrame(path)).status >= 400]).toEqual([path, true])
  expect((await asFrame('/red/resources/module/file.js', 'POST')).status).toBeGreaterThanOrEqual(400)
  expect(seen).toHaveLength(2)
  // whoever leaves the panel takes it along
  signedOut.add('operator')
  expect((await asFrame('/red/resources/@scope/node-red-dashboard-2-lamp/ui-lamp.umd.js')).status).toBe(410)
})
