/** The running flows in the designer, as a person sees them: counts on wires, the last message, errors, what takes the time, debug messages. */
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { FlowNode } from '../../server/api/index.ts'
import { until } from '../product.ts'
import { violationsOf } from './axe.ts'
import { chromiumPath } from './chromium.ts'
import { type Designer, node, openDesigner } from './designer.ts'
import { shot } from './hands.ts'

const FLOW: FlowNode[] = [
  { id: 'tab', type: 'tab', label: 'Cell' },
  { id: 'quiet', type: 'tab', label: 'Quiet' },
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
  let designer: Designer
  let complaints: string[]
  let page: Page

  beforeAll(async () => {
    designer = await openDesigner({ flows: FLOW, context: { permissions: ['clipboard-read', 'clipboard-write'] } })
    ;({ page, complaints } = designer)
    await page.getByTestId('node-busy').waitFor()
  }, 120_000)
  afterAll(() => designer?.close())

  /** Where on the window the wire between two nodes that stand side by side is. */
  const wireAt = async (from: string, to: string) => {
    const [a, b] = [(await page.getByTestId(`node-${from}`).boundingBox())!, (await page.getByTestId(`node-${to}`).boundingBox())!]
    return { x: (a.x + a.width + b.x) / 2, y: (a.y + a.height / 2 + b.y + b.height / 2) / 2 }
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
    await shot(page, 'live-card')
    expect(await violationsOf(page, undefined, ['[data-testid="live-card"]'])).toEqual([])
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
    await expect.poll(() => card.evaluate((element) => element === document.activeElement)).toBe(true)
    await shot(page, 'live-node')
    await page.keyboard.press('Escape')
    await card.waitFor({ state: 'detached' })
    await expect.poll(() => page.getByTestId('canvas').evaluate((element) => element === document.activeElement)).toBe(true)
  })

  it('marks the node that threw and the one that takes the time, and lists both', async () => {
    await page.getByTestId('node-bad').locator('.flow-node-mark-live-error').waitFor()
    await page.locator('[data-testid="node-bad"][aria-label*="no part in the vise"]').waitFor()
    await page.getByTestId('node-busy').locator('.flow-node-mark-live-hot').waitFor()
    await page.keyboard.press('Control+g')
    await page.keyboard.press('a')
    await page.getByTestId('live-busiest').getByText('busy').first().waitFor()
    await page.getByTestId('live-errors').getByText('no part in the vise').waitFor()
    await shot(page, 'live-panel')
    expect(await violationsOf(page, undefined, ['.designer-side'])).toEqual([])
    await page.getByTestId('live-errors').getByRole('button').first().click()
    await until('the node with the error to be selected', 15_000, async () =>
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
    await expect.poll(() => page.evaluate(() => navigator.clipboard.readText())).toBe('msg.payload.sizes[299]')
    await shot(page, 'live-debug')

    await page.getByTestId('debug-search').fill('vise')
    await list.locator('mark', { hasText: 'vise' }).first().waitFor()
    await expect.poll(() => list.getByTestId('debug-message').filter({ hasNotText: 'no part in the vise' }).count()).toBe(0)
    expect(await violationsOf(page, undefined, ['.designer-side'])).toEqual([])
    await page.getByTestId('debug-search').fill('')
    await page.getByTestId('debug-clear').click()
    await page.getByTestId('debug-pause').click()
    await page.getByTestId('debug-pinned').getByTestId('debug-message').waitFor()
    await list.getByTestId('debug-message').first().waitFor()
  })

  it('silences a debug node at once by the button beside it, and sends a message by that of an inject node', async () => {
    const list = page.getByTestId('debug-list')
    const payloads = list.getByTestId('debug-message').filter({ hasText: 'msg.payload' })
    await page.getByTestId('canvas').focus()
    await page.keyboard.press('0')
    await page.getByTestId('node-show').locator('.flow-node-button').click()
    await page.locator('[data-testid="node-show"] [data-button="off"]').waitFor()
    // what was on its way before may still come; nothing does after it
    await until('no message of it to come any more', 20_000, async () => {
      await page.getByTestId('debug-clear').click()
      await list.getByText('no part in the vise').first().waitFor()
      return (await payloads.count()) === 0
    })
    await page.getByTestId('node-show').click()
    await page.keyboard.press('Shift+D')
    await page.locator('[data-testid="node-show"] [data-button="on"]').waitFor()
    await payloads.first().waitFor()
    const [sent] = await Promise.all([
      page.waitForResponse((response) => response.url().endsWith('/red/inject/every')),
      page.getByTestId('node-every').locator('.flow-node-button').click(),
    ])
    expect(sent.status()).toBe(200)
    expect(await page.locator('[data-testid="node-every"][data-selected]').count()).toBe(0)
  })

  it('counts the errors of a tab that is not in view, until somebody looks', async () => {
    const tab = page.getByTestId('tab-tab')
    await page.getByTestId('tab-quiet').click()
    const badge = page.getByTestId('tab-errors-tab')
    await badge.waitFor()
    await expect.poll(async () => (await tab.getAttribute('aria-label')) ?? (await badge.getAttribute('aria-label'))).toMatch(/error/)
    await shot(page, 'live-tab-errors')
    expect(await violationsOf(page, undefined, ['.tabs'])).toEqual([])
    await tab.click()
    await badge.waitFor({ state: 'detached' })
    await page.getByTestId('node-busy').waitFor()
  })

  it('shows counts, not contents, to somebody who may not see what is in messages', async () => {
    const ines = await designer.signIn({ name: 'Ines Ibsen', role: 'integrator' })
    await ines.page.getByTestId('node-wait').click()
    await ines.page.keyboard.press('m')
    const card = ines.page.getByTestId('live-card')
    await card.getByText('takes', { exact: true }).waitFor()
    await card.getByText('You may see counts, not contents.').first().waitFor()
    await shot(ines.page, 'live-hidden')
    await ines.page.keyboard.press('Escape')
    await ines.page.keyboard.press('Control+g')
    await ines.page.keyboard.press('d')
    await ines.page.getByTestId('debug-refused').waitFor()
    expect(await ines.page.getByTestId('debug-message').count()).toBe(0)
    expect(await violationsOf(ines.page, undefined, ['.designer-side'])).toEqual([])
    expect(ines.complaints).toEqual([])
    await ines.context.close()
    expect(complaints).toEqual([])
  })
})
