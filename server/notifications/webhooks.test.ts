import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Kysely, PostgresDialect } from 'kysely'
import { Pool } from 'pg'
import { Webhook } from 'standardwebhooks'
import { afterAll, afterEach, beforeAll, expect, it, onTestFinished } from 'vitest'
import { TOLD_TYPES } from '../api/index.ts'
import type { Database } from '../store/index.ts'
import { createDeliveryLog } from './log.ts'
import { type Received, receiver, type Shop, startShop, until } from './testing.ts'

let shop: Shop
/** Short only where a receiver is slow: this process, with its receivers, may stand still for some seconds. */
let timeoutMs = 15_000
const receivers: { close(): Promise<void> }[] = []
const open: typeof receiver = async (answer) => {
  const one = await receiver(answer)
  receivers.push(one)
  return one
}
beforeAll(async () => {
  shop = await startShop({ hookTimeoutMs: () => timeoutMs })
}, 60_000)
afterEach(async () => {
  for (const { id } of (await shop.admin('/api/webhooks')).json) await shop.admin(`/api/webhooks/${id}`, { method: 'DELETE' })
  for (const one of receivers.splice(0)) await one.close()
})
afterAll(() => shop?.close())

// biome-ignore lint/suspicious/noExplicitAny: what a receiver reads is looked into freely
const verified = (secret: string, { text, headers }: Received): any => new Webhook(secret).verify(text, headers)
const hooks = async () => (await shop.admin('/api/webhooks')).json
const deliveriesOf = async (id: string) => (await shop.admin(`/api/notifications/deliveries?webhookId=${id}`)).json

it('tells a program of what happened, signed so that an independent library verifies it, once', async () => {
  const { url, received } = await open()
  const { secret, id } = await shop.hook({ url })
  const jobId = await shop.brokenJob('Flansch ä.nc')
  const [first] = await until(() => received.length > 0 && received)
  const told = verified(secret, first as Received)
  expect(told).toMatchObject({ type: 'job.interrupted', severity: 'warning', data: { jobId, name: 'Flansch ä.nc', reason: 'The link was lost.' } })
  expect(told.title).toBe('Flansch ä.nc was broken off')
  expect((first as Received).headers['webhook-id']).toBe(told.id)
  const delivery = await until(async () => (await deliveriesOf(id)).find(({ state }: { state: string }) => state === 'sent'))
  expect(delivery).toMatchObject({ channel: 'webhook', to: 'Hook', status: 204, attempts: 1, event: { type: 'job.interrupted' } })
  // one that is told of something else as well has not been told of the first again
  await shop.brokenJob('other.nc')
  await until(() => received.length > 1)
  expect(received.map((one) => verified(secret, one).data.name)).toEqual(['Flansch ä.nc', 'other.nc'])
  expect((await hooks())[0]).toMatchObject({ waiting: 0, dead: 0, last: { isSent: true, status: 204 } })
  expect(() => verified(`whsec_${Buffer.alloc(32).toString('base64')}`, first as Received)).toThrow()
})

it('is told again under the same id until it takes it, and only of what it asked for', async () => {
  const { url, received } = await open((_request, _text, count) => (count < 4 ? 503 : 200))
  const { secret } = await shop.hook({ url, events: ['job.interrupted'] })
  await shop.brokenJob()
  await until(() => received.length === 4)
  const ids = new Set(received.map(({ headers }) => headers['webhook-id']))
  expect(ids.size).toBe(1)
  for (const one of received) verified(secret, one)
  await until(async () => (await hooks())[0].last?.isSent)
})

it('gives up after the last try, and a person sends it again', async () => {
  let isAway = true
  const { url, received } = await open(() => (isAway ? 500 : 200))
  const { id } = await shop.hook({ url })
  await shop.brokenJob()
  const dead = await until(async () => (await deliveriesOf(id)).find(({ state }: { state: string }) => state === 'dead'))
  expect(dead).toMatchObject({ attempts: 10, status: 500, error: 'It answered 500.' })
  expect(received).toHaveLength(10)
  isAway = false
  expect((await shop.admin(`/api/webhooks/${id}/again`, { method: 'POST' })).json).toEqual({ count: 1 })
  await until(async () => (await deliveriesOf(id))[0].state === 'sent')
  expect(received.at(-1)?.headers['webhook-id']).toBe(received[0]?.headers['webhook-id'])
  expect((await shop.admin(`/api/notifications/deliveries/${dead.id}/again`, { method: 'POST' })).json.code).toBe('delivery-not-dead')
})

it('waits for a receiver that was down, and one that is slow holds up nobody else', async () => {
  // it never answers
  const slow = await open(() => new Promise(() => {}))
  const quick = await open()
  const down = await open()
  const { port } = down
  await down.close()
  const [slowHook, quickHook, downHook] = [await shop.hook({ url: slow.url }), await shop.hook({ url: quick.url }), await shop.hook({ url: down.url })]
  timeoutMs = 500
  onTestFinished(() => {
    timeoutMs = 15_000
  })
  await shop.brokenJob()
  await until(() => quick.received.length > 0)
  expect((await until(async () => (await deliveriesOf(slowHook.id)).find(({ error }: { error?: string }) => error))).error).toContain('no answer within 0.5 s')
  expect((await until(async () => (await deliveriesOf(downHook.id)).find(({ error }: { error?: string }) => error))).error).toContain('ECONNREFUSED')
  await until(async () => (await deliveriesOf(quickHook.id))[0].state === 'sent')
  // given up meanwhile, perhaps: it is sent again
  const back = createServer((_request, response) => response.writeHead(200).end())
  await new Promise<void>((ready) => back.listen(port, '127.0.0.1', ready))
  receivers.push({ close: () => new Promise((closed) => back.close(() => closed())) })
  await until(async () => {
    await shop.admin(`/api/webhooks/${downHook.id}/again`, { method: 'POST' })
    return (await deliveriesOf(downHook.id))[0].state === 'sent'
  })
})

it('pauses: what happens meanwhile waits; a receiver that is gone (410) pauses itself', async () => {
  const { url, received } = await open((_request, text) => (text.includes('gone.nc') ? 410 : 200))
  const { id } = await shop.hook({ url })
  const { name, events, allowsPrivate, ca } = (await hooks())[0]
  const put = (isOn: boolean) => shop.admin(`/api/webhooks/${id}`, { method: 'PUT', body: { name, url, events, allowsPrivate, ca, isOn } })
  await put(false)
  await shop.brokenJob('paused.nc')
  await until(async () => (await hooks())[0].waiting === 1)
  expect(received).toHaveLength(0)
  expect((await put(true)).json).toMatchObject({ isOn: true, isGone: false })
  await until(() => received.length === 1)
  await shop.brokenJob('gone.nc')
  await until(async () => (await hooks())[0].isGone)
  expect((await hooks())[0]).toMatchObject({ isOn: false, dead: 1 })
})

it('signs with both secrets while receivers are being changed', async () => {
  const { url, received } = await open()
  const { id, secret } = await shop.hook({ url })
  const { json } = await shop.admin(`/api/webhooks/${id}/secret`, { method: 'POST' })
  expect(json.secret).not.toBe(secret)
  expect(json.webhook.oldSecretUntil).toBeDefined()
  expect((await shop.admin(`/api/webhooks/${id}/test`, { method: 'POST' })).json).toMatchObject({ isSent: true, status: 204 })
  for (const one of [secret, json.secret]) expect(verified(one, received[0] as Received)).toMatchObject({ type: 'test', data: { by: 'command line' } })
  expect(JSON.stringify([await hooks(), (await shop.admin('/api/audit')).json])).not.toContain(json.secret)
})

it('follows no redirect, and asks no address inside the house without a word', async () => {
  const { url, received, port } = await open(() => 302)
  const { id } = await shop.hook({ url })
  expect((await shop.admin(`/api/webhooks/${id}/test`, { method: 'POST' })).json).toMatchObject({ isSent: false, status: 302 })
  expect(received).toHaveLength(1)
  const add = async (settings: object) =>
    (await shop.admin('/api/webhooks', { method: 'POST', body: { name: 'x', isOn: true, events: [], allowsPrivate: false, ca: '', ...settings } })).json.code
  expect(await add({ url: `http://127.0.0.1:${port}/` })).toBe('webhook-private')
  expect(await add({ url: 'https://[::1]/' })).toBe('webhook-private')
  expect(await add({ url: 'https://192.168.1.20/' })).toBe('webhook-private')
  expect(await add({ url: 'http://2130706433/' })).toBe('webhook-private')
  expect(await add({ url: 'http://169.254.169.254/latest/meta-data', allowsPrivate: true })).toBe('webhook-private')
  expect(await add({ url: 'http://[::ffff:169.254.169.254]/', allowsPrivate: true })).toBe('webhook-private')
  expect(await add({ url: 'http://93.184.216.34/', allowsPrivate: true })).toBe('webhook-plain')
  expect(await add({ url: 'http://hooks.example.com/' })).toBe('webhook-plain')
  expect(await add({ url: 'https://user:password@hooks.example.com/' })).toBe('webhook-address')
  expect(await add({ url: 'https://hooks.example.com/', ca: 'nothing' })).toBe('webhook-ca')
  // a name is judged by where it leads in the moment of sending
  const { id: named } = (
    await shop.admin('/api/webhooks', {
      method: 'POST',
      body: { name: 'x', isOn: true, events: [], url: `https://localhost:${port}/`, allowsPrivate: false, ca: '' },
    })
  ).json.webhook
  expect((await shop.admin(`/api/webhooks/${named}/test`, { method: 'POST' })).json.error).toContain('private network')
  expect(received).toHaveLength(1)
})

it('verifies certificates, and takes one of the shop when it is given', async () => {
  const { CERTIFICATE, httpsServer } = await import('../templates/testing.ts')
  const server = await httpsServer((_request, response) => response.writeHead(200).end())
  receivers.push(server)
  const { id } = await shop.hook({ url: server.url })
  expect((await shop.admin(`/api/webhooks/${id}/test`, { method: 'POST' })).json).toMatchObject({
    isSent: false,
    error: expect.stringContaining('certificate'),
  })
  const { id: trusting } = await shop.hook({ url: server.url, ca: CERTIFICATE })
  expect((await shop.admin(`/api/webhooks/${trusting}/test`, { method: 'POST' })).json).toMatchObject({ isSent: true })
})

it('stands in the OpenAPI document with every kind of event and its schema', async () => {
  const { json } = await shop.admin('/api/openapi.json')
  for (const type of TOLD_TYPES) expect(json.webhooks[type].post.requestBody.content['application/json'].schema.properties.type).toEqual({ const: type })
  expect(json.webhooks['machine.alarm'].post.requestBody.content['application/json'].schema.properties.data.required).toEqual(['machineId', 'machine', 'text'])
})

it('a port that nobody may reach is not found out by its answer: only a status is kept', async () => {
  const server = createServer((_request, response) => response.writeHead(200).end('secret of the house'))
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready))
  receivers.push({ close: () => new Promise((closed) => server.close(() => closed())) })
  const { id } = await shop.hook({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/` })
  expect((await shop.admin(`/api/webhooks/${id}/test`, { method: 'POST' })).text).not.toContain('secret of the house')
})

it('what waits for a webhook that stays paused is forgotten with everything else of that time', async () => {
  const { url } = await open()
  const { id } = await shop.hook({ url, isOn: false, events: ['job.interrupted'] })
  await shop.brokenJob('old.nc')
  await shop.brokenJob('new.nc')
  const waiting = () =>
    shop.query<{ id: string; eventId: string; name: string }>(
      `select d.id, e.id as "eventId", e.data ->> 'name' as name from "notificationDelivery" d join "notificationEvent" e on e.id = d."eventId" where d."to" = $1 and d.state = 'waiting'`,
      [`hook:${id}`],
    )
  const old = await until(async () => (await waiting()).find(({ name }) => name === 'old.nc'))
  await until(async () => (await waiting()).find(({ name }) => name === 'new.nc'))
  await shop.query(`update "notificationEvent" set "recordedAt" = now() - interval '31 days' where id = $1`, [old.eventId])
  const db = new Kysely<Database>({ dialect: new PostgresDialect({ pool: new Pool({ connectionString: shop.init.database, max: 1 }) }) })
  try {
    await createDeliveryLog({ db, audit: { record: () => {} } as never, onAgain: () => {} }).forget()
  } finally {
    await db.destroy()
  }
  expect((await waiting()).map(({ name }) => name)).toEqual(['new.nc'])
  expect(await shop.query('select from "notificationEvent" where id = $1', [old.eventId])).toEqual([])
})
