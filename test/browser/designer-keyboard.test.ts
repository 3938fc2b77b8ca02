/** A flow of three nodes by keyboard alone, as a screen reader tells it; and axe on the designer with everything open once. */
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { getFlows } from '../../server/api/index.ts'
import { type Product, startTestProduct } from '../product.ts'
import { violationsOf } from './axe.ts'
import { chromiumPath, complaintsOf, launchBrowser, SIZES } from './chromium.ts'
import { ScreenReader } from './screen-reader.ts'

const PASSWORD = 'a long enough password'

describe.skipIf(!chromiumPath)('the designer by keyboard (needs Chromium or Chrome)', { timeout: 90_000 }, () => {
  let product: Product
  let browser: Browser
  let context: BrowserContext
  let complaints: string[]
  let page: Page

  beforeAll(async () => {
    product = await startTestProduct({ CELLWRIGHT_OWNER: `anna:${PASSWORD}` })
    browser = await launchBrowser()
    context = await browser.newContext({ viewport: SIZES.desktop, locale: 'en-GB', reducedMotion: 'reduce' })
    complaints = complaintsOf(context)
    page = await context.newPage()
    await page.goto(`${product.client.access.url}/sign-in`)
    await page.getByTestId('user-name').fill('anna')
    await page.getByTestId('password').fill(PASSWORD)
    await page.getByTestId('password').press('Enter')
    await page.getByTestId('empty').waitFor()
    await page.getByTestId('palette-inject').waitFor({ state: 'attached' })
  }, 120_000)
  afterAll(async () => {
    await browser?.close()
    await product?.close()
  })

  it('builds, wires and deploys three nodes without a pointer, and says every step', async () => {
    const reader = await ScreenReader.start(page)
    await reader.press('Control+k')
    await reader.type('new flow')
    await reader.press('Enter')
    await reader.press('a')
    await reader.type('inject')
    await reader.press('Enter')
    // what comes next is offered, and is connected when it is chosen
    await reader.press('Shift+A')
    await reader.type('change')
    await reader.press('Enter')
    await reader.press('a')
    await reader.type('debug')
    await reader.press('Enter')
    // back to the second node, and from there to the third
    await reader.press('p')
    await reader.press('c')
    await reader.type('debug')
    await reader.press('Enter')
    await reader.press('Control+Enter')
    await reader.hears('Deployed')

    const flows = (await product.client.call(getFlows, {})).flows as { id: string; type: string; wires?: string[][] }[]
    const [inject, change, debug] = ['inject', 'change', 'debug'].map((type) => flows.find((node) => node.type === type)!)
    expect([inject!.wires, change!.wires]).toEqual([[[change!.id]], [[debug!.id]]])
    // on a machine that is busy the live line may be lost for a moment, which is said, too
    expect(reader.transcript.filter((line) => !line.includes('No connection to the server'))).toEqual(TRANSCRIPT)
    expect(complaints).toEqual([])
  })

  it('walks, edits and takes back by keyboard; keys that follow one another and the menu key work', async () => {
    const node = (name: string) => page.locator('.flow-node', { hasText: name })
    await page.getByTestId('canvas').focus()
    // from the second node to the first
    await page.keyboard.press('p')
    await page.keyboard.press('Shift+F10')
    await page.locator('[data-testid="context-menu"] :focus').waitFor()
    // letters go to the item that begins with them
    await page.keyboard.type('del')
    await page.keyboard.press('Enter')
    await node('inject').waitFor({ state: 'detached' })
    await page.keyboard.press('Control+z')
    await node('inject').waitFor()
    await page.keyboard.press('Control+g')
    await page.getByTestId('keys-begun').waitFor()
    await page.keyboard.press('d')
    await page.getByRole('region', { name: 'Debug messages' }).waitFor()
    await page.keyboard.press('Escape')
    await page.getByRole('region', { name: 'Debug messages' }).waitFor({ state: 'detached' })
    expect(complaints).toEqual([])
  })

  it('has no violation of WCAG 2.2 AA with each panel and dialog open, light and dark', async () => {
    const found: string[] = []
    const look = async (what: string) => {
      // in the dark only colours are others
      for (const violation of await violationsOf(page, what.startsWith('dark') ? ['color-contrast'] : undefined)) found.push(`${what}: ${violation}`)
    }
    // a node is selected, so that it can be edited and connected
    await page.getByTestId('canvas').focus()
    await page.keyboard.press('p')
    for (const scheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' })
      await page.waitForFunction(
        (wanted) =>
          document.documentElement.dataset.mantineColorScheme === wanted && !document.getAnimations().some((animation) => animation instanceof CSSTransition),
        scheme,
      )
      await look(`${scheme} canvas`)
      for (const panel of await page
        .locator('.panel-rail button')
        .evaluateAll((buttons) => buttons.map((button) => (button as HTMLElement).dataset.testid ?? ''))) {
        await page.locator(`.panel-rail [data-testid="${panel}"]`).click()
        await page.locator('.designer-side').waitFor()
        await look(`${scheme} panel ${panel}`)
        await page.locator(`.panel-rail [data-testid="${panel}"]`).click()
      }
      for (const [keys, testId] of Object.entries(DIALOGS)) {
        // a dialog that closes gives the focus back a moment later
        await page.getByTestId('canvas').focus()
        await page.keyboard.press(keys)
        await page.getByTestId(testId).waitFor()
        await look(`${scheme} ${testId}`)
        await page.keyboard.press('Escape')
        await page.getByTestId(testId).waitFor({ state: 'detached' })
      }
    }
    expect(found).toEqual([])
    expect(complaints).toEqual([])
  })
})

/** Keys that open something, and what is then on the page. */
const DIALOGS = {
  'Control+k': 'commands',
  'Control+Shift+f': 'flow-list',
  '?': 'shortcuts',
  a: 'quick-add',
  c: 'connect-search',
  'Shift+F10': 'context-menu',
  Enter: 'config',
}

/** Focus by role and name, and in quotes what live regions say. */
const TRANSCRIPT = [
  // Ctrl+K, "new flow", Enter
  'option: Paste, Edit',
  'option: New flow, Insert',
  'application: Flow canvas',
  '"Flow shown: Flow 1"',
  // A, "inject", Enter
  'option: operator button',
  'option: inject',
  'application: Flow canvas',
  '"inject added"',
  // Shift+A, "change", Enter
  'option: operator button',
  'option: change',
  'application: Flow canvas',
  '"change added and connected"',
  // A, "debug", Enter
  'option: change',
  'option: debug',
  'application: Flow canvas',
  '"debug added"',
  // P
  'image: change, changed, 1 wire in, 0 out',
  '"change, changed, 1 wire in, 0 out, 2 of 3"',
  // C, "debug", Enter
  'option: debug 1, debug',
  'image: change, changed, 1 wire in, 1 out',
  '"change connected to debug 1"',
  // Ctrl+Enter
  'image: change, 1 wire in, 1 out',
  '"Deployed"',
  '"Deployed The flows are running with your changes. Say why"',
]
