/** A gauge study measured at a tablet and closed, and lots that are sampled until inspection becomes tightened: as a shop does it. */
import { readFile } from 'node:fs/promises'
import { createServer, type Socket } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { addConnection, beginLot, createGauge, createSamplingPlan, createStudy, getStudy, judgeLot, removeConnection } from '../../server/api/index.ts'
import { showScheme, violationsOf } from './axe.ts'
import { chromiumPath, SIZES } from './chromium.ts'
import { type Designer, openDesigner } from './designer.ts'
import { shot } from './hands.ts'

describe.skipIf(!chromiumPath)('gauge studies and sampling', () => {
  let designer: Designer
  const at = `${Date.now()}`
  beforeAll(async () => {
    designer = await openDesigner({ name: 'Stella Prüf', role: 'engineer' })
  }, 120_000)
  afterAll(() => designer?.close())

  it('plans a study, measures it in random order without showing readings, and closes it with a verdict', async () => {
    const { page, client } = designer
    await page.goto(`${client.access.url}/quality#studies`)
    await page.getByTestId('add-study').first().click()
    await page.getByTestId('save-study').click()
    await page.getByText('Give it a name.').waitFor()
    await page.getByTestId('study-name').fill(`Caliper ${at}`)
    await page.getByTestId('study-gauge').fill('C-12')
    await page.getByTestId('study-characteristic').fill('width')
    await page.getByTestId('study-tolerance').fill('2')
    await page.getByTestId('study-parts').fill('1\n2')
    await page.getByTestId('study-appraisers').fill('Ann\nBea')
    await page.getByTestId('study-trials').fill('2')
    expect(await violationsOf(page)).toEqual([])
    await page.getByTestId('save-study').click()
    await page.getByTestId('study-planned').waitFor()
    const studyId = decodeURIComponent(new URL(page.url()).hash.split('/')[1] ?? '')

    await page.setViewportSize(SIZES.tablet)
    await page.getByTestId('measure').click()
    for (const appraiser of ['Ann', 'Bea']) {
      await page.getByTestId(`appraiser-${appraiser}`).click()
      for (let i = 0; i < 4; i += 1) {
        await page
          .getByTestId('progress')
          .getByText(`${i + (appraiser === 'Ann' ? 0 : 4)} of 8`)
          .waitFor()
        // the field is free for the next once the one before is stored
        await page.locator('[data-testid="reading"]:focus').waitFor()
        await expect.poll(() => page.getByTestId('reading').inputValue()).toBe('')
        await page.locator('[data-testid="keep"]:not([data-loading])').waitFor()
        const part = await page.getByTestId('next-part').locator('strong').innerText()
        // the keypad for the first, the keys of a keyboard (or of a gauge that types) for the others
        if (i === 0) {
          await page.getByTestId(`key-${part}`).click()
          await page.getByTestId('key-point').click()
          await page.getByTestId('key-1').click()
          await page.getByTestId('keep').click()
        } else {
          await page.keyboard.type(`${part},0${(i + appraiser.length) % 4}`)
          await page.keyboard.press('Enter')
        }
        if (i < 3) await page.getByTestId('kept').getByText(`Part ${part} is kept.`).waitFor()
      }
      if (appraiser === 'Ann') {
        await page.getByTestId('appraiser-done').waitFor()
        expect(await violationsOf(page)).toEqual([])
        await page.getByTestId('other-appraiser').click()
      }
    }
    await page.getByTestId('all-measured').waitFor()
    const { readings } = await client.call(getStudy, { params: { id: studyId } })
    expect(readings).toHaveLength(8)
    expect(readings.filter(({ appraiser }) => appraiser === 'Ann')).toHaveLength(4)

    await page.getByTestId('to-report').click()
    await page.getByTestId('components').waitFor()
    await page
      .getByTestId('variation')
      .getByRole('row', { name: /^Gage R&R/ })
      .waitFor()
    await shot(page, 'study-tablet')
    await page.setViewportSize(SIZES.desktop)
    expect(await violationsOf(page)).toEqual([])
    await showScheme(page, 'dark')
    await shot(page, 'study-dark')
    expect(await violationsOf(page)).toEqual([])
    await showScheme(page, 'light')
    await page.getByTestId('close-study').click()
    await page.getByTestId('do-close').click()
    await page.getByText('Say what follows, in a few words.').waitFor()
    await page.getByTestId('closing-words').fill('Good for widths above 1 mm')
    await page.getByTestId('do-close').click()
    await page.getByText('Good for widths above 1 mm').first().waitFor()
    const [pdf] = await Promise.all([page.waitForEvent('download'), page.getByTestId('study-pdf').click()])
    expect((await readFile(await pdf.path())).subarray(0, 5).toString()).toBe('%PDF-')
    const [download] = await Promise.all([page.waitForEvent('download'), page.getByTestId('study-csv').click()])
    expect((await readFile(await download.path(), 'utf8')).trim().split('\r\n')).toHaveLength(9)
  })

  it('a gauge that sends its readings fills the study, in the unit of the study', async () => {
    const { page, client } = designer
    const sockets = new Set<Socket>()
    const device = createServer((socket) => {
      sockets.add(socket)
      socket.on('error', () => {}).on('close', () => sockets.delete(socket))
    })
    await new Promise<void>((listening) => device.listen(0, '127.0.0.1', listening))
    const { port } = device.address() as { port: number }
    const settings = { line: 'tcp', host: '127.0.0.1', port, format: 'generic', pattern: '(?<value>-?[0-9.]+) (?<unit>mm|in)', ends: 'lf' }
    const connection = await client.call(addConnection, { body: { name: `Caliper ${at}`, connector: 'serial-gauge', settings, isEnabled: true } })
    try {
      const gauge = await client.call(createGauge, { body: { definition: { name: `C-${at}`, unit: 'mm', connectionId: connection.id, isRetired: false } } })
      const design = { kind: 'bias' as const, parts: [{ name: 'block 25', reference: 25 }], appraiser: 'Ann', trials: 2, confidence: 0.95 }
      const limits = { acceptablePercent: 10, unacceptablePercent: 30, ndc: 5, of: 'study' as const, source: 'AIAG MSA, 4th edition' }
      const common = { name: `Sends ${at}`, gauge: gauge.definition.name, gaugeId: gauge.id, characteristic: 'length', unit: 'mm', decimals: 3 }
      const { id } = await client.call(createStudy, { body: { definition: { ...common, design, limits } } })
      await page.goto(`${client.access.url}/quality#studies/${id}/measure`)
      await page.getByTestId('from-gauge').getByText('The gauge is connected').waitFor()
      const address = `**/api/quality/studies/${id}/readings`
      const isLetOn = Promise.withResolvers<void>()
      const isStoring = page.waitForRequest(address)
      await page.route(address, async (route) => isLetOn.promise.then(() => route.continue()), { times: 1 })
      for (const socket of sockets) socket.write('25.004 mm\r\n')
      await isStoring
      // the data key pressed again before the page could say that the first was kept
      for (const socket of sockets) socket.write('25.1 mm\r\n')
      await page.getByText('it was not taken. Measure again.').waitFor()
      isLetOn.resolve()
      await page.getByTestId('progress').getByText('1 of 2').waitFor()
      await page.getByTestId('kept').getByText('Part block 25 is kept.').waitFor()
      for (const socket of sockets) socket.write('0.98425 in\r\n')
      await page.getByTestId('all-measured').waitFor()
      const { readings } = await client.call(getStudy, { params: { id } })
      expect(readings).toMatchObject([
        { value: 25.004, source: 'gauge' },
        { value: 24.99995, source: 'gauge' },
      ])
    } finally {
      await client.call(removeConnection, { params: { connectionId: connection.id }, query: { evenIfUsed: true } })
      for (const socket of sockets) socket.destroy()
      await new Promise((closed) => device.close(closed))
    }
  })

  it('takes over a table whole, after it said which line is wrong', async () => {
    const { page, client } = designer
    const { id } = await client.call(createStudy, {
      body: {
        definition: {
          name: `Blocks ${at}`,
          gauge: 'M-3',
          characteristic: 'length',
          unit: 'mm',
          decimals: 3,
          design: {
            kind: 'bias',
            parts: [
              { name: 'a', reference: 1 },
              { name: 'b', reference: 5 },
            ],
            appraiser: 'Ann',
            trials: 2,
            confidence: 0.95,
          },
          limits: { acceptablePercent: 10, unacceptablePercent: 30, ndc: 5, of: 'study', source: 'AIAG MSA, 4th edition' },
        },
      },
    })
    await page.goto(`${client.access.url}/quality#studies/${id}`)
    await page.getByTestId('import').click()
    const table = page.getByTestId('import-table')
    await table.fill('part;trial;value\na;1;1,001\na;2;1,002\nb;1;5,0o1\nb;2;5,003')
    await page.getByTestId('check-import').click()
    await page.getByTestId('import-looked').getByText('Line 4').waitFor()
    await table.fill('part;trial;value\na;1;1,001\na;2;1,002\nb;1;5,001\nb;2;5,003')
    await page.getByTestId('check-import').click()
    await page.getByTestId('take-import').click()
    await page.getByTestId('linearity').waitFor()
    await shot(page, 'study-bias')
    expect(await violationsOf(page)).toEqual([])
  })

  it('says how many of a lot to take, rejects two, and tells why the next is inspected more severely', async () => {
    const { page, client } = designer
    await page.goto(`${client.access.url}/quality#sampling`)
    await page.getByTestId('add-plan').first().click()
    await page.getByTestId('plan-name').fill(`Castings ${at}`)
    await page.getByTestId('plan-aql').selectOption('2.5')
    await page.getByTestId('plan-defects').fill('burr\npore')
    expect(await violationsOf(page)).toEqual([])
    await page.getByTestId('save-plan').click()
    await page.getByTestId('severity-normal').waitFor()
    for (const number of ['L1', 'L2']) {
      await page.getByTestId('lot-number').fill(number)
      await page.getByTestId('lot-size').fill('400')
      await page.getByTestId('lot-says').getByText('Take 50. Accept up to 3 nonconforming, reject from 4.').waitFor()
      await page.getByTestId('take-lot').click()
      await page.getByTestId('lot-sample').getByText('50').waitFor()
      for (let i = 1; i <= 4; i += 1) {
        await page.getByTestId('one-more').click()
        await page
          .getByTestId('will')
          .getByText(i < 4 ? 'will be accepted' : 'will be rejected')
          .waitFor()
      }
      if (number === 'L2') await shot(page, 'lot-enter')
      await page.getByTestId('enter-result').click()
      await page.getByTestId('lot-verdict').getByText('Rejected').waitFor()
      expect(await violationsOf(page)).toEqual([])
      await page.getByTestId('back').click()
      await page.getByTestId('lots').getByRole('link', { name: number }).waitFor()
    }
    await page.getByTestId('severity-tightened').first().waitFor()
    await page.getByTestId('standing').getByText('Two of five lots in a row were rejected, the last one lot L2.').waitFor()
    await page.getByTestId('oc-curve').waitFor()
    await shot(page, 'sampling')
    await page.setViewportSize(SIZES.tablet)
    await showScheme(page, 'dark')
    await shot(page, 'sampling-tablet')
    expect(await violationsOf(page)).toEqual([])
    await page.setViewportSize(SIZES.desktop)
  })

  it('a discontinued series takes up no lot until an engineer begins it again', async () => {
    const { page, client } = designer
    const { id } = await client.call(createSamplingPlan, {
      body: {
        definition: {
          name: `Pins ${at}`,
          edition: 'ansi-z1.4',
          level: 'II',
          aql: 1,
          counts: 'items',
          allowsReduced: false,
          discontinueAfter: 1,
          defects: [],
          isRetired: false,
        },
      },
    })
    for (const number of ['1', '2', '3']) {
      const lot = await client.call(beginLot, { params: { id }, body: { entryId: `pins-${at}-${number}`, number, size: 20, isResubmission: false } })
      await client.call(judgeLot, { params: { id: lot.id }, body: { entryId: `pins-r-${at}-${number}`, nonconforming: 9, defects: [] } })
    }
    await page.goto(`${client.access.url}/quality#sampling/${id}`)
    await page.getByTestId('severity-discontinued').first().waitFor()
    expect(await page.getByTestId('take-lot').count()).toBe(0)
    await page.getByTestId('severity-reason').fill('die repaired')
    await page.getByTestId('do-set-severity').click()
    await page.getByTestId('standing').getByText('Stella Prüf: die repaired').waitFor()
    await page.getByTestId('take-lot').waitFor()
  })
})
