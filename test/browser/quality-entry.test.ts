/** Gauges and the entry mask, as an engineer and an operator use them: a connected gauge, gloves on a touch screen, a radio that breaks. */
import { createServer, type Server, type Socket } from 'node:net'
import type { BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  addAccount,
  addConnection,
  addMachine,
  addToCatalogue,
  type Characteristic,
  createCharacteristic,
  listGauges,
  listMeasurements,
  removeConnection,
  removeMachine,
} from '../../server/api/index.ts'
import { showScheme, violationsOf } from './axe.ts'
import { chromiumPath, SIZES } from './chromium.ts'
import { type Designer, openDesigner } from './designer.ts'
import { PASSWORD, shot, signInTo } from './hands.ts'

const MILL = 'entry-mill'

describe.skipIf(!chromiumPath)('measuring at a machine', () => {
  let designer: Designer
  let device: Server
  const sockets = new Set<Socket>()
  let panel: Page
  let context: BrowserContext
  let connectionId = ''
  let bore: Characteristic

  /** The data key of the gauge is pressed, once the panel listens to it. */
  const send = async (line: string) => {
    await panel.getByTestId('read-gauge').and(panel.locator(':enabled')).waitFor()
    for (const socket of sockets) socket.write(`${line}\r\n`)
  }
  const measured = async () =>
    (await designer.client.call(listMeasurements, { params: { id: bore.id }, query: { limit: 20 } })).map(({ value }) => value).reverse()

  beforeAll(async () => {
    device = createServer((socket) => {
      sockets.add(socket)
      socket.on('error', () => {}).on('close', () => sockets.delete(socket))
    })
    await new Promise<void>((listening) => device.listen(0, '127.0.0.1', listening))
    designer = await openDesigner({ name: 'Erik Messer', role: 'engineer' })
    const { client, browser } = designer
    await client.call(addMachine, {
      body: {
        id: MILL,
        name: 'Entry mill',
        link: { kind: 'virtual', timeScale: 60 },
        envelopeMm: { min: [-300, -200, -80], max: [0, 0, 0] },
        whenRequesterGone: 'finish',
      },
    })
    const { port } = device.address() as { port: number }
    const connection = await client.call(addConnection, {
      body: {
        name: `Indicator ${Date.now()}`,
        connector: 'serial-gauge',
        settings: { line: 'tcp', host: '127.0.0.1', port, format: 'generic', pattern: '(?<value>-?[0-9.]+) (?<unit>mm|in)', ends: 'lf' },
        isEnabled: true,
      },
    })
    connectionId = connection.id
    const userName = `olga-${Date.now()}`
    await client.call(addAccount, { body: { userName, name: 'Olga Meiss', role: 'operator', password: PASSWORD } })
    context = await browser.newContext({ viewport: SIZES.panel, hasTouch: true, locale: 'en-GB' })
    await signInTo(context, client.access.url, userName)
    panel = await context.newPage()
    panel.setDefaultTimeout(20_000)
  }, 120_000)
  afterAll(async () => {
    await context?.close()
    await designer?.client.call(removeConnection, { params: { connectionId }, query: { evenIfUsed: true } }).catch(() => {})
    await designer?.client.call(removeMachine, { params: { machineId: MILL } }).catch(() => {})
    await designer?.close()
    for (const socket of sockets) socket.destroy()
    await new Promise((closed) => device.close(closed))
  })

  it('gives no serial port to a machine and a gauge both', async () => {
    const { client } = designer
    const path = '/dev/cellwright-test-port'
    const gauge = () =>
      client.call(addConnection, {
        body: {
          name: `Caliper ${Date.now()}`,
          connector: 'serial-gauge',
          settings: { line: 'serial', path, format: 'mitutoyo' },
          isEnabled: true,
          isUntested: true,
        },
      })
    const router = () =>
      client.call(addMachine, {
        body: {
          id: 'entry-router',
          name: 'Router',
          link: { kind: 'serial', path, baudRate: 115_200, resetsOnOpen: true },
          envelopeMm: { min: [-300, -200, -80], max: [0, 0, 0] },
          whenRequesterGone: 'finish',
        },
      })
    const { id } = await gauge()
    await expect(router()).rejects.toMatchObject({ code: 'port-of-connection' })
    await client.call(removeConnection, { params: { connectionId: id }, query: { evenIfUsed: false } })
    await router()
    await expect(gauge()).rejects.toMatchObject({ code: 'port-of-machine' })
    await client.call(removeMachine, { params: { machineId: 'entry-router' } })
  })

  it('begins with a gauge in the register: added, overdue, calibrated', async () => {
    const { page, client } = designer
    await page.goto(`${client.access.url}/quality#gauges`)
    await page.getByTestId('add-gauge').first().click()
    const name = `Indicator ${Date.now()}`
    await page.getByTestId('gauge-name-field').fill(name)
    await page.getByTestId('gauge-connection-field').selectOption(connectionId)
    await page.getByTestId('save-gauge').click()
    await page.getByTestId('gauge-never').waitFor()

    await page.getByTestId('note-calibration').click()
    await page.getByTestId('calibrated-at').fill('2020-01-31')
    await page.getByTestId('certificate').fill('C-17')
    await page.getByTestId('save-calibration').click()
    await page.getByTestId('gauge-overdue').waitFor()
    await shot(page, 'gauge')
    expect(await violationsOf(page)).toEqual([])
    await page.getByTestId('back').click()
    await page.getByTestId('show-due').click()
    await page.getByRole('row', { name: new RegExp(`${name}.*overdue`) }).waitFor()
    await shot(page, 'gauges')

    const gauge = (await client.call(listGauges, { query: {} })).find(({ definition }) => definition.name === name)!
    await client.call(addToCatalogue, { body: { kind: 'cause', title: `Chip under the part ${Date.now()}`, code: 'C1', isRetired: false } })
    bore = await client.call(createCharacteristic, {
      body: {
        definition: {
          name: `Bore ${Date.now()}`,
          part: 'P-4711',
          machineId: MILL,
          unit: 'mm',
          decimals: 3,
          nominal: 10,
          lower: 9.98,
          upper: 10.02,
          chart: { kind: 'i-mr', subgroupSize: 1, rules: ['nelson-1'], autoLimitsAfter: null },
          gaugeId: gauge.id,
          overdueGauge: 'flag',
          sampling: { every: 'minutes', count: 30 },
          asks: ['serial'],
          uniqueSerials: false,
          afterSignal: 'nothing',
          afterOutOfTolerance: 'cause',
          isRetired: false,
        },
      },
    })
  })

  it('takes a value by the keypad, from the gauge and from one that types, and says at once how it is', async () => {
    await panel.goto(`${designer.client.access.url}/operator#${MILL}/measure`)
    await panel.getByTestId(`measure-${bore.id}`).getByText('Due now').waitFor()
    await panel.getByTestId('entry-serial').fill('S1')
    for (const key of ['1', '0', 'Decimal sign', '0', '0', '5']) await panel.locator('.op-pad').getByRole('button', { name: key, exact: true }).tap()
    await expect.poll(() => panel.getByTestId('entry-value').inputValue()).toBe('10.005')
    await panel.getByTestId('enter-value').tap()
    await panel.locator('[data-testid="verdict"][data-state="warning"]').getByText('In tolerance, with a remark').waitFor()
    await panel.getByTestId('verdict').getByText('The calibration of its gauge is overdue.').waitFor()
    await panel
      .getByTestId(`measure-${bore.id}`)
      .getByText(/^In \d+ min/)
      .waitFor()
    await shot(panel, 'entry-good')
    expect(await violationsOf(panel)).toEqual([])

    // what the part is called comes first; the gauge's value waits for it
    await send('0.39370 in')
    await expect.poll(() => panel.getByTestId('entry-value').inputValue()).toBe('9.99998')
    await panel.getByTestId('enter-value').tap()
    await panel.getByRole('alert').getByText('Give first: Serial number.').waitFor()
    await panel.getByTestId('entry-serial').fill('S2')
    await panel.getByTestId('enter-value').tap()
    await expect.poll(measured).toEqual([10.005, 9.99998])

    // faster than a person: all keys in one turn of the page
    await panel.getByTestId('entry-serial').fill('S3')
    await panel.getByTestId(`measure-${bore.id}`).focus()
    await panel.evaluate(() => {
      for (const key of [...'10,011', 'Enter']) document.activeElement?.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true }))
    })
    await expect.poll(measured).toEqual([10.005, 9.99998, 10.011])
    // a person at a keyboard, whatever has the focus
    await panel.keyboard.type('-9,9', { delay: 150 })
    await expect.poll(() => panel.getByTestId('entry-value').inputValue()).toBe('-9.9')
    await panel.getByTestId('entry-value').fill('')
  })

  it('shuts out further values until the cause of a bad one is given, and lets a wrong one be put right', async () => {
    await panel.getByTestId('entry-serial').fill('S4')
    await panel.getByTestId('at-once').check()
    await send('10.050 mm')
    await panel.locator('[data-testid="verdict"][data-state="alarm"]').getByText('0.030 mm above the upper limit').waitFor()
    await panel.getByTestId('lock').waitFor()
    await shot(panel, 'entry-locked')
    expect(await violationsOf(panel)).toEqual([])
    await panel.getByTestId('give-answer').tap()
    await panel.getByText('Choose one, or write it.').waitFor()
    await panel
      .getByRole('button', { name: /Chip under the part/ })
      .first()
      .tap()
    await panel.getByTestId('give-answer').tap()
    await panel.getByTestId('enter-value').waitFor()

    await panel.getByTestId('correct').first().tap()
    await panel.getByTestId('correct-value').fill('10,015')
    await panel.getByRole('button', { name: 'Gauge slipped' }).tap()
    await shot(panel, 'entry-correct')
    await panel.getByTestId('correct-confirm').tap()
    await panel.getByTestId('recent-value').first().getByText('10.015 mm').waitFor()
    await expect.poll(measured).toEqual([10.005, 9.99998, 10.011, 10.015])
  })

  it('keeps what cannot be sent, also over a new start of the page, and enters it once', async () => {
    await context.route('**/api/quality/entries', (route) => route.abort())
    await panel.getByTestId('entry-serial').fill('S5')
    await panel.getByTestId('entry-value').fill('9.990')
    await panel.getByTestId('enter-value').tap()
    await panel.getByTestId('entries-waiting').getByText('One value is not stored yet').waitFor()
    await shot(panel, 'entry-waiting')
    panel.on('dialog', (dialog) => void dialog.accept())
    await panel.reload()
    await panel.getByTestId('entries-waiting').waitFor()
    expect(await measured()).toHaveLength(4)
    await context.unroute('**/api/quality/entries')
    // tried again after a quarter of a minute at the latest
    await panel.getByTestId('entries-waiting').waitFor({ state: 'detached', timeout: 60_000 })
    await expect.poll(measured).toEqual([10.005, 9.99998, 10.011, 10.015, 9.99])

    await panel.setViewportSize(SIZES.tablet)
    await showScheme(panel, 'dark')
    await panel.getByTestId('mask').waitFor()
    await shot(panel, 'entry-tablet')
    expect(await violationsOf(panel)).toEqual([])
  })
})
