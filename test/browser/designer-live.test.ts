/** The running flows in the designer, as a person sees them: counts on wires, the last message, errors, what takes the time, debug messages. */
import AxeBuilder from 'axe-core'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { deployFlows, type FlowNode } from '../../server/api/index.ts'
import { type Product, startTestProduct, until } from '../product.ts'
import { chromiumPath, complaintsOf, launchBrowser, SIZES } from './chromium.ts'

const PASSWORD = 'a long enough password'
const SHOTS = process.env.CW_SHOTS

const node = (id: string, type: string, x: number, y: number, wires: string[], more: object = {}): FlowNode => ({
  id,
  type,
  z: 'tab',
  name: id,
  x,
  y,
  wires: [wires],
  ...more,
})
const FLOW: FlowNode[] = [
  { id: 'tab', type: 'tab', label: 'Cell' },
  node('every', 'inject', 140, 100, ['count'], { props: [{ p: 'payload' }], payload: '', payloadType: 'date', repeat: '0.5', once: true, onceDelay: 0.1 }),
  node('count', 'function', 380, 100, ['show', 'wait', 'bad'], {
    func: 'const n = (context.get("n") || 0) + 1; context.set("n", n); msg.payload = { n, part: "P-" + n, sizes: Array.from({ length: 300 }, (_, i) => i), apiKey: "k" }; return msg',
    outputs: 1,
    libs: [],
  }),
  node('show', 'debug', 640, 60, [], { active: true, tosidebar: true, complete: 'payload', targetType: 'msg' }),
  node('wait', 'delay', 640, 120, ['busy'], { pauseType: 'delay', timeout: '120', timeoutUnits: 'milliseconds' }),
  node('busy', 'function', 880, 120, [], { func: 'const end = Date.now() + 120; while (Date.now() < end); return null', outputs: 1, libs: [] }),
  node('bad', 'function', 640, 180, [], { func: 'if (msg.payload.n % 5 === 2) throw new Error("no part in the vise"); return null', outputs: 1, libs: [] }),
]

describe.skipIf(!chromiumPath)('the running flows in the designer (needs Chromium or Chrome)', { timeout: 60_000 }, () => {
  let product: Product
  let browser: Browser
  let context: BrowserContext
  let complaints: string[]
  let page: Page
  const shot = async (name: string) => {
    if (SHOTS) await page.screenshot({ path: `${SHOTS}/live-${name}.png` })
  }

  beforeAll(async () => {
    product = await startTestProduct({ CELLWRIGHT_OWNER: `anna:${PASSWORD}` })
    await product.client.call(deployFlows, { body: { flows: FLOW, kind: 'full' } })
    browser = await launchBrowser()
    context = await browser.newContext({ viewport: SIZES.desktop, locale: 'en-GB' })
    await context.grantPermissions(['clipboard-read', 'clipboard-write'])
    complaints = complaintsOf(context)
    page = await context.newPage()
    await page.goto(`${product.client.access.url}/sign-in`)
    await page.getByTestId('user-name').fill('anna')
    await page.getByTestId('password').fill(PASSWORD)
    await page.getByTestId('password').press('Enter')
    await page.getByTestId('node-busy').waitFor()
  }, 120_000)
  afterAll(async () => {
    await browser?.close()
    await product?.close()
  })

  /** Where on the window the wire between two nodes that stand side by side is. */
  const wireAt = async (from: string, to: string) => {
    const [a, b] = [(await page.getByTestId(`node-${from}`).boundingBox())!, (await page.getByTestId(`node-${to}`).boundingBox())!]
    return { x: (a.x + a.width + b.x) / 2, y: (a.y + a.height / 2 + b.y + b.height / 2) / 2 }
  }
  const violations = async (selector: string) => {
    await page.evaluate(AxeBuilder.source)
    return page.evaluate(async (within) => {
      const { violations: found } = await (window as unknown as { axe: typeof AxeBuilder }).axe.run(within, { resultTypes: ['violations'] })
      return found
        .filter(({ impact }) => impact === 'serious' || impact === 'critical')
        .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`)
    }, selector)
  }

  it('shows the last message of the wire that the pointer rests on, what is left out of it, and hides secrets', async () => {
    const at = await wireAt('every', 'count')
    await page.mouse.move(at.x - 4, at.y)
    await page.mouse.move(at.x, at.y, { steps: 3 })
    const card = page.getByTestId('live-card')
    await card.getByText('every → count').waitFor()
    await card.getByText('payload:').waitFor()
    await page.mouse.move(at.x, at.y + 220, { steps: 4 })
    await card.waitFor({ state: 'detached' })

    const next = await wireAt('count', 'wait')
    await page.mouse.move(next.x, next.y, { steps: 3 })
    await card.getByText('count → wait').waitFor()
    await card.getByText('the first of 300').waitFor()
    await card.getByText('hidden: it looks like a secret').waitFor()
    expect(await card.textContent()).not.toContain('"k"')
    await shot('card')
    expect(await violations('[data-testid="live-card"]')).toEqual([])
    await page.keyboard.press('Escape')
    await page.mouse.move(next.x, next.y + 260)
    await card.waitFor({ state: 'detached' })
  })

  it('opens the same by keyboard for the selected node, with its counts and times, and gives the focus back', async () => {
    await page.getByTestId('node-wait').click()
    await page.keyboard.press('m')
    const card = page.getByTestId('live-card')
    await card.getByText('Last message in').waitFor()
    await card.getByText('takes', { exact: true }).waitFor()
    expect(await card.evaluate((element) => element === document.activeElement)).toBe(true)
    await shot('node')
    await page.keyboard.press('Escape')
    await card.waitFor({ state: 'detached' })
    expect(await page.getByTestId('canvas').evaluate((element) => element === document.activeElement)).toBe(true)
  })

  it('marks the node that threw and the one that takes the time, and lists both', async () => {
    await page.getByTestId('node-bad').locator('.flow-node-mark-live-error').waitFor()
    expect(await page.getByTestId('node-bad').getAttribute('aria-label')).toContain('no part in the vise')
    await page.getByTestId('node-busy').locator('.flow-node-mark-live-hot').waitFor()
    await page.keyboard.press('Control+g')
    await page.keyboard.press('a')
    await page.getByTestId('live-busiest').getByText('busy').first().waitFor()
    await page.getByTestId('live-errors').getByText('no part in the vise').waitFor()
    await shot('panel')
    expect(await violations('.designer-side')).toEqual([])
    await page.getByTestId('live-errors').getByRole('button').first().click()
    await until('the node with the error to be selected', 5000, async () =>
      (await page.getByTestId('node-bad').getAttribute('data-selected')) === '' ? true : undefined,
    )
  })

  it('holds, searches, pins, opens and copies debug messages', async () => {
    await page.getByTestId('canvas').focus()
    await page.keyboard.press('Control+g')
    await page.keyboard.press('d')
    const list = page.getByTestId('debug-list')
    await list.getByText('no part in the vise').first().waitFor()
    await list.getByTestId('debug-message').nth(2).waitFor()
    await page.getByTestId('debug-pause').click()
    const before = await list.getByTestId('debug-message').first().textContent()
    await page.getByText(/new messages? waits?/).waitFor()
    expect(await list.getByTestId('debug-message').first().textContent()).toBe(before)

    const first = list.getByTestId('debug-message').filter({ hasText: 'msg.payload' }).first()
    await first.hover()
    await first.getByTestId('debug-pin').click()
    await page.getByTestId('debug-pinned').getByTestId('debug-message').waitFor()
    await first.getByRole('button', { name: /^\{4\}/ }).click()
    await first.getByRole('button', { name: /^sizes:/ }).click()
    await first.getByRole('button', { name: '[200 … 299]' }).click()
    const last = first.locator('.tree-line', { hasText: /^299: / })
    await last.hover()
    await last.getByRole('button', { name: /^Copy the path/ }).click()
    expect(await page.evaluate(() => navigator.clipboard.readText())).toBe('msg.payload.sizes[299]')
    await shot('debug')

    await page.getByTestId('debug-search').fill('vise')
    await list.locator('mark', { hasText: 'vise' }).first().waitFor()
    expect(await list.getByTestId('debug-message').filter({ hasNotText: 'no part in the vise' }).count()).toBe(0)
    expect(await violations('.designer-side')).toEqual([])
    await page.getByTestId('debug-search').fill('')
    await page.getByTestId('debug-clear').click()
    await page.getByTestId('debug-pause').click()
    await page.getByTestId('debug-pinned').getByTestId('debug-message').waitFor()
    await list.getByTestId('debug-message').first().waitFor()
    expect(complaints).toEqual([])
  })
})
