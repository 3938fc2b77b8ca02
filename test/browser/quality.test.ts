/** The page of quality as a quality engineer uses it: a characteristic, its chart with hands and keys, what is said of points, capability; and the proof that the figures are right. */
import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { addToCatalogue, enterMeasurement, listControlLimits, listMarks, listQualityCharacteristics } from '../../server/api/index.ts'
import { until } from '../product.ts'
import { showScheme, violationsOf } from './axe.ts'
import { chromiumPath, SIZES } from './chromium.ts'
import { type Designer, openDesigner } from './designer.ts'
import { drag, shot } from './hands.ts'

describe.skipIf(!chromiumPath)('the page of quality', () => {
  let designer: Designer
  let id: string
  beforeAll(async () => {
    designer = await openDesigner({ name: 'Quinn Auer', role: 'engineer' })
  }, 120_000)
  afterAll(() => designer?.close())

  /** Enters one value; `place` makes its entry unlike any other. */
  const enter = (place: number, value: number) =>
    designer.client.call(enterMeasurement, {
      body: { entryId: `${id}-${String(place).padStart(4, '0')}`, characteristicId: id, values: [value], source: 'form' },
    })
  const summary = () => designer.page.getByTestId('chart-summary')

  it('takes a characteristic by its form, and draws what is entered as it comes', async () => {
    const { page, client } = designer
    await page.goto(`${client.access.url}/quality`)
    // with nothing there it is offered in the middle, otherwise above the list
    await page.getByTestId('add-characteristic').click()
    await page.getByTestId('save-characteristic').click()
    await page.getByText('Say what is measured.').waitFor()
    await page.locator('[data-testid="field-name"]:focus').waitFor()
    await page.getByTestId('field-name').fill('Shaft length')
    await page.getByTestId('field-nominal').fill('48.5')
    await page.getByTestId('field-lower').fill('48.7')
    await page.getByTestId('field-upper').fill('48.6')
    await page.getByText('The lower limit lies above the upper one.').waitFor()
    await page.getByTestId('field-lower').fill('')
    await page.getByTestId('field-lower').pressSequentially('48,4')
    expect(await violationsOf(page)).toEqual([])
    await page.getByTestId('save-characteristic').click()
    await page.getByText('There are no points yet.').waitFor()
    const made = (await client.call(listQualityCharacteristics, { query: { search: 'Shaft length' } }))[0]
    expect(made?.definition).toMatchObject({ lower: 48.4, upper: 48.6, chart: { kind: 'i-mr', autoLimitsAfter: 25 } })
    id = made?.id as string
    // a saw with a step at its end: 30 points in control, then one beyond the limit and in tolerance
    for (let place = 0; place < 30; place += 1) await enter(place, 48.5 + [-0.01, 0.01, 0, 0.02, -0.02][place % 5]! * 0.6)
    await page.locator('[data-testid="plot"][data-ready]').waitFor()
    await summary().getByText('30 of 30 points · 0 with signals').waitFor()
    await enter(30, 48.58)
    await summary().getByText('31 of 31 points · 1 with signals').waitFor()
    await page.getByTestId('state-signal').waitFor()
  })

  it('goes through the points by keys and says what a rule has found, and why a point does not count', async () => {
    const { page, client } = designer
    await client.call(addToCatalogue, { body: { kind: 'cause', title: `Chip under the part ${id}`, isRetired: false } })
    await page.getByTestId('plot').focus()
    await page.keyboard.press('p')
    const point = page.getByTestId('point')
    await point.getByRole('heading', { name: 'Point 31' }).waitFor()
    await point.getByText('A point beyond a control limit').first().waitFor()
    await point.getByText('48.580 mm').waitFor()
    await shot(page, 'quality-point')
    expect(await violationsOf(page)).toEqual([])

    await page.getByTestId('mark-cause').click()
    await page.getByTestId('mark-entry').selectOption({ label: `Chip under the part ${id}` })
    await page.getByTestId('mark-save').click()
    await page.getByTestId('marks').getByText('Cause: Chip under the part').waitFor()
    await page.getByTestId('mark-exclude').click()
    await page.getByTestId('mark-save').click()
    await page.getByText('Write at least three letters.').waitFor()
    await page.getByTestId('mark-text').fill('measured with a chip')
    await page.getByTestId('mark-save').click()
    await summary().getByText('1 excluded').waitFor()
    const marks = await client.call(listMarks, { params: { id }, query: { subgroup: 31 } })
    expect(marks.map(({ kind, text }) => [kind, text])).toEqual([
      ['exclude', 'measured with a chip'],
      ['cause', undefined],
    ])
  })

  it('puts a value right with its reason, and keeps what was entered', async () => {
    const { page } = designer
    await page.getByTestId('plot').focus()
    await page.keyboard.press('Home')
    const point = page.getByTestId('point')
    await point.getByRole('heading', { name: 'Point 1', exact: true }).waitFor()
    await point.getByTestId('correct').click()
    await page.getByTestId('correction-value').fill('48.51')
    await page.getByTestId('correction-reason').fill('digits exchanged')
    await page.getByTestId('correction-save').click()
    await point.getByText('corrected, was 48.494').waitFor()
    await point.getByText('48.510 mm').waitFor()
    await page.getByTestId('point-close').click()
  })

  it('makes limits of a range that is drawn with the mouse', async () => {
    const { page, client } = designer
    await page.getByTestId('chart-all').click()
    await page.getByTestId('chart-brush').click()
    const box = await page.getByTestId('plot').boundingBox()
    if (!box) throw new Error('There is no chart')
    await drag(page, { x: box.x + box.width * 0.3, y: box.y + 120 }, { x: box.x + box.width * 0.7, y: box.y + 120 })
    await page.getByTestId('range-limits').click()
    await page.getByTestId('limits-phase').fill('new spindle')
    await page.getByTestId('limits-reason').fill('the spindle was changed')
    await page.getByTestId('limits-set').click()
    const newest = await until('the limits to be set', 30_000, async () => {
      const [first] = await client.call(listControlLimits, { params: { id } })
      return first?.phase === 'new spindle' ? first : undefined
    })
    expect(newest).toMatchObject({ source: 'data', reason: 'the spindle was changed' })
    expect(newest.basis?.from).toBeGreaterThan(3)
    await page.getByTestId('side-limits').click()
    await page.getByTestId('limits-table').getByText('new spindle').waitFor()
    expect(await violationsOf(page)).toEqual([])
  })

  it('says what the process can do, on a tablet in the dark too', async () => {
    const { page } = designer
    await page.getByTestId('side-capability').click()
    await page.getByTestId('capability-verdict').waitFor()
    await page.getByTestId('index-Cpk').getByRole('cell').first().waitFor()
    await shot(page, 'quality-capability')
    expect(await violationsOf(page)).toEqual([])
    await page.setViewportSize(SIZES.tablet)
    await showScheme(page, 'dark')
    await page.getByTestId('side-chart').click()
    await page.locator('[data-testid="plot"][data-ready]').waitFor()
    await shot(page, 'quality-tablet')
    expect(await violationsOf(page)).toEqual([])
    await page.setViewportSize(SIZES.desktop)
    await showScheme(page, 'light')
  })

  it('calculates what was published, shows ours beside it, and hands it out', async () => {
    const { page, complaints } = designer
    await page.getByTestId('section-verification').click()
    await page
      .getByTestId('verdict')
      .getByText(/^All \d{3} figures agree\.$/)
      .waitFor()
    expect(await violationsOf(page)).toEqual([])
    await page.getByTestId('subject-charts').locator('summary').click()
    const row = page.getByRole('row', { name: /^grand mean/ })
    await row.waitFor()
    expect(await row.getByRole('cell').allInnerTexts()).toMatchObject([
      '74.001176',
      '74.001176',
      expect.any(String),
      '5.0e-7',
      expect.stringContaining('agrees'),
    ])
    const [download] = await Promise.all([page.waitForEvent('download'), page.getByTestId('verify-csv').click()])
    expect(download.suggestedFilename()).toMatch(/^verification-\d{4}-\d\d-\d\d\.csv$/)
    const rows = (await readFile(await download.path(), 'utf8')).trim().split('\n')
    expect(rows.length).toBeGreaterThan(200)
    expect(complaints).toEqual([])
  })
})
