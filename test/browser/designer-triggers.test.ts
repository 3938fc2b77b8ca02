/** Triggers as people meet them: the form of a time trigger with its next times, the page of all triggers, firing by hand. */
import { setTimeout as wait } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type FlowNode, listRuns, listTriggers } from '../../server/api/index.ts'
import { until } from '../product.ts'
import { violationsOf } from './axe.ts'
import { chromiumPath, SIZES } from './chromium.ts'
import { type Designer, node, openDesigner } from './designer.ts'
import { shot } from './hands.ts'

const FLOWS: FlowNode[] = [
  { id: 'tab', type: 'tab', label: 'Shop floor', disabled: false, info: '', env: [] },
  {
    id: 'shifts',
    type: 'cw-calendar',
    name: 'Two shifts',
    zone: 'Europe/Berlin',
    shifts: [{ label: 'early', days: 'Mon-Fri', from: '06:00', to: '14:00' }],
    holidays: [{ date: '12-25' }],
    exceptions: [],
  },
  node('warm-up', 'cw-time-trigger', 160, 80, ['sink'], {
    name: 'Warm-up',
    schedule: 'cron',
    pattern: '0 6 * * MON-FRI',
    zone: 'Europe/Berlin',
    unit: 'minutes',
  }),
  node('beat', 'cw-time-trigger', 160, 160, ['sink'], { name: 'Beat', schedule: 'interval', every: 1, unit: 'seconds' }),
  node('batch', 'cw-manual-trigger', 160, 240, ['sink'], {
    name: 'New batch',
    says: 'Starts a new batch',
    fields: [
      { key: 'count', label: 'Count', kind: 'number', unit: 'pcs' },
      { key: 'material', label: 'Material', kind: 'choice', choices: 'steel, brass' },
    ],
  }),
  node('sink', 'debug', 460, 160, [], { active: true, tosidebar: true, complete: 'true', targetType: 'full' }),
]

describe.skipIf(!chromiumPath)('triggers', () => {
  let designer: Designer
  beforeAll(async () => {
    designer = await openDesigner({ flows: FLOWS })
  }, 120_000)
  afterAll(() => designer?.close())

  it('shows the next times in the form while somebody types, and what is wrong', async () => {
    const { page } = designer
    await page.getByTestId('node-warm-up').dblclick()
    const preview = page.getByTestId('time-preview')
    await preview.locator('li').nth(4).waitFor()
    await expect.poll(() => preview.innerText()).toContain('in Europe/Berlin')
    await expect.poll(() => preview.innerText()).toContain('06:00:00')
    const pattern = page.getByTestId('field-pattern')
    await pattern.fill('0 6 * * *')
    await page.keyboard.press('ControlOrMeta+a')
    await page.keyboard.type('*/5 9-10 * * SAT')
    // whatever the time is now, on a Saturday morning too
    await expect.poll(() => preview.innerText()).toMatch(/Sat.*(09|10):\d[05]:00/s)
    await shot(page, 'triggers-form')
    await page.keyboard.type(' x')
    await expect.poll(() => preview.innerText()).toMatch(/The month is "SAT"/)
    await page.getByTestId('preset-*/15 * * * *').click()
    await expect.poll(() => pattern.inputValue()).toBe('*/15 * * * *')
    await expect.poll(() => preview.locator('li').count()).toBe(5)
    expect(await violationsOf(page, undefined, ['[data-testid="time-preview"]'])).toEqual([])
    await page.getByTestId('config-discard').click()
  }, 60_000)

  it('lists every trigger with its times and last runs, switches one off, and says why it is silent', async () => {
    const { page, client } = designer
    await page.goto(`${client.access.url}/triggers`)
    const beat = page.getByTestId('trigger-beat')
    await expect.poll(() => beat.innerText(), { timeout: 20_000 }).toMatch(/Every second.*(completed|active)/s)
    await expect.poll(() => page.getByTestId('trigger-warm-up').innerText()).toMatch(/Shop floor.*Cron 0 6 \* \* MON-FRI.*Next/s)
    await page.getByTestId('trigger-warm-up').getByRole('button').click()
    await expect.poll(() => page.getByTestId('next-times').locator('li').count()).toBe(5)
    await shot(page, 'triggers-light')
    expect(await violationsOf(page)).toEqual([])
    await beat.locator('label').first().click()
    await expect.poll(async () => (await client.call(listTriggers, {})).find(({ id }) => id === 'beat')?.isOn).toBe(false)
    await beat.getByRole('button').click()
    await expect.poll(() => page.getByTestId('trigger-silence').innerText()).toMatch(/switched off.*Anna Arens/s)
    const count = async () => (await client.call(listTriggers, {})).find(({ id }) => id === 'beat')?.last[0]?.dueAt
    // a time that was due before may still be written down
    await until('no time to come any more', 15_000, async () => {
      const before = await count()
      await wait(1500)
      return (await count()) === before
    })
    await page.emulateMedia({ colorScheme: 'dark' })
    await shot(page, 'triggers-dark')
    await page.setViewportSize(SIZES.tablet)
    await shot(page, 'triggers-tablet')
    await page.setViewportSize(SIZES.desktop)
    await page.emulateMedia({ colorScheme: 'light' })
  }, 60_000)

  it('fires a trigger from the canvas by a key', async () => {
    const { page, client } = designer
    await page.goto(client.access.url)
    await page.getByTestId('node-warm-up').click()
    await page.keyboard.press('i')
    await expect
      .poll(async () => (await client.call(listTriggers, {})).find(({ id }) => id === 'warm-up')?.last[0], { timeout: 10_000 })
      .toMatchObject({ cause: 'by-hand', by: 'Anna Arens' })
  }, 60_000)

  it('asks for values, and fires by hand into a run', async () => {
    const { page, client } = designer
    await page.goto(`${client.access.url}/triggers#batch`)
    await page.getByTestId('trigger-detail').waitFor()
    await expect.poll(() => page.getByTestId('fire').innerText()).toBe('Start')
    await page.getByTestId('fire').click()
    await page.getByText('Enter a value.').waitFor()
    await page.getByTestId('value-count').fill('12')
    await page.getByTestId('value-material').click()
    await page.getByRole('option', { name: 'brass' }).click()
    await shot(page, 'triggers-fire')
    await page.getByTestId('fire').click()
    await expect.poll(() => page.getByTestId('firings').innerText(), { timeout: 15_000 }).toMatch(/completed.*by hand: Anna Arens/s)
    const run = await until('the run', 10_000, async () =>
      (await client.call(listRuns, { query: { limit: 50 } })).find(({ trigger }) => trigger.nodeId === 'batch'),
    )
    expect(run).toMatchObject({ state: 'completed', trigger: { nodeName: 'New batch', flowName: 'Shop floor' } })
    await page.getByTestId('firings').getByRole('link').first().click()
    await page.waitForURL(/\/runs#run_/)
  }, 60_000)

  it('teaches what a trigger is while there is none', async () => {
    const { page, client } = designer
    await designer.deploy([])
    await page.goto(`${client.access.url}/triggers`)
    await page.getByTestId('triggers-empty').waitFor()
    await shot(page, 'triggers-empty')
    expect(await violationsOf(page)).toEqual([])
    expect(designer.complaints).toEqual([])
  }, 60_000)
})
