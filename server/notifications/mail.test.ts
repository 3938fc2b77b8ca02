import { type AddressInfo, createServer, type Socket } from 'node:net'
import { type ParsedMail, simpleParser } from 'mailparser'
import { SMTPServer, type SMTPServerOptions } from 'smtp-server'
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { CERTIFICATE, KEY } from '../templates/testing.ts'
import { NOBODY, receiver, type Shop, startShop, until } from './testing.ts'

interface Post {
  port: number
  mails: (ParsedMail & { raw: string; isSecure: boolean; user: string | undefined })[]
  close(): Promise<void>
}

let shop: Shop
const servers: Post[] = []
/** A real mail server that says what a test wants at each step. */
async function post(
  options: SMTPServerOptions = {},
  refuse: { rcpt?: (count: number) => Error | undefined; data?: (count: number) => Error | undefined } = {},
): Promise<Post> {
  const mails: Post['mails'] = []
  let rcpts = 0
  let datas = 0
  const server = new SMTPServer({
    key: KEY,
    cert: CERTIFICATE,
    authMethods: ['PLAIN', 'LOGIN'],
    onAuth({ username, password }, _session, done) {
      if (username === 'shop' && password === 'right') return done(null, { user: username })
      done(new Error('5.7.8 Authentication credentials invalid'))
    },
    onRcptTo(_address, _session, done) {
      rcpts += 1
      done(refuse.rcpt?.(rcpts))
    },
    onData(stream, session, done) {
      const parts: Buffer[] = []
      stream.on('data', (part: Buffer) => parts.push(part))
      stream.on('end', () => {
        datas += 1
        const error = refuse.data?.(datas)
        if (error) return done(error)
        const raw = Buffer.concat(parts)
        void simpleParser(raw).then((mail) => {
          mails.push(Object.assign(mail, { raw: raw.toString('utf8'), isSecure: session.secure, user: session.user }))
          done()
        })
      })
    },
    ...options,
  })
  server.on('error', () => {})
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready))
  const one = { port: (server.server.address() as AddressInfo).port, mails, close: () => new Promise<void>((closed) => server.close(() => closed())) }
  servers.push(one)
  return one
}
const says = (message: string, responseCode: number) => Object.assign(new Error(message), { responseCode })
const settings = (port: number, more: object = {}) => ({
  ...{
    isOn: true,
    host: 'localhost',
    port,
    security: 'starttls',
    userName: 'shop',
    password: 'right',
    from: 'cell@shop.example',
    fromName: 'Zelle 4',
    ca: CERTIFICATE,
  },
  ...more,
})
const set = async (port: number, more: object = {}) => {
  const answer = await shop.admin('/api/mail', { method: 'PUT', body: settings(port, more) })
  if (answer.status !== 200) throw new Error(answer.text)
}
const tried = async (port: number, more: object = {}) =>
  (await shop.admin('/api/mail/test', { method: 'POST', body: { settings: settings(port, more), to: 'anna@shop.example', language: 'de' } })).json
const deliveries = async () => (await shop.admin('/api/notifications/deliveries?channel=mail')).json

beforeAll(async () => {
  shop = await startShop()
}, 60_000)
afterEach(async () => {
  for (const { id } of (await shop.admin('/api/notifications/rules')).json.rules) await shop.admin(`/api/notifications/rules/${id}`, { method: 'DELETE' })
  await shop.forget()
  for (const one of servers.splice(0)) await one.close()
})
afterAll(() => shop?.close())

it('sends by STARTTLS with name and password, in German, as plain text and HTML', async () => {
  const { port, mails } = await post()
  await set(port)
  await shop.rule({ to: { ...NOBODY, addresses: ['meister@shop.example'] }, language: 'de' })
  await shop.brokenJob('Größe <b>1</b>.nc')
  const [mail] = await until(() => mails.length > 0 && mails)
  expect(mail).toMatchObject({ isSecure: true, user: 'shop' })
  expect(mail?.subject).toContain('Größe <b>1</b>.nc wurde abgebrochen')
  expect(mail?.from?.value).toEqual([{ name: 'Zelle 4', address: 'cell@shop.example' }])
  expect(mail?.headers.get('auto-submitted')).toBe('auto-generated')
  expect(mail?.text).toContain('Größe <b>1</b>.nc wurde abgebrochen\nThe link was lost.')
  expect(mail?.text).toContain(`${shop.url}/jobs`)
  // what a flow or a person wrote is text, and no HTML
  expect(mail?.html).toContain('Größe &lt;b&gt;1&lt;/b&gt;.nc')
  expect(mail?.html).not.toContain('<b>1')
  expect(mail?.messageId).toMatch(/^<ntf_\w+@shop\.example>$/)
  expect((await until(async () => (await deliveries()).find(({ state }: { state: string }) => state === 'sent'))).to).toBe('meister@shop.example')
})

it('what would begin another header stays in its line', async () => {
  const { port, mails } = await post()
  await set(port)
  await shop.rule({ to: { ...NOBODY, addresses: ['meister@shop.example'] } })
  await shop.brokenJob('a.nc\r\nBcc: thief@example.com\r\n\r\nhello')
  const [mail] = await until(() => mails.length > 0 && mails)
  expect(mail?.bcc).toBeUndefined()
  expect(mail?.subject).toContain('a.nc Bcc: thief@example.com hello')
  for (const to of ['x@y.z\r\nBcc: thief@example.com', 'a@b, c@d', '<a@b>', 'a b@c'])
    expect((await shop.admin('/api/mail/test', { method: 'POST', body: { settings: settings(port), to } })).json.code).toBe('invalid-input')
  expect((await shop.admin('/api/mail', { method: 'PUT', body: settings(port, { fromName: 'x\r\nBcc: a@b' }) })).json.code).toBe('invalid-input')
})

it('the test button tells what the server said, in its own words, and how far it came', async () => {
  const { port, mails } = await post()
  expect(await tried(port)).toMatchObject({ isSent: true, answer: expect.stringMatching(/^250 /) })
  expect(mails[0]?.subject).toContain('Probemeldung')
  expect(await tried(port, { password: 'wrong' })).toMatchObject({
    isSent: false,
    failedAt: 'password',
    answer: expect.stringContaining('5.7.8 Authentication credentials invalid'),
  })
  expect(await tried(port, { ca: '' })).toMatchObject({ isSent: false, failedAt: 'tls' })
  const refusing = await post({}, { rcpt: () => says('5.1.1 No such user here', 550) })
  expect(await tried(refusing.port)).toEqual({ isSent: false, failedAt: 'receiver', answer: '550 5.1.1 No such user here' })
  await refusing.close()
  expect(await tried(refusing.port)).toMatchObject({ isSent: false, failedAt: 'reach' })
  const plain = await post({ disabledCommands: ['STARTTLS'], allowInsecureAuth: true })
  // a server that offers no encryption gets neither password nor mail
  expect(await tried(plain.port)).toMatchObject({ isSent: false, failedAt: 'tls' })
  expect(plain.mails).toHaveLength(0)
  const secure = await post({ secure: true })
  expect(await tried(secure.port, { security: 'tls' })).toMatchObject({ isSent: true })
  expect(mails).toHaveLength(1)
})

it('the password is never told, goes to no other server, and never in the clear', async () => {
  const { port } = await post()
  await set(port)
  const shown = await shop.admin('/api/mail')
  expect(shown.json.settings).toMatchObject({ hasPassword: true, userName: 'shop' })
  expect(shown.text).not.toContain('right')
  const other = await post()
  const { password: _, ...without } = settings(other.port)
  expect((await shop.admin('/api/mail', { method: 'PUT', body: without })).json.code).toBe('mail-password-again')
  expect((await shop.admin('/api/mail/test', { method: 'POST', body: { settings: without, to: 'a@b.example' } })).json.code).toBe('mail-password-again')
  expect((await shop.admin('/api/mail', { method: 'PUT', body: settings(port, { security: 'none' }) })).json.code).toBe('mail-password-in-clear')
  expect((await shop.admin('/api/mail', { method: 'PUT', body: settings(port, { ca: 'x' }) })).json.code).toBe('mail-ca')
  expect(
    JSON.stringify([
      await shop.query('select * from "mailSettings"'),
      await shop.query('select * from audit'),
      await shop.query('select * from "keptVersion"'),
    ]),
  ).not.toContain('"right"')
})

it('is sent again after a greylisting (451), under the same Message-ID', async () => {
  const ids: (string | undefined)[] = []
  const { port, mails } = await post({}, { data: (count) => (count < 3 ? says('4.7.1 Greylisted, try again later', 451) : undefined) })
  await set(port)
  await shop.rule({ to: { ...NOBODY, addresses: ['meister@shop.example'] } })
  await shop.brokenJob()
  await until(() => mails.length === 1)
  ids.push(mails[0]?.messageId)
  const [delivery] = await until(async () => ((await deliveries())[0]?.state === 'sent' ? deliveries() : undefined))
  expect(delivery).toMatchObject({ attempts: 3 })
  expect(ids).toHaveLength(1)
})

it('a receiver that is refused for good (550) is not tried again, and is listed with the words of the server', async () => {
  const { port } = await post({}, { rcpt: () => says('5.1.1 No such user here', 550) })
  await set(port)
  await shop.rule({ to: { ...NOBODY, addresses: ['nobody@shop.example'] } })
  await shop.brokenJob()
  const [delivery] = await until(async () => ((await deliveries())[0]?.state === 'dead' ? deliveries() : undefined))
  expect(delivery).toMatchObject({ attempts: 1, status: 550, error: '550 5.1.1 No such user here' })
})

it('a storm is one mail', async () => {
  const { port, mails } = await post()
  await set(port)
  await shop.rule({ to: { ...NOBODY, addresses: ['meister@shop.example'] }, gatherS: 3600 })
  for (let n = 0; n < 100; n += 1) await shop.brokenJob(`part-${n}.nc`)
  await until(async () => (await shop.query('select from "notificationDelivery"')).length === 100)
  expect(mails).toHaveLength(0)
  // the hour is over; what is due is looked at again when a rule changes
  await shop.query('update "notificationDelivery" set "nextAt" = now()')
  await shop.rule({ to: { ...NOBODY, roles: ['admin'] } })
  await until(() => mails.length > 0)
  expect(mails[0]?.subject).toContain('100 notifications:')
  expect(mails[0]?.text).toContain('… and 50 more')
  await until(async () => (await deliveries()).every(({ state }: { state: string }) => state === 'sent'))
  expect(mails).toHaveLength(1)
})

it('a mail server that never comes to an end holds up neither other ways nor the end of the gateway', async () => {
  const program = await receiver()
  const sockets: Socket[] = []
  let greeted = 0
  // a word now and then: it is never idle
  const server = createServer((socket) => {
    sockets.push(socket.on('error', () => {}))
    socket.write('220 here\r\n')
    socket.once('data', () => {
      greeted += 1
      const timer = setInterval(() => socket.write('250-one moment\r\n'), 200)
      socket.on('close', () => clearInterval(timer))
    })
  })
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready))
  try {
    await set((server.address() as AddressInfo).port, { security: 'none', userName: '', password: '', ca: '' })
    // more than go out at once
    await shop.rule({ to: { ...NOBODY, addresses: Array.from({ length: 20 }, (_, n) => `meister${n}@shop.example`) } })
    await shop.brokenJob()
    await until(() => greeted >= 12)
    const { id } = await shop.hook({ url: program.url })
    await shop.brokenJob()
    await until(() => program.received.length > 0)
    await shop.admin(`/api/webhooks/${id}`, { method: 'DELETE' })
    const before = greeted
    await shop.restart()
    // what was not taken is sent again in the next life
    await until(() => greeted > before)
  } finally {
    for (const socket of sockets) socket.destroy()
    server.close()
    await program.close()
  }
})
