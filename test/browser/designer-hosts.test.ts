/** A shop with two hosts, one of which is gone: what the pages of the other say of it, of its machine, and how a person takes the machine over. */
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createLog } from '../../base/log.ts'
import { addMachine, getMachine } from '../../server/api/index.ts'
import { openStore, type Store } from '../../server/store/index.ts'
import { startTestPostgres, type TestPostgres } from '../../server/store/testing.ts'
import { type Product, startTestProduct, until } from '../product.ts'
import { showScheme, violationsOf } from './axe.ts'
import { chromiumPath, complaintsOf, launchBrowser, SIZES } from './chromium.ts'
import { PASSWORD, shot, signInTo } from './hands.ts'

describe.skipIf(!chromiumPath)('machines of another host in a browser (needs Chromium or Chrome)', { timeout: 60_000 }, () => {
  let postgres: TestPostgres
  let store: Store
  let product: Product
  let browser: Browser
  let complaints: string[]
  let page: Page

  const look = async (what: string) => {
    const found: string[] = []
    for (const [size, viewport] of Object.entries({ wide: SIZES.desktop, tablet: { width: 820, height: 1180 } }))
      for (const scheme of ['light', 'dark'] as const) {
        await page.setViewportSize(viewport)
        await showScheme(page, scheme)
        await shot(page, `${what}-${size}-${scheme}`)
        for (const violation of await violationsOf(page, scheme === 'dark' ? ['color-contrast'] : undefined)) found.push(`${size} ${scheme}: ${violation}`)
      }
    await page.setViewportSize(SIZES.desktop)
    await showScheme(page, 'light')
    expect(found).toEqual([])
  }

  beforeAll(async () => {
    postgres = await startTestPostgres({ port: 0 })
    product = await startTestProduct({
      DATABASE_URL: postgres.database,
      CELLWRIGHT_HOST_NAME: 'cell-1',
      CELLWRIGHT_HOST_SILENT_S: '5',
      CELLWRIGHT_OWNER: `anna:${PASSWORD}`,
    })
    store = await openStore({ database: postgres.database, log: createLog('test', 'silent') })
    for (const [id, name] of [
      ['near', 'Near mill'],
      ['far', 'Far mill'],
    ] as const)
      await product.client.call(addMachine, {
        body: {
          id,
          name,
          link: { kind: 'virtual', timeScale: 50 },
          envelopeMm: { min: [0, 0, -80], max: [400, 300, 20] },
          whenRequesterGone: 'finish',
        },
      })
    // as a host leaves it whose computer lost its power an hour ago
    await store.db
      .insertInto('jobHost')
      .values({
        name: 'cell-2',
        at: new Date(Date.now() - 3_600_000),
        version: '0.1.0',
        url: 'http://cell-2.shop:8470',
        startedAt: new Date(Date.now() - 7_200_000),
      })
      .execute()
    await store.db.updateTable('machine').set({ host: 'cell-2' }).where('id', '=', 'far').execute()
    await until('the machine to have left', 30_000, async () =>
      (await product.client.call(getMachine, { params: { machineId: 'far' } })).host?.isSilent ? true : undefined,
    )
    browser = await launchBrowser()
    const context = await browser.newContext({ viewport: SIZES.desktop })
    complaints = complaintsOf(context)
    await signInTo(context, product.client.access.url, 'anna')
    page = await context.newPage()
    await page.goto(`${product.client.access.url}/machines`)
  }, 120_000)
  afterAll(async () => {
    await browser?.close()
    await product?.close()
    await store?.close()
    await postgres?.close()
  }, 60_000)

  it('the list shows each host, its machines and its last sign of life, and whose machine is watched by nobody', async () => {
    const gone = page.getByTestId('host-cell-2')
    await gone.getByText('Silent', { exact: true }).waitFor()
    await gone.getByText(/last sign of life 1 h 0\d min ago/).waitFor()
    await gone.getByText('Machines: Far mill').waitFor()
    const here = page.getByTestId('host-cell-1')
    await here.getByText('Leads').waitFor()
    await here.getByText('Machines: Near mill').waitFor()
    await page.getByTestId('machine-far').getByText('cell-2 is silent').waitFor()
    await page.getByTestId('host-note-near').waitFor({ state: 'detached' })
    await look('hosts')
  })

  it('STOP on its machine says that it was not confirmed, and what to do', async () => {
    await page.getByTestId('machine-far').click()
    const note = page.getByTestId('host-note-far')
    await note.getByText(/STOP may not reach it\. Use its emergency stop\./).waitFor()
    expect(await note.getByRole('link').getAttribute('href')).toBe('http://cell-2.shop:8470')
    const box = await page.getByTestId('stop').boundingBox()
    if (!box) throw new Error('STOP is not in sight')
    await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2)
    await page.mouse.down()
    await page.mouse.up()
    await page
      .getByTestId('stop')
      .and(page.locator('[data-failed]'))
      .getByTitle(/has NOT stopped: use its emergency stop/)
      .waitFor()
    await look('far-machine')
  })

  it('a person who has looked takes the machine over, and its guard starts here', async () => {
    await page.goto(`${product.client.access.url}/machines`)
    await page.getByTestId('move-machine').click()
    const dialog = page.getByRole('dialog')
    await page.getByTestId('move-what').click()
    await page.getByRole('option', { name: 'Far mill' }).click()
    await page.getByTestId('move-to').click()
    await page.getByRole('option', { name: 'cell-1' }).click()
    await dialog.getByText(/its guard may still run a program/).waitFor()
    expect(await page.getByTestId('do-move').isDisabled()).toBe(true)
    await look('move')
    await dialog.getByRole('checkbox').click()
    await page.getByTestId('do-move').click()
    await page.getByText('Far mill is wired to cell-1 now.').waitFor()
    await page
      .getByTestId('host-cell-1')
      .getByText(/Far mill/)
      .waitFor()
    await until('its guard', 30_000, async () =>
      (await product.client.call(getMachine, { params: { machineId: 'far' } })).state?.link === 'connected' ? true : undefined,
    )
    await page.getByTestId('host-cell-2').getByRole('button', { name: 'Forget' }).click()
    await page.getByTestId('host-cell-2').waitFor({ state: 'detached' })
    // the answer of the stop that was not confirmed
    expect(complaints.filter((complaint) => !complaint.includes('/stop'))).toEqual([])
  })
})
