/** The health page of several hosts: another one as it tells itself, and one that does not answer said as such. */
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startTestGateway, type TestGateway } from '../../server/testing.ts'
import { chromiumPath, launchBrowser } from './chromium.ts'
import { PASSWORD, shot, signInTo } from './hands.ts'

const pagesDir = join(import.meta.dirname, '..', '..', 'dist', 'pages')
const PATIENCE_MS = 120_000

describe.skipIf(!chromiumPath)('the health of several hosts', { timeout: 300_000 }, () => {
  let one: TestGateway
  let two: TestGateway
  let browser: Browser
  let page: Page
  beforeAll(async () => {
    const env = { CELLWRIGHT_SECRET_KEY: randomBytes(32).toString('hex'), CELLWRIGHT_HOST_SILENT_S: '3600' }
    one = await startTestGateway({ env: { ...env, CELLWRIGHT_HOST_NAME: 'one' }, gateway: { pagesDir }, isOneOfSeveral: true })
    two = await startTestGateway({ env: { ...env, CELLWRIGHT_HOST_NAME: 'two' }, postgres: one.postgres })
    // lives for all that the rows say, and nobody is at the line
    await one.query(`insert into "jobHost" (name, at) values ('mute', now() + interval '1 hour')`)
    await one.admin('/api/accounts', { method: 'POST', body: { userName: 'ada', name: 'Ada', role: 'admin', password: PASSWORD } })
    browser = await launchBrowser()
    const context = await browser.newContext({ locale: 'en-GB' })
    await signInTo(context, one.url, 'ada')
    page = await context.newPage()
    page.setDefaultTimeout(PATIENCE_MS)
  }, 120_000)
  afterAll(async () => {
    await browser?.close()
    await two?.close()
    await one?.close()
  }, 60_000)

  it('shows each under its own name only', async () => {
    await page.goto(`${one.url}/settings#health`)
    const host = page.getByTestId('health-host')
    await expect.poll(() => host.locator('option').allInnerTexts(), { timeout: PATIENCE_MS }).toEqual(expect.arrayContaining(['two', 'mute']))
    await page.getByTestId('health-disk').waitFor()
    await host.selectOption('mute')
    await page.getByTestId('health-refusal').getByText('Host "mute" has not answered within 5 s').waitFor()
    expect(await page.getByTestId('health-disk').count()).toBe(0)
    await shot(page, 'health-mute')
    await host.selectOption('two')
    await page.getByTestId('health-disk').waitFor()
    expect(await page.getByTestId('health-refusal').count()).toBe(0)
    // its limits are set where its pages are
    expect(await page.getByTestId('change-space').count()).toBe(0)
    await shot(page, 'health-two')
    await host.selectOption('one')
    await page.getByTestId('change-space').waitFor()
  })
})
