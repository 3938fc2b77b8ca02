/** The frame of the settings: their list, the chosen section in the address, on a phone one or the other, and who sees what. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { showScheme, violationsOf } from './axe.ts'
import { chromiumPath, SIZES } from './chromium.ts'
import { type Designer, openDesigner } from './designer.ts'
import { shot } from './hands.ts'

describe.skipIf(!chromiumPath)('the settings', () => {
  let designer: Designer
  let url: string
  beforeAll(async () => {
    designer = await openDesigner()
    url = designer.client.access.url
  }, 120_000)
  afterAll(() => designer?.close(), 30_000)

  it('are found in the account menu; a section is chosen by the address and found by its heading', async () => {
    const { page } = designer
    await page.getByTestId('person').click()
    await page.getByTestId('to-settings').click()
    await page.getByTestId('settings-title').waitFor()
    await page.getByTestId('to-about').click()
    await page
      .getByTestId('about-version')
      .getByText(/\d+\.\d+\.\d+/)
      .waitFor()
    expect(new URL(page.url()).hash).toBe('#about')
    await expect.poll(() => page.getByTestId('settings-title').evaluate((heading) => heading === document.activeElement)).toBe(true)
    await expect.poll(() => page.getByTestId('to-about').getAttribute('aria-current')).toBe('page')
    for (const scheme of ['light', 'dark'] as const) {
      await showScheme(page, scheme)
      expect(await violationsOf(page)).toEqual([])
      await shot(page, `settings-${scheme}`)
    }
    expect(designer.complaints).toEqual([])
  })

  it('show on a phone their list, then the section, and the way back', async () => {
    const { page } = designer
    await page.setViewportSize(SIZES.phone)
    await page.goto(`${url}/settings`)
    await page.getByTestId('to-about').click()
    await page.getByTestId('about-version').waitFor()
    await expect.poll(() => page.getByTestId('to-about').isVisible()).toBe(false)
    await shot(page, 'settings-phone')
    await page.getByText('All settings').click()
    await page.getByTestId('to-about').waitFor()
    await expect.poll(() => page.getByTestId('settings-title').isVisible()).toBe(false)
    await page.setViewportSize(SIZES.desktop)
  })

  it('say to who may not see a section that they may not', async () => {
    const { page } = await designer.signIn({ name: 'Vera Viewer', role: 'viewer' })
    await page.goto(`${url}/settings#about`)
    await page.getByText('You may not see this').waitFor()
    await expect.poll(() => page.getByTestId('to-about').count()).toBe(0)
  })
})
