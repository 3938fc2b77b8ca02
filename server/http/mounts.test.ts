import type { IncomingMessage, ServerResponse } from 'node:http'
import { afterAll, beforeAll, expect, test } from 'vitest'
import WebSocket, { WebSocketServer } from 'ws'
import { createLog } from '../../base/log.ts'
import { capabilitiesOf, type Role } from '../api/index.ts'
import type { Caller } from '../auth/caller.ts'
import { ask } from '../testing.ts'
import { createHttp, type HttpServer } from './server.ts'

/** The header `x-test-role` stands for a session of that role. */
function callerNow({ headers }: IncomingMessage): Caller | undefined {
  const role = headers['x-test-role'] as Role | undefined
  return role && { userId: 'u', userName: 'u', name: 'U', role, capabilities: capabilitiesOf(role), via: 'session', session: 's' }
}
let http: HttpServer
let url: string
const sockets = new WebSocketServer({ noServer: true })
beforeAll(async () => {
  http = createHttp({
    config: { host: '127.0.0.1', port: 0, publicUrl: undefined, maxLoginTriesPerMinute: 5 },
    auth: { callerNow, callerOf: async (request) => callerNow(request), handler: (_request, _response, next) => next() },
    log: createLog('test', 'silent'),
    version: '0',
    pagesDir: '/nowhere',
  })
  const answer = (name: string) => ({
    request: (request: IncomingMessage, response: ServerResponse, caller: Caller | undefined) =>
      void response.end(`${name} ${request.method} ${request.url} ${caller?.role ?? 'stranger'}`),
  })
  http.mount({
    prefix: '/red',
    access: 'flows.code',
    ...answer('red'),
    upgrade: (request, socket, head, caller) => sockets.handleUpgrade(request, socket, head, (one) => one.send(`hello ${caller?.role}`)),
  })
  http.mount({ prefix: '/hooks', access: 'own', ...answer('hooks') })
  http.mount({
    prefix: '/broken',
    access: 'session',
    request: async () => {
      throw new Error('secret detail')
    },
  })
  url = (await http.start([])).url
})
afterAll(() => http?.close())

const as = (role: string, more: Record<string, string> = {}) => ({ headers: { 'x-test-role': role, ...more } })

test('a mount gets whole addresses and the caller, after the access check', async () => {
  expect((await ask(`${url}/red/flows?x=1`, as('engineer'))).text).toBe('red GET /red/flows?x=1 engineer')
  expect((await ask(`${url}/red`, as('engineer'))).text).toBe('red GET /red engineer')
  expect((await ask(`${url}/red/flows`, as('operator'))).status).toBe(403)
  expect((await ask(`${url}/red/flows`)).status).toBe(401)
  expect((await ask(`${url}/reduced`, as('engineer'))).status).toBe(404)
})

test('a browser that is not signed in is led to the sign-in page and back', async () => {
  const answer = await ask(`${url}/red/?a=b`, { headers: { accept: 'text/html' } })
  expect([answer.status, answer.headers.location]).toEqual([302, '/sign-in?next=%2Fred%2F%3Fa%3Db'])
  expect((await ask(`${url}/red/`, { headers: { accept: 'text/html' }, method: 'POST' })).status).toBe(401)
})

test('a session’s write must come from this origin', async () => {
  const write = (headers: Record<string, string>) => ask(`${url}/red/flows`, { method: 'POST', ...as('engineer', headers) })
  expect((await write({ 'sec-fetch-site': 'same-origin' })).status).toBe(200)
  expect((await write({ origin: url })).status).toBe(200)
  for (const headers of [
    {},
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site', origin: url },
    { origin: 'http://evil.example' },
    { origin: 'null' },
  ] as Record<string, string>[])
    expect((await write(headers)).status).toBe(403)
})

test('a mount that judges by itself gets strangers too', async () => {
  expect((await ask(`${url}/hooks/part`, { method: 'POST', body: { x: 1 } })).text).toBe('hooks POST /hooks/part stranger')
})

test('what a mount throws does not reach the client', async () => {
  const answer = await ask(`${url}/broken`, as('viewer'))
  expect(answer.status).toBe(500)
  expect(answer.text).not.toContain('secret detail')
})

test('upgrades are checked alike', async () => {
  const open = (path: string, headers: Record<string, string>) =>
    new Promise((resolve, reject) => {
      const socket = new WebSocket(`${url.replace('http', 'ws')}${path}`, { headers })
      socket.on('message', (text) => {
        socket.terminate()
        resolve(String(text))
      })
      socket.on('unexpected-response', (_request, response) => {
        response.destroy()
        resolve(response.statusCode)
      })
      socket.on('error', reject)
    })
  expect(await open('/red/comms', { 'x-test-role': 'engineer' })).toBe('hello engineer')
  expect(await open('/red/comms', { 'x-test-role': 'operator' })).toBe(403)
  expect(await open('/red/comms', {})).toBe(401)
  expect(await open('/red/comms', { 'x-test-role': 'engineer', origin: 'http://evil.example' })).toBe(403)
  expect(await open('/hooks/x', { 'x-test-role': 'engineer' })).toBe(404)
})

test('two parts cannot answer the same prefix', () => {
  expect(() => http.mount({ prefix: '/red', access: 'session', request: () => {} })).toThrow('/red')
})
