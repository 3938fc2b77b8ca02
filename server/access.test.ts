/** Walks every declared route and topic: each refuses a stranger, and a caller who may do anything but this. */
import type { IncomingMessage } from 'node:http'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import WebSocket from 'ws'
import { createLog } from '../base/log.ts'
import { type Capability, capabilitiesOf, ROUTES, type ServerMessage, TOPIC_NAMES, TOPICS } from './api/index.ts'
import type { Caller } from './auth/caller.ts'
import { createHttp, type HttpServer } from './http/server.ts'
import { ask, startTestGateway, type TestGateway } from './testing.ts'

/** docs/architecture.md, "The way in": the only addresses of the API that answer a stranger. */
const PUBLIC = [
  'get /api/setup',
  'post /api/setup',
  'get /api/auth/pin/people',
  'post /api/auth/pin',
  'post /api/auth/badge',
  'post /api/auth/password-link',
  'post /api/auth/password-link/use',
  'get /api/auth/ways',
  'post /api/auth/providers/:providerId/begin',
  'get /api/auth/providers/:providerId/callback',
  'post /api/auth/providers/:providerId/password',
  'get /api/template-links/:templateId/:version',
  'get /api/trust',
  'get /api/trust/authority',
]

let shop: TestGateway
/** The gateway's own handlers behind callers that lack one capability (header `x-test-without`). */
let lacking: { server: HttpServer; url: string }

function callerWithout(request: IncomingMessage): Caller | undefined {
  const without = request.headers['x-test-without']
  if (without === undefined) return undefined
  const capabilities = new Set([...capabilitiesOf('admin')].filter((capability) => capability !== without))
  return { userId: 'u', userName: 'u', name: 'U', role: 'admin', capabilities, via: 'token', session: 's' }
}

beforeAll(async () => {
  shop = await startTestGateway()
  const server = createHttp({
    config: { host: '127.0.0.1', port: 0, publicUrl: undefined, maxLoginTriesPerMinute: 1000 },
    auth: { callerNow: callerWithout, callerOf: async (request) => callerWithout(request), handler: (_request, _response, next) => next() },
    log: createLog('test', 'silent'),
    version: '0',
    pagesDir: '/nowhere',
  })
  const { url } = await server.start(shop.gateway.handlers)
  lacking = { server, url }
})
afterAll(async () => {
  await lacking?.server.close()
  await shop?.close()
})

const pathOf = (path: string) => path.replaceAll(/:\w+/g, 'x1')

describe.each(ROUTES)('$method $path', ({ method, path, access, id }) => {
  test('is answered by the gateway', () => {
    expect(shop.gateway.handlers.map(({ route }) => route.id)).toContain(id)
  })

  if (access === 'public') {
    test('is one of the few public addresses', () => {
      expect(PUBLIC).toContain(`${method} ${path}`)
    })
    return
  }

  test('refuses a stranger, and one with a wrong token or cookie', async () => {
    const url = `${shop.url}${pathOf(path)}`
    for (const headers of [{}, { 'x-cellwright': '1' }, { authorization: 'Bearer cw_wrong' }, { cookie: 'better-auth.session_token=x.y' }] as Record<
      string,
      string
    >[]) {
      const answer = await ask(url, { method: method.toUpperCase(), headers })
      expect(answer.status).toBe(401)
      expect(answer.headers['content-type']).toMatch(/^application\/problem\+json/)
      expect(answer.json.code).toBe('not-signed-in')
    }
  })

  if (access === 'session') return
  test(`refuses somebody who may do everything but ${access}`, async () => {
    const answer = await ask(`${lacking.url}${pathOf(path)}`, { method: method.toUpperCase(), headers: { 'x-test-without': access } })
    expect(answer.status).toBe(403)
    expect(answer.json.code).toBe('not-allowed')
  })
})

/** Opens `/api/live` and answers with what comes first after subscribing. */
async function subscribe(url: string, headers: Record<string, string>, topic: string): Promise<ServerMessage> {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/api/live`, { headers })
  try {
    await new Promise((resolve, reject) => {
      socket.on('open', resolve)
      socket.on('error', reject)
    })
    socket.send(JSON.stringify({ type: 'subscribe', topics: [topic] }))
    return await new Promise((resolve) => socket.on('message', (text) => resolve(JSON.parse(String(text)) as ServerMessage)))
  } finally {
    socket.terminate()
  }
}

/** The status by which an upgrade is refused. */
function upgradeStatus(url: string, headers: Record<string, string> = {}): Promise<number | 'open'> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url.replace('http', 'ws'), { headers })
    socket.on('open', () => {
      socket.terminate()
      resolve('open')
    })
    socket.on('unexpected-response', (_request, response) => {
      response.destroy()
      resolve(response.statusCode ?? 0)
    })
    socket.on('error', reject)
  })
}

describe('live topics', () => {
  test('a stranger is refused at the upgrade', async () => {
    expect(await upgradeStatus(`${shop.url}/api/live`)).toBe(401)
    expect(await upgradeStatus(`${shop.url}/api/live`, { authorization: 'Bearer cw_wrong' })).toBe(401)
    expect(await upgradeStatus(`${shop.url}/api/elsewhere`)).toBe(401)
  })

  test('a page of another site is refused, whoever is signed in', async () => {
    const authorization = `Bearer ${shop.gateway.localToken}`
    expect(await upgradeStatus(`${shop.url}/api/live`, { authorization, origin: 'http://evil.example' })).toBe(403)
    expect(await upgradeStatus(`${shop.url}/api/live`, { authorization, origin: 'null' })).toBe(403)
    expect(await upgradeStatus(`${shop.url}/api/live`, { authorization, origin: shop.url })).toBe('open')
    expect(await upgradeStatus(`${shop.url}/api/live`, { authorization, host: 'rebound.example' })).toBe(421)
  })

  test.each(TOPIC_NAMES)('%s is refused to somebody who may do everything but its capability', async (topic) => {
    const without: Capability = TOPICS[topic].access
    expect(await subscribe(lacking.url, { 'x-test-without': without }, topic)).toMatchObject({ type: 'refused', topic, code: 'not-allowed' })
  })

  test.each(TOPIC_NAMES)('%s sends its snapshot to somebody who may see it', async (topic) => {
    const message = await subscribe(shop.url, { authorization: `Bearer ${shop.gateway.localToken}` }, topic)
    expect(message).toMatchObject({ type: 'snapshot', topic })
  })
})

test.each(['/red', '/red/flows', '/dashboard', '/dashboard/page1', '/api/nothing', '/nothing'])('%s refuses a stranger', async (path) => {
  expect((await ask(`${shop.url}${path}`)).status).toBe(401)
  expect((await ask(`${shop.url}${path}`, { method: 'POST' })).status).toBe(401)
})

test.each(['/red/comms', '/dashboard/socket.io/'])('an upgrade to %s refuses a stranger', async (path) => {
  expect(await upgradeStatus(`${shop.url}${path}`)).toBe(401)
})
