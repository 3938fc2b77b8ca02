/** A flow of three nodes by keyboard alone, as a screen reader tells it; and axe on the designer with everything open once. */
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { until } from '../product.ts'
import { showScheme, violationsOf } from './axe.ts'
import { chromiumPath } from './chromium.ts'
import { type Designer, openDesigner } from './designer.ts'
import { ScreenReader } from './screen-reader.ts'

describe.skipIf(!chromiumPath)('the designer by keyboard (needs Chromium or Chrome)', { timeout: 90_000 }, () => {
  let designer: Designer
  let complaints: string[]
  let page: Page

  beforeAll(async () => {
    designer = await openDesigner({ context: { reducedMotion: 'reduce' } })
    ;({ page, complaints } = designer)
    await page.getByTestId('empty').waitFor()
    await page.getByTestId('palette-inject').waitFor({ state: 'attached' })
  }, 120_000)
  afterAll(() => designer?.close())

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
    await reader.type('tolerance')
    await reader.press('Enter')
    // its form, field by field
    await reader.press('Enter')
    await reader.type('bore')
    await reader.press('Tab')
    await reader.press('Tab')
    await reader.type('bore diameter')
    await reader.press('Tab')
    await reader.type('42')
    await reader.press('Control+Enter')
    await reader.press('a')
    await reader.type('debug')
    await reader.press('Enter')
    // back to the second node, and from there to the third
    await reader.press('p')
    await reader.press('c')
    await reader.type('debug')
    await reader.press('Enter')
    await reader.press('Control+Enter')
    await reader.hears('The flows are running')

    const flows = await designer.running()
    const [inject, check, debug] = ['inject', 'cw-measure', 'debug'].map((type) => flows.find((node) => node.type === type)!)
    expect([inject!.wires, check!.wires]).toEqual([[[check!.id]], [[debug!.id], []]])
    expect(check).toMatchObject({ name: 'bore', characteristic: 'bore diameter', nominal: 42 })
    await reader.hears('image: bore, measure, 1 wire in')
    // on a machine that is busy the live line may be lost for a moment, which is said, too
    const said = reader.transcript.filter((line) => !line.includes('No connection to the server'))
    // of what a deploy changes nothing is first
    const deploy = said.lastIndexOf('> Control+Enter') + 1
    expect([...said.slice(0, deploy), ...said.slice(deploy).sort()]).toEqual(TRANSCRIPT)
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
    const messages = page.getByRole('region', { name: 'Debug messages' })
    // keys belong together for three seconds, in which a busy machine may do nothing
    await until('the debug messages', 30_000, async () => {
      await page.getByTestId('canvas').focus()
      await page.keyboard.press('Control+g')
      await page.getByTestId('keys-begun').waitFor({ timeout: 3_000 })
      await page.keyboard.press('d')
      await messages.waitFor({ timeout: 3_000 })
      return true
    })
    await page.keyboard.press('Escape')
    await messages.waitFor({ state: 'detached' })
    expect(complaints).toEqual([])
  })

  it('has no violation of WCAG 2.2 AA with each panel and dialog open, light and dark', { timeout: 240_000 }, async () => {
    const found: string[] = []
    const look = async (what: string, part?: string) => {
      // in the dark only colours are others, and what lies around a part has been looked at
      const isDark = what.startsWith('dark')
      const violations = await violationsOf(page, isDark ? ['color-contrast'] : undefined, isDark && part ? [part] : undefined)
      for (const violation of violations) found.push(`${what}: ${violation}`)
    }
    // a node is selected, so that it can be edited and connected; its form is the one that it brings
    await page.locator('.flow-node', { hasText: 'inject' }).click()
    // families stand apart by their colours where nothing may move, too
    expect(
      await page
        .locator('.flow-node')
        .evaluateAll((nodes) => new Set(nodes.map((each) => (each as HTMLElement).style.getPropertyValue('--icon').match(/rgb[^)]*/)?.[0])).size),
    ).toBeGreaterThan(1)
    for (const scheme of ['light', 'dark'] as const) {
      await showScheme(page, scheme)
      await look(`${scheme} canvas`)
      for (const panel of await page
        .locator('.panel-rail button')
        .evaluateAll((buttons) => buttons.map((button) => (button as HTMLElement).dataset.testid ?? ''))) {
        await page.locator(`.panel-rail [data-testid="${panel}"]`).click()
        await page.locator('.designer-side').waitFor()
        await look(`${scheme} panel ${panel}`, '.designer-side')
        await page.locator(`.panel-rail [data-testid="${panel}"]`).click()
      }
      for (const [keys, testId] of Object.entries(DIALOGS)) {
        // a dialog that closes gives the focus back a moment later
        await page.getByTestId('canvas').focus()
        await page.keyboard.press(keys)
        await page.getByTestId(testId).waitFor()
        // the form that the node brings is loaded, and takes the focus, a moment later
        if (testId === 'config') await page.locator('[data-testid="stock-place"][data-open]').waitFor()
        await look(`${scheme} ${testId}`, `[data-testid="${testId}"]`)
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

/** Behind `>` the keys; then the focus by role and name, and in quotes what live regions say. */
const TRANSCRIPT = [
  '> Control+k',
  'option: Paste, Edit',
  '> new flow',
  'option: New flow, Insert',
  '> Enter',
  'application: Flow canvas',
  '"Flow shown: Flow 1"',
  '> a',
  'option: operator button',
  '> inject',
  'option: inject',
  '> Enter',
  'application: Flow canvas',
  '"inject added"',
  '> Shift+A',
  'option: operator button',
  '> tolerance',
  'option: measure',
  '> Enter',
  'application: Flow canvas',
  '"measure added and connected"',
  '> Enter',
  'textbox: Name',
  '> bore',
  '> Tab',
  'combobox: Where from',
  '> Tab',
  'combobox: Characteristic',
  '> bore diameter',
  '> Tab',
  'textbox: Nominal',
  '> 42',
  '> Control+Enter',
  'application: Flow canvas',
  '> a',
  'option: measure',
  '> debug',
  'option: debug',
  '> Enter',
  'application: Flow canvas',
  '"debug added"',
  '> p',
  'image: bore, measure, changed, 1 wire in, 0 out',
  '"bore, measure, changed, 1 wire in, 0 out, 2 of 3"',
  '> c',
  'option: debug 1, debug',
  '> debug',
  '> Enter',
  'image: bore, measure, changed, 1 wire in, 1 out',
  '"bore connected to debug 1"',
  '> Control+Enter',
  '"Deployed The flows are running with your changes. Say why"',
  '"Deployed"',
  'image: bore, measure, 1 wire in, 1 out',
]
