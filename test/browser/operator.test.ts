/** The operator's panel as a person with gloves meets it: moving by hand, control, leaving and coming back, messages, stops that always work. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { addAccount, addConnection, addMachine, changeSetting, getMachine, listAudit, type MachineState, uploadProgram } from '../../server/api/index.ts'
import { type Product, startTestProduct, until } from '../product.ts'
import { violationsOf } from './axe.ts'
import { chromiumPath, launchBrowser } from './chromium.ts'
import { PASSWORD, shot, signInTo } from './hands.ts'
import { finger, holdUntilMoving, keepPressed, openPanel, type Panel } from './touch.ts'

const MILL = 'mill-1'

describe.skipIf(!chromiumPath)('the operator’s panel in a browser (needs Chromium or Chrome)', { timeout: 120_000 }, () => {
  let product: Product
  let browser: Browser
  let url: string
  let left: Panel

  const panelOf = async (userName: string) => {
    const panel = await openPanel(browser)
    await signInTo(panel.page.context(), url, userName)
    await panel.page.goto(`${url}/operator`)
    await panel.page.getByTestId('machine-state').waitFor()
    return panel
  }
  const state = async (): Promise<MachineState> => {
    const { state: now } = await product.client.call(getMachine, { params: { machineId: MILL } })
    if (!now) throw new Error('nothing is known of the machine')
    return now
  }
  const untilState = (what: string, is: (now: MachineState) => boolean) => until(what, 60_000, async () => is(await state()) || undefined)
  const isJogging = async () => (await state()).controller === 'jog'
  const standing = () => untilState('the machine to stand', ({ controller, lease }) => controller === 'idle' && lease === undefined)
  /** As a reader types: all keys at once. A busy computer would let them come as slowly as a person's. */
  const holdBadge = (page: Page, code: string) =>
    page.evaluate(
      (keys) => {
        for (const key of keys) document.body.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true }))
      },
      [...code, 'Enter'],
    )

  beforeAll(async () => {
    product = await startTestProduct({ CELLWRIGHT_OWNER: `anna:${PASSWORD}`, CELLWRIGHT_LOGIN_TRIES: '1000' })
    const { client } = product
    url = client.access.url
    for (const [userName, name, pin] of [
      ['otto', 'Otto', '4711'],
      ['paula', 'Paula', '4712'],
    ] as const)
      await client.call(addAccount, { body: { userName, name, role: 'operator', pin, password: PASSWORD } })
    await client.call(addMachine, {
      body: {
        id: MILL,
        name: 'Mill 1',
        link: { kind: 'virtual', timeScale: 1 },
        envelopeMm: { min: [-400, -400, -100], max: [400, 400, 100] },
        whenRequesterGone: 'finish',
      },
    })
    await standing()
    browser = await launchBrowser()
    left = await panelOf('otto')
  }, 120_000)
  afterAll(async () => {
    await browser?.close()
    await product?.close()
  })

  // one test that fails leaves no finger on the screen of the next
  afterEach(() =>
    finger(left.touch, 'touchEnd').then(
      () => undefined,
      () => undefined,
    ),
  )

  it('moves the machine while a finger is on a direction, and no longer: lifted, slipped off, tab changed', async () => {
    const { page, touch } = left
    await page.getByTestId('tab-move').click()
    await page.getByTestId('move-says').getByText('moves as long as you press').waitFor()
    const begin = async (): Promise<{ x: number; y: number }> => {
      await standing()
      return holdUntilMoving(left, page.getByTestId('jog-X+'), isJogging)
    }
    const before = (await state()).machinePositionMm[0] ?? 0
    await begin()
    await shot(page, 'operator-jog')
    await finger(touch, 'touchEnd')
    await standing()
    expect((await state()).machinePositionMm[0]).toBeGreaterThan(before)

    const at = await begin()
    await finger(touch, 'touchMove', { x: at.x, y: at.y + 260 })
    await standing()
    await finger(touch, 'touchEnd')

    await begin()
    await page.evaluate(() => {
      Object.defineProperty(document, 'visibilityState', { value: 'hidden', configurable: true })
      document.dispatchEvent(new Event('visibilitychange'))
    })
    await standing()
    await page.evaluate(() => Reflect.deleteProperty(document, 'visibilityState'))
    await finger(touch, 'touchEnd')
    expect(left.complaints.filter((text) => !text.includes('/jog/'))).toEqual([])
  })

  it('ends a jog and says it within two seconds when the network is lost, and never goes on by itself', async () => {
    const { page, touch } = left
    const context = page.context()
    await standing()
    await holdUntilMoving(left, page.getByTestId('jog-Y+'), isJogging)
    const told = page.evaluate(
      () =>
        new Promise<number>((resolve) =>
          addEventListener(
            'offline',
            () => {
              let ms = 0
              let last = performance.now()
              const timer = setInterval(() => {
                const now = performance.now()
                // a page that a busy computer kept waiting could not tell anything meanwhile
                ms += Math.min(now - last, 100)
                last = now
                if (!document.querySelector('[data-testid="lost"]')) return
                clearInterval(timer)
                resolve(ms)
              }, 20)
            },
            { once: true },
          ),
        ),
    )
    // it listens before the network goes
    await page.evaluate(() => undefined)
    await context.setOffline(true)
    await page.getByTestId('lost').waitFor()
    // two seconds by design; the rest is this test's own way of looking
    expect(await told).toBeLessThan(4_000)
    await standing()
    const stood = (await state()).machinePositionMm
    expect(await page.getByTestId('stop').isEnabled()).toBe(true)
    await shot(page, 'operator-lost')
    await context.setOffline(false)
    await page.getByTestId('lost').waitFor({ state: 'detached' })
    expect((await state()).machinePositionMm).toEqual(stood)
    await finger(touch, 'touchEnd')
    left.complaints.length = 0
  })

  it('is in inches when the shop is: steps, speeds and the zero; an open dialog keeps the unit in which it was opened', async () => {
    const { page } = left
    const setUnit = async (value: 'mm' | 'inch') => {
      await product.client.call(changeSetting, { params: { name: 'units' }, body: { value } })
      await expect.poll(() => page.evaluate(() => localStorage.getItem('cellwright-shop')), { timeout: 60_000 }).toContain(`"units":"${value}"`)
    }
    await standing()
    await setUnit('inch')
    await page.getByTestId('tab-move').click()
    // there are steps of 0.1 mm, too, and the page may take on the unit a moment later
    await page.getByTestId('step-0.0001').waitFor()
    await page.getByTestId('step-0.1').click()
    await page.getByTestId('move-says').getByText('moves 0.1 in with each press').waitFor()
    expect(await page.getByTestId('move-says').textContent()).toMatch(/at \d+\.\d\d in\/min/)
    const from = (await state()).machinePositionMm[0] ?? 0
    const stepsTo = ({ machinePositionMm }: MachineState) => ((machinePositionMm[0] ?? 0) - from) / 2.54
    const button = page.getByTestId('jog-X+')
    // a step that is refused says so on the page: the operator taps again
    await until('a step', 60_000, async () => {
      await expect.poll(() => button.isEnabled(), { timeout: 15_000 }).toBe(true)
      await button.tap()
      await expect.poll(() => button.getAttribute('data-moving'), { timeout: 30_000 }).toBeNull()
      return stepsTo(await state()) > 0.5 || undefined
    })
    await standing()
    const steps = stepsTo(await state())
    expect(Math.abs(steps - Math.round(steps))).toBeLessThan(0.01)

    await page.getByTestId('tab-setup').click()
    await page.getByTestId('zero-X').click()
    await page.getByTestId('zero-value').fill('0.5')
    await setUnit('mm')
    const confirm = page.getByTestId('zero-confirm')
    await confirm.getByText('becomes X 0.5000 in of G54').waitFor()
    await keepPressed(left, confirm)
    await confirm.waitFor({ state: 'detached' })
    await untilState('the zero', ({ workPositionMm }) => Math.abs((workPositionMm[0] ?? 0) - 12.7) < 0.005)
    await page.getByTestId('tab-status').click()
    await page
      .getByTestId('work-X')
      .getByText(/^\+12\.(69[5-9]|70\d) mm$/)
      .waitFor()
  })

  it('makes the place where the tool stands the zero, in words first and by a kept press', async () => {
    const { page } = left
    await standing()
    await page.getByTestId('tab-setup').click()
    await page.getByTestId('zero-X').click()
    const confirm = page.getByTestId('zero-confirm')
    await confirm.getByText('Nothing moves').waitFor()
    // a page that stood still while the finger was lifted does not take the time for a press
    await confirm.evaluate(async (button) => {
      const at = { bubbles: true, button: 0, pointerId: 1 }
      button.dispatchEvent(new PointerEvent('pointerdown', at))
      for (const until = performance.now() + 1_500; performance.now() < until; );
      await new Promise((later) => setTimeout(later, 10))
      button.dispatchEvent(new PointerEvent('pointerup', at))
    })
    await confirm.and(page.locator(':not([data-pressed])')).waitFor()
    expect(await confirm.isEnabled()).toBe(true)
    await keepPressed(left, confirm)
    await confirm.waitFor({ state: 'detached' })
    // where a jog ended by itself, the axis stands on the nearest step (0.004 mm apart), and the zero is where it was sent
    await untilState('the new zero', ({ workPositionMm }) => Math.abs(workPositionMm[0] ?? 1) < 0.005)
    expect((await state()).machinePositionMm[0]).toBeGreaterThan(0)
  })

  it('starts a program with what will move in words, and after a stop takes the way back that was looked at', async () => {
    const { page } = left
    const file = join(product.dataDir, 'frame.nc')
    // slow enough to be stopped on its way
    await writeFile(
      file,
      ['G21 G90 G17 G54', 'G0 X0 Y0 Z5', 'G1 Z-1 F1000', ...Array.from({ length: 40 }, (_, i) => `G1 X${i % 2 ? 0 : 40} Y${i} F3000`), 'M30', ''].join('\n'),
    )
    await product.client.upload(uploadProgram, { name: 'frame.nc' }, file)
    await standing()
    await page.getByTestId('tab-program').click()
    await page.getByTestId('start-program').click()
    await page.getByTestId('choose-frame.nc').click()
    await page.getByTestId('start-words').getByText('Mill 1 runs frame.nc from the beginning').waitFor()
    await shot(page, 'operator-start')
    await keepPressed(left, page.getByTestId('start-confirm'))
    await page.getByTestId('program-line').waitFor()
    await page.locator('[data-testid="picture"][data-ready]').waitFor()
    await page.locator('[data-testid="program-lines"] [data-now]').waitFor()
    // lines are taken long before they are cut
    await untilState('some lines to be cut', ({ workPositionMm: [, y = 0, z = 0] }) => z < -0.9 && y > 2)
    await shot(page, 'operator-program')
    await page.getByTestId('stop').dispatchEvent('pointerdown')
    await untilState('the program to be broken off', ({ job, resumable }) => job === undefined && resumable !== undefined)

    await page.getByTestId('resume-program').click()
    await page.getByTestId('plan').click()
    await page.getByTestId('start-plan').getByText('G1').first().waitFor()
    for (const box of await page.locator('[data-testid="start-plan"] input[type="checkbox"]').all()) await box.check()
    await shot(page, 'operator-resume')
    await keepPressed(left, page.getByTestId('start-confirm'))
    await untilState('the program to go on in its middle', ({ job }) => (job?.fromLine ?? 1) > 1)
    await page
      .getByTestId('program')
      .getByText(/started at line \d+/)
      .waitFor()
    await page.getByTestId('stop').dispatchEvent('pointerdown')
    await standing()
    expect(left.complaints).toEqual([])
  })

  it('lets one panel have control at a time: the other sees who, asks, and gets it by hand', async () => {
    const right = await panelOf('paula')
    try {
      await right.page.getByTestId('control').getByText('Otto has control').waitFor()
      await right.page.getByTestId('tab-move').click()
      await right.page.getByTestId('move-says').getByText('Otto has control').waitFor()
      expect(await right.page.getByTestId('jog-X+').isDisabled()).toBe(true)
      await right.page.getByTestId('control-ask').click()
      await left.page.getByTestId('control').getByText('Paula').waitFor()
      await shot(left.page, 'operator-asked')
      await left.page.getByTestId('control-hand-over').click()
      await right.page.getByTestId('control').getByText('This panel has control').waitFor()
      await left.page.getByTestId('control').getByText('Paula has control').waitFor()
      await expect.poll(() => right.page.getByTestId('jog-X+').isEnabled(), { timeout: 15_000 }).toBe(true)
      await right.page.getByTestId('control-give-back').click()
      await left.page.getByTestId('tab-move').click()
      await left.page.getByTestId('control').getByText('Nobody has control').waitFor()
      expect(right.complaints).toEqual([])
    } finally {
      await right.close()
    }
  })

  it('leaves STOP and the view when a person leaves, and takes the next one by PIN or badge where they stand', async () => {
    const { page } = left
    await page.getByTestId('who').click()
    await page.getByTestId('pair-badge').click()
    await page.locator('[data-testid="badge-state"][data-state="waiting"]').waitFor()
    await holdBadge(page, '0004219837')
    await page.locator('[data-testid="badge-state"][data-state="done"]').waitFor()
    await page.getByTestId('leave-panel').click()
    await page.locator('[data-testid="who"][data-locked]').waitFor()
    await page.getByTestId('tab-move').click()
    await page.getByTestId('move-says').getByText('Nobody is signed in').waitFor()
    expect(await page.getByTestId('jog-X+').isDisabled()).toBe(true)
    const pressed = page.waitForResponse((answer) => answer.url().endsWith(`/machines/${MILL}/stop`))
    await page.getByTestId('stop').dispatchEvent('pointerdown')
    expect((await pressed).status()).toBe(200)
    // what moves is refused by the server, whatever the page would allow
    const refused = await page.evaluate(
      async (path) => (await fetch(path, { method: 'POST', headers: { 'x-cellwright': '1', 'content-type': 'application/json' }, body: '{}' })).status,
      `/api/machines/${MILL}/home`,
    )
    expect(refused).toBe(403)
    left.complaints.length = 0

    await page.getByTestId('who').click()
    await page.getByRole('dialog').getByText('Paula').click()
    for (const digit of '4712') await page.getByTestId(`pin-${digit}`).click()
    await page.getByTestId('pin-enter').click()
    await page.getByTestId('who').getByText('Paula').waitFor()
    await page.getByTestId('lost').waitFor({ state: 'detached' })

    await holdBadge(page, '0004219837')
    await page.getByTestId('who').getByText('Otto').waitFor()
    await page.getByTestId('lost').waitFor({ state: 'detached' })
    // written down behind what is done
    await expect
      .poll(async () => (await product.client.call(listAudit, { query: { limit: 500 } })).map(({ who, action }) => `${who}: ${action}`))
      .toEqual(expect.arrayContaining(['otto: paired a badge', 'otto: left the panel', 'paula: signed in with a PIN', 'otto: signed in with a badge']))
  })

  it('carries a note to the next shift until somebody has read it', async () => {
    const { page } = left
    await page.getByTestId('tab-messages').click()
    await page.getByTestId('note-text').fill('Vice 2 is loose\nTighten it before the next batch.')
    await page.getByTestId('note-send').click()
    const note = page.locator('.op-message', { hasText: 'Vice 2 is loose' })
    await note.waitFor()
    await page.getByTestId('tab-status').click()
    await page.getByTestId('urgent').getByText('Vice 2 is loose').waitFor()
    await page.getByTestId('urgent').click()
    await note.getByTestId('acknowledge').click()
    await note.waitFor({ state: 'detached' })
    await page.locator('.op-history', { hasText: 'seen by Otto' }).waitFor()
  })

  it('lets an engineer say where alarms go that nobody has seen, and tells everybody', async () => {
    await product.client.call(addConnection, {
      body: { name: 'Chat', connector: 'webhook', settings: { url: 'http://127.0.0.1:1/hook' }, isEnabled: true, isUntested: true },
    })
    const engineer = await panelOf('anna')
    try {
      await engineer.page.getByTestId('tab-messages').click()
      await engineer.page.getByTestId('escalation').getByText('nobody else is told').waitFor()
      await engineer.page.getByTestId('escalation-change').click()
      const dialog = engineer.page.getByRole('dialog')
      await dialog.getByRole('group', { name: 'Alarms' }).getByRole('button', { name: 'Chat' }).click()
      await engineer.page.getByTestId('escalate-alarm-after-900').click()
      await engineer.page.locator('[data-testid="escalate-alarm-after-900"][aria-pressed="true"]').waitFor()
      expect(await violationsOf(engineer.page)).toEqual([])
      await shot(engineer.page, 'operator-escalation')
      await engineer.page.getByTestId('escalation-done').click()
      await engineer.page.getByTestId('escalation').getByText('Alarms: after 15 min to Chat').waitFor()
    } finally {
      await engineer.close()
    }
    // everybody is told, and nobody else may change it
    await left.page.goto(`${url}/operator#${MILL}/messages`)
    await left.page.reload()
    await left.page.getByTestId('escalation').getByText('Alarms: after 15 min to Chat').waitFor()
    expect(await left.page.getByTestId('escalation-change').count()).toBe(0)
  })

  it('stops while the flow runtime hangs, from a page that shows no machine too', async () => {
    const { page } = left
    const context = page.context()
    const runtime = await product.pidOf('runtime')
    process.kill(runtime, 'SIGSTOP')
    try {
      for (const [path, button] of [
        ['/operator', 'stop'],
        ['/runs', 'stop-all'],
      ] as const) {
        await page.goto(`${url}${path}`)
        await page.getByTestId(button).waitFor()
        await expect.poll(() => page.getByTestId(button).isEnabled(), { timeout: 15_000 }).toBe(true)
        const answer = page.waitForResponse((one) => one.url().endsWith(`/machines/${MILL}/stop`))
        await page.getByTestId(button).dispatchEvent('pointerdown')
        expect((await answer).status()).toBe(200)
      }
    } finally {
      process.kill(runtime, 'SIGCONT')
    }
    await context.setOffline(false)
  })

  it('shuts nobody out, on any part of a machine', async () => {
    const { page } = left
    for (const tab of ['status', 'program', 'move', 'setup', 'work', 'messages']) {
      await page.goto(`${url}/operator#${MILL}/${tab}`)
      await page.locator(`.op-content[data-tab="${tab}"]`).waitFor()
      expect({ [tab]: await violationsOf(page) }).toEqual({ [tab]: [] })
    }
  })
})
