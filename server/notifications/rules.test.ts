import type { AddressInfo } from 'node:net'
import { DateTime } from 'luxon'
import { type ParsedMail, simpleParser } from 'mailparser'
import { SMTPServer } from 'smtp-server'
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { CERTIFICATE, KEY } from '../templates/testing.ts'
import { NOBODY, receiver, type Shop, startShop, until } from './testing.ts'

let shop: Shop
let server: SMTPServer
let mails: ParsedMail[]
const ids: Record<string, string> = {}

beforeAll(async () => {
  server = new SMTPServer({
    key: KEY,
    cert: CERTIFICATE,
    authOptional: true,
    onData(stream, _session, done) {
      void simpleParser(stream).then((mail) => {
        mails.push(mail)
        done()
      })
    },
  })
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready))
  shop = await startShop()
  const { port } = server.server.address() as AddressInfo
  await shop.admin('/api/mail', {
    method: 'PUT',
    body: { isOn: true, host: 'localhost', port, security: 'starttls', userName: '', from: 'cell@shop.example', fromName: '', ca: CERTIFICATE },
  })
  ids.olga = await shop.person('olga', 'operator')
  ids.victor = await shop.person('victor', 'viewer')
}, 60_000)
afterEach(async () => {
  for (const { id } of (await shop.admin('/api/notifications/rules')).json.rules) await shop.admin(`/api/notifications/rules/${id}`, { method: 'DELETE' })
  await shop.forget()
  await shop.query('delete from "notificationPreference"')
})
afterAll(async () => {
  await shop?.close()
  await new Promise<void>((closed) => server.close(() => closed()))
})
const begin = () => {
  mails = []
}
const mine = (more: object = {}) => ({ address: '', language: 'en', byMail: true, byPush: true, more: [], muted: [], ...more })
const setMine = async (who: string, more: object) => {
  const answer = await shop.as(who, '/api/notifications/mine', { method: 'PUT', body: mine({ address: `${who}@shop.example`, ...more }) })
  if (answer.status !== 200) throw new Error(answer.text)
  return answer.json
}
const toOf = (mail: ParsedMail): string =>
  (Array.isArray(mail.to) ? mail.to : [mail.to])
    .flatMap((one) => one?.value ?? [])
    .map(({ address }) => address)
    .join()
const log = async () => (await shop.admin('/api/notifications/deliveries')).json

it('nothing goes out until somebody says so', async () => {
  begin()
  await shop.brokenJob()
  await until(async () => (await shop.query('select from "notificationEvent" where "routedAt" is not null')).length === 1)
  expect(await log()).toEqual([])
})

it('a rule for a role reaches its people, each in their language, and not those who muted it', async () => {
  begin()
  await setMine('olga', { language: 'de' })
  await setMine('victor', { muted: ['job.interrupted'] })
  await shop.rule({ name: 'Breaks', events: ['job.interrupted'], to: { ...NOBODY, roles: ['operator', 'viewer'] } })
  expect((await shop.as('victor', '/api/notifications/mine')).json.fromRules).toEqual([{ rule: 'Breaks', events: ['job.interrupted'] }])
  await shop.brokenJob()
  await until(() => mails.length > 0)
  expect(mails.map(toOf)).toEqual(['olga@shop.example'])
  expect(mails[0]?.subject).toContain('flange.nc wurde abgebrochen')
  expect((await log()).map(({ to }: { to: string }) => to)).toEqual(['olga Müller'])
})

it('a person adds for themselves, within what they may hear of', async () => {
  begin()
  await setMine('olga', { more: ['job.interrupted', 'backup.failed'] })
  const { mayHear } = (await shop.as('olga', '/api/notifications/mine')).json
  expect(mayHear).toContain('machine.alarm')
  expect(mayHear).not.toContain('backup.failed')
  await shop.query(
    `insert into "notificationEvent" (id, key, type, severity, data, at) values ('ntf_b', 'b', 'backup.failed', 'alarm', '{"target":"nas","reason":"full"}', now())`,
  )
  await shop.brokenJob()
  const deliveries = await until(async () => ((await log()).length ? log() : undefined))
  expect(deliveries.map(({ event }: { event: { type: string } }) => event.type)).toEqual(['job.interrupted'])
})

it('who has lost the right in between gets nothing', async () => {
  begin()
  await setMine('olga', {})
  await shop.rule({ to: { ...NOBODY, people: [ids.olga ?? ''] }, gatherS: 3600 })
  await shop.query(
    `insert into "notificationEvent" (id, key, type, severity, data, at) values ('ntf_c', 'c', 'flow.asks', 'warning', '{"stepId":"s","runId":"r","text":"?"}', now())`,
  )
  await until(async () => (await log()).length === 1)
  await shop.admin(`/api/accounts/${ids.olga}`, { method: 'PATCH', body: { isDisabled: true } })
  try {
    await shop.query(`update "notificationDelivery" set "nextAt" = now()`)
    // what is due is looked at again when a rule changes
    await shop.rule({ to: { ...NOBODY, roles: ['admin'] } })
    const dropped = await until(async () => (await log()).find(({ state }: { state: string }) => state === 'dropped'))
    expect(dropped.error).toBe('This person may not sign in any more.')
    expect(mails).toEqual([])
  } finally {
    await shop.admin(`/api/accounts/${ids.olga}`, { method: 'PATCH', body: { isDisabled: false } })
  }
})

it('in quiet hours it waits for their end, and an alarm does not', async () => {
  begin()
  // at whatever time of the day this runs
  const [from, to] = [DateTime.now().minus({ hours: 2 }), DateTime.now().plus({ hours: 2 })]
  await setMine('olga', { quiet: { from: from.toFormat('HH:mm'), to: to.toFormat('HH:mm'), alarmsToo: false } })
  await shop.rule({ to: { ...NOBODY, people: [ids.olga ?? ''] } })
  await shop.brokenJob('quiet.nc')
  // held back until then
  await until(async () => {
    const [delivery] = await log()
    return (
      delivery?.state === 'waiting' &&
      Date.parse(delivery.nextAt) - Date.now() > 0 &&
      delivery.attempts === 0 &&
      new Date(delivery.nextAt).getMinutes() === to.minute
    )
  })
  await shop.query(
    `insert into "notificationEvent" (id, key, type, severity, data, at) values ('ntf_d', 'd', 'machine.alarm', 'alarm', '{"machineId":"m","machine":"Mill","text":"Hard limit"}', now())`,
  )
  await until(() => mails.length === 1)
  expect(mails[0]?.text).toContain('Mill: Hard limit')
  expect(mails[0]?.text).not.toContain('quiet.nc')
})

it('a rule for what nobody acknowledges drops what is not on the panels any more', async () => {
  begin()
  await shop.rule({ to: { ...NOBODY, addresses: ['chief@shop.example'] }, unacknowledgedS: 10 })
  await shop.query(
    `insert into "notificationEvent" (id, key, type, severity, data, "panelKey", at) values ('ntf_e', 'e', 'machine.alarm', 'alarm', '{"machineId":"m","machine":"Mill","text":"Hard limit"}', 'alarm m', now() - interval '20 seconds')`,
  )
  const dropped = await until(async () => (await log()).find(({ state }: { state: string }) => state === 'dropped'))
  expect(dropped.error).toBe('Somebody has seen to it.')
})

it('a rule that tells nobody, or somebody who is not there, is refused', async () => {
  const add = async (to: object) =>
    (
      await shop.admin('/api/notifications/rules', {
        method: 'POST',
        body: { name: 'x', isOn: true, events: [], atLeast: 'info', machines: [], language: 'en', gatherS: 0, to: { ...NOBODY, ...to } },
      })
    ).json.code
  expect(await add({})).toBe('rule-tells-nobody')
  expect(await add({ people: ['nobody'] })).toBe('rule-target-gone')
  expect(await add({ webhooks: ['hok_x'] })).toBe('rule-target-gone')
})

it('rules have versions, and go back', async () => {
  await shop.rule({ name: 'First', to: { ...NOBODY, roles: ['admin'] } })
  const versions = (await shop.admin('/api/history?kind=setting&subject=notification-rules')).json
  const [{ id }] = versions
  const [rule] = (await shop.admin('/api/notifications/rules')).json.rules
  await shop.admin(`/api/notifications/rules/${rule.id}`, { method: 'DELETE' })
  expect((await shop.admin('/api/notifications/rules')).json.rules).toEqual([])
  expect((await shop.admin(`/api/history/${id}/restore`, { method: 'POST', body: {} })).status).toBe(200)
  expect((await shop.admin('/api/notifications/rules')).json.rules[0].settings.name).toBe('First')
})

it('what happened while the gateway was away is told once when it is back', async () => {
  const { url, received, close } = await receiver()
  try {
    await shop.hook({ url, events: ['job.interrupted'] })
    await shop.gateway.close()
    await shop.brokenJob('away.nc')
    await shop.restart()
    await until(() => received.length > 0)
    await shop.brokenJob('back.nc')
    await until(() => received.length > 1)
    expect(received.map(({ text }) => JSON.parse(text).data.name)).toEqual(['away.nc', 'back.nc'])
  } finally {
    await close()
  }
})
