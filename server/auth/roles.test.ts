/** Roles that the shop makes: what they let people do, at once, and never more than whoever makes or gives them. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import WebSocket from 'ws'
import { startTestGateway, type TestGateway } from '../testing.ts'

let shop: TestGateway
beforeAll(async () => {
  shop = await startTestGateway({ env: { CELLWRIGHT_OWNER: 'anna:correct horse' } })
})
afterAll(() => shop?.close())

const make = (body: object) => shop.admin('/api/roles', { method: 'POST', body: { basedOn: 'operator', ...body } })
const add = (userName: string, role: string) =>
  shop.admin('/api/accounts', { method: 'POST', body: { userName, name: userName, role, password: 'long enough' } })

test('a role of the shop gives just its rights, and a change of it counts at once, on open connections too', async () => {
  const { json: role } = await make({ name: 'Setter', capabilities: ['machines.view', 'machines.stop', 'runs.view'] })
  expect((await add('sara', role.id)).json.role).toBe(role.id)
  const cookie = await shop.signIn('sara', 'long enough')
  const me = await shop.page('/api/me', { headers: { cookie } })
  expect(me.json).toMatchObject({ role: 'operator', ownRole: { id: role.id, name: 'Setter' } })
  expect(me.json.capabilities.sort()).toEqual(['machines.stop', 'machines.view', 'runs.view'])
  expect((await shop.page('/api/runs', { headers: { cookie } })).status).toBe(200)

  const socket = new WebSocket(`${shop.url.replace('http', 'ws')}/api/live`, { headers: { cookie } })
  const heard: { type: string; topic?: string }[] = []
  socket.on('message', (text) => heard.push(JSON.parse(String(text))))
  await new Promise((resolve) => socket.on('open', resolve))
  socket.send(JSON.stringify({ type: 'subscribe', topics: ['runs'] }))
  await expect.poll(() => heard.map(({ type }) => type)).toContain('snapshot')
  await shop.admin(`/api/roles/${role.id}`, { method: 'PUT', body: { name: 'Setter', basedOn: 'operator', capabilities: ['machines.view'] } })
  expect((await shop.page('/api/runs', { headers: { cookie } })).status).toBe(403)
  await expect.poll(() => heard.some(({ type, topic }) => type === 'refused' && topic === 'runs') || socket.readyState === WebSocket.CLOSED).toBe(true)
  socket.terminate()

  await shop.restart()
  expect((await shop.page('/api/me', { headers: { cookie } })).json.capabilities).toEqual(['machines.view'])
})

test('nobody gives more than they have, and nobody reaches whoever has more', async () => {
  const { json: office } = await make({ name: 'Office', basedOn: 'viewer', capabilities: ['accounts.manage', 'tokens.manage', 'machines.view'] })
  await add('oskar', office.id)
  const cookie = await shop.signIn('oskar', 'long enough')
  const call = (path: string, method: string, body?: object) => shop.page(path, { method, headers: { cookie }, ...(body ? { body } : {}) })
  const own = (await call('/api/me', 'GET')).json.userId
  const anna = (await shop.admin('/api/accounts')).json.find((one: { userName: string }) => one.userName === 'anna').id
  const refused = async (answer: Promise<{ status: number; json: { code: string } }>, code: string) => {
    const { status, json } = await answer
    expect([status, json.code]).toEqual([403, code])
  }
  await refused(call('/api/roles', 'POST', { name: 'More', basedOn: 'admin', capabilities: ['flows.code'] }), 'role-too-wide')
  await refused(call(`/api/roles/${office.id}`, 'PUT', { name: 'Office', basedOn: 'admin', capabilities: ['accounts.manage', 'flows.code'] }), 'role-too-wide')
  await refused(call('/api/accounts', 'POST', { userName: 'evil', name: 'x', role: 'admin', password: 'long enough' }), 'role-too-wide')
  await refused(call(`/api/accounts/${own}`, 'PATCH', { role: 'admin' }), 'role-too-wide')
  await refused(call(`/api/accounts/${anna}`, 'PATCH', { password: 'taken over' }), 'person-has-more')
  await refused(call(`/api/accounts/${anna}/password-link`, 'POST'), 'person-has-more')
  await refused(call(`/api/accounts/${anna}/sessions`, 'DELETE'), 'person-has-more')
  await refused(call(`/api/accounts/${anna}`, 'DELETE'), 'person-has-more')
  await refused(call('/api/tokens', 'POST', { name: 'x', role: 'operator' }), 'role-too-wide')
  // within their own rights they may
  expect((await call('/api/roles', 'POST', { name: 'Looks', basedOn: 'viewer', capabilities: ['machines.view'] })).status).toBe(201)
  const { token, info } = (await call('/api/tokens', 'POST', { name: 'own' })).json
  expect(info.role).toBe(office.id)
  expect((await shop.page('/api/me', { headers: { authorization: `Bearer ${token}` } })).json.capabilities).toContain('accounts.manage')
})

test('a role that somebody has stays; one of nobody goes; a name is there once; ours cannot be changed', async () => {
  const { json: role } = await make({ name: 'Night shift', capabilities: ['machines.view'] })
  await add('nora', role.id)
  expect((await shop.admin(`/api/roles/${role.id}`, { method: 'DELETE' })).json).toMatchObject({ code: 'role-in-use', details: { people: ['nora'] } })
  expect((await make({ name: 'night SHIFT', capabilities: [] })).json.code).toBe('role-name-taken')
  expect((await make({ name: 'Admin', capabilities: [] })).json.code).toBe('role-name-taken')
  expect((await shop.admin('/api/roles/operator', { method: 'PUT', body: { name: 'x', basedOn: 'operator', capabilities: [] } })).json.code).toBe(
    'role-not-found',
  )
  expect((await add('nils', 'rol_nothing')).json.code).toBe('role-unknown')
  const nora = (await shop.admin('/api/accounts')).json.find((one: { userName: string }) => one.userName === 'nora').id
  await shop.admin(`/api/accounts/${nora}`, { method: 'PATCH', body: { role: 'viewer' } })
  expect((await shop.admin(`/api/roles/${role.id}`, { method: 'DELETE' })).status).toBe(200)
  expect((await shop.admin('/api/roles')).json.map(({ id }: { id: string }) => id)).not.toContain(role.id)
})
