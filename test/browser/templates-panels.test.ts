/** A template that brings a panel, as an engineer imports and removes it. */
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { addAccount, addMachine, deployFlows, exportTemplate, type FlowNode, listPanelLayouts, savePanelLayout } from '../../server/api/index.ts'
import { type Product, startTestProduct } from '../product.ts'
import { violationsOf } from './axe.ts'
import { chromiumPath, complaintsOf, launchBrowser, SIZES } from './chromium.ts'
import { PASSWORD, shot, signInTo } from './hands.ts'

const FLOW = [
  { id: 'p-tab', type: 'tab', label: 'Parts', disabled: false, info: '', env: [] },
  { id: 'p-machine', type: 'cw-machine', name: '', machineId: 'mill' },
  {
    ...{ id: 'p-begin', type: 'cw-button', z: 'p-tab', x: 100, y: 60, wires: [[]], name: 'begin', label: 'Begin', machine: 'p-machine' },
    ...{ says: 'Begins.', color: 'normal', waitingText: '', waitingTextType: 'msg', whenEmpty: '', asks: [] },
  },
] as unknown as FlowNode[]

describe.skipIf(!chromiumPath)('a template with a panel (needs Chromium or Chrome)', () => {
  let product: Product
  let browser: Browser
  let page: Page
  let complaints: string[]

  beforeAll(async () => {
    product = await startTestProduct({ CELLWRIGHT_LOGIN_TRIES: '1000' })
    const { client } = product
    for (const id of ['mill', 'lathe'])
      await client.call(addMachine, {
        body: { id, name: id, link: { kind: 'virtual', timeScale: 20 }, envelopeMm: { min: [0, 0, -80], max: [400, 300, 20] }, whenRequesterGone: 'finish' },
      })
    await client.call(deployFlows, { body: { flows: FLOW, kind: 'full' } })
    const item = { id: 'a', x: 0, y: 0, w: 4, h: 2, shows: { kind: 'node' as const, nodeId: 'p-begin' } }
    const layout = { tabs: [{ kind: 'grid' as const, id: 'parts', name: 'Parts', items: [item] }] }
    await client.call(savePanelLayout, { body: { scope: { place: 'mill' }, layout, basedOn: 0, reason: 'parts' } })
    await client.call(exportTemplate, {
      body: {
        ...{
          nodeIds: ['p-tab'],
          id: 'parts',
          name: 'Count parts',
          version: '1.0.0',
          summary: 'Begins.',
          categories: ['production'],
          readme: '# Parts\n\nBegins.\n',
        },
        parameters: [
          {
            ...{ key: 'machine', isRequired: true, places: [{ nodeId: 'p-machine', path: 'machineId' }] },
            schema: { title: 'Machine', type: 'string', widget: 'machine' },
          },
        ],
      },
    })
    await client.call(addAccount, { body: { userName: 'ines', name: 'Ines', role: 'engineer', password: PASSWORD } })
    browser = await launchBrowser()
    const context = await browser.newContext({ viewport: SIZES.desktop, locale: 'en-GB' })
    complaints = complaintsOf(context)
    await signInTo(context, client.access.url, 'ines')
    page = await context.newPage()
    await page.goto(`${client.access.url}/templates#t/parts/import`)
    await page.getByTestId('import-page').waitFor()
  }, 120_000)
  afterAll(async () => {
    await browser?.close()
    await product?.close()
  })

  it('says before the import which panel it changes and how, and that it can be left out', async () => {
    const panels = page.getByTestId('import-panels')
    await panels.getByText('its machine is not chosen').waitFor()
    await page.getByTestId('parameter-machine').click()
    await page.getByRole('option', { name: 'lathe' }).click()
    await panels.getByText('lathe: gets a layout of its own').waitFor()
    await panels.getByText('Tabs: Parts').waitFor()
    await page.getByTestId('without-panels').check()
    await panels.getByText('stays as it is').waitFor()
    await page.getByTestId('without-panels').uncheck()
    await panels.getByText('gets a layout of its own').waitFor()
    await shot(page, 'templates-panels-import')
    expect(await violationsOf(page)).toEqual([])
    expect(complaints).toEqual([])
  })

  it('puts it there with the import, and takes it away with the removal, told before', async () => {
    const scopes = async () => (await product.client.call(listPanelLayouts, {})).map(({ scope }) => scope.place)
    await page.getByTestId('import-deploy').click()
    await page.getByTestId('import-done').waitFor({ timeout: 60_000 })
    await expect.poll(scopes).toEqual(['lathe', 'mill'])
    await page.locator('a[href="#imported"]').click()
    await page.getByRole('button', { name: 'Remove…' }).click()
    const dialog = page.getByTestId('remove-dialog')
    await dialog.getByText('Its tabs go from the panels: Parts (lathe).').waitFor()
    await shot(page, 'templates-panels-remove')
    await dialog.getByTestId('remove-now').click()
    await expect.poll(scopes).toEqual(['mill'])
    expect(complaints).toEqual([])
  })
})
