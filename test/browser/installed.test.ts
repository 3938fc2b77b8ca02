/** The pages as an installed app on a bad line: what is kept on the device, what is said while the server is away, and what is pressed meanwhile. */
import { setTimeout as pause } from 'node:timers/promises'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { addMachine, deployFlows, listRuns } from '../../server/api/index.ts'
import { type Product, startTestProduct } from '../product.ts'
import { violationsOf } from './axe.ts'
import { chromiumPath, launchBrowser, SIZES } from './chromium.ts'
import { PASSWORD, shot } from './hands.ts'
import { type WeakLine, weakLine } from './weak-line.ts'

const BUTTON = {
  ...{ id: 'pwa-button', type: 'cw-button', z: 'pwa-tab', x: 120, y: 80, name: '', label: 'Next part', says: 'Counts one part.', color: 'normal', asks: [] },
  ...{ machine: '', needs: 'any', who: 'panel.press', whenEmpty: '', wires: [[]] },
}

describe.skipIf(!chromiumPath)('the pages on a device (needs Chromium or Chrome)', () => {
  let product: Product
  let browser: Browser
  let line: WeakLine
  let context: BrowserContext
  let page: Page
  let origin: string

  beforeAll(async () => {
    product = await startTestProduct({ CELLWRIGHT_OWNER: `anna:${PASSWORD}` })
    line = await weakLine(Number(new URL(product.client.access.url).port))
    origin = `http://localhost:${line.port}`
    await product.client.call(addMachine, {
      body: {
        ...{ id: 'mill-1', name: 'Mill 1', link: { kind: 'virtual', timeScale: 1 }, whenRequesterGone: 'finish' },
        envelopeMm: { min: [-400, -300, -80], max: [0, 0, 0] },
      },
    } as never)
    await product.client.call(deployFlows, { body: { flows: [{ id: 'pwa-tab', type: 'tab', label: 'Parts' }, BUTTON], kind: 'full' } } as never)
    browser = await launchBrowser()
    context = await browser.newContext({ viewport: SIZES.panel, locale: 'de-DE' })
    page = await context.newPage()
    page.setDefaultTimeout(20_000)
    await page.goto(`${origin}/sign-in?next=%2Foperator`)
    await page.getByTestId('user-name').fill('anna')
    await page.getByTestId('password').fill(PASSWORD)
    await page.getByTestId('sign-in').click()
    await page.waitForURL(`${origin}/operator*`)
  })
  afterAll(async () => {
    await browser?.close()
    await line?.close()
    await product?.close()
  })
  beforeEach(() => line.set('good'))
  const isHere = () => page.getByTestId('stop').waitFor()

  test('a browser can install the panel and the designer, each with its icons', async () => {
    await isHere()
    const session = await context.newCDPSession(page)
    for (const [path, id, start] of [
      ['/operator', '/operator', '/operator'],
      ['/runs', '/', '/'],
    ] as const) {
      await page.goto(`${origin}${path}`)
      const { errors, data } = await session.send('Page.getAppManifest')
      expect(errors).toEqual([])
      expect(JSON.parse(data ?? '{}')).toMatchObject({ id, start_url: start, scope: '/' })
      const { installabilityErrors } = await session.send('Page.getInstallabilityErrors')
      // windows of a test are private ones, in which nothing is installed
      expect(installabilityErrors.map(({ errorId }) => errorId).filter((errorId) => errorId !== 'in-incognito')).toEqual([])
    }
    await page.goto(`${origin}/operator`)
  })

  test('the device keeps one page for the time without a server, and nothing of the shop', async () => {
    await isHere()
    await page.evaluate(async () => void (await navigator.serviceWorker.ready))
    await page.reload()
    await isHere()
    const kept = await page.evaluate(async () => {
      const names = await caches.keys()
      const requests = await Promise.all(names.map(async (name) => (await caches.open(name)).keys()))
      return requests.flat().map(({ url }) => new URL(url).pathname)
    })
    expect(kept).toHaveLength(5)
    for (const path of kept) expect(path).toMatch(/^\/(offline\.html|assets\/(offline|theme-boot|icon)-[0-9a-f]{8}\.(js|css|svg))$/)
  })

  test('without a server the page says so by itself, shows no machine, and goes on by itself', async () => {
    line.set('cut')
    await page.getByTestId('lost').waitFor()
    await page.goto(`${origin}/operator`)
    await page.getByRole('heading', { name: 'Der Server ist nicht zu erreichen' }).waitFor()
    expect(await page.getByTestId('stop').count()).toBe(0)
    for (const scheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme: scheme })
      await page.reload()
      await page.locator(`html[data-mantine-color-scheme="${scheme}"]`).waitFor()
      expect(await violationsOf(page)).toEqual([])
      await shot(page, `offline-${scheme}`)
    }
    line.set('good')
    await isHere()
    expect(new URL(page.url()).pathname).toBe('/operator')
  })

  test('what is pressed on a line that stands still is refused when it comes late, said, and never done', async () => {
    const runs = async () => (await product.client.call(listRuns, { query: { limit: 50 } } as never)) as { items?: unknown[] }
    const before = JSON.stringify(await runs())
    await page.getByRole('button', { name: 'Next part' }).first().click()
    const press = page.getByTestId('confirm-press')
    await press.waitFor()
    line.set('stalled')
    const answered = page.waitForResponse((response) => response.url().includes('/press'))
    await press.click()
    // longer than what is pressed counts, and than a page may not know that its line is dead
    await page.getByTestId('lost').waitFor()
    await pause(1_500)
    line.set('good')
    expect((await answered).status()).toBe(409)
    await page.getByRole('alert').getByText('zu spät').first().waitFor()
    await page.getByTestId('lost').waitFor({ state: 'detached' })
    expect(JSON.stringify(await runs())).toBe(before)
  })

  test('the screen stays on where it is asked to, and a refusal of the browser is said', async () => {
    await page.reload()
    await page.getByTestId('who').click()
    const isAsked = page.getByTestId('stays-awake')
    await isAsked.click()
    await expect.poll(() => isAsked.getAttribute('aria-pressed')).toBe('true')
    // a browser without a screen refuses or keeps it: what it says is what is shown
    const refused = await page.evaluate(() =>
      navigator.wakeLock.request('screen').then(
        async (lock) => void (await lock.release()),
        (error: Error) => error.name,
      ),
    )
    await expect.poll(() => page.getByTestId('awake-refused').count()).toBe(refused === undefined ? 0 : 1)
    await page.evaluate(() => {
      Object.assign(navigator.wakeLock, { request: () => Promise.reject(new DOMException('not now', 'NotAllowedError')) })
    })
    await isAsked.click()
    await isAsked.click()
    await page.getByTestId('awake-refused').getByText('Akku').waitFor()
    expect(await violationsOf(page)).toEqual([])
    await shot(page, 'stays-awake')
    await isAsked.click()
  })

  test('the panel comes up on a slow mobile line', async () => {
    const session = await context.newCDPSession(page)
    await session.send('Network.enable')
    await session.send('Network.emulateNetworkConditions', {
      offline: false,
      latency: 400,
      downloadThroughput: 50_000,
      uploadThroughput: 50_000,
      packetLoss: 2,
    })
    const sizes: number[] = []
    session.on('Network.loadingFinished', ({ encodedDataLength }) => sizes.push(encodedDataLength))
    await session.send('Network.setCacheDisabled', { cacheDisabled: true })
    await page.reload({ waitUntil: 'commit' })
    await isHere()
    await page.getByTestId('lost').waitFor({ state: 'detached' })
    // what a panel needs, compressed
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(900_000)
    for (const mode of ['cut', 'good', 'stalled', 'good'] as const) {
      line.set(mode)
      await page.getByTestId('lost').waitFor({ state: mode === 'good' ? 'detached' : 'visible' })
    }
    await session.send('Network.emulateNetworkConditions', { offline: false, latency: 0, downloadThroughput: -1, uploadThroughput: -1 })
  })
})
