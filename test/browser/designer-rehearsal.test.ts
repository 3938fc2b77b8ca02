/** A rehearsal as a person uses it: the demo flow is tried on a virtual machine, looked at, kept as a test and run again. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { getMachine, listFlowTests, listQueue, listWorkOrders, removeFlowTest, uploadProgram } from '../../server/api/index.ts'
import { until } from '../product.ts'
import { showScheme, violationsOf } from './axe.ts'
import { chromiumPath, SIZES } from './chromium.ts'
import { type Designer, openDesigner } from './designer.ts'
import { shot } from './hands.ts'

describe.skipIf(!chromiumPath)('rehearsals in a browser (needs Chromium or Chrome)', { timeout: 60_000 }, () => {
  let designer: Designer
  let page: Page

  const tests = async () => (await designer.client.call(listFlowTests, {})).filter(({ flowId }) => flowId === tab)
  let tab = ''
  const names = new Map<string, string>()
  const node = (name: string) => page.getByTestId(`node-${names.get(name)}`)

  beforeAll(async () => {
    designer = await openDesigner()
    await designer.setUpDemo()
    ;({ page } = designer)
    const file = join(designer.dataDir, 'short.nc')
    await writeFile(file, 'G21 G90\nG1 X60 F600\nG1 Y40\nM2\n')
    await designer.client.upload(uploadProgram, { name: 'short.nc' }, file)
    const nodes = await designer.running()
    tab = nodes.find(({ type }) => type === 'tab')?.id as string
    await page.getByTestId(`tab-${tab}`).click()
    for (const { id, name } of nodes) if (typeof name === 'string') names.set(name, id)
    await node('Cut the part').waitFor()
    // of this flow's folder: a shop that was set up anew may still have the orders of an earlier one
    const connectionId = nodes.find(({ type }) => type === 'cw-work-orders')?.connectionId
    await until('an order from the folder', 20_000, async () =>
      (await designer.client.call(listWorkOrders, {})).find((order) => order.connectionId === connectionId),
    )
  }, 120_000)
  afterAll(async () => {
    await shot(page, 'rehearsal-end')
    await designer?.close()
  })

  it('proposes an order, the first press and the second with a value within its tolerance', async () => {
    await page.getByTestId('canvas').click({ position: { x: 300, y: 30 } })
    await page.keyboard.press('Alt+r')
    await page.getByTestId('rehearsal-panel').waitFor()
    await expect
      .poll(() => page.locator('[data-testid^=rehearsal-step-]').evaluateAll((steps) => steps.map((step) => (step as HTMLElement).dataset.do)))
      .toEqual(['order', 'press', 'press'])
    await until('a real order in the form', 10_000, async () => (await page.getByTestId('rehearsal-order-number').inputValue()) || undefined)
    const value = page.getByTestId('rehearsal-value-boreMm')
    const proposed = await until('a value within its tolerance', 10_000, async () => (await value.inputValue()) || undefined)
    await page.getByTestId('rehearsal-order-program').fill('short.nc')
    await value.fill('')
    await page.getByTestId('rehearsal-go').click()
    await page.getByTestId('rehearsal-step-2').getByRole('alert').waitFor()
    await value.fill(proposed.replace('.', ','))
    await shot(page, 'rehearsal-steps')
  })

  it('shows what would have moved and been sent, and what was never reached, while nothing real moved', async () => {
    await page.getByTestId('rehearsal-go').click()
    const result = page.getByTestId('rehearsal-result')
    await result.waitFor({ timeout: 40_000 })
    await expect.poll(() => result.getAttribute('data-state')).toBe('completed')
    await page.getByTestId('rehearsal-motion').first().getByText('completed').waitFor()
    await page.getByTestId('rehearsal-call').filter({ hasText: 'Demo shop' }).waitFor()
    await page.getByTestId('rehearsal-missed').getByText('Confirm: scrapped').waitFor()
    await node('Confirm: scrapped').locator('.flow-node-mark-rehearsal-missed').waitFor()
    await node('Confirm: good').locator('.flow-node-mark-rehearsal-reached').waitFor()
    expect((await designer.client.call(listQueue, { params: { queue: 'machine-demo-mill' }, query: {} })).jobs).toEqual([])
    expect((await designer.client.call(getMachine, { params: { machineId: 'demo-mill' } })).state?.job).toBeUndefined()
    for (const scheme of ['light', 'dark'] as const) {
      await showScheme(page, scheme)
      await shot(page, `rehearsal-result-${scheme}`)
      expect((await violationsOf(page, scheme === 'dark' ? ['color-contrast'] : undefined)).filter((each) => /rehears/.test(each))).toEqual([])
    }
    await showScheme(page, 'light')
  })

  it('keeps it as a test, which then passes', async () => {
    await page.getByTestId('rehearsal-keep').click()
    await page.getByTestId('rehearsal-test-name').fill('A good part')
    await page.getByTestId('rehearsal-offer-unreached').first().check()
    await shot(page, 'rehearsal-keep')
    await page.getByTestId('rehearsal-keep-yes').click()
    await page.getByRole('button', { name: 'Run A good part' }).click()
    await page.locator('[data-testid^=rehearsal-test-][data-state=passed]', { hasText: 'A good part' }).waitFor({ timeout: 40_000 })
    const kept = (await tests()).find(({ name }) => name === 'A good part')
    expect(kept).toMatchObject({ name: 'A good part', steps: [{ do: 'order' }, { do: 'press' }, { do: 'press', values: { boreMm: expect.any(Number) } }] })
    expect(kept?.expect.map(({ kind }) => kind).sort()).toEqual(['call', 'call', 'motion', 'unreached'])
    await page.setViewportSize(SIZES.tablet)
    await shot(page, 'rehearsal-tests-tablet')
    await page.setViewportSize(SIZES.desktop)
    await designer.client.call(removeFlowTest, { params: { testId: kept?.id as string } })
  })

  it('takes the marks off the canvas when the panel is closed with Escape', async () => {
    await page.getByTestId('rehearsal-run-test').first().focus()
    await page.keyboard.press('Escape')
    await page.getByTestId('rehearsal-panel').waitFor({ state: 'detached' })
    await expect.poll(() => page.locator('[class*=flow-node-mark-rehearsal]').count()).toBe(0)
  })
})
