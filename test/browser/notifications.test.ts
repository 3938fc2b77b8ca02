/** The pages of notifications: a mail server with its own words, a rule, a webhook with its secret, one's own settings, and the service worker. */
import type { AddressInfo } from 'node:net'
import { SMTPServer } from 'smtp-server'
import { Webhook } from 'standardwebhooks'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { addWebhook, getMail, listNotificationRules, listWebhooks, removeNotificationRule, removeWebhook, setMail } from '../../server/api/index.ts'
import { receiver } from '../../server/notifications/testing.ts'
import { CERTIFICATE, KEY } from '../../server/templates/testing.ts'
import { showScheme, violationsOf } from './axe.ts'
import { chromiumPath, SIZES } from './chromium.ts'
import { type Designer, openDesigner } from './designer.ts'
import { shot } from './hands.ts'

describe.skipIf(!chromiumPath)('notifications', () => {
  let designer: Designer
  let url: string
  let mails: SMTPServer
  let taken: string[]
  let program: Awaited<ReturnType<typeof receiver>>
  beforeAll(async () => {
    taken = []
    mails = new SMTPServer({
      key: KEY,
      cert: CERTIFICATE,
      authMethods: ['PLAIN'],
      onAuth: ({ username, password }, _session, done) =>
        password === 'right' ? done(null, { user: username }) : done(new Error('5.7.8 Authentication credentials invalid')),
      onData(stream, _session, done) {
        const parts: Buffer[] = []
        stream.on('data', (part: Buffer) => parts.push(part))
        stream.on('end', () => {
          taken.push(Buffer.concat(parts).toString('utf8'))
          done()
        })
      },
    })
    mails.on('error', () => {})
    await new Promise<void>((ready) => mails.listen(0, '127.0.0.1', ready))
    program = await receiver()
    designer = await openDesigner()
    url = designer.client.access.url
  }, 120_000)
  afterAll(async () => {
    // the product is lent to others: nothing of this stays
    if (designer) {
      const { client } = designer
      for (const { id } of (await client.call(listNotificationRules, {})).rules) await client.call(removeNotificationRule, { params: { ruleId: id } })
      for (const { id } of await client.call(listWebhooks, {})) await client.call(removeWebhook, { params: { webhookId: id } })
      const { settings } = await client.call(getMail, {})
      if (settings) {
        const { hasPassword: _, ...rest } = settings
        await client.call(setMail, { body: { ...rest, isOn: false, userName: '', password: '' } })
      }
    }
    await designer?.close()
    await program?.close()
    await new Promise<void>((closed) => mails.close(() => closed()))
  }, 30_000)

  const open = async (section: string) => {
    await designer.page.goto(`${url}/settings#${section}`)
    await designer.page.getByTestId('settings-title').waitFor()
  }
  const looks = async (name: string) => {
    const { page } = designer
    for (const scheme of ['light', 'dark'] as const) {
      await showScheme(page, scheme)
      expect(await violationsOf(page)).toEqual([])
      await shot(page, `${name}-${scheme}`)
    }
    for (const size of ['tablet', 'phone'] as const) {
      await page.setViewportSize(SIZES[size])
      await shot(page, `${name}-${size}`)
    }
    await page.setViewportSize(SIZES.desktop)
    await showScheme(page, 'light')
  }

  it('the mail server is tried out before it is saved, and says in its own words what is wrong', async () => {
    const { page } = designer
    await open('mail')
    await page.getByTestId('mail-host').fill('localhost')
    await page.getByTestId('mail-port').fill(String((mails.server.address() as AddressInfo).port))
    await page.getByTestId('mail-user').fill('shop')
    await page.getByTestId('mail-password').fill('wrong')
    await page.getByTestId('mail-from').fill('cell@shop.example')
    await page.getByTestId('mail-ca').fill(CERTIFICATE)
    await page.getByTestId('mail-test-to').fill('anna@shop.example')
    await page.getByTestId('mail-test-send').click()
    await page.getByTestId('mail-answer').getByText('5.7.8 Authentication credentials invalid').waitFor()
    await looks('mail-refused')
    await page.getByTestId('mail-password').fill('right')
    await page.getByTestId('mail-test-send').click()
    await page.getByTestId('mail-answer').getByText('The server took it').waitFor()
    expect(taken).toHaveLength(1)
    await page.getByTestId('mail-save').click()
    await page.getByText('A password is stored').waitFor()
    await page.reload()
    await expect.poll(() => page.getByTestId('mail-host').inputValue()).toBe('localhost')
    await expect.poll(() => page.getByTestId('mail-password').inputValue()).toBe('')
  })

  it('what is typed stays when messages go out meanwhile and the server does not answer once', async () => {
    const { page, client } = designer
    await open('notifications')
    await page.getByTestId('suggest-alarms').click()
    await page.getByTestId('rule-name').fill('Half of a na')
    const refused = Promise.withResolvers<void>()
    const path = '**/api/notifications/rules'
    await page.route(path, async (route) => {
      await route.fulfill({ status: 503, contentType: 'application/problem+json', json: { code: 'store-away', detail: 'The database is away.', status: 503 } })
      refused.resolve()
    })
    const { webhook } = await client.call(addWebhook, { body: { name: 'Line', url: program.url, isOn: false, events: [], allowsPrivate: true, ca: '' } })
    await refused.promise
    // what was refused has been taken in when the next is asked for and answered
    await page.unroute(path)
    const answered = page.waitForResponse((response) => response.url().endsWith('/api/notifications/rules') && response.ok())
    await client.call(removeWebhook, { params: { webhookId: webhook.id } })
    await answered
    await expect.poll(() => page.getByTestId('rule-name').inputValue()).toBe('Half of a na')
    await page.reload()
  })

  it('a rule is made from a suggestion, shown in words, switched off and brought back after it was removed', async () => {
    const { page } = designer
    await open('notifications')
    await page.getByTestId('suggest-alarms').waitFor()
    await looks('rules-empty')
    await page.getByTestId('suggest-alarms').click()
    await page.getByTestId('rule-name').waitFor()
    await page.getByTestId('rule-addresses').fill('meister@shop.example')
    await page.getByText('Only in these hours').click()
    await looks('rule-form')
    await page.getByTestId('rule-save').click()
    const rule = page.getByTestId('rule')
    await rule.getByText('Alarms and lost machines').waitFor()
    await rule.getByText('meister@shop.example').waitFor()
    await looks('rules')
    await rule.getByRole('switch').press('Space')
    await expect.poll(async () => (await designer.client.call(listNotificationRules, {})).rules[0]?.settings.isOn).toBe(false)
    await rule.getByRole('button', { name: 'Remove' }).click()
    await page.getByRole('button', { name: 'Undo' }).click()
    await page.getByTestId('rule').getByText('Alarms and lost machines').waitFor()
  })

  it('a webhook asks before it goes into the house, shows its secret once, and is tried out', async () => {
    const { page } = designer
    await open('webhooks')
    await page.getByTestId('add-webhook').click()
    await page.getByTestId('hook-name').fill('Dashboard')
    await page.getByTestId('hook-url').fill(program.url)
    await page.getByTestId('hook-save').click()
    await page.getByRole('alert').getByText('private network').waitFor()
    await looks('webhook-form')
    await page.getByTestId('hook-private').check()
    await page.getByTestId('hook-save').click()
    const secret = await page.getByTestId('webhook-secret').innerText()
    await page.getByTestId('test-webhook').click()
    await page.getByTestId('hook-said').getByText('Taken: 204').waitFor()
    const told = program.received.find(({ text }) => text.includes('"test"'))
    expect(new Webhook(secret).verify(told?.text ?? '', told?.headers ?? {})).toMatchObject({ type: 'test' })
    await looks('webhook')
    await page.getByTestId('secret-done').click()
    await page.reload()
    await page.getByTestId('pause-webhook').waitFor()
    expect(await page.getByText(secret).count()).toBe(0)
    await page.getByTestId('pause-webhook').click()
    await page.getByText('Paused: what happens waits').waitFor()
  })

  it('everybody sets their own: here somebody who may only look, in German', async () => {
    const { page, context } = await designer.signIn({ name: 'Vera Viewer', role: 'viewer', context: { locale: 'de-DE' } })
    await context.grantPermissions(['notifications'])
    await page.goto(`${url}/settings#my-notifications`)
    await page.getByTestId('my-address').fill('vera@shop.example')
    await page.getByLabel('Was geschehen soll bei: Alarm einer Maschine').first().click()
    await page.getByRole('option', { name: 'Immer' }).click()
    await page.getByTestId('my-quiet').press('Space')
    await page.getByTestId('save-mine').click()
    await expect.poll(() => page.getByTestId('save-mine').isDisabled()).toBe(true)
    await page.reload()
    await expect.poll(() => page.getByTestId('my-address').inputValue()).toBe('vera@shop.example')
    // nothing of what is for those who care for the installation
    expect(await page.getByText('Sicherung fehlgeschlagen').count()).toBe(0)
    await expect.poll(() => page.getByTestId('to-webhooks').count()).toBe(0)
    for (const scheme of ['light', 'dark'] as const) {
      await showScheme(page, scheme)
      expect(await violationsOf(page)).toEqual([])
      await shot(page, `my-notifications-${scheme}`)
    }
    await page.setViewportSize(SIZES.phone)
    await shot(page, 'my-notifications-phone')
    await context.close()
  })

  it('the service worker shows what is pushed, and opens pages of this server', async () => {
    const { context, browser } = await designer.signIn({ name: 'Paul Push', role: 'operator' }).then((window) => ({ ...window, browser: designer.browser }))
    expect(browser.isConnected()).toBe(true)
    await context.grantPermissions(['notifications'], { origin: url })
    const page = await context.newPage()
    await page.goto(`${url}/settings#my-notifications`)
    await page.getByTestId('my-address').waitFor()
    const devtools = await context.newCDPSession(page)
    const registered = new Promise<string>((found) =>
      devtools.on('ServiceWorker.workerRegistrationUpdated', ({ registrations }) => {
        const one = registrations.find(({ scopeURL }) => scopeURL === `${url}/`)
        if (one) found(one.registrationId)
      }),
    )
    await devtools.send('ServiceWorker.enable')
    await page.evaluate(async () => {
      await navigator.serviceWorker.register('/sw.js')
      const { active } = await navigator.serviceWorker.ready
      // it may still be at its beginning: what is pushed in that moment is lost to this test's way of pushing
      while (active?.state !== 'activated') await new Promise((resolve) => active?.addEventListener('statechange', resolve, { once: true }))
    })
    // as the browser hands it over when it has decrypted what a push service brought
    const payload = { title: 'Mill: Hard limit', body: 'Look at it.', tag: 'ntf_1', url: '/operator', isAlarm: true, lang: 'en' }
    const registrationId = await registered
    // devtools hand over what a worker that is just being started does not get: said again, as the same message it takes its own place
    const shown = async () => {
      await devtools.send('ServiceWorker.deliverPushMessage', { origin: url, registrationId, data: JSON.stringify(payload) })
      return page.evaluate(async () =>
        (await (await navigator.serviceWorker.ready).getNotifications()).map(({ title, body, tag, data }) => ({ title, body, tag, data })),
      )
    }
    await expect.poll(shown, { interval: 500 }).toEqual([{ title: 'Mill: Hard limit', body: 'Look at it.', tag: 'ntf_1', data: { url: '/operator' } }])
    await context.close()
  })
})
