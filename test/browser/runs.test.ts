/** The run history as an engineer uses it: from the list to the step that failed, what it was given, a retry, a comparison. */
import { readFile } from 'node:fs/promises'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { addAccount, deployFlows, listRuns, type RunSummary } from '../../server/api/index.ts'
import { type Product, startTestProduct, until } from '../product.ts'
import { showScheme, violationsOf } from './axe.ts'
import { chromiumPath, complaintsOf, launchBrowser, SIZES } from './chromium.ts'
import { PASSWORD, shot, signInTo } from './hands.ts'

const id = (n: number) => `4c0f0000000000${String(n).padStart(2, '0')}`
const fn = (n: number, name: string, func: string, next: number[]) => ({
  id: id(n),
  type: 'function',
  z: id(0),
  name,
  func,
  outputs: 1,
  timeout: 0,
  noerr: 0,
  initialize: '',
  finalize: '',
  libs: [],
  x: 140 + n * 190,
  y: 120 + (n % 2) * 80,
  wires: [next.map(id)],
})
const inject = (n: number, name: string, payload: string, delay: number) => ({
  id: id(n),
  type: 'inject',
  z: id(0),
  name,
  props: [{ p: 'payload' }, { p: 'password', v: 'open sesame', vt: 'str' }],
  repeat: '',
  crontab: '',
  once: true,
  onceDelay: delay,
  topic: '',
  payload,
  payloadType: 'json',
  x: 140,
  y: 120 + n * 60,
  wires: [[id(3)]],
})
const flow = [
  { id: id(0), type: 'tab', label: 'Bore check' },
  { ...inject(1, 'good part', '{"bore":12.01,"serial":"A1"}', 0.1), props: [{ p: 'payload' }] },
  inject(2, 'part without a bore', '{"serial":"A2"}', 0.3),
  fn(3, 'read the bore', 'await new Promise((resolve) => setTimeout(resolve, 30)); return { ...msg, bore: msg.payload.bore }', [4]),
  fn(4, 'check the bore', 'if (msg.bore === undefined) throw new Error("no bore was measured"); delete msg.password; return msg', [5]),
  {
    id: id(5),
    type: 'debug',
    z: id(0),
    name: 'good',
    active: true,
    tosidebar: true,
    console: false,
    tostatus: false,
    complete: 'payload',
    x: 1150,
    y: 200,
    wires: [],
  },
]

describe.skipIf(!chromiumPath)('the run history (needs Chromium or Chrome)', () => {
  let product: Product
  let browser: Browser
  let context: BrowserContext
  let page: Page
  let complaints: string[]
  let url: string
  let good: RunSummary
  let bad: RunSummary
  const complained: string[] = []
  const look = async (what: string, of = page) => {
    for (const scheme of ['light', 'dark'] as const) {
      await showScheme(of, scheme)
      for (const violation of await violationsOf(of, scheme === 'dark' ? ['color-contrast'] : undefined)) complained.push(`${what}, ${scheme}: ${violation}`)
      await shot(of, `runs-${what}-${scheme}`)
    }
    await showScheme(of, 'light')
  }

  beforeAll(async () => {
    product = await startTestProduct({ CELLWRIGHT_OWNER: `anna:${PASSWORD}` })
    url = product.client.access.url
    await product.client.call(addAccount, { body: { userName: 'vera', name: 'Vera', role: 'viewer', password: PASSWORD } })
    await product.client.call(deployFlows, { body: { flows: flow, kind: 'full' } })
    const found = async (name: string) =>
      until(`a run of ${name}`, 60_000, async () =>
        (await product.client.call(listRuns, { query: { limit: 50 } })).find((run) => run.trigger.nodeName === name && run.state !== 'active'),
      )
    ;[good, bad] = [await found('good part'), await found('part without a bore')]
    browser = await launchBrowser()
    context = await browser.newContext({ viewport: SIZES.desktop, locale: 'en-GB', reducedMotion: 'reduce', acceptDownloads: true })
    complaints = complaintsOf(context)
    await signInTo(context, url, 'anna')
    page = await context.newPage()
  }, 120_000)
  afterAll(async () => {
    await browser?.close()
    await product?.close()
  })

  it('finds the run that failed, and opens at the step that did', async () => {
    await page.goto(`${url}/runs`)
    await page.getByTestId(`run-${good.id}`).waitFor()
    await page.getByTestId('search-runs').fill('without BORE')
    await page.getByTestId(`run-${good.id}`).waitFor({ state: 'detached' })
    await page.getByTestId(`run-${bad.id}`).click()
    const step = page.getByTestId('step-view')
    await step.getByText('no bore was measured').waitFor()
    await page.getByTestId('waterfall').locator('[aria-pressed="true"][aria-label^="Step 3, check the bore: failed"]').waitFor()
    await step.getByTestId('step-input').getByText('A2').first().waitFor()
    await look('failed')
  })

  it('goes from step to step by keys, and shows what each sent, never a secret', async () => {
    await page.getByTestId('step-2').focus()
    await page.keyboard.press('ArrowUp')
    await page.getByTestId('step-1').and(page.locator('[aria-pressed="true"]')).waitFor()
    const step = page.getByTestId('step-view')
    await step.getByRole('heading', { name: 'Output to check the bore' }).waitFor()
    await step.getByTestId('step-input').getByText('secret, not kept').waitFor()
    expect(await page.locator('body').innerText()).not.toContain('open sesame')
    await expect.poll(() => page.url()).toContain(`#${bad.id}/1`)
  })

  it('draws the way over the flow as it was deployed', async () => {
    await page.getByTestId('filter-clear').click()
    await page.getByTestId(`run-${good.id}`).click()
    await page.getByTestId('run-view').getByText('On the flow').click()
    await page.getByTestId(`drawn-${id(4)}`).click()
    await page.getByTestId('step-view').getByRole('heading', { name: 'check the bore' }).waitFor()
    await expect.poll(() => page.getByTestId('run-drawing').locator('path[data-taken]').count()).toBe(3)
    await look('drawn')
    await page.setViewportSize(SIZES.tablet)
    await shot(page, 'runs-tablet')
    await page.setViewportSize(SIZES.desktop)
  })

  it('sends the kept message again in a run of its own, and compares the two', async () => {
    await page.getByTestId('replay').click()
    await page.waitForURL((at) => at.hash.startsWith('#run_') && !at.hash.includes(good.id))
    await page.getByTestId('run-detail').getByText('replayed by').first().waitFor()
    await page.getByTestId('run-detail').getByText('Completed').first().waitFor()
    await page.getByTestId('compare-with').click()
    await page.getByTestId(`run-${bad.id}`).click()
    const compared = page.getByTestId('run-compare')
    await compared.getByText('no bore was measured').first().waitFor()
    await compared.getByText('other input').first().waitFor()
    await look('compared')
  })

  it('pins what a step sent, and hands the whole run out as a file', async () => {
    await page.goto(`${url}/runs#${good.id}/1`)
    await page.getByTestId('pin').click()
    await page.getByTestId('pin').and(page.locator('[aria-pressed="true"]')).waitFor()
    const [download] = await Promise.all([page.waitForEvent('download'), page.getByTestId('export').click()])
    const exported = JSON.parse(await readFile(await download.path(), 'utf8')) as { format: string; messages: { msg: unknown }[] }
    expect(exported.format).toBe('cellwright-run')
    expect(exported.messages[1]?.msg).toMatchObject({ payload: { bore: 12.01, serial: 'A1' } })
    expect(complaints).toEqual([])
    expect(complained).toEqual([])
  })

  it('shows a viewer the way, and not what was in the messages', async () => {
    const other = await browser.newContext({ viewport: SIZES.desktop, locale: 'en-GB' })
    await signInTo(other, url, 'vera')
    const seenComplaints = complaintsOf(other)
    const seen = await other.newPage()
    await seen.goto(`${url}/runs#${bad.id}`)
    await seen.getByTestId('run-detail').waitFor()
    await seen.waitForLoadState('networkidle')
    await shot(seen, 'runs-viewer')
    expect(seenComplaints).toEqual([])
    await seen.getByText('Your role does not include seeing it.').waitFor()
    expect(await seen.getByTestId('replay').count()).toBe(0)
    expect((await seen.request.get(`${url}/api/runs/${bad.id}/messages`)).status()).toBe(403)
    await other.close()
  })
})
