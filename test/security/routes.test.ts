/**
 * What a stranger's site, a stranger's frame or a stranger's address could make of a route, tried at every one of them: forged writes,
 * framing, reading from elsewhere, paths that lead out; and of the ways in: a session put in place before, guessing without end, a
 * way on that leads away.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type AnyRoute, ROUTES } from '../../server/api/index.ts'
import { type Answer, type Ask, ask, startTestGateway, type TestGateway } from '../../server/testing.ts'

const PASSWORD = 'a long enough password'
const EVIL = 'https://evil.example'
let shop: TestGateway
let cookie: string

beforeAll(async () => {
  shop = await startTestGateway()
  await shop.admin('/api/accounts', { method: 'POST', body: { userName: 'anna', name: 'Anna', role: 'admin', password: PASSWORD } })
  cookie = await shop.signIn('anna', PASSWORD)
}, 120_000)
afterAll(() => shop?.close())

const filled = (path: string, value: string) => path.replaceAll(/:\w+/g, value)
const send = (route: AnyRoute, value: string, more: Ask) => ask(`${shop.url}${filled(route.path, value)}`, { method: route.method.toUpperCase(), ...more })
const writes = ROUTES.filter(({ method }) => method !== 'get')
const reads = ROUTES.filter(({ method }) => method === 'get')

/** Everything, a few at a time; the first that is wrong is named with its route. */
async function everywhere(routes: readonly AnyRoute[], look: (route: AnyRoute) => Promise<void>): Promise<void> {
  const wrong: string[] = []
  const left = [...routes]
  const work = async () => {
    for (let route = left.pop(); route; route = left.pop()) {
      const { method, path } = route
      await look(route).catch((error: Error) => wrong.push(`${method} ${path}: ${error.message}`))
    }
  }
  await Promise.all(Array.from({ length: 8 }, work))
  expect(wrong).toEqual([])
}

describe('a write that another site makes a browser send', () => {
  const FORGED: readonly Record<string, string>[] = [
    // a form
    { origin: EVIL, 'sec-fetch-site': 'cross-site', 'content-type': 'application/x-www-form-urlencoded' },
    { origin: EVIL, 'sec-fetch-site': 'cross-site', 'content-type': 'text/plain' },
    // a browser without Sec-Fetch-Site
    { origin: EVIL, 'content-type': 'text/plain' },
    { origin: 'null', 'content-type': 'text/plain' },
    // another port or name of this computer is another site
    { origin: 'http://localhost:1', 'sec-fetch-site': 'same-site', 'content-type': 'text/plain' },
    {},
  ]
  it('is refused at every route, with the cookie of somebody who may do everything', async () => {
    await everywhere(writes, async (route) => {
      for (const headers of FORGED) {
        const answer = await send(route, 'x1', { headers: { ...headers, cookie }, body: '{}' })
        expect([answer.status, answer.json.code], JSON.stringify(headers)).toEqual([403, 'cross-site-request'])
      }
    })
  })
  it('is not let through by a preflight', async () => {
    await everywhere(ROUTES, async (route) => {
      const answer = await send(route, 'x1', {
        method: 'OPTIONS',
        headers: { origin: EVIL, 'access-control-request-method': route.method.toUpperCase(), 'access-control-request-headers': 'x-cellwright' },
      })
      expect(Object.keys(answer.headers).filter((name) => name.startsWith('access-control-'))).toEqual([])
    })
  })
})

describe('an answer', () => {
  it('is for no other site: not to read, not to frame, not to take for something else', async () => {
    await everywhere(reads, async (route) => {
      const answer = await send(route, 'x1', { headers: { cookie, origin: EVIL, 'sec-fetch-site': 'cross-site' } })
      expect(answer.headers['access-control-allow-origin']).toBeUndefined()
      expect(answer.headers['x-content-type-options']).toBe('nosniff')
      expect(String(answer.headers['content-security-policy'])).toContain("frame-ancestors 'self'")
      // whether a device trusts the authority is asked by the page in the clear, which is another origin
      if (route.path !== '/api/trust') expect(answer.headers['cross-origin-resource-policy']).toBe('same-origin')
    })
  })
  it('says nothing of the program behind it', async () => {
    await everywhere(reads, async (route) => {
      const answer = await send(route, 'x1', { headers: { cookie } })
      expect(answer.headers['x-powered-by']).toBeUndefined()
      if (answer.status >= 400) expect(answer.text).not.toMatch(/node_modules|\.ts:\d+|at async /)
    })
  })
})

describe('a path that leads out', () => {
  const PATHS = [
    '..%2f..%2f..%2f..%2fetc%2fpasswd',
    '%2e%2e%2f%2e%2e%2fetc%2fpasswd',
    '..%5c..%5cwindows%5cwin.ini',
    '%00',
    '%2fetc%2fpasswd',
    '%ff',
    '....%2f%2f....%2f%2fetc',
  ]
  it('leads nowhere at any route, and breaks none', async () => {
    await everywhere(
      ROUTES.filter(({ path }) => path.includes(':')),
      async (route) => {
        for (const value of PATHS) {
          const answer = await send(route, value, {
            headers: { cookie, 'x-cellwright': '1' },
            ...(route.method === 'get' ? {} : { body: route.rawBody ? 'G21' : {} }),
          })
          // an id that nothing has: refused, or nothing was there to take away or to list; 503: what it asks is not running here
          expect([200, 201, 204, 302, 303, 400, 401, 403, 404, 405, 409, 422, 503], value).toContain(answer.status)
          expect(answer.text).not.toMatch(/root:.*:0:0|\[fonts\]/)
        }
      },
    )
  })
  it('leads nowhere among the pages', async () => {
    for (const path of ['/..%2f..%2fpackage.json', '/assets/..%2f..%2f..%2fkeys%2fsecret', '/%2e%2e/%2e%2e/etc/passwd', '/assets/%00', '/.git/config']) {
      const answer = await ask(`${shop.url}${path}`, { headers: { cookie } })
      expect([path, answer.status >= 400 && answer.status < 500]).toEqual([path, true])
    }
  })
})

describe('the way in', () => {
  const signIn = (headers: Record<string, string> = {}, body: object = { username: 'anna', password: PASSWORD }) =>
    shop.page('/api/auth/sign-in/username', { method: 'POST', headers, body })
  const given = (answer: Answer) => (answer.headers['set-cookie'] as string[] | undefined)?.find((each) => each.includes('session_token')) ?? ''

  it('gives a session of its own, whatever cookie was put there before', async () => {
    const planted = cookie
    const first = given(await signIn({ cookie: planted }))
    const second = given(await signIn({ cookie: 'cellwright.session_token=planted.by-somebody' }))
    const valueIn = (text: string) => text.split(';')[0]
    expect(valueIn(first)).not.toBe(valueIn(second))
    expect(planted).not.toContain(valueIn(first))
    expect((await ask(`${shop.url}/api/me`, { headers: { cookie: 'cellwright.session_token=planted.by-somebody' } })).status).toBe(401)
    // no script reads it, and no other site's request carries it
    for (const text of [first, second]) expect(text).toMatch(/HttpOnly/i)
    for (const text of [first, second]) expect(text).toMatch(/SameSite=(Lax|Strict)/i)
  })

  it('ends with signing out, for whoever has copied the cookie', async () => {
    const copied = await shop.signIn('anna', PASSWORD)
    expect((await ask(`${shop.url}/api/me`, { headers: { cookie: copied } })).status).toBe(200)
    expect((await shop.page('/api/auth/sign-out', { method: 'POST', headers: { cookie: copied }, body: {} })).status).toBe(200)
    expect((await ask(`${shop.url}/api/me`, { headers: { cookie: copied } })).status).toBe(401)
  })

  it('tells nobody which names there are', async () => {
    const known = await signIn({}, { username: 'anna', password: 'wrong, but long enough' })
    const unknown = await signIn({}, { username: 'nobody', password: 'wrong, but long enough' })
    expect([known.status, known.json.code, known.json.detail]).toEqual([unknown.status, unknown.json.code, unknown.json.detail])
  })

  it('leads on to no other site', async () => {
    for (const path of ['//evil.example', '//evil.example/%2e%2e', '/\\evil.example', '/%09/evil.example', '/%5cevil.example']) {
      const answer = await ask(`${shop.url}${path}`, { headers: { accept: 'text/html' } })
      const { location } = answer.headers as { location?: string }
      if (location !== undefined) expect(new URL(location, shop.url).origin, path).toBe(new URL(shop.url).origin)
    }
  })
})

describe('guessing', () => {
  let strict: TestGateway
  beforeAll(async () => {
    strict = await startTestGateway({ env: { CELLWRIGHT_LOGIN_TRIES: '10' } })
    await strict.admin('/api/accounts', { method: 'POST', body: { userName: 'otto', name: 'Otto', role: 'operator', password: PASSWORD, pin: '4711' } })
  }, 120_000)
  afterAll(() => strict?.close())

  it('of passwords, codes, badges and PINs comes to an end, together', async () => {
    const tries: (() => Promise<Answer>)[] = [
      () => strict.page('/api/auth/sign-in/username', { method: 'POST', body: { username: 'otto', password: 'wrong, but long enough' } }),
      () => strict.page('/api/setup', { method: 'POST', body: { code: 'guessed', userName: 'eve', name: 'Eve', password: PASSWORD } }),
      () => strict.page('/api/auth/badge', { method: 'POST', body: { code: 'guessed-badge' } }),
    ]
    for (const attempt of tries) {
      const seen = new Set<number>()
      for (let round = 0; round < 40 && !seen.has(429); round++) seen.add((await attempt()).status)
      expect([...seen]).toContain(429)
      expect([...seen]).not.toContain(200)
    }
    // whoever is there already works on
    expect((await strict.admin('/api/me')).status).toBe(200)
  })
})
