import { createDecipheriv, createECDH, createHash, createVerify, type ECDH, hkdfSync, randomBytes } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { httpsServer } from '../templates/testing.ts'
import { NOBODY, type Shop, startShop, until } from './testing.ts'

let shop: Shop
let service: Awaited<ReturnType<typeof httpsServer>>
let pushed: { path: string; headers: IncomingHttpHeaders; body: Buffer }[] = []
let status = 201
let person: string

/** RFC 8291 with the one record of RFC 8188 that it allows, as a browser does it. */
function decrypted(body: Buffer, keys: ECDH, auth: Buffer): string {
  const salt = body.subarray(0, 16)
  const sender = body.subarray(21, 21 + (body[20] ?? 0))
  const sealed = body.subarray(21 + sender.length)
  const derive = (ikm: Buffer, by: Buffer, info: Buffer | string, bytes: number) => Buffer.from(hkdfSync('sha256', ikm, by, info, bytes))
  const ikm = derive(keys.computeSecret(sender), auth, Buffer.concat([Buffer.from('WebPush: info\0'), keys.getPublicKey(), sender]), 32)
  const cipher = createDecipheriv('aes-128-gcm', derive(ikm, salt, 'Content-Encoding: aes128gcm\0', 16), derive(ikm, salt, 'Content-Encoding: nonce\0', 12))
  cipher.setAuthTag(sealed.subarray(-16))
  const plain = Buffer.concat([cipher.update(sealed.subarray(0, -16)), cipher.final()])
  return plain.subarray(0, plain.lastIndexOf(2)).toString('utf8')
}

/** As a browser makes one: a key pair of its own, whose private half never leaves it. */
function browser(name: string) {
  const keys = createECDH('prime256v1')
  const p256dh = keys.generateKeys('base64url')
  const auth = randomBytes(16).toString('base64url')
  const endpoint = `${service.url}/push/${name}`
  return {
    endpoint,
    id: createHash('sha256').update(endpoint).digest('hex'),
    body: { endpoint, keys: { p256dh, auth }, name },
    read: (body: Buffer) => JSON.parse(decrypted(body, keys, Buffer.from(auth, 'base64url'))),
  }
}
beforeAll(async () => {
  service = await httpsServer((request, response) => {
    const parts: Buffer[] = []
    request.on('data', (part: Buffer) => parts.push(part))
    request.on('end', () => {
      pushed.push({ path: request.url ?? '', headers: request.headers, body: Buffer.concat(parts) })
      response.writeHead(status).end()
    })
  })
  shop = await startShop()
  person = await shop.person('olga', 'operator')
}, 60_000)
afterEach(async () => {
  pushed = []
  status = 201
  await shop.forget()
  await shop.query('delete from "pushDevice"')
})
afterAll(async () => {
  await shop?.close()
  await service?.close()
})
const mine = async () => (await shop.as('olga', '/api/notifications/mine')).json
const add = (body: object) => shop.as('olga', '/api/notifications/mine/devices', { method: 'POST', body })

it('is encrypted for the browser of the person, and signed by this installation', async () => {
  const tablet = browser('tablet')
  expect((await add(tablet.body)).json.devices).toMatchObject([{ id: tablet.id, name: 'tablet', isThis: true }])
  await shop.as('olga', '/api/notifications/mine', { method: 'PUT', body: { address: '', language: 'de', byMail: true, byPush: true, more: [], muted: [] } })
  await shop.rule({ to: { ...NOBODY, people: [person] } })
  await shop.query(
    `insert into "notificationEvent" (id, key, type, severity, data, at) values ('ntf_p', 'p', 'machine.alarm', 'alarm', '{"machineId":"m","machine":"Fräse","text":"Hard limit","whatToDo":"Look."}', now())`,
  )
  const [one] = await until(() => pushed.length > 0 && pushed)
  expect(one?.path).toBe('/push/tablet')
  expect(one?.headers).toMatchObject({ 'content-encoding': 'aes128gcm', urgency: 'high', ttl: '43200' })
  expect(one?.body.toString('latin1')).not.toContain('Hard limit')
  expect(tablet.read(one?.body as Buffer)).toMatchObject({ title: 'Fräse: Alarm – Hard limit', body: 'Look.', url: '/operator', isAlarm: true, lang: 'de' })
  // RFC 8292: a token for just this push service, signed by the key that the browser was given
  const [, token = '', key = ''] = /^vapid t=([^,]+), k=(.+)$/.exec(one?.headers.authorization ?? '') ?? []
  expect(key).toBe((await mine()).pushKey)
  const [head = '', claims = '', signature = ''] = token.split('.')
  const point = Buffer.from(key, 'base64url')
  const spki = Buffer.concat([Buffer.from('3059301306072a8648ce3d020106082a8648ce3d030107034200', 'hex'), point])
  const verify = createVerify('sha256').update(`${head}.${claims}`)
  expect(verify.verify({ key: spki, format: 'der', type: 'spki', dsaEncoding: 'ieee-p1363' }, Buffer.from(signature, 'base64url'))).toBe(true)
  expect(JSON.parse(Buffer.from(claims, 'base64url').toString())).toMatchObject({ aud: service.url, sub: expect.stringMatching(/^(mailto|https):/) })
})

it('goes to every browser, and a browser that is gone is forgotten', async () => {
  const [tablet, phone] = [browser('tablet2'), browser('phone2')]
  await add(tablet.body)
  await add(phone.body)
  const test = async () => (await shop.as('olga', '/api/notifications/mine/test', { method: 'POST' })).json
  expect(await test()).toEqual({ ways: [{ way: 'push', isSent: true }] })
  expect(pushed.map(({ path }) => path).sort()).toEqual(['/push/phone2', '/push/tablet2'])
  const [one] = pushed.filter(({ path }) => path === '/push/phone2')
  expect(phone.read(one?.body as Buffer).title).toContain('Probemeldung')
  expect(() => tablet.read(one?.body as Buffer)).toThrow()
  status = 410
  expect(await test()).toMatchObject({ ways: [{ way: 'push', isSent: false }] })
  expect((await mine()).devices).toEqual([])
  expect((await shop.as('olga', '/api/notifications/mine/test', { method: 'POST' })).json.code).toBe('no-way')
})

it('a browser belongs to whoever is signed in at it now', async () => {
  const tablet = browser('shared')
  await add(tablet.body)
  await shop.as('anna', '/api/notifications/mine/devices', { method: 'POST', body: tablet.body })
  expect((await mine()).devices).toEqual([])
  expect((await shop.as('anna', '/api/notifications/mine')).json.devices).toHaveLength(1)
  // somebody else's is not taken away
  await shop.as('olga', `/api/notifications/mine/devices/${tablet.id}`, { method: 'DELETE' })
  expect((await shop.as('anna', '/api/notifications/mine')).json.devices).toHaveLength(1)
  await shop.as('anna', `/api/notifications/mine/devices/${tablet.id}`, { method: 'DELETE' })
})

it('only https, only real keys, no panel and no program; the key of the installation stays over a restart', async () => {
  const { body } = browser('x')
  expect((await add({ ...body, endpoint: 'http://push.example/x' })).json.code).toBe('invalid-input')
  expect((await add({ ...body, endpoint: 'https://169.254.169.254/x' })).json.code).toBe('push-address')
  expect((await add({ ...body, keys: { ...body.keys, auth: 'short' } })).json.code).toBe('invalid-input')
  expect((await shop.admin('/api/notifications/mine/devices', { method: 'POST', body })).json.code).toBe('nobody-signed-in')
  const before = (await mine()).pushKey
  await shop.restart()
  expect((await mine()).pushKey).toBe(before)
  expect(JSON.stringify(await shop.query('select * from "pushDevice" union all select id::text, public, private, public, at from "pushKey"'))).not.toContain(
    'push.example',
  )
})
