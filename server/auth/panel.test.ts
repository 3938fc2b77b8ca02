/** People at a panel: badges, and what is left of a session when its person has gone. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startTestGateway, type TestGateway } from '../testing.ts'

const PASSWORD = 'correct horse'
const CODE = '0004219837'
let shop: TestGateway
beforeAll(async () => {
  shop = await startTestGateway({ env: { CELLWRIGHT_LOGIN_TRIES: '30' } })
  const code = new URL(shop.gateway.setupUrl!).searchParams.get('code')!
  await shop.page('/api/setup', { method: 'POST', body: { userName: 'anna', name: 'Anna', password: PASSWORD, code } })
  const cookie = await shop.signIn('anna', PASSWORD)
  for (const userName of ['otto', 'paula'])
    await shop.page('/api/accounts', { method: 'POST', headers: { cookie }, body: { userName, name: userName, role: 'operator', password: PASSWORD } })
}, 60_000)
afterAll(() => shop?.close())

const as =
  (cookie: string) =>
  (path: string, method = 'GET', body?: object) =>
    shop.page(path, { method, headers: { cookie }, ...(body === undefined ? {} : { body }) })
const sessionOf = (answer: { headers: Record<string, unknown> }) => (answer.headers['set-cookie'] as string[])[0]?.split(';')[0] ?? ''

describe('a badge', () => {
  test('signs its owner in with no more than an operator’s rights, and nobody else', async () => {
    const anna = as(await shop.signIn('anna', PASSWORD))
    expect((await shop.page('/api/auth/badge', { method: 'POST', body: { code: CODE } })).json).toMatchObject({ code: 'badge-unknown' })
    expect((await anna('/api/me/badge', 'PUT', { code: CODE })).status).toBe(200)
    const answer = await shop.page('/api/auth/badge', { method: 'POST', body: { code: ` ${CODE} ` } })
    expect(answer).toMatchObject({ status: 200, json: { userName: 'anna' } })
    const rights = answer.json.capabilities as string[]
    expect(rights).toContain('machines.operate')
    expect(rights).not.toContain('machines.configure')
    const otto = as(await shop.signIn('otto', PASSWORD))
    expect((await otto('/api/me/badge', 'PUT', { code: CODE })).json).toMatchObject({ status: 409, code: 'badge-taken' })
    await anna('/api/me/badge', 'PUT', { code: null })
    expect((await shop.page('/api/auth/badge', { method: 'POST', body: { code: CODE } })).status).toBe(401)
  })
})

describe('a panel that its person has left', () => {
  test('may be looked at and stopped, and nothing else, until somebody signs in at it', async () => {
    const cookie = await shop.signIn('otto', PASSWORD)
    const panel = as(cookie)
    const before = (await panel('/api/me')).json.capabilities as string[]
    expect(before).toContain('panel.press')
    expect((await panel('/api/me/lock', 'POST', {})).status).toBe(200)
    const me = (await panel('/api/me')).json
    expect(me).toMatchObject({ isLocked: true, role: 'viewer' })
    expect(me.capabilities).toContain('machines.stop')
    for (const right of ['machines.operate', 'panel.press', 'jobs.manage', 'tokens.manage']) expect(me.capabilities).not.toContain(right)
    // the badge of somebody who is not there is nobody's to change
    expect((await panel('/api/me/badge', 'PUT', { code: '1234567890' })).status).toBe(401)
    expect((await panel('/api/machines')).status).toBe(200)

    const next = await shop.page('/api/auth/sign-in/username', { method: 'POST', headers: { cookie }, body: { username: 'paula', password: PASSWORD } })
    expect((await as(sessionOf(next))('/api/me')).json).toMatchObject({ userName: 'paula', capabilities: expect.arrayContaining(['panel.press']) })
    await expect.poll(async () => (await panel('/api/me')).status).toBe(401)
  })
})

describe('guessing badges', () => {
  test('is tried a few times a minute only, as a PIN is', async () => {
    const answers = []
    for (let i = 0; i < 60; i += 1) answers.push((await shop.page('/api/auth/badge', { method: 'POST', body: { code: `guess-${i}-guess` } })).status)
    expect(answers).toContain(429)
  })
})
