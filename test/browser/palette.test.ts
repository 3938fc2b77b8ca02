/** The palette in the settings: what is installed, what may be, and that nothing unseen gets in. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { changeSetting } from '../../server/api/index.ts'
import { showScheme, violationsOf } from './axe.ts'
import { chromiumPath, SIZES } from './chromium.ts'
import { type Designer, openDesigner } from './designer.ts'
import { shot } from './hands.ts'

describe.skipIf(!chromiumPath)('the palette', () => {
  let designer: Designer
  beforeAll(async () => {
    designer = await openDesigner()
    await designer.page.goto(`${designer.client.access.url}/settings#palette`)
  }, 120_000)
  afterAll(async () => {
    // the product is shared with other files
    await designer?.client.call(changeSetting, { params: { name: 'allowedModules' }, body: {} })
    await designer?.close()
  }, 30_000)

  it('tells what comes with the product, and what to do where nothing is installed', async () => {
    const { page } = designer
    await page.getByText('Comes with Cellwright').first().waitFor()
    await page.getByText('Nothing has been installed here yet').waitFor()
    for (const scheme of ['light', 'dark'] as const) {
      await showScheme(page, scheme)
      expect(await violationsOf(page)).toEqual([])
      await shot(page, `palette-${scheme}`)
    }
  })

  it('installs nothing that nobody has allowed, and says so where it was asked', async () => {
    const { page } = designer
    await page.getByTestId('palette-module').fill('left-pad')
    await page.getByTestId('palette-install').click()
    await page.getByText('left-pad is not among the modules that may be installed').waitFor()
  })

  it('takes a module into the list with a reason, and says that it counts after a restart', async () => {
    const { page } = designer
    await page.getByTestId('allow-module').fill('Not A Module')
    await page.getByTestId('allow-add').click()
    await page.getByText('That is no name of an npm module').waitFor()
    await page.getByTestId('allow-module').fill('node-red-contrib-looked-at@1.2.3')
    await page.getByTestId('allow-why').fill('Olga has read it')
    await page.getByTestId('allow-add').click()
    await page.getByTestId('allowed-node-red-contrib-looked-at@1.2.3').getByText('Olga has read it').waitFor()
    await page.getByTestId('palette-restart').waitFor()
    await page.setViewportSize(SIZES.phone)
    await shot(page, 'palette-phone')
    await page.setViewportSize(SIZES.desktop)
    await page.getByRole('button', { name: 'No longer allow node-red-contrib-looked-at@1.2.3' }).click()
    await expect.poll(() => page.getByTestId('palette-restart').count()).toBe(0)
  })
})
