/** A machine and a program as an engineer meets them: set-up with the stop test, upload, picture, check, start, console. */
import type { Browser, BrowserContext, Locator, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { listMachines, listPrograms } from '../../server/api/index.ts'
import { type Product, startTestProduct, until } from '../product.ts'
import { chromiumPath, complaintsOf, launchBrowser, SIZES } from './chromium.ts'
import { keepUntilActed } from './hands.ts'

const PASSWORD = 'a long enough password'
const PROGRAM = `(a frame)
G21 G90 G17 G54
S6000 M3
G0 X10 Y10 Z5
G1 Z-1 F300
G1 X60 F1000
G2 X60 Y40 I0 J15
G1 X10
G1 Y10
G0 Z5
M30
`

describe.skipIf(!chromiumPath)('machines and programs in a browser (needs Chromium or Chrome)', { timeout: 120_000 }, () => {
  let product: Product
  let browser: Browser
  let context: BrowserContext
  let complaints: string[]
  let page: Page
  let url: string

  beforeAll(async () => {
    product = await startTestProduct({ CELLWRIGHT_OWNER: `anna:${PASSWORD}` })
    url = product.client.access.url
    browser = await launchBrowser()
    context = await browser.newContext({ viewport: SIZES.desktop })
    complaints = complaintsOf(context)
    page = await context.newPage()
    await page.goto(`${url}/sign-in?next=/machines`)
    await page.getByTestId('user-name').fill('anna')
    await page.getByTestId('password').fill(PASSWORD)
    await page.getByTestId('password').press('Enter')
    await page.waitForURL((at) => at.pathname === '/machines')
  }, 120_000)
  afterAll(async () => {
    await browser?.close()
    await product?.close()
  })

  /** As a finger does it: presses, and keeps pressed until it acts. */
  const pressAndHold = (button: Locator) => {
    const press = async () => {
      const box = (await button.boundingBox())!
      await page.mouse.move(box.x + 40, box.y + box.height / 2)
      await page.mouse.down()
    }
    return keepUntilActed(button, press, () => page.mouse.up())
  }
  const state = async () => (await product.client.call(listMachines, {}))[0]?.state

  it('sets up a virtual machine step by step, and lets a person see HOLD and STOP work', async () => {
    await page.getByTestId('add-machine').click()
    await page.getByTestId('link-virtual').check({ force: true })
    await page.getByTestId('wizard-next').click()
    await page.getByTestId('envelope-min-X').waitFor()
    await page.getByTestId('add-keep-out').click()
    await page.getByTestId('wizard-next').click()
    // a box without a name: the step does not let go, and says where
    expect(await page.getByTestId('wizard').getAttribute('data-step')).toBe('limits')
    await page.getByTestId('keep-out-box-1').fill('Vice')
    await page.getByTestId('wizard-next').click()
    await page.getByTestId('tool-change').waitFor()
    await page.getByTestId('wizard-next').click()
    await page.getByTestId('machine-name').fill('Mill 1')
    await expect.poll(() => page.getByTestId('machine-id').inputValue()).toBe('mill-1')
    await page.getByTestId('wizard-next').click()
    await page.getByTestId('stop-test').waitFor()
    await until('the new machine to stand ready', 30_000, async () => ((await state())?.controller === 'idle' ? true : undefined))

    for (const kind of ['hold', 'stop'] as const) {
      await page.locator(`[data-testid="stop-test"][data-due="${kind}"]`).waitFor()
      await expect.poll(() => page.getByTestId('stop-test-start').isDisabled()).toBe(true)
      await page.getByTestId('stop-test-ready').check()
      const before = (await state())?.machinePositionMm[0] ?? 0
      await pressAndHold(page.getByTestId('stop-test-start'))
      await until('the slow move', 60_000, async () => ((await state())?.controller === 'jog' ? true : undefined))
      await page.getByTestId(kind).dispatchEvent('pointerdown')
      await page.getByTestId('stop-test-ask').waitFor()
      const stood = await state()
      expect(stood?.isStanding).toBe(true)
      // the move was to go on for some ten seconds, over 100 mm
      expect(Math.abs((stood?.machinePositionMm[0] ?? 0) - before)).toBeLessThan(95)
      await page.getByTestId('stop-test-yes').click()
    }
    await page.getByTestId('stop-test-done').waitFor()
    await expect.poll(() => page.getByTestId('stop-test-records').locator('li[data-good]').count()).toBe(2)
    await page.getByTestId('wizard-next').click()
    await page.getByTestId('tab-console').waitFor()
    expect((await product.client.call(listMachines, {}))[0]).toMatchObject({ id: 'mill-1', guarding: { keepOut: [{ name: 'Vice' }] } })
    expect(complaints.filter((text) => !text.includes('/actions'))).toEqual([])
    // the two moves that were stopped were answered with why they did not end
    complaints.length = 0
  })

  it('takes dropped files, refuses what is no program, and draws and checks what is one', async () => {
    await page.goto(`${url}/programs`)
    await page.getByTestId('no-programs').waitFor()
    await page.getByTestId('upload-input').setInputFiles([
      { name: 'frame.nc', mimeType: 'text/plain', buffer: Buffer.from(PROGRAM) },
      { name: 'frame.zip', mimeType: 'application/zip', buffer: Buffer.from([80, 75, 3, 4, 0, 0]) },
    ])
    await page.getByTestId('uploads').locator('[data-state="refused"]', { hasText: 'frame.zip' }).waitFor()
    await page.getByTestId('program-frame.nc').click()
    await page.locator('[data-testid="picture"][data-ready]').waitFor()
    await page.locator('[data-testid="verdict"][data-kind="good"]').waitFor()
    await page.getByTestId('code').getByText('G2').first().waitFor()
    // picture and code go together: a line chosen in the code moves the slider
    await page.getByTestId('code').locator('.code-row', { hasText: 'X60 F1000' }).click()
    await page.getByTestId('scrub-line').getByText('Line 6 of 11').waitFor()
    expect(Number(await page.getByTestId('scrub').inputValue())).toBeLessThan(Number(await page.getByTestId('scrub').getAttribute('max')))
    expect(await product.client.call(listPrograms, {})).toMatchObject([{ name: 'frame.nc', revision: 1, lines: 11 }])
    expect(complaints).toEqual([])
  })

  it('shows what a program would do wrong on this machine, at its line', async () => {
    await page.goto(`${url}/programs`)
    await page.getByTestId('upload-input').setInputFiles([{ name: 'far.nc', mimeType: 'text/plain', buffer: Buffer.from('G21 G90\nG0 X10\nG0 X900\nM30\n') }])
    await page.getByTestId('program-far.nc').click()
    await page.locator('[data-testid="verdict"][data-kind="bad"]').waitFor()
    await page.getByTestId('findings').getByRole('button').first().click()
    await expect.poll(() => page.getByTestId('code-chosen').textContent()).toContain('G0 X900')
    await expect.poll(() => page.getByTestId('start').isDisabled()).toBe(true)
  })

  it('says in words what will move, starts it by a kept-up press, and shows it at work to its end', async () => {
    await page.goto(`${url}/programs`)
    await page.getByTestId('program-frame.nc').click()
    await page.locator('[data-testid="verdict"][data-kind="good"]').waitFor()
    await page.getByTestId('start').click()
    await page.getByTestId('start-words').getByText('Mill 1 runs frame.nc from the beginning').waitFor()
    await expect.poll(() => page.getByTestId('start-words').textContent()).toContain('6,000 rpm')
    // a short program: it runs for some ten seconds only
    await Promise.all([page.locator('[data-testid="job-banner"][data-state="running"]').waitFor(), pressAndHold(page.getByTestId('start-confirm'))])
    await page.locator('[data-testid="job-banner"][data-state="completed"]').waitFor({ timeout: 60_000 })
    await expect.poll(async () => (await state())?.partsCount).toBe(1)
    expect(complaints).toEqual([])
  })

  it('shows the talk with the controller in the console, and sends a line with its answer beside it', async () => {
    await page.goto(`${url}/machines#mill-1/console`)
    const lines = page.getByTestId('console-lines')
    // only lines in sight are there, and a controller that stands idle is asked a lot
    const search = page.getByTestId('console').getByRole('textbox', { name: 'Search', exact: true })
    await search.fill('M30')
    await lines.getByText('M30').first().waitFor()
    await search.fill('')
    const input = page.getByTestId('console-input')
    await input.fill('G9')
    await input.press('Tab')
    await expect.poll(() => input.inputValue()).toBe('G90 ')
    await input.fill('G0 X900')
    await input.press('Enter')
    await page.locator('[data-testid="console-answer"][data-state="failed"]').waitFor()
    await input.fill('$G')
    await input.press('Enter')
    await page.locator('[data-testid="console-answer"][data-state="done"]', { hasText: 'GC:' }).waitFor()
    await input.press('ArrowUp')
    await input.press('ArrowUp')
    await expect.poll(() => input.inputValue()).toBe('G0 X900')
    for (const kind of ['stop', 'hold']) await expect.poll(() => page.getByTestId(kind).isEnabled()).toBe(true)
    expect(complaints.filter((text) => !text.includes('/actions'))).toEqual([])
  })
})
