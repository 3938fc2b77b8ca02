import { mkdtemp, rm } from 'node:fs/promises'
import { type IncomingMessage, request as plainRequest } from 'node:http'
import { Agent, request as secureRequest } from 'node:https'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect as connectSecurely, type PeerCertificate } from 'node:tls'
import { afterAll, beforeAll, expect, test } from 'vitest'
import WebSocket, { WebSocketServer } from 'ws'
import { createLog } from '../../base/log.ts'
import { capabilitiesOf } from '../api/index.ts'
import type { Caller } from '../auth/caller.ts'
import { createTls, type Tls } from '../tls/index.ts'
import { trustRoutes } from '../tls/routes.ts'
import { createHttp, type HttpServer } from './server.ts'

const log = createLog('test', 'silent')
/** The header `authorization` stands for a token, `x-test` for a session. */
function callerNow({ headers }: IncomingMessage): Caller | undefined {
  const via = headers.authorization ? 'token' : headers['x-test'] ? 'session' : undefined
  return via && ({ userId: 'u', userName: 'u', name: 'U', role: 'admin', capabilities: capabilitiesOf('admin'), via, session: 's' } as Caller)
}

let dir: string
let tls: Tls
let http: HttpServer
let addresses: string[] = []
let port: number
let ca: string
const sockets = new WebSocketServer({ noServer: true })

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'cellwright-https-'))
  const config = {
    host: '127.0.0.1',
    port: 0,
    publicUrl: undefined,
    maxLoginTriesPerMinute: 5,
    tls: 'on',
    tlsNames: 'panel.example',
    tlsCert: undefined,
    tlsKey: undefined,
  } as const
  tls = await createTls({ config: { ...config, host: '0.0.0.0' }, dir, log, addresses: () => addresses })
  http = createHttp({
    config: { ...config, trustedProxy: undefined },
    tls,
    auth: { callerNow, callerOf: async (request) => callerNow(request), handler: (_request, _response, next) => next() },
    log,
    version: '0',
    pagesDir: '/nowhere',
  })
  http.mount({
    prefix: '/hooks',
    access: 'session',
    request: (request, response) => void response.end(`hook ${request.url}`),
    upgrade: (request, socket, head) => sockets.handleUpgrade(request, socket, head, (one) => one.send('hello')),
  })
  const started = await http.start(trustRoutes({ tls, isHttps: true, port: () => port, audit: { record: () => undefined } }))
  port = started.port
  ca = tls.facts().authority?.pem ?? ''
  expect(started.url).toBe(`https://127.0.0.1:${port}`)
  expect(started.localUrl).toBe(`http://127.0.0.1:${port}`)
})
afterAll(async () => {
  await http?.close()
  tls?.close()
  await rm(dir, { recursive: true, force: true })
})

interface Answer {
  status: number | undefined
  headers: IncomingMessage['headers']
  text: string
}
function ask(
  scheme: 'http' | 'https',
  path: string,
  options: { method?: string; headers?: Record<string, string>; body?: string; host?: string } = {},
): Promise<Answer> {
  const { method = 'GET', headers = {}, body, host = '127.0.0.1' } = options
  return new Promise((resolve, reject) => {
    const all = { method, headers: { ...headers, ...(options.host ? { host: `${host}:${port}` } : {}) }, agent: false as const }
    const url = `${scheme}://127.0.0.1:${port}${path}`
    const take = (response: IncomingMessage) => {
      let text = ''
      response.setEncoding('utf8').on('data', (piece: string) => {
        text += piece
      })
      response.on('end', () => resolve({ status: response.statusCode, headers: response.headers, text }))
    }
    const request = scheme === 'https' ? secureRequest(url, { ...all, ca, servername: 'localhost' }, take) : plainRequest(url, all, take)
    request.on('error', reject)
    request.end(body)
  })
}

test('pages and flows are answered by HTTPS on the one port, and browsers are told to stay with it', async () => {
  const { status, text, headers } = await ask('https', '/hooks/x?y=1', { headers: { 'x-test': '1' } })
  expect([status, text]).toEqual([200, 'hook /hooks/x?y=1'])
  expect(headers['strict-transport-security']).toMatch(/^max-age=\d{8}$/)
  expect((await ask('https', '/healthz')).headers['strict-transport-security']).toMatch(/^max-age=\d{8}$/)
  // other programs of the computer share this name
  for (const path of ['/healthz', '/hooks/x']) expect((await ask('https', path, { host: 'localhost' })).headers['strict-transport-security']).toBeUndefined()
})

test('names of the certificate are ours, others are not', async () => {
  expect((await ask('https', '/healthz', { host: 'panel.example' })).status).toBe(200)
  expect((await ask('https', '/healthz', { host: 'evil.example' })).status).toBe(421)
  expect((await ask('http', '/operator', { host: 'evil.example' })).status).toBe(421)
})

test('in the clear there is nothing but the way to HTTPS', async () => {
  const page = await ask('http', '/operator?m=1', { headers: { accept: 'text/html', 'x-test': '1' } })
  expect([page.status, page.headers.location]).toEqual([307, '/trust?next=%2Foperator%3Fm%3D1'])
  const program = await ask('http', '/hooks/x', { headers: { 'x-test': '1' } })
  expect([program.status, program.headers.location]).toEqual([307, `https://127.0.0.1:${port}/hooks/x`])
  const write = await ask('http', '/api/auth/sign-in/username', { method: 'POST', headers: { 'x-cellwright': '1' }, body: '{}' })
  expect([write.status, JSON.parse(write.text).code]).toEqual([426, 'https-only'])
  // what a device needs before it trusts
  expect((await ask('http', '/api/trust')).status).toBe(200)
  // and what a watchdog asks
  expect((await ask('http', '/healthz')).status).toBe(200)
  expect((await ask('http', '/api/trust/authority?as=pem')).text).toBe(ca)
  expect((await ask('http', '/api/trust/authority?as=mobileconfig')).text).toContain('com.apple.security.root')
  expect((await ask('http', '/api/trust/authority?as=exe')).status).toBe(400)
})

test('a program of this computer with a token needs no HTTPS; one behind a proxy does', async () => {
  const token = { authorization: 'Bearer t' }
  expect((await ask('http', '/hooks/x', { headers: token })).text).toBe('hook /hooks/x')
  expect((await ask('http', '/hooks/x', { headers: { ...token, 'x-forwarded-for': '10.0.0.1' } })).status).toBe(307)
})

test('live connections are encrypted, and a page that came in the clear opens none', async () => {
  const agent = new Agent({ ca, servername: 'localhost' })
  const opened = (url: string, headers: Record<string, string>) =>
    new Promise<string>((resolve) => {
      const socket = new WebSocket(url, { agent: url.startsWith('wss:') ? agent : undefined, headers: { 'x-test': '1', ...headers } })
      socket.on('message', (text) => {
        resolve(String(text))
        socket.close()
      })
      socket.on('error', (error) => resolve(error.message))
    })
  expect(await opened(`wss://127.0.0.1:${port}/hooks/x`, { origin: `https://127.0.0.1:${port}` })).toBe('hello')
  expect(await opened(`wss://127.0.0.1:${port}/hooks/x`, { origin: `http://127.0.0.1:${port}` })).toMatch(/403/)
  expect(await opened(`ws://127.0.0.1:${port}/hooks/x`, { origin: `http://127.0.0.1:${port}` })).toMatch(/426/)
})

test('another certificate is shown to the next connection, without a restart', async () => {
  const shown = () =>
    new Promise<PeerCertificate>((resolve, reject) => {
      const socket = connectSecurely({ host: '127.0.0.1', port, ca, servername: 'localhost' }, () => {
        resolve(socket.getPeerCertificate())
        socket.destroy()
      })
      socket.on('error', reject)
    })
  const before = await shown()
  addresses = ['192.168.77.7']
  await tls.look()
  const after = await shown()
  expect(after.serialNumber).not.toBe(before.serialNumber)
  expect(after.subjectaltname).toContain('192.168.77.7')
})

test('a connection that says nothing, or nonsense, holds nothing up', async () => {
  const silent = connect(port, '127.0.0.1')
  const nonsense = connect(port, '127.0.0.1', () => nonsense.write(Buffer.from([0, 1, 2, 3, 255])))
  const broken = connect(port, '127.0.0.1', () => broken.write(Buffer.from([22, 3, 1, 0, 5, 9, 9, 9, 9, 9])))
  const ended = (socket: typeof silent) =>
    new Promise<void>((resolve) =>
      socket
        .on('error', () => resolve())
        .on('close', () => resolve())
        .resume(),
    )
  await Promise.all([ended(nonsense), ended(broken)])
  expect((await ask('https', '/healthz')).status).toBe(200)
  silent.destroy()
})
