/** The designer's forms as a person uses them: completion from a real message, live expressions, environment, shared settings, what is discarded. */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { deployFlows, type FlowNode, getFlows } from '../../server/api/index.ts'
import { type Product, startTestProduct, until } from '../product.ts'
import { chromiumPath, complaintsOf, launchBrowser, SIZES } from './chromium.ts'

const PASSWORD = 'a long enough password'
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

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
  let product: Product
  let browser: Browser
  let context: BrowserContext
  let complaints: string[]
  let page: Page

  const deployed = async (id: string) => (await product.client.call(getFlows, {})).flows.find((node) => node.id === id) as FlowNode | undefined
  const open = async (id: string) => {
    await page.getByTestId(`node-${id}`).dblclick()
    await page.getByTestId('config').waitFor()
  }
  const done = async () => {
    await page.keyboard.press('Control+Enter')
    await page.getByTestId('config').waitFor({ state: 'detached' })
  }
  const axe = async () => {
    await page.evaluate(AXE)
    const found = await page.evaluate(async () => {
      const { axe: runner } = window as unknown as {
        axe: { run(context: unknown): Promise<{ violations: { id: string; impact: string; nodes: { html: string }[] }[] }> }
      }
      const { violations } = await runner.run(document.querySelector('.designer-side'))
      return violations.filter(({ impact }) => impact === 'serious' || impact === 'critical').map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)
    })
    expect(found).toEqual([])
  }

  beforeAll(async () => {
    product = await startTestProduct({ CELLWRIGHT_OWNER: `anna:${PASSWORD}` })
    await product.client.call(deployFlows, { body: { flows: FLOWS, kind: 'full' } })
    browser = await launchBrowser()
    context = await browser.newContext({ viewport: SIZES.desktop })
    complaints = complaintsOf(context)
    page = await context.newPage()
    const { url } = product.client.access
    await page.goto(`${url}/sign-in`)
    await page.getByTestId('user-name').fill('anna')
    await page.getByTestId('password').fill(PASSWORD)
    await page.getByTestId('password').press('Enter')
    await page.waitForURL((at) => at.pathname === '/')
    await page.getByTestId('node-measure').waitFor()
  }, 120_000)
  afterAll(async () => {
    await browser?.close()
    await product?.close()
  })

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
    expect(await field.inputValue()).toBe('payload.orders[0].qty')
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

  it('Esc leaves the code first, then discards; what was discarded can be brought back', async () => {
    await page.keyboard.press('Escape')
    expect(await page.getByTestId('config').count()).toBe(1)
    await page.keyboard.press('Escape')
    await page.getByTestId('config').waitFor({ state: 'detached' })
    await open('measure')
    expect(await page.getByTestId('field-value').inputValue()).toBe('payload.bore')
    await done()
    await page.getByTestId('bring-back').click()
    await open('measure')
    await page.getByTestId('field-value-preview').getByText('84.02').waitFor()
  })

  it('says at once what is wrong, and leads to it', async () => {
    await page.getByTestId('field-nominal').fill('')
    await page.getByTestId('config-wrong').click()
    await until('the focus in the field', 3_000, () => page.evaluate(() => document.activeElement?.getAttribute('data-testid') === 'field-nominal'))
    await page.getByTestId('field-nominal').fill('42')
    await page.getByTestId('config-wrong').waitFor({ state: 'detached' })
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
      const found = await deployed('measure')
      return found?.icon ? found : undefined
    })
    expect(node).toMatchObject({ icon: 'font-awesome/fa-bell', outputLabels: ['', 'scrap'], value: 'payload.bore * 2 ', valueType: 'jsonata' })
  })

  it('edits the environment of a flow by keyboard, and says which names cannot be', async () => {
    await page.getByTestId('tab-shop').click()
    await page.keyboard.press('Control+k')
    await page.locator('[data-testid="commands-search"]:focus').waitFor()
    await page.keyboard.type('settings of this flow')
    await page.keyboard.press('Enter')
    await page.getByTestId('config-tab-environment').click()
    await page.getByTestId('env-add').press('Enter')
    await until('the focus in the new row', 3_000, () => page.evaluate(() => document.activeElement?.getAttribute('data-testid') === 'env-1-name'))
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
    await until('the deployed value', 20_000, async () => JSON.stringify((await deployed('instance'))?.env ?? '').includes('900'))
    expect(JSON.stringify(await product.client.call(getFlows, {}))).not.toContain('hush')
    await open('instance')
    expect(await page.getByTestId('field-env-KEY').inputValue()).toBe('')
    await page.keyboard.press('Escape')
  })

  it('lists shared settings with who uses them, and takes out those that nobody uses', async () => {
    await page.keyboard.press('Control+k')
    await page.locator('[data-testid="commands-search"]:focus').waitFor()
    await page.keyboard.type('shared settings')
    await page.keyboard.press('Enter')
    await page.getByTestId('shared-old-lathe').getByText('Not used').waitFor()
    await axe()
    await page.getByTestId('shared-remove-unused').click()
    await page.getByText('There are no shared settings yet.').waitFor()
    await page.getByRole('button', { name: 'Undo' }).last().click()
    await page.getByTestId('shared-old-lathe').waitFor()
  })

  it('shows the form of a locked flow’s node and lets nothing be changed until it is unlocked', async () => {
    await page.keyboard.press('Control+k')
    await page.locator('[data-testid="commands-search"]:focus').waitFor()
    await page.keyboard.type('settings of this flow')
    await page.keyboard.press('Enter')
    await page.getByTestId('field-locked').click()
    await done()
    await open('measure')
    expect(await page.getByTestId('field-name').isDisabled()).toBe(true)
    await page.getByTestId('config-unlock').click()
    await until('the field to be free', 3_000, () => page.getByTestId('field-name').isEnabled())
    await page.keyboard.press('Escape')
    expect(complaints).toEqual([])
  })
})
