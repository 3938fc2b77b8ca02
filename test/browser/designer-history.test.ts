/** Versions, a change that takes two people, and the audit log, as people meet them. */
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { addAccount, deployFlows, type FlowNode, getFlows } from '../../server/api/index.ts'
import { type Product, startTestProduct } from '../product.ts'
import { violationsOf } from './axe.ts'
import { chromiumPath, complaintsOf, launchBrowser, SIZES } from './chromium.ts'
import { node } from './designer.ts'
import { drag, PASSWORD, shot, signInTo } from './hands.ts'

const TAB = { id: 'tab', type: 'tab', label: 'Spindle', disabled: false, info: '', env: [] }
const FLOWS = [TAB, node('go', 'inject', 160, 120, ['seen'], { name: 'Go' }), node('seen', 'debug', 460, 120, [], { name: 'Seen' })] as FlowNode[]

describe.skipIf(!chromiumPath)('history', () => {
  let product: Product
  let browser: Browser
  let url: string
  let anna: Page
  let ben: Page
  const complaints: string[][] = []

  const open = async (userName: string, name: string): Promise<Page> => {
    await product.client.call(addAccount, { body: { userName, name, role: 'admin', password: PASSWORD } })
    const context: BrowserContext = await browser.newContext({ viewport: SIZES.desktop, locale: 'en-GB', reducedMotion: 'reduce' })
    complaints.push(complaintsOf(context))
    await signInTo(context, url, userName)
    return context.newPage()
  }
  beforeAll(async () => {
    product = await startTestProduct({ CELLWRIGHT_LOGIN_TRIES: '1000' })
    url = product.client.access.url
    await product.client.call(deployFlows, { body: { flows: FLOWS, kind: 'full', comment: 'The first one' } })
    browser = await launchBrowser()
    anna = await open('anna', 'Anna Arens')
    ben = await open('ben', 'Ben Berg')
  }, 120_000)
  afterAll(async () => {
    await browser?.close()
    await product?.close()
  })
  const xOf = async (id: string) => ((await product.client.call(getFlows, {})).flows as FlowNode[]).find((one) => one.id === id)?.x

  it('a change of a protected flow waits until a second person has looked at it', async () => {
    await anna.goto(`${url}/history#requests`)
    await anna.getByTestId('protect-tab').click()
    await anna.locator('[data-testid="protection-tab"][data-protected]').waitFor()

    await anna.goto(url)
    await anna.getByTestId('tab-protected-tab').waitFor()
    await anna.locator('#flow-node-seen[aria-label]').waitFor()
    const deploy = anna.getByTestId('deploy')
    // until it has moved: the canvas may still be finding its place under the first press
    await expect
      .poll(
        async () => {
          const box = await anna.getByTestId('node-seen').boundingBox()
          if (!box) return false
          const from = { x: box.x + box.width / 2, y: box.y + box.height / 2 }
          await drag(anna, from, { x: from.x + 100, y: from.y + 60 })
          return deploy.isEnabled()
        },
        { timeout: 20_000, interval: 500 },
      )
      .toBe(true)
    await deploy.click()
    await anna.getByTestId('to-request').click()
    await anna.getByTestId('why-not').waitFor()
    expect(await anna.getByTestId('approve').count()).toBe(0)
    expect(await xOf('seen')).toBe(460)

    await ben.goto(`${url}/history#requests`)
    await ben.getByTestId('requests').getByRole('button').first().click()
    await ben.getByTestId('diff-seen').waitFor()
    await ben.locator('#flow-node-seen[aria-label]').waitFor()
    await shot(ben, 'history-request')
    expect(await violationsOf(ben)).toEqual([])
    await ben.getByTestId('approve').click()
    await ben.locator('[data-testid="request"][data-state="deployed"]').waitFor()
    await expect.poll(() => xOf('seen')).not.toBe(460)
    // her page hears of it
    await anna.locator('[data-testid="request"][data-state="deployed"]').waitFor()
  }, 120_000)

  it('lists every version, labels one, compares two, and puts one back by the same door', async () => {
    await ben.goto(`${url}/history`)
    const versions = ben.getByTestId('versions')
    await versions.getByText('Protected flows').waitFor()
    await ben.getByTestId('history-kind').selectOption('flow')
    await expect.poll(() => versions.locator('li').count()).toBe(2)
    await versions.locator('li').first().getByRole('button').click()
    await ben.getByTestId('version').getByText('Approved by Ben Berg').waitFor()
    await versions.locator('li').nth(1).getByRole('button').click()
    await ben.getByTestId('version-reason').getByText('The first one').waitFor()
    await ben.getByTestId('label').fill('before the move')
    await ben.getByTestId('save-label').click()
    await versions.getByText('before the move').waitFor()
    await ben.getByTestId('compare-with').click()
    await ben.getByRole('option', { name: /^Version/ }).click()
    await ben.getByTestId('diff-seen').waitFor()
    await ben.locator('#flow-node-seen[aria-label]').waitFor()
    await shot(ben, 'history-versions')
    expect(await violationsOf(ben)).toEqual([])
    await ben.getByTestId('restore').click()
    await ben.getByTestId('restore-reason').fill('it was better there')
    await ben.getByTestId('restore-now').click()
    // it would change a protected flow
    await ben.getByTestId('restore-problem').getByRole('link').click()
    await ben.getByTestId('why-not').waitFor()
    expect(await xOf('seen')).not.toBe(460)
  }, 120_000)

  it('shows who did what from where, verifies the chain, sets how long it is kept, and exports it', async () => {
    await anna.goto(`${url}/history#audit`)
    await anna.getByTestId('audit-action').fill('approve')
    const rows = anna.getByTestId('audit-table').locator('tbody tr')
    await expect.poll(() => rows.count()).toBe(1)
    await rows.first().getByText('approved a change').waitFor()
    await rows
      .first()
      .getByText(/browser · (127\.0\.0\.1|::1)/)
      .waitFor()
    await rows.first().getByRole('button').click()
    await anna.getByText(/SHA-256 [0-9a-f]{64}/).waitFor()
    await anna.getByTestId('audit-verify').click()
    await anna.locator('[data-testid="audit-verdict"][data-state="whole"]').waitFor()
    await anna.getByTestId('audit-keep').click()
    await anna.getByText('Days', { exact: true }).click()
    await anna.getByTestId('keep-number').fill('365')
    await anna.getByTestId('keep-now').click()
    await anna.getByTestId('audit-kept').getByText('365').waitFor()
    await anna.getByTestId('audit-action').fill('')
    await shot(anna, 'history-audit')
    expect(await violationsOf(anna)).toEqual([])
    const [file] = await Promise.all([anna.waitForEvent('download'), anna.getByTestId('audit-jsonl').click()])
    expect(file.suggestedFilename()).toMatch(/^audit-.*\.jsonl$/)
    expect(complaints.flat().filter((one) => !/409/.test(one))).toEqual([])
  }, 120_000)
})
