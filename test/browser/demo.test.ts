/** The main job as a person does it: first account, demo shop, designer, operator panel, run history. */
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { addAccount, getFlows } from '../../server/api/index.ts'
import { confirmations, type Product, startTestProduct, until } from '../product.ts'
import { chromiumPath, complaintsOf, launchBrowser, SIZES } from './chromium.ts'

const PASSWORD = 'a long enough password'

describe.skipIf(!chromiumPath)('the demo in a browser (needs Chromium or Chrome)', { timeout: 180_000 }, () => {
  let product: Product
  let browser: Browser
  let engineer: BrowserContext
  let complaints: string[]
  let page: Page

  beforeAll(async () => {
    product = await startTestProduct({ CELLWRIGHT_OWNER: `anna:${PASSWORD}` })
    await product.client.call(addAccount, { body: { userName: 'otto', name: 'Otto', role: 'operator', pin: '4711' } })
    browser = await launchBrowser()
    engineer = await browser.newContext({ viewport: SIZES.desktop })
    complaints = complaintsOf(engineer)
    page = await engineer.newPage()
  }, 120_000)
  afterAll(async () => {
    await browser?.close()
    await product?.close()
  })

  it('lets a stranger see the sign-in page only', async () => {
    const { url } = product.client.access
    await page.goto(url)
    await page.waitForURL(/\/sign-in/)
    expect((await fetch(`${url}/operator`, { headers: { accept: 'text/html' }, redirect: 'manual' })).status).toBe(302)
  })

  it('signs an engineer in and shows the demo flow in the designer with live status', async () => {
    const { url, token } = product.client.access
    const { status } = await fetch(`${url}/api/demo`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: '{"timeScale":60}',
    })
    expect(status).toBe(201)
    await page.goto(`${url}/sign-in`)
    // people with a PIN make the name tiles come first
    await page.getByTestId('user-name').or(page.getByTestId('other-way')).first().waitFor()
    if (!(await page.getByTestId('user-name').isVisible())) await page.getByTestId('other-way').click()
    await page.getByTestId('user-name').fill('anna')
    await page.getByTestId('password').fill(PASSWORD)
    await page.getByTestId('password').press('Enter')
    await page.waitForURL((at) => at.pathname === '/')
    await page.getByTestId('canvas').waitFor()
    await until('the nodes of the demo flow', 60_000, async () => ((await page.locator('[data-testid^="node-"]').count()) > 8 ? true : undefined))
    await page.getByText('Queue the job').first().waitFor()
  })

  it('adds a node from the palette by drag and drop, edits its form and deploys it', async () => {
    const entry = page.getByTestId('palette-debug')
    const canvas = (await page.getByTestId('canvas').boundingBox())!
    const before = await page.locator('[data-testid^="node-"]').count()
    // where it lies once the list has been scrolled to it
    await entry.hover()
    await page.mouse.down()
    await page.mouse.move(canvas.x + canvas.width / 2, canvas.y + canvas.height - 120, { steps: 8 })
    await page.mouse.up()
    await until('the new node', 60_000, async () => ((await page.locator('[data-testid^="node-"]').count()) > before ? true : undefined))
    await page.keyboard.press('Enter')
    // Node-RED's own form, in the page
    const name = page.frameLocator('[data-testid="stock-frame"]').locator('#node-input-name')
    await name.fill('watch the mill')
    await page.getByTestId('config-done').click()
    await page.getByTestId('deploy').click()
    const { client } = product
    await until('the deployed node', 60_000, async () =>
      (await client.call(getFlows, {})).flows.find((node) => 'name' in node && node.name === 'watch the mill'),
    )
    expect(complaints).toEqual([])
  })

  it('lets an operator sign in with a PIN, run the work order and see the run', async () => {
    const { url } = product.client.access
    const panel = await browser.newContext({ viewport: SIZES.panel })
    const panelComplaints = complaintsOf(panel)
    const operator = await panel.newPage()
    await operator.goto(`${url}/operator`)
    await operator.waitForURL(/\/sign-in/)
    await operator.getByText('Otto').click()
    for (const digit of '4711') await operator.getByRole('button', { name: `Digit ${digit}`, exact: true }).click()
    await operator.getByRole('button', { name: 'Sign in', exact: true }).click()
    await operator.waitForURL(/\/operator/)

    await operator.getByTestId('machine-state').waitFor()
    const stop = (await operator.getByTestId('stop').boundingBox())!
    expect(Math.min(stop.width, stop.height)).toBeGreaterThanOrEqual(100)

    await operator.getByRole('button', { name: /^Cut the part/ }).click()
    await operator.getByTestId('confirm-press').click()
    await operator.getByTestId('program-line').waitFor({ timeout: 30_000 })
    const measure = operator.getByRole('button', { name: /^Enter the measured bore/ })
    await until('the question for the bore', 90_000, async () => ((await measure.isEnabled()) ? true : undefined))
    await measure.click()
    for (const key of '42.01') await operator.getByRole('button', { name: key === '.' ? 'Decimal sign' : key, exact: true }).click()
    await operator.getByTestId('confirm-press').click()
    const outbox = `${product.dataDir}/demo-shop/confirmations`
    await until('the confirmation', 30_000, async () => ((await confirmations(outbox)).length === 1 ? true : undefined))

    await operator.goto(`${url}/runs`)
    await operator.locator('[data-testid^="run-run_"][data-state="completed"]', { hasText: 'bearing-plate.nc' }).first().click({ timeout: 30_000 })
    await operator.getByTestId('run-detail').getByText('bearing-plate.nc').first().waitFor()
    expect(panelComplaints).toEqual([])
    await panel.close()
  })
})
