import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import WebSocket from 'ws'
import { ask, startTestGateway, type TestGateway } from '../testing.ts'

let shop: TestGateway
beforeAll(async () => {
  shop = await startTestGateway()
})
afterAll(() => shop?.close())

const owner = { userName: 'Anna', name: 'Anna A.', password: 'correct horse' }

describe('set-up', () => {
  test('needs the code of the printed URL', async () => {
    expect((await ask(`${shop.url}/api/setup`)).json).toEqual({ isNeeded: true })
    const answer = await shop.page('/api/setup', { method: 'POST', body: { ...owner, code: 'guess' } })
    expect(answer).toMatchObject({ status: 403, json: { code: 'setup-code-wrong' } })
  })

  test('of several at once with the right code, one makes the account; afterwards nobody', async () => {
    const code = new URL(shop.gateway.setupUrl!).searchParams.get('code')!
    // whichever comes first
    const answers = await Promise.all([owner.name, 'Eve', 'Mallory'].map((name) => shop.page('/api/setup', { method: 'POST', body: { ...owner, name, code } })))
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 409, 409])
    for (const { status, json } of answers) if (status === 409) expect(json.code).toBe('setup-done')
    expect((await ask(`${shop.url}/api/setup`)).json).toEqual({ isNeeded: false })
    expect((await shop.page('/api/setup', { method: 'POST', body: { ...owner, code } })).json.code).toBe('setup-done')
    expect((await shop.page('/api/setup', { method: 'POST', body: { ...owner, code: 'x' } })).json.code).toBe('setup-done')
  })
})

describe('passwords', () => {
  test('sign-in gives a session, whatever the case of the name', async () => {
    const cookie = await shop.signIn('anna', owner.password)
    const me = await shop.page('/api/me', { headers: { cookie } })
    expect(me).toMatchObject({ status: 200, json: { userName: 'anna', role: 'admin', via: 'session' } })
  })

  test('the cookie cannot be read by scripts and stays on this site', async () => {
    const answer = await shop.page('/api/auth/sign-in/username', { method: 'POST', body: { username: 'Anna', password: owner.password } })
    expect((answer.headers['set-cookie'] as string[])[0]).toMatch(/HttpOnly.*SameSite=Lax/)
    expect(answer.text).not.toContain('token')
  })

  test('a wrong password and an unknown name get the same answer', async () => {
    const wrong = await shop.page('/api/auth/sign-in/username', { method: 'POST', body: { username: 'Anna', password: 'wrong horse' } })
    const unknown = await shop.page('/api/auth/sign-in/username', { method: 'POST', body: { username: 'nobody', password: 'wrong horse' } })
    expect(wrong).toMatchObject({ status: 401, json: { code: 'sign-in-wrong' } })
    expect(unknown.text).toBe(wrong.text)
  })

  test('sign-up and the rest of the library’s addresses are closed', async () => {
    for (const path of ['sign-up/email', 'sign-in/email', 'admin/create-user', 'update-user', 'is-username-available', 'get-session']) {
      const answer = await shop.page(`/api/auth/${path}`, { method: 'POST', body: { email: 'a@b.c', password: 'x'.repeat(8), name: 'x', username: 'x' } })
      expect([path, answer.status]).toEqual([path, 404])
    }
  })

  test('signing out ends the session at once', async () => {
    const cookie = await shop.signIn('Anna', owner.password)
    expect((await shop.page('/api/auth/sign-out', { method: 'POST', headers: { cookie }, body: {} })).status).toBe(200)
    expect((await shop.page('/api/me', { headers: { cookie } })).status).toBe(401)
  })

  test('a cookie with a changed or missing signature is nobody', async () => {
    const cookie = await shop.signIn('Anna', owner.password)
    const [name, value] = cookie.split('=') as [string, string]
    const [token] = decodeURIComponent(value).split('.')
    for (const forged of [`${name}=${token}`, `${name}=${token}.`, `${name}=${token}.${Buffer.alloc(32).toString('base64')}`, `${name}=%zz`])
      expect((await shop.page('/api/me', { headers: { cookie: forged } })).status).toBe(401)
  })

  test('a session that is used is prolonged', async () => {
    const cookie = await shop.signIn('Anna', owner.password)
    expect((await shop.page('/api/me', { headers: { cookie } })).headers['set-cookie']).toBeUndefined()
    const expiry = () => shop.query<{ days: number }>(`select extract(epoch from max("expiresAt") - now()) / 86400 as days from session`)
    await shop.query(`update session set "expiresAt" = now() + interval '3 days'`)
    await expect.poll(async () => (await shop.page('/api/me', { headers: { cookie } })).headers['set-cookie']).toBeDefined()
    expect(Number((await expiry())[0]!.days)).toBeGreaterThan(6.9)
  })

  test('signing out counts at once and for good though PostgreSQL stands still', async () => {
    const cookie = await shop.signIn('Anna', owner.password)
    await shop.query(`delete from session where token not in (select token from session order by "createdAt" desc limit 1)`)
    shop.postgres.freeze()
    try {
      const signingOut = shop.page('/api/auth/sign-out', { method: 'POST', headers: { cookie }, body: {} })
      await expect.poll(async () => (await shop.page('/api/machines/m1/stop', { method: 'POST', headers: { cookie } })).status).toBe(401)
      await signingOut
    } finally {
      shop.postgres.thaw()
    }
    await expect.poll(async () => shop.query('select * from session')).toEqual([])
    expect((await shop.page('/api/me', { headers: { cookie } })).status).toBe(401)
    await shop.databaseIsBack()
  })

  test('who signs in just when the database is back is let in or told to try again, and nothing is called a fault of ours', async () => {
    const signIn = async () =>
      (await shop.page('/api/auth/sign-in/username', { method: 'POST', body: { username: 'Anna', password: owner.password } })) as {
        status: number
        json: { code?: string }
      }
    shop.postgres.freeze()
    try {
      expect(await signIn()).toMatchObject({ status: 503, json: { code: 'store-away' } })
    } finally {
      shop.postgres.thaw()
    }
    // known to be away until it is asked again
    expect((await signIn()).json.code ?? 'let in').toMatch(/^(store-away|let in)$/)
    await expect.poll(async () => (await signIn()).status).toBe(200)
  })

  test('sessions outlive a restart of the gateway', async () => {
    const cookie = await shop.signIn('Anna', owner.password)
    await shop.restart()
    expect((await shop.page('/api/me', { headers: { cookie } })).status).toBe(200)
  })
})

describe('accounts', () => {
  const add = (body: object) => shop.admin('/api/accounts', { method: 'POST', body })

  test('a new person can sign in and has the rights of the role, no more', async () => {
    expect((await add({ userName: 'olga', name: 'Olga', role: 'operator', password: 'long enough' })).status).toBe(201)
    const cookie = await shop.signIn('olga', 'long enough')
    const me = await shop.page('/api/me', { headers: { cookie } })
    expect(me.json.capabilities).toContain('machines.stop')
    expect(me.json.capabilities).not.toContain('accounts.manage')
    expect((await shop.page('/api/accounts', { headers: { cookie } })).status).toBe(403)
  })

  test('a taken name is refused, also in other letters and twice at once', async () => {
    expect(await add({ userName: 'OLGA', name: 'x', role: 'viewer', password: 'long enough' })).toMatchObject({
      status: 409,
      json: { code: 'user-name-taken' },
    })
    const twice = await Promise.all([1, 2].map(() => add({ userName: 'otto', name: 'Otto', role: 'viewer', password: 'long enough' })))
    expect(twice.map(({ status }) => status).sort()).toEqual([201, 409])
  })

  test('somebody without password and PIN is not added', async () => {
    expect((await add({ userName: 'ghost', name: 'x', role: 'viewer' })).json.code).toBe('cannot-sign-in')
  })

  test('disabling and a new role count at once, for open live connections too', async () => {
    const { json: account } = await add({ userName: 'paul', name: 'Paul', role: 'engineer', password: 'long enough' })
    const change = (body: object) => shop.admin(`/api/accounts/${account.id}`, { method: 'PATCH', body })
    const cookie = await shop.signIn('paul', 'long enough')
    const socket = new WebSocket(`${shop.url.replace('http', 'ws')}/api/live`, { headers: { cookie } })
    await new Promise((resolve) => socket.on('open', resolve))
    const closed = new Promise<number>((resolve) => socket.on('close', resolve))
    expect((await change({ role: 'viewer' })).json.role).toBe('viewer')
    expect((await shop.page('/api/me', { headers: { cookie } })).status).toBe(401)
    expect(await closed).toBe(4401)
    const again = await shop.signIn('paul', 'long enough')
    expect((await shop.page('/api/me', { headers: { cookie: again } })).json.role).toBe('viewer')
    await change({ isDisabled: true })
    expect((await shop.page('/api/me', { headers: { cookie: again } })).status).toBe(401)
    const refused = await shop.page('/api/auth/sign-in/username', { method: 'POST', body: { username: 'paul', password: 'long enough' } })
    expect(refused).toMatchObject({ status: 403, json: { code: 'account-disabled' } })
  })

  test('the last administrator stays', async () => {
    const anna = ((await shop.admin('/api/accounts')).json as { id: string; userName: string }[]).find(({ userName }) => userName === 'anna')!
    for (const body of [{ role: 'engineer' }, { isDisabled: true }])
      expect(await shop.admin(`/api/accounts/${anna.id}`, { method: 'PATCH', body })).toMatchObject({ status: 409, json: { code: 'last-admin' } })
    // two administrators that each remove the other
    const { json: second } = await add({ userName: 'second', name: 'Second', role: 'admin', password: 'long enough' })
    const both = await Promise.all([anna, second].map(({ id }) => shop.admin(`/api/accounts/${id}`, { method: 'PATCH', body: { role: 'viewer' } })))
    expect(both.map(({ status }) => status).sort()).toEqual([200, 409])
    const left = both[0]!.status === 200 ? anna : second
    const other = left === anna ? second : anna
    await shop.admin(`/api/accounts/${left.id}`, { method: 'PATCH', body: { role: 'admin' } })
    if (other.id === second.id) await shop.admin(`/api/accounts/${second.id}`, { method: 'PATCH', body: { role: 'viewer' } })
  })
})

describe('PINs', () => {
  let userId: string
  const signIn = (pin: string) => shop.page('/api/auth/pin', { method: 'POST', body: { userId, pin } })
  beforeAll(async () => {
    const { json } = await shop.admin('/api/accounts', {
      method: 'POST',
      body: { userName: 'greta', name: 'Greta', role: 'engineer', password: 'long enough', pin: '246801' },
    })
    userId = json.id
  })

  test('name tiles show who can sign in so, and nothing more of them', async () => {
    expect((await ask(`${shop.url}/api/auth/pin/people`)).json).toEqual([{ userId, name: 'Greta' }])
  })

  test('a right PIN opens a session with the operator’s rights at most', async () => {
    const answer = await signIn('246801')
    expect(answer.status).toBe(200)
    const cookie = (answer.headers['set-cookie'] as string[])[0]!.split(';')[0]!
    const me = await shop.page('/api/me', { headers: { cookie } })
    expect(me.json).toMatchObject({ name: 'Greta', via: 'session' })
    expect(me.json.capabilities).toContain('machines.operate')
    expect(me.json.capabilities).not.toContain('flows.code')
    await shop.restart()
    expect((await shop.page('/api/me', { headers: { cookie } })).json.capabilities).toEqual(me.json.capabilities)
  })

  test('five wrong PINs lock it, also when they come at once, and the right one then waits too', async () => {
    expect(await signIn('0000')).toMatchObject({ status: 401, json: { code: 'pin-wrong' } })
    expect((await signIn('246801')).status).toBe(200)
    const answers = await Promise.all(['1111', '2222', '3333', '4444', '5555', '6666', '7777', '8888'].map(signIn))
    expect(answers.filter(({ status }) => status === 401)).toHaveLength(4)
    expect(answers.filter(({ json }) => json.code === 'pin-locked')).toHaveLength(4)
    expect(await signIn('246801')).toMatchObject({ status: 429, json: { code: 'pin-locked' }, headers: { 'retry-after': '300' } })
  })

  test('a new PIN opens the lock; no PIN is wrong like any other', async () => {
    const change = (pin: string | null) => shop.admin(`/api/accounts/${userId}`, { method: 'PATCH', body: { pin } })
    await change('135790')
    expect((await signIn('135790')).status).toBe(200)
    await change(null)
    expect((await signIn('135790')).json.code).toBe('pin-wrong')
    expect((await ask(`${shop.url}/api/auth/pin/people`)).json).toEqual([])
  })
})

describe('API tokens', () => {
  test('a token works until it is revoked, and only its hash is stored', async () => {
    const cookie = await shop.signIn('Anna', owner.password)
    const made = await shop.page('/api/tokens', { method: 'POST', headers: { cookie }, body: { name: 'CI', role: 'viewer' } })
    expect(made.status).toBe(201)
    const { token, info } = made.json
    expect(token).toMatch(/^cw_[\w-]{43}$/)
    expect((await ask(`${shop.url}/api/me`, { token })).json).toMatchObject({ userName: 'anna', role: 'viewer', via: 'token' })
    expect((await ask(`${shop.url}/api/accounts`, { token })).status).toBe(403)
    expect((await shop.page('/api/tokens', { headers: { cookie } })).json.map(({ id }: { id: string }) => id)).toContain(info.id)
    expect((await shop.page(`/api/tokens/${info.id}`, { method: 'DELETE', headers: { cookie } })).status).toBe(200)
    expect((await ask(`${shop.url}/api/me`, { token })).status).toBe(401)
    expect((await shop.page(`/api/tokens/${info.id}`, { method: 'DELETE', headers: { cookie } })).status).toBe(404)
    await shop.restart()
    expect((await ask(`${shop.url}/api/me`, { token })).status).toBe(401)
  })

  test('its role is never wider than its creator’s, now or later', async () => {
    const { json: account } = await shop.admin('/api/accounts', {
      method: 'POST',
      body: { userName: 'ines', name: 'Ines', role: 'integrator', password: 'long enough' },
    })
    const cookie = await shop.signIn('ines', 'long enough')
    const create = (role: string) => shop.page('/api/tokens', { method: 'POST', headers: { cookie }, body: { name: 'x', role } })
    expect(await create('engineer')).toMatchObject({ status: 403, json: { code: 'role-too-wide' } })
    expect(await create('operator')).toMatchObject({ status: 403 })
    const { token } = (await create('integrator')).json
    expect((await ask(`${shop.url}/api/me`, { token })).json.capabilities).toContain('flows.deploy')
    await shop.admin(`/api/accounts/${account.id}`, { method: 'PATCH', body: { role: 'viewer' } })
    expect((await ask(`${shop.url}/api/me`, { token })).json.capabilities).not.toContain('flows.deploy')
    await shop.admin(`/api/accounts/${account.id}`, { method: 'PATCH', body: { isDisabled: true } })
    expect((await ask(`${shop.url}/api/me`, { token })).status).toBe(401)
  })

  test('a request that names a wrong token is not judged by its cookie', async () => {
    const cookie = await shop.signIn('Anna', owner.password)
    expect((await ask(`${shop.url}/api/me`, { headers: { cookie, authorization: 'Bearer cw_wrong' } })).status).toBe(401)
    expect((await ask(`${shop.url}/api/me`, { headers: { cookie, authorization: 'Basic eDp5' } })).status).toBe(401)
  })
})

describe('the command line’s access', () => {
  test('its file is for the owner alone, holds a working token, and a new one after a restart', async () => {
    const file = join(shop.init.config.dataDir, 'cli-access.json')
    expect(statSync(file).mode & 0o777).toBe(0o600)
    const { url, token } = JSON.parse(readFileSync(file, 'utf8'))
    expect((await ask(`${url}/api/me`, { token })).json).toMatchObject({ userName: 'local', role: 'admin' })
    await shop.restart()
    expect((await ask(`${shop.url}/api/me`, { token })).status).toBe(401)
    expect(JSON.parse(readFileSync(file, 'utf8')).token).not.toBe(token)
  })
})

test('what another process changes in the database is seen within seconds', async () => {
  const cookie = await shop.signIn('Anna', owner.password)
  await shop.query('delete from session')
  await expect.poll(async () => (await shop.page('/api/me', { headers: { cookie } })).status).toBe(401)
})

test('who did what is written down, without passwords', async () => {
  await shop.signIn('Anna', owner.password)
  await expect.poll(async () => (await shop.admin('/api/audit?limit=500')).text).toContain('"signed in"')
  const { json } = await shop.admin('/api/audit?limit=500')
  const actions = json.map(({ action }: { action: string }) => action)
  for (const action of [
    'made the first account',
    'signed in',
    'sign-in refused',
    'added an account',
    'changed an account',
    'PIN refused',
    'revoked an API token',
  ])
    expect(actions).toContain(action)
  // its id, hash and time are digits of their own
  const told = JSON.stringify(json.map(({ id: _id, hash: _hash, at: _at, ...said }: Record<string, unknown>) => said))
  for (const secret of [owner.password, 'long enough', '246801', 'cw_']) expect(told).not.toContain(secret)
})
