/** Browsers that are bound to one place: what they may do alone, who may bind them, and how they lose that right. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startTestGateway, type TestGateway } from '../testing.ts'

const PASSWORD = 'correct horse'
let shop: TestGateway
beforeAll(async () => {
  shop = await startTestGateway()
  const code = new URL(shop.gateway.setupUrl!).searchParams.get('code')!
  await shop.page('/api/setup', { method: 'POST', body: { userName: 'anna', name: 'Anna', password: PASSWORD, code } })
  const cookie = await shop.signIn('anna', PASSWORD)
  await shop.page('/api/accounts', { method: 'POST', headers: { cookie }, body: { userName: 'otto', name: 'Otto', role: 'operator', password: PASSWORD } })
}, 60_000)
afterAll(() => shop?.close())

const as =
  (cookie: string) =>
  (path: string, method = 'GET', body?: object) =>
    shop.page(path, { method, headers: { cookie }, ...(body === undefined ? {} : { body }) })
const bind = async (person: string, body: object = { name: 'Mill, left', place: 'm1', lockAfterMin: 2 }) => {
  const answer = await as(person)('/api/panel/kiosk', 'PUT', body)
  const cookies = (answer.headers['set-cookie'] as string[] | undefined) ?? []
  return { answer, cookie: cookies.find((one) => one.includes('.kiosk='))?.split(';')[0] ?? '', whole: cookies.join() }
}

test('a kiosk sees and stops without anybody, and nothing else; it is one again after a restart', async () => {
  const { answer, cookie, whole } = await bind(await shop.signIn('anna', PASSWORD))
  expect(answer).toMatchObject({ status: 200, json: { name: 'Mill, left', place: 'm1', by: 'Anna' } })
  expect(whole).toMatch(/HttpOnly/)
  expect(whole).toMatch(/SameSite=Lax/)
  for (const round of ['first', 'after a restart']) {
    const kiosk = as(cookie)
    const me = (await kiosk('/api/me')).json
    expect(me, round).toMatchObject({ isLocked: true, role: 'viewer', name: 'panel Mill, left' })
    expect(me.capabilities).toContain('machines.stop')
    for (const right of ['machines.operate', 'panel.press', 'panels.arrange', 'tokens.manage']) expect(me.capabilities).not.toContain(right)
    expect((await kiosk('/api/panel/kiosk')).json).toMatchObject({ place: 'm1' })
    expect((await kiosk('/api/machines')).status).toBe(200)
    expect((await kiosk('/api/panel/kiosks')).status).toBe(403)
    if (round === 'first') await shop.restart()
  }
})

test('whoever signs in at a kiosk has their own rights; when they have left, it is the kiosk again', async () => {
  const anna = await shop.signIn('anna', PASSWORD)
  const { cookie } = await bind(anna)
  const otto = await shop.signIn('otto', PASSWORD)
  const panel = as(`${cookie}; ${otto}`)
  expect((await panel('/api/me')).json).toMatchObject({ userName: 'otto', capabilities: expect.arrayContaining(['panel.press']) })
  expect((await panel('/api/me/lock', 'POST', {})).status).toBe(200)
  expect((await panel('/api/me')).json).toMatchObject({ isLocked: true, name: 'panel Mill, left' })
})

test('only who may arrange panels binds one, in their own browser', async () => {
  expect((await bind(await shop.signIn('otto', PASSWORD))).answer.status).toBe(403)
  const token = await shop.tokenFor('engineer')
  const answer = await shop.page('/api/panel/kiosk', { method: 'PUT', token, body: { name: 'x', place: 'm1', lockAfterMin: 2 } })
  expect(answer.json).toMatchObject({ status: 403, code: 'not-with-token' })
})

test('a made-up cookie is none, and one whose kiosk was removed neither', async () => {
  const anna = await shop.signIn('anna', PASSWORD)
  const { answer, cookie } = await bind(anna)
  const name = cookie.split('=')[0]
  expect((await as(`${name}=${'x'.repeat(43)}`)('/api/me')).status).toBe(401)
  expect((await as(cookie)('/api/me')).status).toBe(200)
  expect((await as(anna)(`/api/panel/kiosks/${answer.json.id}`, 'DELETE')).status).toBe(200)
  expect((await as(cookie)('/api/me')).status).toBe(401)
  expect((await as(anna)(`/api/panel/kiosks/${answer.json.id}`, 'DELETE')).json).toMatchObject({ code: 'kiosk-not-found' })
})

test('bound anew, the old right is worth nothing', async () => {
  const anna = await shop.signIn('anna', PASSWORD)
  const first = await bind(anna)
  const second = await bind(`${anna}; ${first.cookie}`, { name: 'Wall', place: '=cell', lockAfterMin: 5 })
  expect((await as(first.cookie)('/api/me')).status).toBe(401)
  expect((await as(second.cookie)('/api/panel/kiosk')).json).toMatchObject({ name: 'Wall', place: '=cell' })
})
