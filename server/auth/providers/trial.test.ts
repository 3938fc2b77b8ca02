/** Trying a provider by a sign-in of one's own: a real provider, a real directory, and nobody who is signed in by it. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { SignInTrial } from '../../api/index.ts'
import { startTestGateway, type TestGateway } from '../../testing.ts'
import { type Company, newSurfer, type Surfer, startCompany } from './company.testing.ts'
import { hasSlapd, type Slapd, startSlapd } from './slapd.testing.ts'

const owner = { userName: 'anna', password: 'correct horse' }
let company: Company
let shop: TestGateway
let provider: { id: string; redirectUri: string; signedOutUri: string }
/** Anna's browser, signed in with her password. */
let anna: Surfer

const settings = (more: Record<string, unknown> = {}) => ({
  issuer: company.issuer,
  clientId: company.clientId,
  scopes: 'openid profile email groups',
  roles: [{ group: 'shop-admins', role: 'admin' }],
  ...more,
})
const signedIn = async (userName = owner.userName, password = owner.password) => {
  const surfer = newSurfer()
  const answer = await surfer.open(`${shop.url}/api/auth/sign-in/username`, { json: { username: userName, password } })
  expect(answer.status, answer.text).toBe(200)
  return surfer
}
const begin = async (surfer: Surfer, more: Record<string, unknown> = {}, rest: Record<string, unknown> = {}) => {
  const answer = await surfer.open(`${shop.url}/api/sign-in/trials`, { json: { providerId: provider.id, settings: settings(more), ...rest } })
  expect(answer.status, answer.text).toBe(200)
  return JSON.parse(answer.text) as { id: string; url?: string }
}
const resultOf = async (surfer: Surfer, id: string) => {
  const answer = await surfer.open(`${shop.url}/api/sign-in/trials/${id}`)
  return { status: answer.status, text: answer.text, json: JSON.parse(answer.text) as SignInTrial & { code: string } }
}
/** The whole way; @returns what Anna is shown, and where her browser stands */
const trial = async (login: string, more: Record<string, unknown> = {}, rest: Record<string, unknown> = {}) => {
  // one browser, several people of the company
  anna.forget(company.issuer)
  const { id, url } = await begin(anna, more, rest)
  const at = (await anna.open(await anna.passCompany(url as string, login))).location as string
  return { id, at, ...(await resultOf(anna, id)) }
}
const codes = ({ findings }: SignInTrial) => findings.map(({ code }) => code)
const meOf = async (surfer: Surfer) => JSON.parse((await surfer.open(`${shop.url}/api/me`)).text) as { userName?: string; code?: string }
/** Everything that a sign-in may change. */
const state = async () => ({
  sessions: await shop.query('select token from session order by token'),
  people: await shop.query('select id, name, role, username from "user" order by id'),
  identities: await shop.query('select * from "signInIdentity" order by subject'),
  waiting: await shop.query('select * from "signInWaiting" order by subject'),
  providers: await shop.query('select * from "signInProvider" order by id'),
})
const tries = async () =>
  ((await shop.admin('/api/audit?limit=500')).json as { action: string; detail: unknown; who: string }[]).filter(
    ({ action }) => action === 'tried to sign in through a provider',
  )

beforeAll(async () => {
  company = await startCompany({
    people: {
      'sub-anna': { preferred_username: 'Anna', name: 'Anna of the company', email: 'anna@company.example', groups: ['all', 'shop-admins'] },
      'sub-bert': { preferred_username: 'bert', name: 'Bert', groups: ['canteen'] },
      'sub-nameless': { name: 'Nobody', groups: ['shop-admins'] },
    },
  })
  shop = await startTestGateway({ env: { CELLWRIGHT_OWNER: `${owner.userName}:${owner.password}` } })
  const body = { kind: 'oidc', name: 'Company', isOn: false, settings: settings(), secret: company.clientSecret }
  const answer = await shop.admin('/api/sign-in/providers', { method: 'POST', body })
  expect(answer.status, answer.text).toBe(201)
  provider = answer.json
  company.register(provider)
  anna = await signedIn()
})
afterAll(async () => {
  await shop?.close()
  await company?.close()
})
afterEach(() => {
  company.spoil = undefined
})

describe('a provider that is off', () => {
  test('shows what came back, and signs nobody in', async () => {
    const before = await state()
    const cookies = anna.cookies(`${shop.url}/`)
    const { id, at, text, json } = await trial('sub-anna')
    expect(at).toBe(`${shop.url}/settings#sign-in/${provider.id}/${id}`)
    expect(json).toMatchObject({ state: 'done', isUsable: true, role: 'admin', groups: ['all', 'shop-admins'] })
    expect(codes(json)).toEqual(['proven', 'role-by-group', 'would-be-taken'])
    expect(json.used).toEqual([
      { use: 'subject', from: 'sub', value: 'sub-anna' },
      { use: 'userName', from: 'preferred_username', value: 'Anna' },
      { use: 'name', from: 'name', value: 'Anna of the company' },
      { use: 'mail', from: 'email', value: 'anna@company.example' },
    ])
    expect(json.others).toContain('iss')
    expect(text).not.toContain(company.clientSecret)
    expect(text).not.toMatch(/eyJ/)
    expect(await state()).toEqual(before)
    expect(anna.cookies(`${shop.url}/`)).toBe(cookies)
    // what was there to remember is sealed
    expect(JSON.stringify(await shop.query('select * from "signInAttempt"'))).not.toMatch(/sub-anna|company\.example/)
    await expect.poll(async () => (await tries())[0], { timeout: 30_000 }).toMatchObject({ who: 'anna', detail: { isUsable: true, role: 'admin' } })
  })

  test('is tried with what stands in the form, kept or not', async () => {
    const before = await state()
    const waits = await trial('sub-bert', { otherwise: 'viewer', makesPeople: false, userNameClaim: 'name' })
    expect(waits.json).toMatchObject({ isUsable: true, role: 'viewer' })
    expect(codes(waits.json)).toEqual(['proven', 'role-otherwise', 'would-wait'])
    expect(codes((await trial('sub-bert', { otherwise: 'viewer' })).json)).toContain('would-be-new')
    expect(await state()).toEqual(before)
  })

  test('says what was refused, and of what there is to choose', async () => {
    expect((await trial('sub-bert')).json).toMatchObject({ isUsable: false, groups: ['canteen'], findings: [{ code: 'proven' }, { code: 'role-none' }] })
    const nameless = (await trial('sub-nameless')).json
    expect(nameless.findings.at(-1)).toMatchObject({ level: 'problem', code: 'claim-missing', facts: { claim: 'preferred_username' } })
    expect(codes((await trial('sub-anna', { groupsClaim: 'rolls' })).json)).toContain('groups-missing')
    // a secret that was copied wrong: it comes out when the code is taken back
    const wrong = (await trial('sub-anna', {}, { secret: 'another secret' })).json
    expect(wrong).toMatchObject({ isUsable: false, used: [], findings: [{ code: 'refused-client' }] })
    expect(wrong.findings[0]?.text).toContain('invalid_client')
    company.spoil = (claims, sign) => sign({ ...claims, nonce: 'another' })
    expect((await trial('sub-anna')).json).toMatchObject({ isUsable: false, findings: [{ code: 'refused-unproven' }] })
    company.spoil = undefined
    const { id, url } = await begin(anna)
    const query = new URLSearchParams({ state: new URL(url as string).searchParams.get('state') as string, error: 'access_denied', iss: company.issuer })
    await anna.open(`${provider.redirectUri}?${query}`)
    expect((await resultOf(anna, id)).json).toMatchObject({ state: 'done', findings: [{ code: 'refused-there', facts: { reason: 'access_denied' } }] })
    // nobody is there at all
    const away = await shop.admin('/api/sign-in/providers', {
      method: 'POST',
      body: { kind: 'oidc', name: 'Away', isOn: false, settings: settings({ issuer: 'http://127.0.0.1:1' }), secret: 'x' },
    })
    const gone = await begin(anna, { issuer: 'http://127.0.0.1:1' }, { providerId: away.json.id })
    expect(gone.url).toBeUndefined()
    expect((await resultOf(anna, gone.id)).json).toMatchObject({ state: 'done', findings: [{ code: 'refused-away' }] })
    expect((await shop.admin(`/api/sign-in/providers/${away.json.id}`, { method: 'DELETE' })).status).toBe(200)
  })
})

describe('a trial', () => {
  test('belongs to the browser and the session that it began in, and is good once', async () => {
    const { id, url } = await begin(anna)
    expect((await resultOf(anna, id)).json.state).toBe('waiting')
    const back = await anna.passCompany(url as string, 'sub-anna')
    // another browser, of another session of hers
    const elsewhere = await signedIn()
    expect((await elsewhere.open(back)).location).toContain('refused=')
    expect((await resultOf(elsewhere, id)).json.code).toBe('trial-over')
    expect((await resultOf(anna, id)).json.state).toBe('waiting')
    expect((await anna.open(back)).location).toContain(`#sign-in/${provider.id}/${id}`)
    expect((await resultOf(anna, id)).json.state).toBe('done')
    expect((await anna.open(back)).location).toContain('refused=')
    expect((await resultOf(anna, 'unknown')).json.code).toBe('trial-over')
  })

  test('of somebody who has signed out and in meanwhile shows nothing', async () => {
    const surfer = await signedIn()
    const { id, url } = await begin(surfer)
    const back = await surfer.passCompany(url as string, 'sub-anna')
    await surfer.open(`${shop.url}/api/auth/sign-out`, { json: {} })
    expect((await surfer.open(back)).location).toContain('refused=sign-in-stale')
    expect((await meOf(surfer)).userName).toBeUndefined()
    await surfer.open(`${shop.url}/api/auth/sign-in/username`, { json: { username: owner.userName, password: owner.password } })
    expect((await resultOf(surfer, id)).json.code).toBe('trial-over')
  })

  test('is no way in: its answer is not taken as a sign-in, nor the other way round', async () => {
    const { url } = await begin(anna)
    const state_ = new URL(url as string).searchParams.get('state') as string
    const back = await anna.passCompany(url as string, 'sub-anna')
    // the cookie of a real sign-in, made of that of the trial
    const own = anna.cookies(back).split('; ')
    const disguised = own.map((one) => one.replace('.try-', '.oidc-')).join('; ')
    const path = new URL(back).pathname + new URL(back).search
    const answer = await shop.page(path, { headers: { cookie: disguised } })
    expect(answer.headers.location).toContain('refused=provider-not-found')
    expect(answer.headers['set-cookie'] ?? []).toEqual([])
    expect(state_).not.toBe('')
    expect(await shop.query('select 1 from "signInIdentity"')).toEqual([])
  })

  test('is over after its time', async () => {
    const { id, url } = await begin(anna)
    const back = await anna.passCompany(url as string, 'sub-anna')
    await shop.query(`update "signInAttempt" set "expiresAt" = now() - interval '1 second'`)
    expect((await anna.open(back)).location).toContain('refused=sign-in-stale')
    expect((await resultOf(anna, id)).json.code).toBe('trial-over')
  })

  test('is for people with every right who are there, opened by the name that the provider knows', async () => {
    const body = { providerId: provider.id, settings: settings() }
    expect((await shop.admin('/api/sign-in/trials', { method: 'POST', body })).json.code).toBe('not-with-token')
    expect((await shop.page('/api/sign-in/trials', { method: 'POST', body })).status).toBe(401)
    await shop.admin('/api/accounts', { method: 'POST', body: { userName: 'eve', name: 'Eve', role: 'engineer', password: 'long enough' } })
    const eve = await signedIn('eve', 'long enough')
    expect((await eve.open(`${shop.url}/api/sign-in/trials`, { json: body })).status).toBe(403)
    // the secret that is kept goes to no other server
    const elsewhere = await anna.open(`${shop.url}/api/sign-in/trials`, { json: { ...body, settings: settings({ issuer: 'https://evil.example' }) } })
    expect(JSON.parse(elsewhere.text).code).toBe('provider-secret-missing')
    expect((await shop.admin('/api/audit?limit=500')).text).not.toContain(company.clientSecret)
  })
})

describe.skipIf(!hasSlapd)('a directory', () => {
  let slapd: Slapd
  const form = (more: Record<string, unknown> = {}) => ({
    servers: [slapd.secure],
    ca: slapd.ca,
    bindDn: slapd.service.dn,
    baseDn: `ou=people,${slapd.base}`,
    groupBaseDn: `ou=groups,${slapd.base}`,
    userFilter: '(&(objectClass=inetOrgPerson)(uid={user}))',
    roles: [{ group: 'turning', role: 'operator' }],
    ...more,
  })
  const tried = async (given: Record<string, unknown>, more: Record<string, unknown> = {}) => {
    const answer = await anna.open(`${shop.url}/api/sign-in/trials/password`, {
      json: { settings: form(more), secret: slapd.service.password, userName: 'cora', password: 'cora secret', ...given },
    })
    expect(answer.status, answer.text).toBe(200)
    return JSON.parse(answer.text) as SignInTrial
  }

  beforeAll(async () => {
    slapd = await startSlapd()
    const dn = `uid=cora,ou=people,${slapd.base}`
    await slapd.add(dn, { objectClass: 'inetOrgPerson', uid: 'cora', cn: 'Cora Müller', sn: 'Müller', mail: 'cora@shop.example', userPassword: 'cora secret' })
    await slapd.add(`cn=turning,ou=groups,${slapd.base}`, { objectClass: 'groupOfNames', cn: 'turning', member: [dn] })
  })
  afterAll(() => slapd?.close())

  test('is tried with user name and password against the form, and keeps neither', async () => {
    const before = await state()
    const good = await tried({})
    expect(good).toMatchObject({ isUsable: true, role: 'operator', groups: [`cn=turning,ou=groups,${slapd.base}`] })
    expect(codes(good)).toEqual(['proven-there', 'role-by-group', 'would-be-new'])
    expect(good.used).toContainEqual({ use: 'mail', from: 'mail', value: 'cora@shop.example' })
    expect((await tried({ password: 'wrong' })).findings).toMatchObject([{ code: 'refused-wrong', facts: { reason: 'wrong password' } }])
    expect((await tried({ userName: 'nobody' })).findings).toMatchObject([{ code: 'refused-wrong', facts: { reason: 'not found in the directory' } }])
    expect((await tried({ secret: 'wrong' })).findings).toMatchObject([{ code: 'refused-misset' }])
    expect((await tried({}, { ca: '' })).findings).toMatchObject([{ code: 'refused-away' }])
    expect(await state()).toEqual(before)
    const audit = await shop.admin('/api/audit?limit=500')
    expect(audit.text).not.toContain('cora secret')
    expect(audit.text).not.toContain(slapd.service.password)
  })
})
