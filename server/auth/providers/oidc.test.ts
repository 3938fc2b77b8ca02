import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { startTestGateway, type TestGateway } from '../../testing.ts'
import { openAuthority } from '../../tls/authority.ts'
import { type Company, newSurfer, type Surfer, startCompany } from './company.testing.ts'

/** The company's own authority: nobody trusts it but who was told. */
let ca: string
let company: Company
let shop: TestGateway
let provider: { id: string; redirectUri: string; signedOutUri: string }
let dir: string

const owner = { userName: 'anna', name: 'Anna A.', password: 'correct horse' }
const settings = (more: Record<string, unknown> = {}) => ({
  issuer: company.issuer,
  clientId: company.clientId,
  scopes: 'openid profile email groups',
  ca,
  roles: [
    { group: 'shop-setters', role: 'engineer' },
    { group: 'shop-admins', role: 'admin' },
    { group: 'shop', role: 'operator' },
  ],
  ...more,
})
const body = (more: Record<string, unknown> = {}, facts: Record<string, unknown> = {}) => ({
  kind: 'oidc',
  name: 'Company',
  isOn: true,
  settings: settings(more),
  ...facts,
})
const change = async (more: Record<string, unknown> = {}, facts: Record<string, unknown> = {}) => {
  const answer = await shop.admin(`/api/sign-in/providers/${provider.id}`, { method: 'PUT', body: body(more, facts) })
  expect(answer.status, answer.text).toBe(200)
}
const surf = () => newSurfer({ ca })
const begin = async (surfer: Surfer, next?: string) => {
  const answer = await surfer.open(`${shop.url}/api/auth/providers/${provider.id}/begin`, { json: next === undefined ? {} : { next } })
  expect(answer.status, answer.text).toBe(200)
  return (JSON.parse(answer.text) as { url: string }).url
}
/** The whole way of a browser; @returns where it stands at the end */
const signIn = async (surfer: Surfer, login: string, next?: string) => {
  const back = await surfer.passCompany(await begin(surfer, next), login)
  return (await surfer.open(back)).location as string
}
const meOf = async (surfer: Surfer) => shop.page('/api/me', { headers: { cookie: surfer.cookies(`${shop.url}/`) } })
const refusalOf = (location: string) => new URL(location).searchParams.get('refused')
interface Entry {
  action: string
  who: string
  detail: Record<string, unknown>
}
const entriesOf = async (action: string) => ((await shop.admin('/api/audit?limit=500')).json as Entry[]).filter((entry) => entry.action === action)
/** The newest entry, once there are more of its kind than before: they are written in the background. */
const audited = async (action: string, before = 0): Promise<Entry> => {
  let entries: Entry[] = []
  await expect
    .poll(
      async () => {
        entries = await entriesOf(action)
        return entries.length
      },
      { timeout: 15_000 },
    )
    .toBeGreaterThan(before)
  return entries[0] as Entry
}
const sessionsOf = async (userName: string) =>
  (await shop.query('select 1 from session s join "user" u on u.id = s."userId" where u.username = $1', [userName])).length
const account = async (userName: string) => (await shop.admin('/api/accounts')).json.find((one: { userName: string }) => one.userName === userName)

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'cw-oidc-'))
  const authority = await openAuthority({ dir, computer: 'company', names: { dns: ['localhost'], ip: ['127.0.0.1'] } })
  ca = authority.authority.cert
  company = await startCompany({
    tls: await authority.certificateFor({ dns: ['localhost'], ip: ['127.0.0.1'] }),
    people: {
      'sub-bert': { preferred_username: 'bert@company.example', name: 'Bert Dreher', email: 'bert@company.example', groups: ['all', 'shop'] },
      'sub-cora': { preferred_username: 'cora', name: 'Cora', groups: ['shop', 'shop-setters'] },
      'sub-dave': { preferred_username: 'dave', name: 'Dave', groups: ['canteen'] },
      'sub-anna': { preferred_username: 'Anna', name: 'Anna of the company', groups: ['shop-admins'] },
      'sub-other-anna': { preferred_username: 'anna', name: 'Another Anna', groups: ['shop'] },
      'sub-nameless': { name: 'Nobody', groups: ['shop'] },
      'sub-greta': { preferred_username: 'greta', name: 'Greta', groups: ['shop'] },
    },
  })
  shop = await startTestGateway({ env: { CELLWRIGHT_OWNER: `${owner.userName}:${owner.password}` } })
  const answer = await shop.admin('/api/sign-in/providers', { method: 'POST', body: body({}, { secret: company.clientSecret }) })
  expect(answer.status, answer.text).toBe(201)
  provider = answer.json
  company.register(provider)
})
afterAll(async () => {
  await shop?.close()
  await company?.close()
  rmSync(dir, { recursive: true, force: true })
})
beforeEach(() => change())
afterEach(() => {
  company.spoil = undefined
})

describe('a person of the company', () => {
  test('comes in with name and role from there, and with a session that nobody has seen before', async () => {
    const surfer = surf()
    expect(await signIn(surfer, 'sub-bert')).toBe(`${shop.url}/operator`)
    const first = surfer.cookies(`${shop.url}/`)
    expect((await meOf(surfer)).json).toMatchObject({ userName: 'bert', name: 'Bert Dreher', role: 'operator', via: 'session' })
    expect(await account('bert')).toMatchObject({ hasPassword: false, provider: { id: provider.id, name: 'Company', mail: 'bert@company.example' } })
    await signIn(surfer, 'sub-bert')
    expect(surfer.cookies(`${shop.url}/`)).not.toBe(first)
    expect(await audited('signed in through a provider', 1)).toMatchObject({ who: 'bert', detail: { provider: 'Company' } })
  })

  test('gets the role of the first line that fits, anew at every sign-in, whatever was set by hand', async () => {
    const surfer = surf()
    await signIn(surfer, 'sub-cora')
    expect((await meOf(surfer)).json.role).toBe('engineer')
    company.people.set('sub-cora', { ...company.people.get('sub-cora'), groups: ['shop'], name: 'Cora Neu' })
    const again = surf()
    await signIn(again, 'sub-cora')
    expect((await meOf(again)).json).toMatchObject({ role: 'operator', name: 'Cora Neu' })
    // the other window, at once
    expect((await meOf(surfer)).json.role).toBe('operator')
    expect((await audited('got another role by a provider')).detail).toMatchObject({ before: 'engineer', role: 'operator' })
  })

  test('with roles that are given once, keeps what was set here', async () => {
    await change({ followsRoles: false })
    const { id } = await account('cora')
    await shop.admin(`/api/accounts/${id}`, { method: 'PATCH', body: { role: 'viewer' } })
    const surfer = surf()
    await signIn(surfer, 'sub-cora')
    expect((await meOf(surfer)).json.role).toBe('viewer')
  })

  test('without a group that counts is refused, or gets the role for everybody', async () => {
    const surfer = surf()
    const refused = await signIn(surfer, 'sub-dave')
    expect(refusalOf(refused)).toBe('no-role')
    expect((await meOf(surfer)).status).toBe(401)
    expect(await account('dave')).toBeUndefined()
    expect(await audited('sign-in refused')).toMatchObject({ who: 'dave', detail: { code: 'no-role', reason: 'groups: canteen' } })
    await change({ otherwise: 'viewer' })
    await signIn(surfer, 'sub-dave')
    expect((await meOf(surfer)).json.role).toBe('viewer')
  })

  test('who has lost all groups loses their open sessions with the refusal', async () => {
    await change({ otherwise: 'viewer' })
    const surfer = surf()
    await signIn(surfer, 'sub-dave')
    expect((await meOf(surfer)).status).toBe(200)
    await change()
    expect(refusalOf(await signIn(surf(), 'sub-dave'))).toBe('no-role')
    expect((await meOf(surfer)).status).toBe(401)
  })

  test('whose account is switched off stays out', async () => {
    const { id } = await account('bert')
    await shop.admin(`/api/accounts/${id}`, { method: 'PATCH', body: { isDisabled: true } })
    const surfer = surf()
    expect(refusalOf(await signIn(surfer, 'sub-bert'))).toBe('account-disabled')
    expect((await meOf(surfer)).status).toBe(401)
    expect(await account('bert')).toMatchObject({ isDisabled: true })
    await shop.admin(`/api/accounts/${id}`, { method: 'PATCH', body: { isDisabled: false } })
  })

  test('of whom the provider says no user name is told so', async () => {
    expect(refusalOf(await signIn(surf(), 'sub-nameless'))).toBe('claims-missing')
    // entries are written in the background: one of an earlier test may still come
    const reasons = async () => (await entriesOf('sign-in refused')).map(({ detail }) => String(detail.reason)).join()
    await expect.poll(reasons, { timeout: 30_000 }).toContain('preferred_username')
  })

  test('the session ends when its life ends, used or not', async () => {
    await change({ sessionHours: 1 })
    const surfer = surf()
    await signIn(surfer, 'sub-bert')
    const token = /session_token=([^.]+)\./.exec(surfer.cookies(`${shop.url}/`))?.[1] as string
    const [row] = await shop.query<{ hours: string }>('select extract(epoch from "expiresAt" - "createdAt") / 3600 as hours from session where token = $1', [
      token,
    ])
    expect(Number(row?.hours)).toBeCloseTo(1, 1)
    await shop.query(`update session set "expiresAt" = now() - interval '1 second' where token = $1`, [token])
    await expect.poll(async () => (await meOf(surfer)).status, { timeout: 60_000 }).toBe(401)
  }, 90_000)
})

describe('who is here already', () => {
  test('is never taken over by the same user name: they tie both themselves, with their password', async () => {
    const surfer = surf()
    const refused = await signIn(surfer, 'sub-anna', '/runs')
    expect(refusalOf(refused)).toBe('name-taken')
    expect(new URL(refused).searchParams.get('next')).toBe('/runs')
    expect((await meOf(surfer)).status).toBe(401)
    const { waiting } = (await shop.admin('/api/sign-in')).json
    expect(waiting).toMatchObject([{ subject: 'sub-anna', userName: 'Anna', role: 'admin', sameName: { name: 'anna' } }])

    // somebody else in this browser ties nothing
    await shop.admin('/api/accounts', { method: 'POST', body: { userName: 'eve', name: 'Eve', role: 'engineer', password: 'long enough' } })
    const eve = surf()
    await signIn(eve, 'sub-anna')
    expect((await eve.open(`${shop.url}/api/auth/sign-in/username`, { json: { username: 'eve', password: 'long enough' } })).status).toBe(200)
    expect(JSON.parse((await eve.open(`${shop.url}/api/auth/link`, { json: {} })).text).code).toBe('link-other-person')

    // nor does Anna in a browser where nobody was at the company
    const cookie = await shop.signIn(owner.userName, owner.password)
    expect((await shop.page('/api/auth/link', { method: 'POST', headers: { cookie }, body: {} })).json.code).toBe('nothing-to-link')

    await surfer.open(`${shop.url}/api/auth/sign-in/username`, { json: { username: 'anna', password: owner.password } })
    const linked = await surfer.open(`${shop.url}/api/auth/link`, { json: {} })
    expect(linked.status, linked.text).toBe(200)
    const again = surf()
    await signIn(again, 'sub-anna')
    expect((await meOf(again)).json).toMatchObject({ userName: 'anna', name: 'anna', role: 'admin' })
    // another subject with her name is another person
    expect(refusalOf(await signIn(surf(), 'sub-other-anna'))).toBe('name-taken')
  })

  test('the last administrator with a password stays one, whatever the provider says; and can always sign in with it', async () => {
    company.people.set('sub-anna', { ...company.people.get('sub-anna'), groups: ['shop'] })
    const surfer = surf()
    await signIn(surfer, 'sub-anna')
    expect((await meOf(surfer)).json.role).toBe('admin')
    await audited('kept the role of the last administrator')
    expect((await shop.admin('/api/sign-in/passwords', { method: 'PUT', body: { passwords: 'administrators' } })).status).toBe(200)
    try {
      expect((await shop.page('/api/auth/ways')).json).toEqual({ providers: [{ id: provider.id, kind: 'oidc', name: 'Company' }], passwords: 'administrators' })
      await shop.signIn(owner.userName, owner.password)
      const password = (username: string, given: string) => shop.page('/api/auth/sign-in/username', { method: 'POST', body: { username, password: given } })
      const before = await sessionsOf('eve')
      const refused = await password('eve', 'long enough')
      expect(refused).toMatchObject({ status: 403, json: { code: 'password-not-here' } })
      expect(refused.headers['set-cookie']).toBeUndefined()
      expect(await sessionsOf('eve')).toBe(before)
      // who guesses learns nothing of it
      expect((await password('eve', 'wrong one')).json.code).toBe('sign-in-wrong')
      // with the last provider off, people get in again
      await change({}, { isOn: false })
      expect((await password('eve', 'long enough')).status).toBe(200)
      expect((await shop.admin('/api/sign-in')).json.passwords).toBe('everybody')
      expect((await shop.admin('/api/sign-in/passwords', { method: 'PUT', body: { passwords: 'administrators' } })).json.code).toBe('no-provider-on')
    } finally {
      await shop.admin('/api/sign-in/passwords', { method: 'PUT', body: { passwords: 'everybody' } })
    }
  })

  test('an administrator lets in who waits, as a new person or as one who is here', async () => {
    await change({ makesPeople: false })
    expect(refusalOf(await signIn(surf(), 'sub-greta'))).toBe('not-let-in')
    const letIn = (more: Record<string, unknown>) => shop.admin('/api/sign-in/waiting/let-in', { method: 'POST', body: { providerId: provider.id, ...more } })
    expect((await letIn({ subject: 'sub-nobody' })).json.code).toBe('not-waiting')
    expect((await letIn({ subject: 'sub-greta' })).status).toBe(200)
    const surfer = surf()
    await signIn(surfer, 'sub-greta')
    expect((await meOf(surfer)).json).toMatchObject({ userName: 'greta', role: 'operator' })
    const eve = await account('eve')
    expect((await letIn({ subject: 'sub-other-anna', userId: eve.id })).status).toBe(200)
    const other = surf()
    await signIn(other, 'sub-other-anna')
    expect((await meOf(other)).json).toMatchObject({ userName: 'eve', name: 'Eve', role: 'operator' })
    expect((await shop.admin(`/api/accounts/${eve.id}/provider`, { method: 'DELETE' })).status).toBe(200)
    expect((await meOf(other)).status).toBe(401)
    expect((await shop.admin(`/api/accounts/${(await account('greta')).id}/provider`, { method: 'DELETE' })).json.code).toBe('cannot-sign-in')
  })

  test('PIN and badge of somebody who came from there work while they still sign in there', async () => {
    const { id } = await account('greta')
    await shop.admin(`/api/accounts/${id}`, { method: 'PATCH', body: { pin: '246813' } })
    await signIn(surf(), 'sub-greta')
    const pin = () => shop.page('/api/auth/pin', { method: 'POST', body: { userId: id, pin: '246813' } })
    expect(await pin()).toMatchObject({ status: 200, json: { userName: 'greta' } })
    await shop.query(`update "signInIdentity" set "lastAt" = now() - interval '31 days' where subject = 'sub-greta'`)
    expect(await pin()).toMatchObject({ status: 403, json: { code: 'shortcut-stale' } })
    await signIn(surf(), 'sub-greta')
    expect((await pin()).status).toBe(200)
  })
})

describe('what comes back is refused', () => {
  /** Nobody is signed in, and nothing is told of why. */
  const refusedWith = async (code: string, reason?: RegExp) => {
    const surfer = surf()
    const before = (await entriesOf('sign-in refused')).length
    const location = await signIn(surfer, 'sub-bert')
    expect(refusalOf(location)).toBe(code)
    expect(new URL(location).origin).toBe(shop.url)
    expect((await meOf(surfer)).status).toBe(401)
    const { detail } = await audited('sign-in refused', before)
    expect(detail).toMatchObject({ code, provider: 'Company' })
    if (reason) expect(String(detail.reason)).toMatch(reason)
  }
  const now = () => Math.floor(Date.now() / 1000)

  test.each([
    ['a nonce of another sign-in', (claims) => ({ ...claims, nonce: 'another' }), /nonce/],
    ['no nonce', ({ nonce: _, ...claims }) => claims, /nonce/],
    ['another issuer', (claims) => ({ ...claims, iss: 'https://evil.example' }), /iss/],
    ["another client's token", (claims) => ({ ...claims, aud: 'another-client' }), /aud/],
    ["another client's token among ours", (claims) => ({ ...claims, aud: ['cellwright', 'another-client'], azp: 'another-client' }), /azp/],
    ['an expired token', (claims) => ({ ...claims, iat: now() - 900, exp: now() - 300 }), /exp/],
    ['a token of tomorrow', (claims) => ({ ...claims, nbf: now() + 3600 }), /nbf/],
  ] as [string, (claims: Record<string, unknown>) => Record<string, unknown>, RegExp][])('%s', async (_, spoilt, reason) => {
    company.spoil = (claims, sign) => sign(spoilt(claims))
    await refusedWith('sign-in-unproven', reason)
  })

  test('a token without a signature, or with another one', async () => {
    company.spoil = (claims, sign) => sign(claims, { alg: 'none' })
    await refusedWith('sign-in-unproven')
    company.spoil = (claims, sign) => {
      const [head, payload, signature] = sign(claims).split('.') as [string, string, string]
      const changed = Buffer.from(JSON.stringify({ ...JSON.parse(Buffer.from(payload, 'base64url').toString()), sub: 'sub-anna' })).toString('base64url')
      return `${head}.${changed}.${signature}`
    }
    await refusedWith('sign-in-unproven', /signature/)
    // signed with the client's secret instead of the provider's key
    company.spoil = (claims, sign) => sign(claims, { alg: 'HS256' })
    await refusedWith('sign-in-unproven')
  })

  test('a clock that is off within the tolerance is not', async () => {
    company.spoil = (claims, sign) => sign({ ...claims, iat: now() - 600, exp: now() - 10 })
    const surfer = surf()
    await signIn(surfer, 'sub-bert')
    expect((await meOf(surfer)).status).toBe(200)
  })

  test('an answer with another state, in another browser, or a second time', async () => {
    const surfer = surf()
    const back = await surfer.passCompany(await begin(surfer), 'sub-bert')
    const wrong = new URL(back)
    wrong.searchParams.set('state', 'another')
    expect(refusalOf((await surfer.open(wrong.href)).location as string)).toBe('sign-in-stale')
    const victim = surf()
    expect(refusalOf((await victim.open(back)).location as string)).toBe('sign-in-stale')
    expect((await meOf(victim)).status).toBe(401)
    // it is still good where it began: a stranger cannot end it
    const cookies = surfer.cookies(back)
    expect((await surfer.open(back)).location).toBe(`${shop.url}/operator`)
    expect(refusalOf((await surfer.open(back)).location as string)).toBe('sign-in-stale')
    // whoever kept the cookie, too
    const replayed = await shop.page(new URL(back).pathname + new URL(back).search, { headers: { cookie: cookies } })
    expect(refusalOf(new URL(String(replayed.headers.location), shop.url).href)).toBe('sign-in-stale')
  })

  test('a code that was used already: the provider says so', async () => {
    const [one, two] = [surf(), surf()]
    const first = new URL(await one.passCompany(await begin(one), 'sub-bert'))
    await one.open(first.href)
    const second = new URL(await two.passCompany(await begin(two), 'sub-cora'))
    second.searchParams.set('code', first.searchParams.get('code') as string)
    expect(refusalOf((await two.open(second.href)).location as string)).toBe('sign-in-stale')
    expect((await meOf(two)).status).toBe(401)
  })

  test('a code of somebody else, for which the verifier does not fit', async () => {
    const [attacker, victim] = [surf(), surf()]
    const stolen = new URL(await attacker.passCompany(await begin(attacker), 'sub-cora')).searchParams.get('code') as string
    const back = new URL(await victim.passCompany(await begin(victim), 'sub-bert'))
    back.searchParams.set('code', stolen)
    expect(refusalOf((await victim.open(back.href)).location as string)).toBe('sign-in-stale')
    expect((await meOf(victim)).status).toBe(401)
  })

  test('an answer that names another issuer, or none (RFC 9207)', async () => {
    for (const iss of ['https://evil.example', undefined]) {
      const surfer = surf()
      const back = new URL(await surfer.passCompany(await begin(surfer), 'sub-bert'))
      if (iss === undefined) back.searchParams.delete('iss')
      else back.searchParams.set('iss', iss)
      expect(refusalOf((await surfer.open(back.href)).location as string)).toBe('sign-in-unproven')
    }
  })

  test('somebody broke it off there', async () => {
    const surfer = surf()
    const state = new URL(await begin(surfer)).searchParams.get('state') as string
    const query = new URLSearchParams({ state, error: 'access_denied', error_description: '<b>no</b>', iss: company.issuer })
    const { location } = await surfer.open(`${provider.redirectUri}?${query}`)
    expect(refusalOf(location as string)).toBe('provider-refused')
    expect(location).not.toContain('no%3C')
  })

  test('a provider that is off or unknown', async () => {
    const surfer = surf()
    const back = await surfer.passCompany(await begin(surfer), 'sub-bert')
    await change({}, { isOn: false })
    expect(refusalOf((await surfer.open(back)).location as string)).toBe('provider-not-found')
    expect((await shop.page(`/api/auth/providers/${provider.id}/begin`, { method: 'POST', body: {} })).json.code).toBe('provider-not-found')
    expect((await shop.page(`/api/auth/providers/${provider.id}/password`, { method: 'POST', body: { userName: 'x', password: 'y' } })).json.code).toBe(
      'provider-not-found',
    )
  })
})

test.each([
  ['/runs?machine=mill#at', '/runs?machine=mill#at'],
  ['//evil.example/x', '/operator'],
  ['/\\evil.example', '/operator'],
  ['/.//evil.example', '/operator'],
  ['https://evil.example', '/operator'],
  ['javascript:alert(1)', '/operator'],
  ['/\t/evil.example', '/operator'],
  ['/api/auth/sign-out', '/operator'],
])('after signing in, %s leads to %s', async (next, to) => {
  expect(await signIn(surf(), 'sub-bert', next)).toBe(`${shop.url}${to}`)
})

test('signing out signs out there, too, and comes back to a page of ours', async () => {
  const surfer = surf()
  await signIn(surfer, 'sub-bert')
  const answer = await surfer.open(`${shop.url}/api/auth/sign-out`, { json: {} })
  const { url } = JSON.parse(answer.text) as { url: string }
  expect((await meOf(surfer)).status).toBe(401)
  expect(new URL(url).origin).toBe(company.issuer)
  expect(new URL(url).searchParams.get('id_token_hint')).toMatch(/^ey/)
  const page = await surfer.open(url)
  const form = { xsrf: /name="xsrf" value="([^"]+)"/.exec(page.text)?.[1] as string, logout: 'yes' }
  const done = await surfer.open(new URL(/action="([^"]+)"/.exec(page.text)?.[1] as string, url).href, { form })
  expect(done.location).toBe(`${shop.url}/sign-in`)
  // there nobody is signed in any more: the form asks
  expect((await surfer.open((await surfer.open(await begin(surfer))).location as string)).text).toContain('name="login"')
  // a session by password has nothing to end there
  const cookie = await shop.signIn(owner.userName, owner.password)
  expect((await shop.page('/api/auth/sign-out', { method: 'POST', headers: { cookie }, body: {} })).json).toEqual({ ok: true })
})

describe('settings', () => {
  test('never give the secret out, and take it to no other server', async () => {
    const { text } = await shop.admin('/api/sign-in')
    expect(text).not.toContain(company.clientSecret)
    expect(JSON.parse(text).providers[0]).toMatchObject({ hasSecret: true, redirectUri: `${shop.url}/api/auth/providers/${provider.id}/callback` })
    const elsewhere = { ...body({ issuer: 'https://evil.example' }), providerId: provider.id }
    const { name: _, isOn: __, ...forTest } = elsewhere
    expect((await shop.admin('/api/sign-in/test', { method: 'POST', body: forTest })).json.code).toBe('provider-secret-missing')
    expect((await shop.admin(`/api/sign-in/providers/${provider.id}`, { method: 'PUT', body: body({ issuer: 'https://evil.example' }) })).json.code).toBe(
      'provider-invalid',
    )
    const rows = await shop.query<{ secret: string }>('select secret from "signInProvider"')
    expect(JSON.stringify(rows)).not.toContain(company.clientSecret)
    expect((await shop.admin('/api/audit?limit=500')).text).not.toContain(company.clientSecret)
  })

  test.each(['http://login.company.example', 'ftp://login.example', 'login.company.example', 'https://u:p@login.example', 'https://x.example/?a=b'])(
    'no issuer: %s',
    async (issuer) => {
      expect((await shop.admin('/api/sign-in/providers', { method: 'POST', body: body({ issuer }) })).json.code).toBe('provider-invalid')
    },
  )

  test('a test tells what it found, and which role groups give', async () => {
    const look = (more: Record<string, unknown> = {}, rest: Record<string, unknown> = {}) =>
      shop.admin('/api/sign-in/test', { method: 'POST', body: { kind: 'oidc', settings: settings(more), secret: 'x', ...rest } })
    const good = (await look({}, { groups: ['shop', 'shop-setters'] })).json
    expect(good).toMatchObject({ isUsable: true, role: 'engineer' })
    expect(good.findings.map(({ code }: { code: string }) => code)).toEqual(expect.arrayContaining(['discovered', 'sign-out', 'role-by-group']))
    expect((await look({}, { groups: ['canteen'] })).json.findings.at(-1).code).toBe('role-none')
    const untrusted = (await look({ ca: '' })).json
    expect(untrusted).toMatchObject({ isUsable: false, findings: [{ level: 'problem', code: 'not-discovered' }] })
    expect(untrusted.findings[0].text).toMatch(/certificate/i)
    expect((await look({ issuer: `${company.issuer}/elsewhere` })).json.isUsable).toBe(false)
    expect((await look({ ca: 'no certificate' })).json.code).toBe('provider-invalid')
  })

  test('removing it ends its sessions; its people stay', async () => {
    const added = (await shop.admin('/api/sign-in/providers', { method: 'POST', body: body({}, { name: 'Short', secret: company.clientSecret }) })).json
    const before = provider
    provider = added
    company.register(added)
    company.people.set('sub-hugo', { preferred_username: 'hugo', groups: ['shop'] })
    const surfer = surf()
    await signIn(surfer, 'sub-hugo')
    expect((await meOf(surfer)).status).toBe(200)
    expect((await shop.admin(`/api/sign-in/providers/${added.id}`, { method: 'DELETE' })).status).toBe(200)
    expect((await meOf(surfer)).status).toBe(401)
    expect(await account('hugo')).toMatchObject({ userName: 'hugo' })
    expect((await account('hugo')).provider).toBeUndefined()
    provider = before
    company.register(before)
  })
})
