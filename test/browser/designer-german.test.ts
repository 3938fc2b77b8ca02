/** The designer for somebody who reads German: node types, forms, ports, stock dialogs, in a browser that is English otherwise. */
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { chromiumPath } from './chromium.ts'
import { type Designer, node, openDesigner } from './designer.ts'
import { shot } from './hands.ts'

const FLOWS = [
  { id: 'tab', type: 'tab', label: 'Zelle' },
  { ...node('jog', 'cw-jog', 300, 160, ['run'], { machine: 'mill', target: 'by', axisX: '1', axisXType: 'num' }), name: '' },
  { ...node('run', 'cw-run-program', 560, 160, [], { machine: 'mill', program: 'a.nc', programType: 'str' }), name: '' },
  { ...node('status', 'inject', 300, 300, ['switch'], { props: [{ p: 'payload' }], payload: '', payloadType: 'date' }), name: '' },
  node('switch', 'switch', 560, 300, [], { property: 'payload', propertyType: 'msg', rules: [{ t: 'eq', v: '1', vt: 'str' }], checkall: 'true', outputs: 1 }),
  node('mqtt', 'mqtt in', 300, 420, [], { topic: 'door', qos: '0', datatype: 'auto-detect', broker: 'broker', inputs: 0 }),
  {
    id: 'broker',
    type: 'mqtt-broker',
    broker: '127.0.0.1',
    port: '1',
    autoConnect: true,
    usetls: false,
    protocolVersion: '4',
    keepalive: '60',
    cleansession: true,
  },
  { id: 'mill', type: 'cw-machine', machineId: 'mill-1' },
]

describe.skipIf(!chromiumPath)('the designer in German (needs Chromium or Chrome)', { timeout: 60_000 }, () => {
  let designer: Designer
  let page: Page

  beforeAll(async () => {
    designer = await openDesigner({
      flows: FLOWS,
      prepare: async (context) => {
        await context.addInitScript(() => localStorage.setItem('cellwright-language', 'de'))
      },
    })
    ;({ page } = designer)
    await page.getByTestId('node-jog').waitFor()
  }, 120_000)
  afterAll(() => designer?.close())

  it('names node types in the palette, on the canvas and in the search, which knows the English words too', async () => {
    await page.getByTestId('palette-cw-run-program').getByText('Programm ausführen').waitFor()
    await page.getByTestId('node-run').getByText('Programm ausführen').waitFor()
    await shot(page, 'german-palette')
    // what Node-RED's own nodes say comes from Node-RED's German
    await page
      .getByTestId('node-mqtt')
      .getByText(/Verbindung/)
      .waitFor()
    await page.getByTestId('canvas').focus()
    await page.keyboard.press('a')
    await page.getByTestId('quick-add-search').fill('inject')
    await page
      .getByTestId('quick-inject')
      .getByText(/Nachricht/)
      .waitFor()
    await page.keyboard.press('Escape')
    await page.getByTestId('quick-add').waitFor({ state: 'detached' })
    for (const words of ['ausführen', 'run program']) {
      await page.getByTestId('canvas').focus()
      await page.keyboard.press('a')
      await page.getByTestId('quick-add-search').fill(words)
      await page.getByTestId('quick-cw-run-program').getByText('Reiht ein Programm bei einer Maschine ein').waitFor()
      await page.keyboard.press('Escape')
      await page.getByTestId('quick-add').waitFor({ state: 'detached' })
    }
  })

  it('says a form and its help in German', async () => {
    await page.getByTestId('node-jog').dblclick()
    const form = page.getByTestId('config')
    await form.getByText('Vorschub (mm/min)').first().waitFor()
    await expect.poll(() => page.getByTestId('field-target').inputValue()).toBe('um eine Strecke')
    await form.locator('summary', { hasText: 'Was er tut' }).click()
    await form.getByText('In einem Teil des Ablaufs, der die Maschine belegt').first().waitFor()
    await shot(page, 'german-form')
    await page.getByTestId('config-done').click()
    expect((await designer.nodeOf('jog'))?.target).toBe('by')
  })

  it('shows the dialog that a core node brings in German', async () => {
    await page.getByTestId('node-switch').dblclick()
    await page.locator('[data-testid="stock-place"][data-open]').waitFor()
    const form = page.frameLocator('[data-testid="stock-frame"]')
    await form.getByText('Eigenschaft', { exact: true }).waitFor()
    await shot(page, 'german-stock')
    await expect.poll(() => form.locator('html').getAttribute('lang')).toBe('de')
    // what a person has chosen in the stock editor itself is not touched
    expect(await page.evaluate(() => localStorage.getItem('editor-language'))).toBeNull()
    await page.getByTestId('config-done').click()
  })

  it('follows when the language is changed, the dialogs too', async () => {
    await page.getByTestId('person').click()
    await page.getByText('English', { exact: true }).click()
    await page.getByTestId('node-run').getByText('run program').waitFor()
    await page.getByTestId('palette-cw-run-program').getByText('run program').waitFor()
    await page.getByTestId('person').click()
    await page.getByText('English', { exact: true }).waitFor({ state: 'hidden' })
    await page.getByTestId('node-switch').dblclick()
    await page.locator('[data-testid="stock-place"][data-open]').waitFor()
    await page.frameLocator('[data-testid="stock-frame"]').getByText('Property', { exact: true }).waitFor()
  })
})
