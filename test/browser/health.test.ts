/** What every page says while the database does not answer, and that it goes away by itself. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { canFreeze, freezeDatabase } from '../faults/kill.ts'
import { livingProcesses } from '../product.ts'
import { showScheme, violationsOf } from './axe.ts'
import { chromiumPath, SIZES } from './chromium.ts'
import { type Designer, openDesigner } from './designer.ts'
import { shot } from './hands.ts'

describe.skipIf(!chromiumPath || !canFreeze)('a database that does not answer', () => {
  let designer: Designer
  beforeAll(async () => {
    designer = await openDesigner()
  }, 120_000)
  afterAll(() => designer?.close())

  it('is told on the designer and on the panel, and no longer when it is back', async () => {
    const { page, context, client, dataDir } = designer
    const panel = await context.newPage()
    await panel.setViewportSize(SIZES.tablet)
    await panel.goto(`${client.access.url}/operator`)
    await panel.locator('.cw-brand').waitFor()
    const goOn = await freezeDatabase({ pidOf: async () => livingProcesses(dataDir).find(({ name }) => name === 'postgres')?.pid as number })
    try {
      for (const each of [page, panel])
        await each
          .getByTestId('banner-store')
          .getByText(/STOP and HOLD are not affected/)
          .waitFor()
      for (const scheme of ['light', 'dark'] as const) {
        await showScheme(panel, scheme)
        await shot(panel, `health-store-${scheme}`)
        expect(await violationsOf(panel, undefined, ['.cw-banners'])).toEqual([])
      }
      await shot(page, 'health-store-designer')
    } finally {
      goOn()
    }
    for (const each of [page, panel]) await each.getByTestId('banner-store').waitFor({ state: 'detached' })
    await panel.close()
  })
})
