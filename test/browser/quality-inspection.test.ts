/** A first article as a shop does it: a plan is made, a part inspected balloon by balloon, verified by one person and accepted by another. */
import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createCharacteristic, enterMeasurement } from '../../server/api/index.ts'
import { showScheme, violationsOf } from './axe.ts'
import { chromiumPath, SIZES } from './chromium.ts'
import { type Designer, openDesigner } from './designer.ts'
import { shot } from './hands.ts'

describe.skipIf(!chromiumPath)('inspection', () => {
  let designer: Designer
  const part = `BRK-${Date.now()}`
  let bore = ''
  beforeAll(async () => {
    designer = await openDesigner({ name: 'Ines Prüf', role: 'engineer' })
    const definition = {
      name: `bore of ${part}`,
      part,
      unit: 'mm',
      decimals: 3,
      nominal: 10,
      lower: 9.9,
      upper: 10.1,
      chart: { kind: 'i-mr' as const, subgroupSize: 1, rules: ['nelson-1' as const], autoLimitsAfter: null },
      overdueGauge: 'flag' as const,
      asks: [],
      uniqueSerials: false,
      afterSignal: 'nothing' as const,
      afterOutOfTolerance: 'nothing' as const,
      isRetired: false,
    }
    bore = (await designer.client.call(createCharacteristic, { body: { definition } })).id
  }, 120_000)
  afterAll(() => designer?.close())

  it('goes from the plan to the decision of a second person, and never past what is missing', async () => {
    const { page, client } = designer
    const byId = (id: string) => page.getByTestId(id)
    await page.goto(`${client.access.url}/quality#inspection/plans/new`)
    await byId('save-plan').click()
    await page.getByText('Fill in what is marked.').waitFor()
    await byId('plan-part').fill(part)
    await byId('plan-name').fill('Bracket')
    await byId('balloon-1-characteristic').click()
    await byId('balloon-1-characteristic').fill(part)
    await page.getByRole('option', { name: new RegExp(part) }).click()
    await byId('add-balloon').click()
    await byId('balloon-2-kind').click()
    await page.getByRole('option', { name: 'judged by a person' }).click()
    await byId('save-plan').click()
    await page.getByText('Write what balloon 2 has to be like.').waitFor()
    await byId('balloon-2-requirement').fill('Edges broken')
    await byId('add-product').click()
    await byId('product-1-name').fill('EN AW-6082')
    expect(await violationsOf(page)).toEqual([])
    await shot(page, 'inspection-plan')
    await byId('save-plan').click()
    await page.getByRole('link', { name: part }).waitFor()

    await page.goto(`${client.access.url}/quality#inspection/begin`)
    await byId('inspection-plan').click()
    await byId('inspection-plan').fill(part)
    await page.getByRole('option', { name: new RegExp(part) }).click()
    await byId('inspection-serials').fill(`${part}-1, ${part}-2`)
    await byId('inspection-begin').click()
    await byId('progress').getByText('0 of 4 results').waitFor()
    expect(await byId('move-verify').isDisabled()).toBe(true)

    // by the keyboard: value, Enter, and the next that is missing is asked for
    await byId('balloon-value').fill('10.25')
    await page.keyboard.press('Enter')
    await byId('result-1-1').getByText('out of tolerance').waitFor()
    await byId('balloon-nonconformance').waitFor()
    await byId('balloon-open-report').click()
    await byId('result-1-1').getByText(/^NCR-/).waitFor()
    // the second part is measured by somebody else, somewhere else
    await client.call(enterMeasurement, {
      body: { entryId: `gauge-${part}`, characteristicId: bore, values: [10.02], serial: `${part}-2`, source: 'gauge' },
    })
    await page.reload()
    await byId('result-1-2').getByText('collected from a measurement elsewhere').waitFor()
    for (const piece of [1, 2]) {
      await page.locator(`[data-testid="balloon-entry"][data-balloon="2"][data-piece="${piece}"]`).waitFor()
      await byId('balloon-conforms').click()
      await byId(`result-2-${piece}`).getByText('Conforms').waitFor()
    }
    expect(await violationsOf(page)).toEqual([])
    await shot(page, 'inspection-results')

    await byId('inspection-sides').getByText('Form 1: part').click()
    await byId('form-scope').click()
    await page.getByRole('option', { name: 'Detail FAI' }).click()
    await byId('form-extent').click()
    await page.getByRole('option', { name: 'Full FAI' }).click()
    await byId('form-processReference').fill('WO-88421')
    await byId('form-organization').fill('Werk Süd')
    await byId('form-reason').fill('New part number')
    expect(await violationsOf(page)).toEqual([])
    await byId('save-forms').click()
    await page.getByText('Saved', { exact: true }).waitFor()
    await byId('inspection-sides').getByText('Form 2: product').click()
    await byId('product-1-specification').fill('EN 573')
    await byId('product-1-supplier').fill('Alu AG')
    await byId('product-1-certificate').fill('CERT-44819')
    await byId('save-forms').click()
    await page.getByText('Nothing is missing.').waitFor()

    await byId('move-verify').click()
    await byId('move-go').click()
    await page.locator('[data-testid="inspection-state"][data-value="verified"]').waitFor()
    await page.getByText('You have verified it yourself: a second person decides.').first().waitFor()
    const [pdf] = await Promise.all([page.waitForEvent('download'), byId('report-pdf').click()])
    expect((await readFile(await pdf.path())).subarray(0, 5).toString()).toBe('%PDF-')

    const second = await designer.signIn({ name: 'Paul Zweit', role: 'engineer' })
    await second.page.goto(page.url())
    await second.page.setViewportSize(SIZES.tablet)
    await showScheme(second.page, 'dark')
    await second.page.getByTestId('move-accept').click()
    await second.page.getByTestId('move-reason').fill('Concession C-12 of the customer')
    expect(await violationsOf(second.page)).toEqual([])
    await shot(second.page, 'inspection-accept')
    await second.page.getByTestId('move-go').click()
    await second.page.locator('[data-testid="inspection-state"][data-value="accepted"]').waitFor()
    // the page of the first person hears of it
    await page.locator('[data-testid="inspection-state"][data-value="accepted"]').waitFor()
    expect(designer.complaints).toEqual([])
    await second.context.close()
  })

  it('gives a characteristic to other programs and takes it back, each fault by its line', async () => {
    const { page, client } = designer
    const byId = (id: string) => page.getByTestId(id)
    await page.goto(`${client.access.url}/quality#characteristics/${bore}`)
    await byId('report-menu').click()
    const [chart] = await Promise.all([page.waitForEvent('download'), byId('report-chart-pdf').click()])
    expect((await readFile(await chart.path())).subarray(0, 5).toString()).toBe('%PDF-')
    await byId('report-menu').click()
    const [file] = await Promise.all([page.waitForEvent('download'), byId('report-aqdef').click()])
    const text = (await readFile(await file.path(), 'utf8')).replaceAll(part, `${part}-COPY`)
    expect(text).toContain('K0001/1 10.25')
    await page.goto(`${client.access.url}/quality#characteristics/import`)
    const choose = (content: string) =>
      page.locator('input[type=file][accept=".dfq,.dfd,.dfx"]').setInputFiles({ name: 'a.dfq', mimeType: 'text/plain', buffer: Buffer.from(content) })
    await choose(text.replace('K0001/1 10.25', 'K0001/1 ten'))
    await byId('aqdef-problems').getByText('“ten” is no number.').waitFor()
    expect(await violationsOf(page)).toEqual([])
    await shot(page, 'aqdef-problems')
    await choose(text)
    await byId('aqdef-go').getByText('values: 2').waitFor()
    await byId('aqdef-go').click()
    await byId('aqdef-done').getByText('Values: 2.').waitFor()
    expect(designer.complaints).toEqual([])
  })
})
