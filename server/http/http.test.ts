import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { get } from 'node:http'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Validator } from '@seriousme/openapi-schema-validator'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ROUTES } from '../api/index.ts'
import { ask, startTestGateway, type TestGateway } from '../testing.ts'
import { hostCheck } from './host-check.ts'
import { isTrickyPath } from './mounts.ts'
import { publicFiles } from './pages.ts'

const pages = mkdtempSync(join(tmpdir(), 'cw-pages-'))
let shop: TestGateway
let cookie: string
beforeAll(async () => {
  mkdirSync(join(pages, 'assets'))
  const files = {
    'index.html': '<script type="module" src="/assets/designer-1a.js"></script><a href="/sign-in.html">x</a>',
    'sign-in.html':
      '<script type="module" src="/assets/sign-in-2b.js"></script><link rel="stylesheet" href="/assets/base-3c.css"><a href="/operator.html">x</a>',
    'operator.html': '<script type="module" src="/assets/operator-4d.js"></script>',
    'assets/designer-1a.js': 'import "./shared-5e.js"',
    'assets/sign-in-2b.js': 'import "./shared-5e.js"',
    'assets/shared-5e.js': 'export {}',
    'assets/base-3c.css': '@font-face { src: url(/assets/inter-6f.woff2) }',
    'assets/inter-6f.woff2': 'font',
    'assets/operator-4d.js': 'export {}',
    'operator.html.br': 'page by brotli',
    'assets/operator-4d.js.br': 'brotli',
    'assets/operator-4d.js.gz': 'gzip',
    'sw.js': '/assets/offline-7a.js',
    'offline.html': '<script src="/assets/offline-7a.js"></script>',
    'assets/offline-7a.js': 'export {}',
    'panel.webmanifest': '{"icons":[{"src":"/assets/icon-8b.png"}]}',
    'assets/icon-8b.png': 'png',
  }
  for (const [name, text] of Object.entries(files)) writeFileSync(join(pages, name), text)
  shop = await startTestGateway({ env: { CELLWRIGHT_OWNER: 'boss:long enough' }, gateway: { pagesDir: pages } })
  cookie = await shop.signIn('boss', 'long enough')
})
afterAll(async () => {
  await shop?.close()
  rmSync(pages, { recursive: true, force: true })
})

describe('host names', () => {
  test('another name than ours is refused everywhere, so that a rebound DNS name reaches nothing', async () => {
    for (const path of ['/', '/api/me', '/healthz', '/api/setup', '/assets/sign-in-2b.js'])
      expect(await ask(`${shop.url}${path}`, { headers: { host: 'evil.example' } })).toMatchObject({ status: 421, json: { code: 'host-not-allowed' } })
    expect((await ask(`${shop.url}/healthz`, { headers: { host: 'localhost:1' } })).status).toBe(200)
  })

  const allows = (options: Parameters<typeof hostCheck>[0], host: string | undefined) =>
    hostCheck(options)({ headers: host === undefined ? {} : { host } } as Parameters<ReturnType<typeof hostCheck>>[0])
  test.each([
    ['127.0.0.1:8470', true],
    ['LOCALHOST', true],
    ['[::1]:8470', true],
    ['cell.example', true],
    ['cell.example.', false],
    ['127.0.0.1.evil.example', false],
    ['localhost@evil.example', false],
    ['', false],
    [undefined, false],
  ])('%s: %s', (host, isAllowed) => {
    expect(allows({ host: '127.0.0.1', publicUrl: 'https://cell.example/x' }, host)).toBe(isAllowed)
  })
  test('a server that listens everywhere answers to addresses, not to names', () => {
    expect(allows({ host: '0.0.0.0', publicUrl: undefined }, '192.168.1.5:8470')).toBe(true)
    expect(allows({ host: '0.0.0.0', publicUrl: undefined }, 'shop.local')).toBe(false)
  })
})

describe('writes from other sites', () => {
  const write = (headers: Record<string, string>) => ask(`${shop.url}/api/tokens`, { method: 'POST', headers, body: { name: 'x' } })
  test('a session’s write needs our header or a same-origin browser', async () => {
    expect(await write({ cookie })).toMatchObject({ status: 403, json: { code: 'cross-site-request' } })
    for (const site of ['cross-site', 'same-site', 'none']) expect((await write({ cookie, 'sec-fetch-site': site })).status).toBe(403)
    expect((await write({ cookie, 'sec-fetch-site': 'same-origin' })).status).toBe(201)
    expect((await write({ cookie, 'x-cellwright': '1' })).status).toBe(201)
  })
  test('an API token needs neither: no browser sends it by itself', async () => {
    expect((await write({ authorization: `Bearer ${shop.gateway.localToken}` })).status).toBe(201)
  })
  test('signing in from another site is refused too', async () => {
    const body = { username: 'boss', password: 'long enough' }
    expect((await ask(`${shop.url}/api/auth/sign-in/username`, { method: 'POST', body, headers: { 'sec-fetch-site': 'cross-site' } })).status).toBe(403)
  })
  test('no preflight is ever granted', async () => {
    const answer = await ask(`${shop.url}/api/tokens`, {
      method: 'OPTIONS',
      headers: { origin: 'http://evil.example', 'access-control-request-method': 'POST', 'access-control-request-headers': 'x-cellwright' },
    })
    expect(Object.keys(answer.headers).filter((name) => name.startsWith('access-control'))).toEqual([])
  })
})

describe('bodies', () => {
  test('50 MB to a 1 MB route is refused without being kept', async () => {
    const answer = await shop.admin('/api/tokens', { method: 'POST', body: Buffer.alloc(50_000_000, 0x20), headers: { 'content-type': 'application/json' } })
    expect(answer).toMatchObject({ status: 413, json: { code: 'body-too-large' } })
    // before any of it has come
    const { hostname, port } = new URL(shop.url)
    const socket = connect(Number(port), hostname)
    const said = new Promise<string>((resolve, reject) => {
      socket.once('data', (chunk) => resolve(String(chunk)))
      socket.on('error', reject)
    })
    socket.write(
      `POST /api/tokens HTTP/1.1\r\nHost: ${hostname}\r\nAuthorization: Bearer ${shop.gateway.localToken}\r\nContent-Type: application/json\r\nContent-Length: 50000000\r\n\r\n`,
    )
    expect(await said).toMatch(/^HTTP\/1.1 413/)
    socket.destroy()
  })

  test('also when its length is not declared', async () => {
    const { port, hostname } = new URL(shop.url)
    const answer = await new Promise<string>((resolve, reject) => {
      const socket = connect(Number(port), hostname)
      let text = ''
      socket.on('data', (chunk) => {
        text += chunk
        if (text.includes('body-too-large')) {
          socket.destroy()
          resolve(text)
        }
      })
      socket.on('error', reject)
      socket.on('close', () => resolve(text))
      socket.write(
        `POST /api/tokens HTTP/1.1\r\nHost: ${hostname}\r\nAuthorization: Bearer ${shop.gateway.localToken}\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n`,
      )
      const chunk = `10000\r\n${'x'.repeat(0x10000)}\r\n`
      for (let i = 0; i < 40; i += 1) socket.write(chunk)
    })
    expect(answer).toMatch(/^HTTP\/1.1 413/)
  })

  test('malformed JSON, other types and missing fields say what is wrong', async () => {
    const post = (body: unknown, type = 'application/json') => shop.admin('/api/tokens', { method: 'POST', body, headers: { 'content-type': type } })
    expect(await post('{"name": ')).toMatchObject({ status: 400, json: { code: 'body-not-json' } })
    expect(await post(Buffer.from([0x22, 0xff, 0x22]))).toMatchObject({ status: 400, json: { code: 'body-not-json' } })
    expect(await post('name=x', 'application/x-www-form-urlencoded')).toMatchObject({ status: 415 })
    const wrong = await post('{"role":"Emperor!","extra":1}')
    expect(wrong).toMatchObject({ status: 400, json: { code: 'invalid-input', title: 'Bad Request', type: 'urn:cellwright:error:invalid-input' } })
    expect(wrong.json.errors.map(({ path }: { path: string }) => path)).toContain('/role')
    expect(await shop.admin('/api/tokens', { method: 'POST' })).toMatchObject({ status: 400, json: { code: 'invalid-input' } })
  })

  test('__proto__ in a body reaches no prototype', async () => {
    await shop.admin('/api/tokens', { method: 'POST', body: '{"name":"x","__proto__":{"polluted":true}}', headers: { 'content-type': 'application/json' } })
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined()
  })
})

test('query text becomes numbers by the schema, and wrong text is refused', async () => {
  expect((await shop.admin('/api/audit?limit=1')).json).toHaveLength(1)
  expect(await shop.admin('/api/audit?limit=many')).toMatchObject({ status: 400, json: { code: 'invalid-input' } })
  expect((await shop.admin('/api/audit?limit=0')).status).toBe(400)
  expect((await shop.admin('/api/audit?limit=1&limit=2')).status).toBe(400)
})

test('an address that another reader could take for a different one is refused', async () => {
  expect(['/red/../api/me', '/x/%2e%2e/y', '/a\\b', '/%00', '/%zz', '/..'].filter((path) => !isTrickyPath(path))).toEqual([])
  expect(['/', '/runs/run_1', '/api/auth/pin', '/a..b/c', '/x?next=/../y'].filter(isTrickyPath)).toEqual([])
  // URL would tidy the path up before it is sent
  const { hostname, port } = new URL(shop.url)
  const status = await new Promise((resolve, reject) => {
    get({ hostname, port, path: '/sign-in/../api/me', agent: false }, (response) => resolve(response.resume().statusCode)).on('error', reject)
  })
  expect(status).toBe(400)
})

test('the OpenAPI document is valid and has every route', async () => {
  const { json, headers } = await ask(`${shop.url}/api/openapi.json`)
  expect(headers['content-type']).toMatch(/^application\/json/)
  const result = await new Validator().validate(json)
  expect(result.errors ?? []).toEqual([])
  expect(result.valid).toBe(true)
  const operations = Object.values(json.paths as Record<string, Record<string, { operationId: string }>>).flatMap((path) => Object.values(path))
  expect(operations.map(({ operationId }) => operationId).sort()).toEqual(ROUTES.map(({ id }) => id).sort())
})

describe('health', () => {
  test('/healthz answers anybody; /readyz says what is missing', async () => {
    expect((await ask(`${shop.url}/healthz`)).json).toEqual({ ok: true })
    const ready = async () => (await ask(`${shop.url}/readyz`)).json.reasons
    // what takes longer than a second to answer is said to be missing
    await expect.poll(ready).not.toHaveProperty('store')
    await shop.admin('/api/machines', { method: 'POST', body: machine('m-ready') })
    await expect.poll(ready).toHaveProperty('guards', expect.stringContaining('m-ready'))
    expect((await ask(`${shop.url}/readyz`)).status).toBe(503)
    // names of machines are not for strangers behind a proxy
    const elsewhere = { headers: { 'x-forwarded-for': '10.0.0.1' } }
    expect((await ask(`${shop.url}/readyz`, elsewhere)).json).toMatchObject({ isReady: false, reasons: { guards: 'not ready' } })
    expect((await shop.admin('/readyz', elsewhere)).json.reasons.guards).toContain('m-ready')
    expect((await ask(`${shop.url}/readyz`, { method: 'HEAD' })).status).toBe(503)
    expect((await ask(`${shop.url}/healthz`, { method: 'HEAD' })).headers['cache-control']).toBe('no-store')
  })

  test('/metrics are for loopback without a proxy, or a token', async () => {
    const answer = await ask(`${shop.url}/metrics`)
    expect(answer.status).toBe(200)
    expect(answer.text).toMatch(/cellwright_http_request_seconds_count\{route="listAudit",status="200"\}/)
    expect((await ask(`${shop.url}/metrics`, { headers: { 'x-forwarded-for': '10.0.0.1' } })).status).toBe(401)
    expect((await shop.admin('/metrics', { headers: { 'x-forwarded-for': '10.0.0.1' } })).status).toBe(200)
  })
})

describe('pages', () => {
  const html = { accept: 'text/html,*/*' }
  test('a browser that is not signed in is led to the sign-in page, a program gets 401', async () => {
    expect(await ask(`${shop.url}/`, { headers: html })).toMatchObject({ status: 302, headers: { location: '/sign-in' } })
    expect((await ask(`${shop.url}/operator?x=1`, { headers: html })).headers.location).toBe('/sign-in?next=%2Foperator%3Fx%3D1')
    expect((await ask(`${shop.url}/`)).status).toBe(401)
  })

  test('a stranger gets the sign-in page and its parts, and no part of another page', async () => {
    expect((await ask(`${shop.url}/sign-in`, { headers: html })).text).toContain('sign-in-2b.js')
    expect((await ask(`${shop.url}/setup?code=x`, { headers: html })).status).toBe(200)
    expect([...publicFiles(pages)].sort()).toEqual([
      'assets/base-3c.css',
      'assets/icon-8b.png',
      'assets/inter-6f.woff2',
      'assets/offline-7a.js',
      'assets/shared-5e.js',
      'assets/sign-in-2b.js',
      'offline.html',
      'panel.webmanifest',
      'sign-in.html',
      'sw.js',
    ])
    expect((await ask(`${shop.url}/assets/shared-5e.js`)).status).toBe(200)
    expect((await ask(`${shop.url}/assets/operator-4d.js`)).status).toBe(401)
    expect((await ask(`${shop.url}/index.html`)).status).toBe(401)
  })

  test('signed in, every page and file is there; hashed files are kept by the browser, pages are not', async () => {
    const page = await ask(`${shop.url}/`, { headers: { ...html, cookie } })
    expect(page.text).toContain('designer-1a.js')
    expect(page.headers['cache-control']).toBe('no-cache')
    expect((await ask(`${shop.url}/operator/machine-1`, { headers: { ...html, cookie } })).text).toContain('operator-4d.js')
    const file = await ask(`${shop.url}/assets/operator-4d.js`, { headers: { cookie } })
    expect(file).toMatchObject({ status: 200, headers: { 'cache-control': expect.stringContaining('immutable') } })
    expect((await ask(`${shop.url}/nowhere`, { headers: { ...html, cookie } })).status).toBe(404)
    expect((await ask(`${shop.url}/assets/nothing.js`, { headers: { cookie } })).status).toBe(404)
  })

  test('what makes the pages installable is asked for without a session; the worker is looked at anew each time', async () => {
    const worker = await ask(`${shop.url}/sw.js`)
    expect(worker).toMatchObject({ status: 200, headers: { 'cache-control': 'no-cache', 'content-type': expect.stringMatching(/javascript/) } })
    expect(await ask(`${shop.url}/panel.webmanifest`)).toMatchObject({
      status: 200,
      headers: { 'content-type': expect.stringMatching(/^application\/manifest/) },
    })
    expect((await ask(`${shop.url}/offline.html`)).status).toBe(200)
  })

  test('what the build has compressed is sent as the browser takes it, and only to whom the file is for', async () => {
    const of = (encoding: string, path = '/assets/operator-4d.js') => ask(`${shop.url}${path}`, { headers: { cookie, 'accept-encoding': encoding } })
    for (const [asked, sent, text] of [
      ['gzip, deflate, br', 'br', 'brotli'],
      ['gzip', 'gzip', 'gzip'],
      ['identity', undefined, 'export {}'],
      ['br;q=0, gzip;q=0', undefined, 'export {}'],
    ] as const) {
      const answer = await of(asked)
      expect([answer.status, answer.headers['content-encoding'], answer.text]).toEqual([200, sent, text])
      expect(answer.headers['content-type']).toMatch(/javascript/)
      expect(answer.headers.vary).toMatch(/Accept-Encoding/i)
      expect(answer.headers['cache-control']).toMatch(/immutable/)
    }
    const page = await ask(`${shop.url}/operator`, { headers: { ...html, cookie, 'accept-encoding': 'br' } })
    expect([page.headers['content-encoding'], page.text]).toEqual(['br', 'page by brotli'])
    expect(page.headers['content-type']).toMatch(/text\/html/)
    expect((await of('br', '/assets/operator-4d.js.br')).status).toBe(404)
    expect((await ask(`${shop.url}/assets/operator-4d.js`, { headers: { 'accept-encoding': 'br' } })).status).toBe(401)
    expect((await ask(`${shop.url}/assets/operator-4d.js.br`)).status).toBe(401)
  })

  test('pages may run nothing but their own files', async () => {
    const { headers } = await ask(`${shop.url}/sign-in`, { headers: html })
    const policy = String(headers['content-security-policy'])
    expect(policy).toMatch(/script-src 'self'(;|$)/)
    expect(policy).toMatch(/default-src 'self'(;|$)/)
    expect(policy).toMatch(/frame-ancestors 'self'/)
    expect(headers['x-content-type-options']).toBe('nosniff')
    expect(headers['x-powered-by']).toBeUndefined()
  })
})

function machine(id: string) {
  return { id, name: id, link: { kind: 'virtual', timeScale: 1 }, envelopeMm: { min: [0, 0, -50], max: [100, 100, 0] }, whenRequesterGone: 'finish' }
}

test('many sign-in tries from one address have to wait; stop and hold never do', async () => {
  const strict = await startTestGateway({ env: { CELLWRIGHT_LOGIN_TRIES: '3' } })
  try {
    const tries = []
    for (let i = 0; i < 4; i += 1)
      tries.push(await strict.page('/api/auth/sign-in/username', { method: 'POST', body: { username: 'x1', password: 'wrong wrong' } }))
    expect(tries.map(({ status }) => status)).toEqual([401, 401, 401, 429])
    expect(Number(tries[3]!.headers['retry-after'])).toBeGreaterThan(0)
    expect((await strict.page('/api/auth/pin', { method: 'POST', body: { userId: 'x', pin: '4713' } })).status).toBe(429)
    expect((await strict.admin('/api/machines/none/stop', { method: 'POST', body: {} })).json.code).toBe('machine-not-found')
  } finally {
    await strict.close()
  }
})

test('a taken port says so, and nothing is left running', async () => {
  await expect(startTestGateway({ env: { CELLWRIGHT_PORT: new URL(shop.url).port } })).rejects.toMatchObject({ code: 'port-taken' })
})
