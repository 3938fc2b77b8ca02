import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { getTrust } from '../../server/api/index.ts'
import { type Product, startTestProduct } from '../product.ts'
import { violationsOf } from './axe.ts'
import { chromiumPath, launchBrowser, SIZES } from './chromium.ts'
import { PASSWORD, shot } from './hands.ts'

describe.skipIf(!chromiumPath)('a server on the network (needs Chromium or Chrome)', () => {
  let product: Product
  let browser: Browser
  let port: number
  beforeAll(async () => {
    product = await startTestProduct({ CELLWRIGHT_HOST: '0.0.0.0', CELLWRIGHT_OWNER: `anna:${PASSWORD}` })
    browser = await launchBrowser()
    // the command line's way in: this computer, with its token
    port = (await product.client.call(getTrust, {})).port
  })
  afterAll(async () => {
    await browser?.close()
    await product?.close()
  })

  test('a device that does not trust it yet is shown how, in the clear, with the digits that the server printed', async () => {
    const context = await browser.newContext({
      viewport: SIZES.panel,
      locale: 'de-DE',
      userAgent: 'Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 Chrome/150',
    })
    const page = await context.newPage()
    await page.goto(`http://127.0.0.1:${port}/operator`)
    await page.getByRole('heading', { name: 'Diesem Server vertrauen' }).waitFor()
    expect(new URL(page.url()).search).toBe('?next=%2Foperator')
    const { authority } = await product.client.call(getTrust, {})
    expect((await page.getByTestId('fingerprint').textContent())?.replaceAll(' ', ':')).toBe(authority?.fingerprint)
    expect(await page.getByTestId('platform').inputValue()).toBe('android')
    const [file] = await Promise.all([page.waitForEvent('download'), page.getByTestId('download').click()])
    expect(file.suggestedFilename()).toBe('cellwright-authority.crt')
    expect(await violationsOf(page)).toEqual([])
    await shot(page, 'trust-panel')
    await context.close()
  })

  test('one that trusts it is led on, signs in, and stays signed in by a cookie that goes by HTTPS alone', async () => {
    // what a browser does that has the authority installed
    const context = await browser.newContext({ viewport: SIZES.panel, ignoreHTTPSErrors: true })
    const page = await context.newPage()
    await page.goto(`http://127.0.0.1:${port}/runs`)
    await page.waitForURL(`https://127.0.0.1:${port}/sign-in?next=%2Fruns`)
    await page.getByTestId('user-name').fill('anna')
    await page.getByTestId('password').fill(PASSWORD)
    await page.getByTestId('sign-in').click()
    await page.waitForURL(`https://127.0.0.1:${port}/runs`)
    const cookies = (await context.cookies()).filter(({ name }) => name.includes('session_token'))
    expect(cookies.map(({ name, secure, httpOnly }) => [name.startsWith('__Secure-'), secure, httpOnly])).toEqual([[true, true, true]])
    await page.goto(`http://127.0.0.1:${port}/trust`)
    await page.getByTestId('trusted').waitFor()
    expect(await violationsOf(page)).toEqual([])
    await context.close()
  })
})
