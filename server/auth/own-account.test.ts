/** What people do with their own account, and what an administrator does with sessions, links and removal. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startTestGateway, type TestGateway } from '../testing.ts'
import { KEPT, THEIRS } from './remove.ts'

let shop: TestGateway
beforeAll(async () => {
  shop = await startTestGateway({ env: { CELLWRIGHT_OWNER: 'anna:correct horse' } })
})
afterAll(() => shop?.close())

const add = async (userName: string, body: object = {}): Promise<string> => {
  const answer = await shop.admin('/api/accounts', { method: 'POST', body: { userName, name: userName, role: 'operator', password: 'long enough', ...body } })
  expect(answer.status).toBe(201)
  return answer.json.id
}
const as =
  (cookie: string) =>
  (path: string, method = 'GET', body?: unknown) =>
    shop.page(path, { method, headers: { cookie }, ...(body ? { body } : {}) })

describe('one’s own password', () => {
  test('takes the old one, ends the other sessions and keeps this one', async () => {
    await add('olga')
    const [here, there] = [await shop.signIn('olga', 'long enough'), await shop.signIn('olga', 'long enough')]
    const me = as(here)
    expect((await me('/api/me/password', 'PUT', { current: 'wrong one', password: 'new and long' })).json).toMatchObject({ code: 'password-wrong' })
    expect((await me('/api/me/password', 'PUT', { current: 'long enough', password: 'long enough' })).json).toMatchObject({ code: 'password-same' })
    expect((await me('/api/me/password', 'PUT', { current: 'long enough', password: 'new and long' })).json).toEqual({ ended: 1 })
    expect((await me('/api/me')).status).toBe(200)
    expect((await as(there)('/api/me')).status).toBe(401)
    await expect(shop.signIn('olga', 'long enough')).rejects.toThrow('sign-in-wrong')
    await shop.signIn('olga', 'new and long')
  })

  test('cannot be tried out: after five wrong ones the right one waits too', async () => {
    await add('eve')
    const me = as(await shop.signIn('eve', 'long enough'))
    const tries = await Promise.all([1, 2, 3, 4, 5, 6, 7].map((n) => me('/api/me/password', 'PUT', { current: `wrong ${n}`, password: 'new and long' })))
    expect(tries.map(({ status }) => status).sort()).toEqual([400, 400, 400, 400, 400, 429, 429])
    expect((await me('/api/me/password', 'PUT', { current: 'long enough', password: 'new and long' })).json.code).toBe('too-many-tries')
  })

  test('is no business of tokens', async () => {
    for (const [path, method] of [
      ['/api/me/password', 'PUT'],
      ['/api/me/pin', 'PUT'],
      ['/api/me/sessions', 'GET'],
      ['/api/me/account', 'GET'],
    ] as const) {
      const body = method === 'GET' ? {} : { body: { current: 'x', password: 'long enough', ...(path.endsWith('pin') ? { pin: '4711' } : {}) } }
      const answer = await shop.admin(path, { method, ...body })
      expect([path, answer.status]).toEqual([path, path.endsWith('pin') ? 400 : 403])
    }
  })
})

describe('one’s own PIN', () => {
  test('takes the password, is refused when easy to guess, and lets one in', async () => {
    const id = await add('piet')
    const me = as(await shop.signIn('piet', 'long enough'))
    expect((await me('/api/me/pin', 'PUT', { pin: '1234', current: 'long enough' })).json.code).toBe('pin-weak')
    expect((await me('/api/me/pin', 'PUT', { pin: '4711' })).json.code).toBe('password-wrong')
    expect((await me('/api/me/pin', 'PUT', { pin: '4711', current: 'long enough' })).status).toBe(200)
    expect((await shop.page('/api/auth/pin', { method: 'POST', body: { userId: id, pin: '4711' } })).status).toBe(200)
    expect((await me('/api/me/account')).json).toMatchObject({ hasPassword: true, hasPin: true })
  })

  test('takes the PIN there is of whoever has no password, and the last way in cannot be thrown away', async () => {
    const userId = await add('paula', { password: undefined, pin: '4711' })
    const signedIn = await shop.page('/api/auth/pin', { method: 'POST', body: { userId, pin: '4711' } })
    const me = as((signedIn.headers['set-cookie'] as string[])[0]!.split(';')[0]!)
    expect((await me('/api/me/pin', 'PUT', { pin: '4712', current: '9998' })).json.code).toBe('pin-wrong')
    expect((await me('/api/me/pin', 'PUT', { pin: null, current: '4711' })).json.code).toBe('last-way-in')
    expect((await me('/api/me/pin', 'PUT', { pin: '4712', current: '4711' })).status).toBe(200)
    expect((await me('/api/me/password', 'PUT', { current: 'x', password: 'new and long' })).json.code).toBe('no-own-password')
  })
})

describe('sessions', () => {
  test('say device and address, which is the one that asks, and end at once', async () => {
    const userId = await add('sven')
    const [here, there] = [await shop.signIn('sven', 'long enough'), await shop.signIn('sven', 'long enough')]
    await shop.page('/api/me', { headers: { cookie: there, 'user-agent': 'Mozilla/5.0 (Windows NT 10.0) Firefox/140.0' } })
    const list = (await as(here)('/api/me/sessions')).json
    expect(list).toHaveLength(2)
    expect(list[0]).toMatchObject({ isCurrent: true, method: 'password' })
    expect(list[1]).toMatchObject({
      isCurrent: false,
      agent: 'Mozilla/5.0 (Windows NT 10.0) Firefox/140.0',
      address: expect.stringMatching(/127\.0\.0\.1|::1/),
    })
    expect(JSON.stringify(list)).not.toContain(decodeURIComponent(there.split('=')[1]!).split('.')[0])
    // somebody else's id is nobody's session here
    const [other] = (await as(await shop.signIn('anna', 'correct horse'))('/api/me/sessions')).json
    expect((await as(here)(`/api/me/sessions/${other.id}`, 'DELETE')).json.code).toBe('session-not-found')
    expect((await as(here)(`/api/me/sessions/${list[1].id}`, 'DELETE')).status).toBe(200)
    expect((await as(there)('/api/me')).status).toBe(401)
    expect((await shop.admin(`/api/accounts/${userId}/sessions`)).json).toHaveLength(1)
    expect((await shop.admin(`/api/accounts/${userId}/sessions`, { method: 'DELETE' })).json).toEqual({ ended: 1 })
    expect((await as(here)('/api/me')).status).toBe(401)
  })

  test('where a session was seen last outlives the gateway', async () => {
    const cookie = await shop.signIn('sven', 'long enough')
    await shop.page('/api/me', { headers: { cookie, 'user-agent': 'A tablet' } })
    await expect.poll(() => shop.query(`select agent from "sessionSeen" where agent = 'A tablet'`), { timeout: 10_000 }).toHaveLength(1)
    const account = (await shop.admin('/api/accounts')).json.find((one: { userName: string }) => one.userName === 'sven')
    expect(account).toMatchObject({ sessions: 1, hasPassword: true, hasBadge: false })
    expect(Date.now() - Date.parse(account.lastSignInAt)).toBeLessThan(600_000)
  })
})

describe('API tokens of somebody', () => {
  test('are seen without their text and revoked at once by whoever manages accounts', async () => {
    const userId = await add('tom', { role: 'engineer' })
    const { json } = await as(await shop.signIn('tom', 'long enough'))('/api/tokens', 'POST', { name: 'script', role: 'viewer', expiresInDays: 7 })
    const list = await shop.admin(`/api/accounts/${userId}/tokens`)
    expect(list.json).toMatchObject([{ name: 'script', role: 'viewer', createdBy: 'tom' }])
    expect(list.text).not.toContain(json.token)
    const other = await add('tina')
    expect((await shop.admin(`/api/accounts/${other}/tokens/${json.info.id}`, { method: 'DELETE' })).json.code).toBe('token-not-found')
    expect((await shop.admin(`/api/accounts/${userId}/tokens/${json.info.id}`, { method: 'DELETE' })).status).toBe(200)
    expect((await shop.page('/api/me', { headers: { authorization: `Bearer ${json.token}` } })).status).toBe(401)
    expect((await shop.admin(`/api/accounts/${userId}/tokens`)).json).toEqual([])
  })
})

describe('whoever manages accounts and is no administrator', () => {
  test('takes no token from somebody who may do more', async () => {
    const { json: role } = await shop.admin('/api/roles', {
      method: 'POST',
      body: { name: 'Foreman', basedOn: 'operator', capabilities: ['accounts.manage', 'tokens.manage', 'flows.view'] },
    })
    await add('fritz', { role: role.id })
    const fritz = as(await shop.signIn('fritz', 'long enough'))
    const anna = as(await shop.signIn('anna', 'correct horse'))
    const hers = (await anna('/api/tokens', 'POST', { name: 'erp' })).json
    expect((await fritz(`/api/tokens/${hers.info.id}`, 'DELETE')).json.code).toBe('person-has-more')
    expect((await shop.page('/api/me', { headers: { authorization: `Bearer ${hers.token}` } })).status).toBe(200)
    const own = (await fritz('/api/tokens', 'POST', { name: 'mine' })).json
    expect((await fritz(`/api/tokens/${own.info.id}`, 'DELETE')).status).toBe(200)
    expect((await anna(`/api/tokens/${hers.info.id}`, 'DELETE')).status).toBe(200)
  })
})

describe('a link for a password', () => {
  test('takes no password from the last administrator who has one, but from who sits at the server', async () => {
    const otto = await add('otto', { role: 'admin' })
    const other = as(await shop.signIn('otto', 'long enough'))
    // as somebody who signs in through a provider
    await shop.query(`delete from account where "userId" = $1`, [otto])
    const [anna] = await shop.query<{ id: string }>(`select id from "user" where username = 'anna'`)
    expect((await other(`/api/accounts/${anna!.id}/password-link`, 'POST')).json.code).toBe('last-admin')
    await shop.signIn('anna', 'correct horse')
    const { json } = await shop.admin(`/api/accounts/${anna!.id}/password-link`, { method: 'POST' })
    const use = { code: json.path.split('#')[1], password: 'correct horse' }
    expect((await shop.page('/api/auth/password-link/use', { method: 'POST', body: use })).status).toBe(200)
    await shop.query(`delete from "user" where id = $1`, [otto])
  })

  test('works once; the password before it and the sessions count no more', async () => {
    const userId = await add('lena')
    const cookie = await shop.signIn('lena', 'long enough')
    const { json } = await shop.admin(`/api/accounts/${userId}/password-link`, { method: 'POST' })
    const code = json.path.split('#')[1]
    expect((await as(cookie)('/api/me')).status).toBe(401)
    await expect(shop.signIn('lena', 'long enough')).rejects.toThrow('sign-in-wrong')
    expect((await shop.page('/api/auth/password-link', { method: 'POST', body: { code } })).json).toEqual({ userName: 'lena', name: 'lena' })
    const uses = await Promise.all(
      ['first and long', 'second and long'].map((password) => shop.page('/api/auth/password-link/use', { method: 'POST', body: { code, password } })),
    )
    expect(uses.map(({ status }) => status).sort()).toEqual([200, 404])
    expect((await shop.page('/api/auth/password-link', { method: 'POST', body: { code } })).json.code).toBe('link-invalid')
    await shop.signIn('lena', uses[0]!.status === 200 ? 'first and long' : 'second and long')
    // the code itself is nowhere
    expect(JSON.stringify(await shop.query('select * from "passwordLink"'))).not.toContain(code)
    expect(JSON.stringify((await shop.admin('/api/audit')).json)).not.toContain(code)
  })

  test('does not count after its time, nor for somebody who is switched off', async () => {
    const userId = await add('lars', { password: undefined, byLink: true })
    const make = async () => (await shop.admin(`/api/accounts/${userId}/password-link`, { method: 'POST' })).json.path.split('#')[1]
    const use = async (code: string) => (await shop.page('/api/auth/password-link/use', { method: 'POST', body: { code, password: 'new and long' } })).status
    const late = await make()
    await shop.query(`update "passwordLink" set "expiresAt" = now() - interval '1 s'`)
    expect(await use(late)).toBe(404)
    const off = await make()
    await shop.admin(`/api/accounts/${userId}`, { method: 'PATCH', body: { isDisabled: true } })
    expect(await use(off)).toBe(404)
    await shop.admin(`/api/accounts/${userId}`, { method: 'PATCH', body: { isDisabled: false } })
    expect(await use(off)).toBe(200)
  })
})

describe('removing somebody', () => {
  test('who was added by mistake: wholly', async () => {
    const userId = await add('mistake')
    expect((await shop.admin(`/api/accounts/${userId}`, { method: 'DELETE' })).json).toEqual({ removed: 'wholly' })
    expect(await shop.query(`select 1 from "user" where id = '${userId}'`)).toEqual([])
    await add('mistake')
  })

  test('who has worked here: nothing of them is left but what the audit log says', async () => {
    const userId = await add('frieda', { pin: '4711', role: 'engineer' })
    const cookie = await shop.signIn('frieda', 'long enough')
    const { json } = await as(cookie)('/api/tokens', 'POST', { name: 'script' })
    expect((await shop.admin(`/api/accounts/${userId}`, { method: 'DELETE' })).json).toEqual({ removed: 'made-anonymous' })
    expect((await as(cookie)('/api/me')).status).toBe(401)
    expect((await shop.page('/api/me', { headers: { authorization: `Bearer ${json.token}` } })).status).toBe(401)
    expect(JSON.stringify(await shop.query(`select * from "user" where id = '${userId}'`))).not.toMatch(/frieda/i)
    expect((await shop.admin('/api/accounts')).json.map((one: { id: string }) => one.id)).not.toContain(userId)
    expect(JSON.stringify((await shop.page('/api/auth/pin/people')).json)).not.toContain(userId)
    expect((await shop.admin(`/api/accounts/${userId}`, { method: 'PATCH', body: { isDisabled: false } })).status).toBe(404)
    await expect.poll(async () => JSON.stringify((await shop.admin('/api/audit')).json)).toMatch(/frieda/)
    // the name is free again
    await add('frieda')
  })

  test('whatever is kept of a person is known to be theirs, or to stay', async () => {
    const tables = await shop.query<{ name: string }>(
      `select table_name as name from information_schema.columns where table_schema = current_schema() and column_name = 'userId'`,
    )
    expect(tables.map(({ name }) => name).sort()).toEqual([...THEIRS, ...KEPT].sort())
  })

  test('never the last administrator, never oneself', async () => {
    const [anna] = await shop.query<{ id: string }>(`select id from "user" where username = 'anna'`)
    expect((await shop.admin('/api/accounts')).json.find(({ id }: { id: string }) => id === anna!.id)).toMatchObject({ isLastAdmin: true })
    expect((await shop.admin(`/api/accounts/${anna!.id}`, { method: 'DELETE' })).json.code).toBe('last-admin')
    const me = as(await shop.signIn('anna', 'correct horse'))
    expect((await me(`/api/accounts/${anna!.id}`, 'DELETE')).json.code).toBe('own-account')
    expect((await me(`/api/accounts/${anna!.id}/password-link`, 'POST')).json.code).toBe('own-account')
  })
})
