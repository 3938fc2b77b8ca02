import { afterAll, beforeAll, expect, test } from 'vitest'
import { startTestGateway, type TestGateway } from '../testing.ts'

let shop: TestGateway
beforeAll(async () => {
  shop = await startTestGateway({ env: { CELLWRIGHT_OWNER: 'anna:correct horse' } })
})
afterAll(() => shop?.close())

const put = (name: string, body: object) => shop.admin(`/api/settings/${name}`, { method: 'PUT', body })
const settingOf = async (name: string) => (await shop.admin('/api/settings')).json.find((one: { name: string }) => one.name === name)

test('what is set counts, is a version that can be put back, and outlives a restart', async () => {
  expect(await settingOf('language')).toEqual({ name: 'language', value: 'browser', isUsual: true })
  expect((await put('language', { value: 'de', reason: 'we all read it' })).json).toMatchObject({ value: 'de', isUsual: false, by: 'command line' })
  expect((await put('language', { value: 'en' })).status).toBe(200)
  const versions = (await shop.admin('/api/history?kind=setting&subject=shop.language')).json
  expect(versions.map(({ reason }: { reason?: string }) => reason)).toEqual([undefined, 'we all read it', undefined])
  expect((await shop.admin(`/api/history/${versions[1].id}/restore`, { method: 'POST', body: {} })).status).toBe(200)
  await shop.restart()
  expect(await settingOf('language')).toMatchObject({ value: 'de' })
  expect((await put('language', {})).json).toMatchObject({ value: 'browser', isUsual: true })
  await expect.poll(async () => JSON.stringify((await shop.admin('/api/audit')).json)).toContain('setting.change')
})

test('what a setting cannot be is refused', async () => {
  for (const [name, value] of [
    ['language', 'fr'],
    ['timeZone', 'Europe/Atlantis'],
    ['units', 1],
    ['firstDayOfWeek', 'tuesday'],
    ['jobDays', 0],
    ['jobDays', '90'],
  ] as const)
    expect([name, value, (await put(name, { value })).json.code]).toEqual([name, value, 'setting-value-invalid'])
  expect((await put('timeZone', { value: 'Europe/Berlin' })).status).toBe(200)
  expect((await put('nothing', { value: 1 })).status).toBe(400)
})

test('everybody who is signed in sees what pages need, and only who may changes it', async () => {
  const token = await shop.tokenFor('viewer')
  const seen = await shop.page('/api/settings', { headers: { authorization: `Bearer ${token}` } })
  expect(seen.json.map(({ name }: { name: string }) => name)).toEqual(['language', 'timeZone', 'units', 'firstDayOfWeek'])
  expect((await shop.page('/api/settings/units', { method: 'PUT', headers: { authorization: `Bearer ${token}` }, body: { value: 'inch' } })).status).toBe(403)
})

test('how the server is on the network, with the variables that decide it', async () => {
  const { json } = await shop.admin('/api/network')
  expect(json).toMatchObject({ url: shop.url, host: '127.0.0.1', isOpen: false, certificate: 'none', trustedProxies: [] })
  expect(json.variables.find(({ name }: { name: string }) => name === 'CELLWRIGHT_PORT')).toMatchObject({ value: '0', usual: '8470' })
})
