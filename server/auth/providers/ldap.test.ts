import type { AddressInfo } from 'node:net'
import { createServer, type Server } from 'node:net'
import { Attribute, Change, EqualityFilter, FilterParser } from 'ldapts'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { LdapSettings } from '../../api/index.ts'
import { startTestGateway, type TestGateway } from '../../testing.ts'
import { filled, type LdapAddress, signInAt } from './ldap.ts'
import { hasSlapd, type Slapd, startSlapd } from './slapd.testing.ts'

const WEIRD = 'we(i)rd*na\\me,x'
/** RFC 4514, 2.4 */
const inDn = (name: string) => name.replaceAll(/[\\,]/g, '\\$&')

describe.skipIf(!hasSlapd)('a directory', () => {
  let slapd: Slapd
  let shop: TestGateway
  let id: string
  const dnOf = (name: string) => `uid=${inDn(name)},ou=people,${slapd.base}`
  const settings = (more: Partial<LdapSettings> = {}) => ({
    servers: [slapd.secure],
    ca: slapd.ca,
    bindDn: slapd.service.dn,
    baseDn: `ou=people,${slapd.base}`,
    groupBaseDn: `ou=groups,${slapd.base}`,
    userFilter: '(&(objectClass=inetOrgPerson)(uid={user}))',
    roles: [
      { group: `CN=Setters, OU=groups,${slapd.base}`, role: 'engineer' },
      { group: 'turning', role: 'operator' },
    ],
    ...more,
  })
  const body = (more: Partial<LdapSettings> = {}, rest: Record<string, unknown> = {}) => ({
    kind: 'ldap',
    name: 'Directory',
    isOn: true,
    settings: settings(more),
    ...rest,
  })
  const signIn = (userName: string, password: string) => shop.page(`/api/auth/providers/${id}/password`, { method: 'POST', body: { userName, password } })
  const change = async (more: Partial<LdapSettings> = {}) => {
    const answer = await shop.admin(`/api/sign-in/providers/${id}`, { method: 'PUT', body: body(more, { secret: slapd.service.password }) })
    expect(answer.status, answer.text).toBe(200)
  }
  const look = (more: Partial<LdapSettings> = {}, rest: Record<string, unknown> = {}) =>
    shop.admin('/api/sign-in/test', { method: 'POST', body: { kind: 'ldap', settings: settings(more), secret: slapd.service.password, ...rest } })

  beforeAll(async () => {
    slapd = await startSlapd()
    const person = (uid: string, cn: string, more: Record<string, string> = {}) =>
      slapd.add(dnOf(uid), {
        objectClass: 'inetOrgPerson',
        uid,
        cn,
        sn: cn,
        userPassword: `${uid} secret`,
        ...more,
      })
    await person('bert', 'Bert Dreher', { mail: 'bert@shop.example' })
    await person('cora', 'Cora Müller')
    await person('dave', 'Dave')
    await person(WEIRD, 'Weird (one) *')
    await person('anna', 'Anna of the directory')
    const group = (cn: string, member: string[]) => slapd.add(`cn=${cn},ou=groups,${slapd.base}`, { objectClass: 'groupOfNames', cn, member })
    await group('turning', [dnOf('bert'), dnOf('cora'), dnOf(WEIRD)])
    await group('setters', [dnOf('cora')])
    shop = await startTestGateway({ env: { CELLWRIGHT_OWNER: 'anna:correct horse', CELLWRIGHT_LOGIN_TRIES: '100' } })
    const answer = await shop.admin('/api/sign-in/providers', { method: 'POST', body: body({}, { secret: slapd.service.password }) })
    expect(answer.status, answer.text).toBe(201)
    id = answer.json.id
  })
  afterAll(async () => {
    await shop?.close()
    await slapd?.close()
  })
  beforeEach(() => change())

  test('lets its people in, with their names and the role of their groups', async () => {
    const bert = await signIn('bert', 'bert secret')
    expect(bert).toMatchObject({ status: 200, json: { userName: 'bert', name: 'Bert Dreher', role: 'operator' } })
    const cookie = (bert.headers['set-cookie'] as string[])[0]?.split(';')[0] as string
    expect((await shop.page('/api/me', { headers: { cookie } })).json).toMatchObject({ userName: 'bert', via: 'session' })
    expect(await signIn('CORA', 'cora secret')).toMatchObject({ status: 200, json: { userName: 'cora', name: 'Cora Müller', role: 'engineer' } })
    expect(await signIn('dave', 'dave secret')).toMatchObject({ status: 403, json: { code: 'no-role' } })
    const accounts = (await shop.admin('/api/accounts')).json
    expect(accounts.find((one: { userName: string }) => one.userName === 'bert')).toMatchObject({
      hasPassword: false,
      provider: { name: 'Directory', mail: 'bert@shop.example' },
    })
    expect(accounts.map((one: { userName: string }) => one.userName)).not.toContain('dave')
  })

  test('by StartTLS, or in the clear on this computer; by memberOf as well', async () => {
    await change({ servers: [slapd.plain], groups: 'memberOf' })
    expect(await signIn('cora', 'cora secret')).toMatchObject({ status: 200, json: { role: 'engineer' } })
    await change({ servers: [slapd.plain], startTls: false, ca: '' })
    expect((await signIn('bert', 'bert secret')).status).toBe(200)
    // another computer's would go over the network
    for (const server of ['ldap://dc1.shop.example', 'ldap://10.0.0.5:389'])
      expect(
        (await shop.admin('/api/sign-in/providers', { method: 'POST', body: body({ servers: [server], startTls: false }, { secret: 'x' }) })).json.code,
      ).toBe('provider-invalid')
    const said = await shop.admin('/api/sign-in/providers', {
      method: 'POST',
      body: body({ servers: ['ldap://10.0.0.5'], startTls: false, allowsPlain: true }, { secret: 'x', isOn: false }),
    })
    expect(said.status).toBe(201)
    await shop.admin(`/api/sign-in/providers/${said.json.id}`, { method: 'DELETE' })
  })

  test('whose certificate nobody vouches for gets no password', async () => {
    for (const servers of [[slapd.secure], [slapd.plain]]) {
      await change({ servers, ca: '' })
      expect(await signIn('bert', 'bert secret')).toMatchObject({ status: 503, json: { code: 'provider-away' } })
      const { findings } = (await look({ servers, ca: '' })).json
      expect(findings.at(-1)).toMatchObject({ level: 'problem', code: 'not-connected' })
      expect(findings.at(-1).text).toMatch(/certificate/i)
    }
    // nor one for another name
    await change({ servers: [slapd.secure.replace('127.0.0.1', '127.0.0.2')] })
    expect((await signIn('bert', 'bert secret')).json.code).toBe('provider-away')
  })

  test('a wrong password and an unknown name get the same answer; no password is none', async () => {
    const wrong = await signIn('dave', 'wrong')
    expect(wrong).toMatchObject({ status: 401, json: { code: 'sign-in-wrong' } })
    expect((await signIn('nobody', 'wrong')).text).toBe(wrong.text)
    expect((await signIn('dave', '')).json.code).toBe('invalid-input')
    const provider = { name: 'D', settings: settings() as LdapAddress, secret: slapd.service.password }
    // the directory takes a bind without a password as one of nobody, and says yes
    await expect(signInAt(provider, { userName: 'dave', password: '' })).rejects.toMatchObject({ code: 'sign-in-wrong' })
    await expect(signInAt({ ...provider, secret: '' }, { userName: 'dave', password: 'dave secret' })).rejects.toMatchObject({ code: 'provider-misset' })
  })

  test('what is typed is a name, never a part of the filter', async () => {
    expect(await signIn(WEIRD, `${WEIRD} secret`)).toMatchObject({
      status: 200,
      json: { userName: 'we-i-rd-na-me-x', name: 'Weird (one) *', role: 'operator' },
    })
    for (const typed of ['*', 'b*', 'bert)(cn=*', '*)(uid=bert', 'bert\\', '\\2a', 'be\0rt', '(uid=bert)'])
      expect([typed, (await signIn(typed, 'bert secret')).status]).toEqual([typed, typed.includes('\0') ? 400 : 401])
    expect(filled('(&(uid={user})(x={dn}))', { user: '$&*', dn: 'cn=a\\,b(c)' })).toBe('(&(uid=$&\\2a)(x=cn=a\\5c,b\\28c\\29))')
    const parsed = FilterParser.parseString(filled('(uid={user})', { user: `${WEIRD}\0` })) as EqualityFilter
    expect(parsed).toBeInstanceOf(EqualityFilter)
    expect(parsed.value).toBe(`${WEIRD}\0`)
  })

  test('a locked account stays out with the right password, and is not told of', async () => {
    const lock = (operation: 'add' | 'delete', values: string[]) =>
      slapd.asRoot((client) => client.modify(dnOf('bert'), new Change({ operation, modification: new Attribute({ type: 'pwdAccountLockedTime', values }) })))
    await lock('add', ['000001010000Z'])
    const locked = await signIn('bert', 'bert secret')
    expect(locked).toMatchObject({ status: 401, json: { code: 'sign-in-wrong' } })
    expect(locked.text).toBe((await signIn('nobody', 'x')).text)
    await lock('delete', [])
    expect((await signIn('bert', 'bert secret')).status).toBe(200)
    // three wrong ones lock it there
    for (let i = 0; i < 3; i += 1) await signIn('bert', 'wrong')
    expect((await signIn('bert', 'bert secret')).status).toBe(401)
    await lock('delete', [])
  })

  test('who is renamed there is the same person here; who takes the old name is not', async () => {
    await slapd.add(dnOf('ida'), { objectClass: 'inetOrgPerson', uid: 'ida', cn: 'Ida', sn: 'Ida', userPassword: 'ida secret' })
    await change({ otherwise: 'viewer' })
    const { userId } = (await signIn('ida', 'ida secret')).json
    await slapd.asRoot((client) => client.modifyDN(dnOf('ida'), `uid=ida2,ou=people,${slapd.base}`))
    expect((await signIn('ida2', 'ida secret')).json).toMatchObject({ userId, userName: 'ida' })
    await slapd.add(dnOf('ida'), { objectClass: 'inetOrgPerson', uid: 'ida', cn: 'Another', sn: 'Ida', userPassword: 'other secret' })
    expect((await signIn('ida', 'other secret')).json.code).toBe('name-taken')
    // nor is the owner, made by hand
    expect((await signIn('anna', 'anna secret')).json.code).toBe('name-taken')
  })

  test('a filter that finds two is refused, and so is one that could find anybody', async () => {
    await change({ userFilter: '(|(uid={user})(uid=cora))' })
    expect(await signIn('bert', 'bert secret')).toMatchObject({ status: 503, json: { code: 'provider-misset' } })
    for (const userFilter of ['(uid=bert)', '(uid={user}', '(&(uid={user})'])
      expect((await shop.admin('/api/sign-in/providers', { method: 'POST', body: body({ userFilter }, { secret: 'x' }) })).json.code).toBe('provider-invalid')
    expect((await shop.admin('/api/sign-in/providers', { method: 'POST', body: body({ groupFilter: '(cn=setters)' }, { secret: 'x' }) })).json.code).toBe(
      'provider-invalid',
    )
    expect((await shop.admin('/api/sign-in/providers', { method: 'POST', body: body() })).json.code).toBe('provider-secret-missing')
  })

  test('a referral is not followed', async () => {
    let asked = 0
    const elsewhere: Server = createServer((socket) => {
      asked += 1
      socket.destroy()
    })
    await new Promise<void>((resolve) => elsewhere.listen(0, '127.0.0.1', resolve))
    const { port } = elsewhere.address() as AddressInfo
    const dn = `dc=branch,ou=people,${slapd.base}`
    await slapd.add(dn, { objectClass: ['referral', 'extensibleObject'], dc: 'branch', ref: `ldap://127.0.0.1:${port}/ou=people,dc=branch` })
    try {
      expect((await signIn('cora', 'cora secret')).status).toBe(200)
      expect((await signIn('nobody', 'cora secret')).json.code).toBe('sign-in-wrong')
      expect(asked).toBe(0)
    } finally {
      elsewhere.close()
    }
  })

  test('the next server is asked where one cannot be reached, and one that says nothing holds nobody up for long', async () => {
    const silent: Server = createServer()
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
    const at = (scheme: string) => `${scheme}://127.0.0.1:${(silent.address() as AddressInfo).port}`
    try {
      await change({ servers: ['ldaps://127.0.0.1:1', at('ldap'), slapd.secure], timeoutS: 1 })
      expect((await signIn('cora', 'cora secret')).status).toBe(200)
      await change({ servers: [at('ldaps')], timeoutS: 1 })
      expect(await signIn('cora', 'cora secret')).toMatchObject({ status: 503, json: { code: 'provider-away' } })
    } finally {
      silent.close()
    }
  })

  test('a server that refuses StartTLS hears no password', async () => {
    const heard: Buffer[] = []
    let connections = 0
    const refusing: Server = createServer((socket) => {
      connections += 1
      socket.on('error', () => {})
      socket.on('data', (chunk) => {
        heard.push(chunk)
        // ExtendedResponse of message 1: protocolError (RFC 4511, 4.12)
        socket.write(Buffer.from('300c02010178070a010204000400', 'hex'))
      })
    })
    await new Promise<void>((resolve) => refusing.listen(0, '127.0.0.1', resolve))
    try {
      await change({ servers: [`ldap://127.0.0.1:${(refusing.address() as AddressInfo).port}`], timeoutS: 2 })
      expect((await signIn('cora', 'cora secret')).status).toBe(503)
      expect(connections).toBe(1)
      const text = Buffer.concat(heard).toString('latin1')
      expect(text).toContain('1.3.6.1.4.1.1466.20037')
      expect(text).not.toContain(slapd.service.password)
    } finally {
      refusing.close()
    }
  })

  test('a test tells what it found: people, a person, their groups and role', async () => {
    const people = (await look()).json
    expect(people.isUsable).toBe(true)
    expect(people.findings.map(({ code }: { code: string }) => code)).toEqual(['bound', 'people'])
    const cora = (await look({}, { person: 'cora' })).json
    expect(cora).toMatchObject({ isUsable: true, role: 'engineer' })
    expect(cora.findings.find(({ code }: { code: string }) => code === 'person').facts).toMatchObject({ dn: dnOf('cora'), name: 'Cora Müller' })
    expect((await look({}, { person: 'dave' })).json.findings.map(({ code }: { code: string }) => code)).toEqual(['bound', 'person', 'no-groups', 'role-none'])
    expect((await look({}, { person: 'nobody' })).json).toMatchObject({ isUsable: false })
    expect((await look({}, { secret: 'wrong' })).json.findings.at(-1)).toMatchObject({ code: 'not-connected' })
    expect((await look({ baseDn: 'ou=nowhere,dc=shop,dc=example' })).json.findings.at(-1)).toMatchObject({ code: 'not-searched' })
    expect((await shop.admin('/api/sign-in')).text).not.toContain(slapd.service.password)
  })

  test('who is signed in is looked up again: roles follow, and whoever is gone there is out here', async () => {
    const group = (cn: string) => `cn=${cn},ou=groups,${slapd.base}`
    const member = (operation: 'add' | 'delete', cn: string, uid: string) =>
      slapd.asRoot((client) => client.modify(group(cn), new Change({ operation, modification: new Attribute({ type: 'member', values: [dnOf(uid)] }) })))
    const cookieOf = ({ headers }: { headers: Record<string, string | string[] | undefined> }) =>
      (headers['set-cookie'] as string[])[0]?.split(';')[0] as string
    const meOf = (cookie: string) => shop.page('/api/me', { headers: { cookie } })
    const recheck = () => shop.admin(`/api/sign-in/providers/${id}/recheck`, { method: 'POST', body: {} })
    await shop.query('delete from session')
    for (const uid of ['kurt', 'lena', 'mara']) {
      await slapd.add(dnOf(uid), { objectClass: 'inetOrgPerson', uid, cn: uid, sn: uid, userPassword: `${uid} secret` })
      await member('add', 'turning', uid)
    }
    const [bert, cora, kurt, lena] = (await Promise.all(['bert', 'cora', 'kurt', 'lena'].map((uid) => signIn(uid, `${uid} secret`)))).map(cookieOf) as [
      string,
      string,
      string,
      string,
    ]
    const { userId } = (await meOf(kurt)).json
    await shop.admin(`/api/accounts/${userId}`, { method: 'PATCH', body: { pin: '835164' } })
    const kurtByPin = cookieOf(await shop.page('/api/auth/pin', { method: 'POST', body: { userId, pin: '835164' } }))
    expect((await meOf(kurtByPin)).status).toBe(200)
    expect((await recheck()).json).toEqual({ looked: 4, out: [], changed: [] })

    await member('delete', 'setters', 'cora').catch(async () => {
      // a group of names has to have one
      await member('add', 'setters', 'mara')
      await member('delete', 'setters', 'cora')
    })
    await member('delete', 'turning', 'bert')
    await slapd.asRoot((client) => client.del(dnOf('kurt')))
    const off = new Attribute({ type: 'pwdAccountLockedTime', values: ['000001010000Z'] })
    await slapd.asRoot((client) => client.modify(dnOf('lena'), new Change({ operation: 'add', modification: off })))
    const { json } = await recheck()
    expect({ ...json, out: json.out.toSorted() }).toEqual({ looked: 4, out: ['bert', 'kurt', 'lena'], changed: ['cora'] })
    for (const cookie of [bert, kurt, kurtByPin, lena]) expect((await meOf(cookie)).status).toBe(401)
    expect((await meOf(cora)).json).toMatchObject({ userName: 'cora', role: 'operator' })
    expect((await shop.page('/api/auth/pin', { method: 'POST', body: { userId, pin: '835164' } })).status).toBe(403)
    const reasons = async () =>
      ((await shop.admin('/api/audit?limit=500')).json as { action: string; who: string; detail: { reason?: string } }[])
        .filter(({ action }) => action === 'signed out by a provider')
        .map(({ who, detail }) => `${who}: ${detail.reason}`)
        .toSorted()
    await expect.poll(reasons, { timeout: 30_000 }).toEqual(['bert: no group with a role', 'kurt: not found any more', 'lena: switched off there'])

    // what the directory does not say ends nobody: it is away, or shows nobody any more
    await change({ servers: ['ldaps://127.0.0.1:1'] })
    expect((await recheck()).json.code).toBe('provider-away')
    await change({ userFilter: '(&(objectClass=device)(uid={user}))' })
    expect((await recheck()).json.code).toBe('provider-misset')
    await change({ bindDn: '' })
    expect((await recheck()).json.code).toBe('recheck-not-possible')
    expect((await meOf(cora)).status).toBe(200)
    await member('add', 'turning', 'bert')
    await member('add', 'setters', 'cora')
  }, 60_000)

  test('who tries too often waits, as with passwords of ours', async () => {
    const answers = await Promise.all(
      Array.from({ length: 101 }, () => shop.page('/api/auth/providers/none/password', { method: 'POST', body: { userName: 'x', password: 'y' } })),
    )
    expect(answers.map(({ status }) => status)).toContain(429)
    expect((await signIn('cora', 'cora secret')).json.code).toBe('too-many-requests')
  })
})
