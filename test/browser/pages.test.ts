/** A stranger's first minutes, and axe on every page on the way: from the first account to a part that was cut, light and dark. */
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { addAccount } from '../../server/api/index.ts'
import { type Product, startTestProduct, until } from '../product.ts'
import { showScheme, violationsOf } from './axe.ts'
import { chromiumPath, complaintsOf, launchBrowser, SIZES } from './chromium.ts'
import { cutPart, setUpShop } from './demo-shop.ts'
import { PASSWORD } from './hands.ts'

describe.skipIf(!chromiumPath)('every page (needs Chromium or Chrome)', { timeout: 120_000 }, () => {
  let product: Product
  let browser: Browser
  let context: BrowserContext
  let complaints: string[]
  let page: Page
  let url: string
  const found: string[] = []

  beforeAll(async () => {
    product = await startTestProduct({ CELLWRIGHT_OWNER: '' })
    url = product.client.access.url
    browser = await launchBrowser()
    context = await browser.newContext({ viewport: SIZES.desktop, locale: 'en-GB', reducedMotion: 'reduce' })
    complaints = complaintsOf(context)
    page = await context.newPage()
  }, 120_000)
  afterAll(async () => {
    await browser?.close()
    await product?.close()
  })

  /** Axe on what is shown; in the dark only colours are others. */
  const look = async (what: string, of = page) => {
    for (const scheme of ['light', 'dark'] as const) {
      await showScheme(of, scheme)
      for (const violation of await violationsOf(of, scheme === 'dark' ? ['color-contrast'] : undefined)) found.push(`${what}, ${scheme}: ${violation}`)
    }
  }
  const nothingFound = () => {
    expect(found.splice(0)).toEqual([])
    expect(complaints).toEqual([])
  }

  it('makes the first account by the printed address, and begins with an empty designer', async () => {
    const address = await until('the printed address', 60_000, () => /https?:\S+\/setup\?code=\S+/.exec(product.printed())?.[0])
    await page.goto(address)
    await page.getByTestId('create-owner').click()
    await page.locator('[aria-invalid="true"]').first().waitFor()
    await look('setup with errors')
    await page.getByTestId('name').fill('Anna Arens')
    await page.getByTestId('user-name').fill('anna')
    await page.getByTestId('password').fill(PASSWORD)
    await page.getByTestId('create-owner').click()
    await page.getByTestId('start-demo').waitFor()
    await look('choice of a beginning')
    await page.getByTestId('start-empty').click()
    await page.getByTestId('empty').waitFor()
    await look('empty designer')
    nothingFound()
  })

  it('has a page for everything before there is anything', async () => {
    const paths = await page.locator('.cw-nav a').evaluateAll((links) => links.map((link) => link.getAttribute('href') as string))
    expect(paths).toEqual(expect.arrayContaining(['/operator', '/programs', '/machines', '/runs']))
    for (const path of paths.filter((each) => each !== '/')) {
      await page.goto(`${url}${path}`)
      await page.locator('main').first().waitFor()
      // what it shows is what the server answers to all that it asks at first
      await page.waitForLoadState('networkidle')
      await look(`nothing at ${path}`)
    }
    nothingFound()
  })

  it('shows a flow, and what the shop has made and makes', async () => {
    await setUpShop(product.client)
    const runId = await cutPart(product.client)
    await page.goto(url)
    await page.locator('[data-testid^="node-"]', { hasText: 'Enter the measured bore' }).waitFor()
    await look('designer')
    await page.goto(`${url}/operator`)
    await page.getByTestId('machine-state').waitFor()
    await look('operator')
    await page.goto(`${url}/runs`)
    await page.getByTestId(`run-${runId}`).click()
    await page.getByTestId('run-detail').waitFor()
    await look('a run')
    await page.goto(`${url}/programs`)
    await page.getByTestId('program-bearing-plate.nc').click()
    await page.locator('[data-testid="picture"][data-ready]').waitFor()
    await page.getByTestId('verdict').waitFor()
    await look('a program')
    nothingFound()
  })

  it('shows a machine, and the set-up of another', async () => {
    await page.goto(`${url}/machines`)
    await page.getByTestId('machine-demo-mill').waitFor()
    await look('machines')
    for (const tab of ['overview', 'settings', 'firmware', 'console']) {
      await page.goto(`${url}/machines#demo-mill/${tab}`)
      await page.locator(`[data-testid="tab-${tab}"][aria-current="page"]`).waitFor()
      await look(`machine, ${tab}`)
    }
    await page.goto(`${url}/machines#+new`)
    await page.getByTestId('link-virtual').check({ force: true })
    await look('set-up, link')
    await page.getByTestId('wizard-next').click()
    await page.getByTestId('envelope-min-X').waitFor()
    await look('set-up, limits')
    nothingFound()
  })

  it('lets people sign in by name and PIN, or by password', async () => {
    await product.client.call(addAccount, { body: { userName: 'otto', name: 'Otto', role: 'operator', pin: '4711' } })
    const stranger = await browser.newContext({ viewport: SIZES.panel, locale: 'en-GB', reducedMotion: 'reduce' })
    const signIn = await stranger.newPage()
    await signIn.goto(url)
    await signIn.getByText('Otto').waitFor()
    await look('sign-in, people', signIn)
    await signIn.getByText('Otto').click()
    await signIn.getByTestId('pin-enter').waitFor()
    await look('sign-in, PIN', signIn)
    await signIn.goto(`${url}/sign-in`)
    await signIn.getByTestId('other-way').click()
    await signIn.getByTestId('password').waitFor()
    await look('sign-in, password', signIn)
    await stranger.close()
    nothingFound()
  })
})
