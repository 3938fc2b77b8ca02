/** The designer's forms as a person uses them: completion from a real message, live expressions, environment, shared settings, what is discarded. */
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { FlowNode } from '../../server/api/index.ts'
import { until } from '../product.ts'
import { violationsOf } from './axe.ts'
import { chromiumPath } from './chromium.ts'
import { type Designer, openDesigner } from './designer.ts'
import { runCommand } from './hands.ts'

const FLOWS: FlowNode[] = [
  { id: 'shop', type: 'tab', label: 'Shop', disabled: false, info: '', env: [{ name: 'LINE', type: 'str', value: 'north' }] },
  {
    id: 'tick',
    type: 'inject',
    z: 'shop',
    name: 'tick',
    props: [{ p: 'payload' }],
    repeat: '1',
    crontab: '',
    once: true,
    onceDelay: 0.1,
    topic: '',
    payload: '{"orders":[{"number":"WO-1","qty":3}],"bore":42.01}',
    payloadType: 'json',
    x: 160,
    y: 120,
    wires: [['measure']],
  },
  {
    id: 'measure',
    type: 'cw-check',
    z: 'shop',
    name: 'measure',
    characteristic: 'bore',
    nominal: 42,
    lower: -0.02,
    upper: 0.02,
    unit: 'mm',
    decimals: 3,
    value: 'payload.bore',
    valueType: 'msg',
    x: 420,
    y: 120,
    wires: [[], []],
  },
  { id: 'old-lathe', type: 'cw-machine', name: 'Old lathe', machineId: 'old' },
  {
    id: 'deburr',
    type: 'subflow',
    name: 'Deburr',
    info: '',
    category: '',
    in: [{ x: 60, y: 80, wires: [{ id: 'inner' }] }],
    out: [],
    env: [
      { name: 'FEED', type: 'num', value: '800' },
      { name: 'KEY', type: 'cred', value: '' },
    ],
    meta: {},
  },
  { id: 'inner', type: 'comment', z: 'deburr', name: 'inside', info: '', x: 200, y: 80, wires: [] },
  { id: 'instance', type: 'subflow:deburr', z: 'shop', name: '', x: 160, y: 240, wires: [] },
]

describe.skipIf(!chromiumPath)('the designer’s forms (need Chromium or Chrome)', { timeout: 60_000 }, () => {
  let designer: Designer
  let complaints: string[]
  let page: Page

  const open = async (id: string) => {
    await page.getByTestId(`node-${id}`).dblclick()
    await page.getByTestId('config').waitFor()
  }
  const done = async () => {
    await page.keyboard.press('Control+Enter')
    await page.getByTestId('config').waitFor({ state: 'detached' })
  }
  const axe = async () => expect(await violationsOf(page, undefined, ['.designer-side'])).toEqual([])

  beforeAll(async () => {
    designer = await openDesigner({ flows: FLOWS })
    ;({ page, complaints } = designer)
    await page.getByTestId('node-measure').waitFor()
  }, 120_000)
  afterAll(() => designer?.close())

  it('offers the paths of the last real message, with what stood there', async () => {
    await open('measure')
    const field = page.getByTestId('field-value')
    const wanted = page.getByRole('option', { name: /payload\.orders\[0\]\.qty\s*3/ })
    await until('the message in the list', 15_000, async () => {
      await field.fill('')
      await field.fill('payload.orders')
      return (await wanted.count()) > 0
    })
    await wanted.click()
    await expect.poll(() => field.inputValue()).toBe('payload.orders[0].qty')
  })

  it('shows what an expression gives for that message, and where it is wrong', async () => {
    await page.getByTestId('source-value').click()
    await page.getByTestId('source-value-jsonata').click()
    const field = page.getByTestId('field-value')
    await field.click()
    await page.keyboard.press('Control+a')
    await page.keyboard.type('payload.bore * 2')
    await page.getByTestId('field-value-preview').getByText('84.02').waitFor()
    await page.keyboard.type(' +')
    await page.locator('.code-field .form-error').waitFor()
    await page.keyboard.press('Backspace')
    await page.getByTestId('field-value-preview').getByText('84.02').waitFor()
    await axe()
  })

  it('has the runtime’s dates, environment and context in the preview', async () => {
    const type = async (expression: string) => {
      await page.keyboard.press('Control+a')
      // at once: the editor would close brackets by itself
      await page.keyboard.insertText(expression)
    }
    const preview = page.getByTestId('field-value-preview')
    await page.getByTestId('field-value').click()
    await type('$env("LINE") & $moment("2026-03-01T10:00:00Z").utc().format(" HH:mm")')
    await preview.getByText('"north 10:00"').waitFor()
    // asked of the running flows, in which nothing stands there
    await type('$flowContext("nothing.there")')
    await preview.getByText('finds no value').waitFor()
    await type('payload.bore * 2 ')
    await preview.getByText('84.02').waitFor()
  })

  it('Esc leaves the code first, then discards; what was discarded can be brought back', async () => {
    await page.keyboard.press('Escape')
    expect(await page.getByTestId('config').count()).toBe(1)
    await page.keyboard.press('Escape')
    await page.getByTestId('config').waitFor({ state: 'detached' })
    await open('measure')
    await expect.poll(() => page.getByTestId('field-value').inputValue()).toBe('payload.bore')
    await done()
    await page.getByTestId('bring-back').click()
    await open('measure')
    await page.getByTestId('field-value-preview').getByText('84.02').waitFor()
  })

  it('says at once what is wrong, and leads to it', async () => {
    await page.getByTestId('field-nominal').fill('')
    await page.getByTestId('config-wrong').click()
    await until('the focus in the field', 15_000, () => page.evaluate(() => document.activeElement?.getAttribute('data-testid') === 'field-nominal'))
    await page.getByTestId('field-nominal').fill('42')
    await page.getByTestId('config-wrong').waitFor({ state: 'detached' })
  })

  it('keeps the buttons of a form whole beside what is wrong, however long the words are', async () => {
    const cut = () =>
      page
        .locator('.panel-foot button')
        .evaluateAll((buttons) =>
          buttons.flatMap((button) =>
            [...button.querySelectorAll('span')].filter((part) => part.scrollWidth > part.clientWidth + 1).map((part) => part.textContent),
          ),
        )
    await page.getByTestId('field-nominal').fill('')
    await page.getByTestId('config-wrong').waitFor()
    await page.getByTestId('config-wrong').evaluate((button) => {
      const words = button.querySelector('.mantine-Button-label')
      if (words) words.textContent = 'Drei Felder stimmen noch nicht ganz'
    })
    expect(await cut()).toEqual([])
    await page.getByTestId('field-nominal').fill('42')
  })

  it('gives a node an icon and its ports names; all of one form is one step of the history', async () => {
    await page.getByTestId('config-tab-appearance').click()
    await page.getByTestId('field-icon').click()
    await page.getByTestId('icon-bell').click()
    await page.getByTestId('field-output-label-2').fill('scrap')
    await axe()
    await done()
    await page.getByTestId('deploy').click()
    const node = await until('the deployed node', 20_000, async () => {
      const found = await designer.nodeOf('measure')
      return found?.icon ? found : undefined
    })
    expect(node).toMatchObject({ icon: 'font-awesome/fa-bell', outputLabels: ['', 'scrap'], value: 'payload.bore * 2 ', valueType: 'jsonata' })
  })

  it('edits the environment of a flow by keyboard, and says which names cannot be', async () => {
    await page.getByTestId('tab-shop').click()
    await runCommand(page, 'settings of this flow')
    await page.getByTestId('config-tab-environment').click()
    await page.getByTestId('env-add').press('Enter')
    await until('the focus in the new row', 15_000, () => page.evaluate(() => document.activeElement?.getAttribute('data-testid') === 'env-1-name'))
    await page.keyboard.type('LINE')
    await page.getByText('This name is used twice.').waitFor()
    await page.keyboard.type('_2')
    await page.getByText('This name is used twice.').waitFor({ state: 'detached' })
    await page.getByTestId('field-env-1').fill('south')
    await axe()
    await done()
  })

  it('keeps a subflow’s password out of the flows and sends it with the deploy', async () => {
    await open('instance')
    await page.getByTestId('field-env-FEED').fill('900')
    await page.getByTestId('field-env-KEY').fill('hush')
    await axe()
    await done()
    const [request] = await Promise.all([
      page.waitForRequest((sent) => sent.method() === 'POST' && sent.url().endsWith('/api/flows')),
      page.getByTestId('deploy').click(),
    ])
    const body = request.postDataJSON() as { flows: FlowNode[]; credentials: unknown }
    expect(body.credentials).toEqual({ instance: { KEY: 'hush' } })
    expect(JSON.stringify(body.flows)).not.toContain('hush')
    await until('the deployed value', 20_000, async () => JSON.stringify((await designer.nodeOf('instance'))?.env ?? '').includes('900'))
    expect(JSON.stringify(await designer.running())).not.toContain('hush')
    await open('instance')
    await expect.poll(() => page.getByTestId('field-env-KEY').inputValue()).toBe('')
    await page.keyboard.press('Escape')
  })

  it('lists shared settings with who uses them, and takes out those that nobody uses', async () => {
    await runCommand(page, 'shared settings')
    await page.getByTestId('shared-old-lathe').getByText('Not used').waitFor()
    await axe()
    await page.getByTestId('shared-remove-unused').click()
    await page.getByText('There are no shared settings yet.').waitFor()
    await page.getByRole('button', { name: 'Undo' }).last().click()
    await page.getByTestId('shared-old-lathe').waitFor()
  })

  it('shows notes as they will be read, beside what is written, and nothing of them runs', async () => {
    await open('measure')
    await page.getByTestId('config-tab-notes').click()
    await page.getByTestId('notes-preview').getByText('Nothing is written yet').waitFor()
    await page.getByTestId('field-info').click()
    await page.keyboard.insertText(
      '# Bore\n\nMeasure **twice**. <img src=x><iframe src="https://example.org"></iframe> [shop](https://example.org) [bad](javascript:alert(1))',
    )
    const preview = page.getByTestId('notes-preview')
    await preview.getByRole('heading', { name: 'Bore' }).waitFor()
    await expect.poll(() => preview.locator('strong').textContent()).toBe('twice')
    expect(await preview.locator('img, iframe').count()).toBe(0)
    await expect.poll(() => preview.getByRole('link').count()).toBe(1)
    await axe()
    await page.keyboard.press('Escape')
    await page.keyboard.press('Escape')
  })

  it('shows the form of a locked flow’s node and lets nothing be changed until it is unlocked', async () => {
    await runCommand(page, 'settings of this flow')
    await page.getByTestId('field-locked').click()
    await done()
    await open('measure')
    await expect.poll(() => page.getByTestId('field-name').isDisabled()).toBe(true)
    await page.getByTestId('config-unlock').click()
    await until('the field to be free', 15_000, () => page.getByTestId('field-name').isEnabled())
    await page.keyboard.press('Escape')
    expect(complaints).toEqual([])
  })
})
