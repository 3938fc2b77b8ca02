/** Signing in through the company as people see it: an administrator sets the provider up, somebody of the company goes through it and out again. */
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Company, startCompany } from '../../server/auth/providers/company.testing.ts'
import { startTestGateway, type TestGateway } from '../../server/testing.ts'
import { showScheme, violationsOf } from './axe.ts'
import { chromiumPath, launchBrowser, SIZES } from './chromium.ts'
import { shot } from './hands.ts'

const owner = { userName: 'anna', password: 'correct horse' }
const TOUCH_PX = 60

describe.skipIf(!chromiumPath)('signing in through the company', () => {
  let shop: TestGateway
  let company: Company
  let browser: Browser
  let admin: Page
  const at = (path: string) => `${shop.url}${path}`
  const newPage = async (locale = 'en-GB') => {
    const context = await browser.newContext({ viewport: SIZES.tablet, locale })
    context.setDefaultTimeout(60_000)
    return context.newPage()
  }
  const atCompany = async (page: Page, login: string) => {
    await page.waitForURL((url) => url.origin === company.issuer)
    await page.locator('input[name=login]').fill(login)
    await page.locator('input[name=password]').fill('any')
    await page.locator('button[type=submit]').click()
    await page.getByRole('button', { name: 'Continue' }).click()
    await page.waitForURL((url) => url.origin === shop.url)
  }
  const throughCompany = async (page: Page, login: string, path = '/sign-in') => {
    await page.goto(at(path))
    await page.getByRole('button', { name: /Company|Firma/ }).click()
    await atCompany(page, login)
  }

  beforeAll(async () => {
    company = await startCompany({
      people: {
        'sub-bert': { preferred_username: 'bert', name: 'Bert Dreher', groups: ['shop'] },
        'sub-anna': { preferred_username: 'anna', name: 'Anna', groups: ['admins'] },
        'sub-dave': { preferred_username: 'dave', name: 'Dave', groups: [] },
      },
    })
    shop = await startTestGateway({
      env: { CELLWRIGHT_OWNER: `${owner.userName}:${owner.password}` },
      gateway: { pagesDir: join(import.meta.dirname, '..', '..', 'dist', 'pages') },
    })
    browser = await launchBrowser()
  }, 120_000)
  afterAll(async () => {
    await browser?.close()
    await shop?.close()
    await company?.close()
  })

  it('an administrator sets the provider up, tests it, and is told what to enter there', async () => {
    admin = await newPage()
    await admin.goto(at('/sign-in?next=%2Fsettings%23sign-in'))
    await admin.getByTestId('user-name').fill(owner.userName)
    await admin.getByTestId('password').fill(owner.password)
    await admin.getByTestId('sign-in').click()
    await admin.getByTestId('add-oidc').click()
    await admin.getByTestId('field-name').fill('Company')
    await admin.getByTestId('field-issuer').fill(company.issuer)
    await admin.getByTestId('field-clientId').fill(company.clientId)
    await admin.getByTestId('field-scopes').fill('openid profile email groups')
    await admin.getByTestId('field-secret').fill(company.clientSecret)
    await admin.getByTestId('add-role').click()
    await admin.getByTestId('group-0').fill('shop')
    await admin.getByTestId('test-about').fill('shop')
    await admin.getByTestId('test-provider').click()
    // nobody answers there yet
    await expect.poll(() => admin.getByTestId('test-result').getAttribute('data-usable')).toBe('false')
    await admin.getByTestId('field-isOn').check({ force: true })
    await admin.getByTestId('save-provider').click()
    await admin.waitForURL(/#sign-in\/sip_/)
    const redirectUri = await admin.locator('code').first().innerText()
    expect(redirectUri).toMatch(/^http.*\/api\/auth\/providers\/sip_.*\/callback$/)
    company.register({ redirectUri, signedOutUri: at('/sign-in') })
    await admin.getByTestId('test-about').fill('shop')
    await admin.getByTestId('test-provider').click()
    await expect.poll(() => admin.getByTestId('test-result').getAttribute('data-usable')).toBe('true')
    await expect.poll(() => admin.getByTestId('test-result').innerText()).toContain('They would be operator, by the group shop.')
    for (const scheme of ['light', 'dark'] as const) {
      await showScheme(admin, scheme)
      expect(await violationsOf(admin)).toEqual([])
      await shot(admin, `sign-in-settings-${scheme}`)
    }
  }, 180_000)

  it('who administrates tries it in a window of its own, is shown what came back, and stays who they are', async () => {
    const opened = admin.waitForEvent('popup')
    await admin.getByTestId('try-provider').click()
    const there = await opened
    await atCompany(there, 'sub-bert')
    await there.waitForURL(/#sign-in\/sip_[^/]+\/.+/)
    for (const page of [there, admin]) {
      await page.getByTestId('trial-result').waitFor()
      expect(await page.getByTestId('trial-result').innerText()).toContain('Bert Dreher (bert)')
      expect(await violationsOf(page)).toEqual([])
      expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true)
    }
    await shot(admin, 'sign-in-trial')
    expect(await there.evaluate(async () => (await (await fetch('/api/me')).json()).userName)).toBe(owner.userName)
    expect(((await shop.admin('/api/accounts')).json as { userName: string }[]).map(({ userName }) => userName)).toEqual([owner.userName])
    await there.close()
  }, 120_000)

  it('somebody of the company comes in and out by a button that gloves can press, in German too', async () => {
    const page = await newPage('de-DE')
    await page.goto(at('/sign-in'))
    const button = page.getByRole('button', { name: 'Mit Company anmelden' })
    await button.waitFor()
    expect((await button.boundingBox())?.height).toBeGreaterThanOrEqual(TOUCH_PX)
    expect(await violationsOf(page)).toEqual([])
    await shot(page, 'sign-in-providers')
    await button.click()
    await atCompany(page, 'sub-bert')
    await page.waitForURL(/\/operator/)
    const me = await page.evaluate(async () => (await fetch('/api/me')).json())
    expect(me).toMatchObject({ name: 'Bert Dreher', role: 'operator' })
    // the cookie of a sign-in that is done is gone, and scripts see none
    expect((await page.context().cookies()).filter(({ name }) => name.includes('.oidc-'))).toEqual([])
    expect(await page.evaluate('document.cookie')).toBe('')
    await page.context().close()
  }, 120_000)

  it('a refusal says why and what to do, in words of ours alone', async () => {
    const page = await newPage()
    await throughCompany(page, 'sub-dave')
    await page.getByRole('alert').filter({ hasText: 'none of your groups has a role here' }).waitFor()
    await page.goto(at('/sign-in?refused=%3Cimg%20src=x%20onerror=alert(1)%3E'))
    const alert = page.getByRole('alert')
    await alert.waitFor()
    expect(await alert.innerText()).not.toContain('img')
    await page.context().close()
  }, 120_000)

  it('who is here already ties both with their password, and goes on to the page they wanted', async () => {
    const page = await newPage()
    company.people.set('sub-anna', { preferred_username: 'anna', name: 'Anna', groups: ['shop'] })
    await throughCompany(page, 'sub-anna', '/sign-in?next=%2Fsettings%23about')
    await page.getByTestId('link-note').waitFor()
    await shot(page, 'sign-in-link')
    await page.getByTestId('user-name').fill(owner.userName)
    await page.getByTestId('password').fill(owner.password)
    await page.getByTestId('sign-in').click()
    await page.waitForURL(/\/settings#about$/)
    const accounts = (await shop.admin('/api/accounts')).json as { userName: string; role: string; provider?: { name: string } }[]
    // still an administrator: the last one with a password
    expect(accounts.find(({ userName }) => userName === 'anna')).toMatchObject({ role: 'admin', provider: { name: 'Company' } })
    await page.context().close()
  }, 120_000)

  it('the list of people says through what they sign in and who gives their role, and is filtered by it', async () => {
    await admin.goto(at('/settings#people'))
    await admin.getByTestId('person-bert').waitFor()
    expect(await admin.getByTestId('person-bert').innerText()).toMatch(/given by Company[\s\S]*Company/)
    await admin.getByTestId('people-way').click()
    await admin.getByRole('option', { name: 'With a password of ours' }).click()
    await expect.poll(() => admin.getByTestId('person-bert').count()).toBe(0)
    await admin.getByTestId('people-way').click()
    await admin.getByRole('option', { name: 'Through Company' }).click()
    await expect.poll(() => admin.getByTestId('people').locator('tbody tr').count()).toBe(2)
    expect(await violationsOf(admin)).toEqual([])
    await admin.getByTestId('person-bert').click()
    await admin.getByText('The role follows from the groups at Company').waitFor()
    await admin.getByTestId('untie').click()
    // nothing else is left to him
    await admin.getByRole('alert').filter({ hasText: 'could not sign in any more' }).waitFor()
  }, 120_000)

  it('with passwords for administrators alone, the form stands behind a word for them', async () => {
    await admin.goto(at('/settings#sign-in'))
    await admin.reload()
    // in whatever hand: a list, its empty places and the rule on a phone
    await admin.setViewportSize(SIZES.phone)
    await admin.getByTestId('passwords-administrators').waitFor()
    expect(await violationsOf(admin)).toEqual([])
    expect(await admin.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true)
    await shot(admin, 'sign-in-settings-phone')
    await admin.getByTestId('passwords-administrators').click()
    await expect.poll(async () => (await shop.page('/api/auth/ways')).json.passwords).toBe('administrators')
    const page = await newPage()
    await page.goto(at('/sign-in'))
    await page.getByRole('button', { name: 'Sign in with Company' }).waitFor()
    expect(await page.getByTestId('password').isVisible()).toBe(false)
    await page.getByTestId('to-password').click()
    await page.getByTestId('user-name').fill(owner.userName)
    await page.getByTestId('password').fill(owner.password)
    await page.getByTestId('sign-in').click()
    await page.waitForURL((url) => url.pathname === '/')
    await page.context().close()
  }, 120_000)
})
