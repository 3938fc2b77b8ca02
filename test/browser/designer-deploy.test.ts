/** Drafts, the check before a deploy, two people on the same flows, and versions, as people use them. */
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { addAccount, deployFlows, type FlowNode, getFlows, listVersions } from '../../server/api/index.ts'
import { type Product, startTestProduct, until } from '../product.ts'
import { violationsOf } from './axe.ts'
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
  node('begin', 'inject', 200, 200, ['set'], { props: [{ p: 'payload' }], payload: '', payloadType: 'date', repeat: '', once: false }),
  node('set', 'cw-button', 440, 200, ['show'], { label: 'Go on', says: 'Shows the time.', color: 'normal', whenEmpty: 'Nothing waits', asks: [] }),
  node('show', 'debug', 700, 200, [], { active: true, tosidebar: true, complete: 'payload', targetType: 'msg' }),
  { id: 'mill', type: 'cw-machine', machineId: 'mill-1' },
]

describe.skipIf(!chromiumPath)('drafts and deploys in the designer (needs Chromium or Chrome)', { timeout: 60_000 }, () => {
  let product: Product
  let browser: Browser
  let context: BrowserContext
  let complaints: string[]
  let page: Page
  const shot = async (name: string, of = page) => {
    if (SHOTS) await of.screenshot({ path: `${SHOTS}/deploy-${name}.png` })
  }
  /** Of this area: the frame around it has tests of its own. */
  const violations = () => violationsOf(page, undefined, ['.compare-bar', '.mantine-Modal-content', '.designer-side', '.deploy', '.people', '.draft-pill'])
  const flows = async () => (await product.client.call(getFlows, {})).flows as FlowNode[]
  const deployed = async (id: string) => (await flows()).find((one) => one.id === id)
  const newest = async () => (await product.client.call(listVersions, { query: { limit: 1 } }))[0]
  async function signIn(userName: string): Promise<{ context: BrowserContext; page: Page; complaints: string[] }> {
    const context = await browser.newContext({ viewport: SIZES.desktop, locale: 'en-GB' })
    const complaints = complaintsOf(context)
    const page = await context.newPage()
    page.setDefaultTimeout(8_000)
    await page.goto(`${product.client.access.url}/sign-in`)
    await page.getByTestId('user-name').fill(userName)
    await page.getByTestId('password').fill(PASSWORD)
    await page.getByTestId('password').press('Enter')
    await page.getByTestId('node-set').waitFor()
    return { context, page, complaints }
  }
  /** By keyboard: opens the node's form, gives it another name, closes the form. */
  async function rename(of: Page, id: string, name: string) {
    await of.getByTestId(`node-${id}`).click()
    await of.keyboard.press('Enter')
    await of.getByTestId('field-name').fill(name)
    await of.getByTestId('config-done').click()
    await of.getByTestId(`node-${id}`).getByText(name).waitFor()
  }
  const saved = (of: Page) => of.locator('[data-testid="draft"][data-state="saved"]').waitFor()
  const isDone = (of: Page) => of.locator('[data-testid="deploy"][data-state="done"]').waitFor()

  beforeAll(async () => {
    product = await startTestProduct({ CELLWRIGHT_OWNER: `anna:${PASSWORD}` })
    await product.client.call(addAccount, { body: { userName: 'bert', name: 'Bert Brandt', role: 'engineer', password: PASSWORD } })
    await product.client.call(deployFlows, { body: { flows: FLOW, kind: 'full', comment: 'first' } })
    browser = await launchBrowser()
    ;({ context, page, complaints } = await signIn('anna'))
  }, 120_000)
  afterAll(async () => {
    await browser?.close()
    await product?.close()
  })

  it('keeps what is drawn as a draft over a reload, and shows how it differs from what runs', async () => {
    await rename(page, 'set', 'drawn')
    await page.getByTestId('node-show').click()
    await page.keyboard.press('Delete')
    await saved(page)
    await page.reload()
    await page.getByTestId('draft-back').waitFor()
    await page.getByTestId('node-set').getByText('drawn').waitFor()
    expect(await page.getByTestId('node-show').count()).toBe(0)
    expect((await deployed('set'))?.name).toBe('set')
    await page.getByTestId('draft-back-show').click()
    await page.getByTestId('compare').getByText('Compared with what runs').waitFor()
    await page.locator('[data-testid="node-set"] .flow-node-mark-diff-changed').waitFor()
    await page.getByTestId('compare-next').click()
    await page.getByTestId('compare-count').getByText('1 of 2').waitFor()
    await shot('compare')
    expect(await violations()).toEqual([])
    await page.getByTestId('compare-end').click()
    await page.getByTestId('undo').click()
  })

  it('lists what was checked, and asks before a machine moves by itself', async () => {
    await page.getByTestId('draft').waitFor({ state: 'detached' })
    const jog = node('jog', 'cw-jog', 700, 320, [], { machine: 'mill', mode: 'by', x: '1', xType: 'num', feedMmPerMin: 100 })
    const clock = node('clock', 'inject', 440, 320, ['jog'], { props: [], repeat: '3600', once: false })
    const text = JSON.stringify([clock, jog])
    await page.getByTestId('canvas').focus()
    await page.evaluate((flow) => {
      const data = new DataTransfer()
      data.setData('text/plain', flow)
      document.activeElement?.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true }))
    }, text)
    await page.getByText('jog', { exact: true }).first().waitFor()
    await page.getByTestId('deploy').click()
    await page.getByTestId('review').waitFor()
    expect(await page.getByTestId('check-motion').getAttribute('data-state')).toBe('confirm')
    await shot('review')
    expect(await violations()).toEqual([])
  })

  it('deploys nothing before that is confirmed; a deploy’s reason stands in the versions', async () => {
    const before = (await newest())?.id
    await page.getByTestId('review-deploy').click({ force: true })
    expect((await newest())?.id).toBe(before)
    const settings = await page.getByTestId('check-settings').getAttribute('data-state')
    await page.getByTestId('review-cancel').click()
    await page.getByTestId('review').waitFor({ state: 'detached' })
    expect(['good', 'blocks']).toContain(settings)
    await page.getByTestId('draft').click()
    await page.getByTestId('draft-discard').click()
    await rename(page, 'set', 'two')
    await page.getByTestId('deploy-options').click()
    await page.getByTestId('deploy-review').click()
    await page.getByTestId('review-why').fill('the second setting')
    await page.keyboard.press('Control+Enter')
    await isDone(page)
    expect(await newest()).toMatchObject({ comment: 'the second setting', author: 'anna', kind: 'nodes' })
    await page.getByTestId('versions').click()
    await page.getByText('the second setting').first().waitFor()
    await shot('versions')
    expect(await violations()).toEqual([])
  })

  it('brings an earlier version back as a draft, which undo takes away', async () => {
    const [, first] = await product.client.call(listVersions, { query: { limit: 2 } })
    await page.getByTestId(`restore-${first?.id}`).click()
    await page.getByTestId('compare').waitFor()
    await shot('restored')
    await page.getByTestId('node-set').getByText('set').waitFor()
    expect((await deployed('set'))?.name).toBe('two')
    await page.getByTestId('compare-end').click()
    await page.getByTestId('undo').click()
    await page.getByTestId('node-set').getByText('two').waitFor()
  })

  it('shows two people to each other, and puts their changes together where they touch', async () => {
    const bert = await signIn('bert')
    await bert.page.getByTestId('people').waitFor()
    await page.getByTestId('people').waitFor()
    expect(await page.getByTestId('people').locator('button').getAttribute('aria-label')).toContain('Bert Brandt')
    await rename(page, 'set', 'by anna')
    await rename(bert.page, 'set', 'by bert')
    await page.locator('[data-testid="node-set"] .flow-node-mark-person-both').waitFor()
    await shot('people')
    await bert.page.getByTestId('node-begin').click()
    await bert.page.keyboard.press('Delete')
    await bert.page.getByTestId('deploy').click()
    await isDone(bert.page)
    await page.getByTestId('newer-look').click()
    await page.getByTestId('conflict').waitFor()
    await shot('merge')
    expect(await violations()).toEqual([])
    await page.getByTestId('conflict-merge').click({ force: true })
    await page.getByTestId('conflict').waitFor()
    await page.getByTestId('choose-set-name-ours').check()
    await page.getByTestId('conflict-merge').click()
    await page.getByTestId('conflict').waitFor({ state: 'detached' })
    expect(await page.getByTestId('node-begin').count()).toBe(0)
    await page.getByTestId('deploy').click()
    await until('both people’s changes', 10_000, async () => ((await deployed('set'))?.name === 'by anna' ? true : undefined))
    expect(await deployed('begin')).toBeUndefined()
    // bert has nothing of his own left: he sees it at once
    await bert.page.getByTestId('node-set').getByText('by anna').waitFor()
    expect([...complaints, ...bert.complaints].filter((text) => !text.includes('409'))).toEqual([])
    await bert.context.close()
    await page.getByTestId('people').waitFor({ state: 'detached' })
    await context.close()
  })
})
