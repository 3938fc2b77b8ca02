/** A shift at a machine, as an operator has it: a 10-inch touch screen, one person, one machine, from signing in to handing over. */
import { writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startVirtualController, type VirtualController } from '../../nodes/motion/virtual/index.ts'
import {
  addAccount,
  addConnection,
  addMachine,
  deployFlows,
  getMachine,
  listAudit,
  listPanelMessages,
  listRuns,
  type MachineState,
  setEscalation,
  uploadProgram,
  writeNote,
} from '../../server/api/index.ts'
import { type Product, startTestProduct, until } from '../product.ts'
import { chromiumPath, launchBrowser } from './chromium.ts'
import { PASSWORD, shot } from './hands.ts'
import { centreOf, finger, holdUntilMoving, keepPressed, openPanel, type Panel } from './touch.ts'

const MILL = 'mill-1'
/** The switches are where all axes are at their most. */
const ROOM = { min: [-400, -300, -80] as [number, number, number], max: [0, 0, 0] as [number, number, number] }
/** Locks the controller until it is unlocked or homed; the position is lost with it (GRBL 1.1). */
const ALARM_RESET_IN_MOTION = 3
const ALARM_TEXT = 'was reset while moving'
/** Soft reset and feed hold (GRBL 1.1). */
const RESET = 0x18

const flows = [
  { id: 'shift', type: 'tab', label: 'Shift' },
  { id: 'shift-mill', type: 'cw-machine', name: 'Mill 1', machineId: MILL },
  {
    id: 'shift-form',
    type: 'cw-form',
    z: 'shift',
    label: 'Book scrap',
    says: 'Books parts that cannot be used, with the reason',
    color: 'normal',
    machine: 'shift-mill',
    fields: [
      { key: 'count', label: 'Parts', kind: 'number', min: 1, max: 500 },
      { key: 'reason', label: 'Reason', kind: 'choice', choices: 'tool broken, wrong size, material' },
    ],
    who: 'panel.press',
    needs: 'any',
    wires: [['shift-approval']],
  },
  {
    id: 'shift-approval',
    type: 'cw-approval',
    z: 'shift',
    question: 'Go on with the batch?',
    questionType: 'str',
    details: 'Look at the last part first.',
    detailsType: 'str',
    people: '1',
    notBy: '',
    notByType: 'str',
    who: 'panel.press',
    reason: 'needed',
    approve: 'Go on',
    refuse: 'Stop the batch',
    machine: 'shift-mill',
    deadline: 0,
    wires: [[], [], []],
  },
]

describe.skipIf(!chromiumPath)('a shift at the operator’s panel (needs Chromium or Chrome)', () => {
  let product: Product
  let controller: VirtualController
  let browser: Browser
  let panel: Panel
  let url: string
  /** A chat room outside, and what it was told. */
  let chat: Server
  const told: { title: string; machine: string }[] = []

  const state = async (): Promise<MachineState> => {
    const { state: now } = await product.client.call(getMachine, { params: { machineId: MILL } })
    if (!now) throw new Error('nothing is known of the machine')
    return now
  }
  const untilState = async (what: string, is: (now: MachineState) => boolean) => {
    let last: MachineState | undefined
    await until(what, 60_000, async () => {
      last = await state()
      return is(last) || undefined
    }).catch((cause: Error) => {
      throw new Error(`${cause.message}; it is ${JSON.stringify(last)}`, { cause })
    })
  }
  const standing = () => untilState('the machine to stand', ({ controller: now, lease, job }) => now === 'idle' && lease === undefined && job === undefined)
  const at = (testId: string) => panel.page.getByTestId(testId)

  beforeAll(async () => {
    // a machine that homes starts locked: its operator homes it first
    controller = await startVirtualController({ envelopeMm: ROOM, settings: { 22: 1, 24: 600, 25: 6000 }, timeScale: 4 })
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
        link: { kind: 'serial', path: controller.port, baudRate: 115200, resetsOnOpen: false },
        envelopeMm: ROOM,
        whenRequesterGone: 'finish',
        guarding: { toolChange: { kind: 'manual' } },
      },
    })
    chat = createServer((request, response) => {
      let body = ''
      request.setEncoding('utf8').on('data', (piece: string) => {
        body += piece
      })
      request.on('end', () => {
        if (request.method === 'POST') told.push(JSON.parse(body) as (typeof told)[number])
        response.writeHead(204).end()
      })
    })
    await new Promise<void>((listening) => chat.listen(0, '127.0.0.1', listening))
    const { id: connectionId } = await client.call(addConnection, {
      body: { name: 'Chat', connector: 'webhook', settings: { url: `http://127.0.0.1:${(chat.address() as AddressInfo).port}/` }, isEnabled: true },
    })
    await client.call(setEscalation, { params: { priority: 'alarm' }, body: { to: { connectionId, afterS: 5 } } })
    await client.call(deployFlows, { body: { flows: flows as never, kind: 'full' } })
    await client.call(writeNote, { body: { text: 'Vice 2 is loose\nTighten it before the next batch.', machineId: MILL } })
    const program = ['G21 G90 G17 G54', 'T1 M6', 'G0 X0 Y0 Z0', ...Array.from({ length: 12 }, (_, i) => `G1 X${i % 2 ? 0 : 20} Y${i} F1500`), 'M30', '']
    const file = join(product.dataDir, 'plate.nc')
    await writeFile(file, program.join('\n'))
    await client.upload(uploadProgram, { name: 'plate.nc' }, file)
    const long = join(product.dataDir, 'long.nc')
    await writeFile(long, ['G21 G90 G54', ...Array.from({ length: 400 }, (_, i) => `G1 X${i % 2 ? 0 : 30} F2000`), 'M30', ''].join('\n'))
    await client.upload(uploadProgram, { name: 'long.nc' }, long)
    browser = await launchBrowser()
    panel = await openPanel(browser)
  }, 120_000)
  afterAll(async () => {
    await browser?.close()
    await product?.close()
    await controller?.close()
    chat?.close()
  })

  it('signs in by name and PIN, and reads what the last shift left', async () => {
    const { page } = panel
    await page.goto(`${url}/operator`)
    await page.getByText('Otto').tap()
    for (const digit of '4711') await at(`pin-${digit}`).tap()
    await at('pin-enter').tap()
    await page.waitForURL((address) => address.pathname === '/operator')
    await at('urgent').getByText('Vice 2 is loose').or(at('urgent').getByText('Mill 1')).first().waitFor()
    await at('tab-messages').tap()
    const note = page.locator('.op-message', { hasText: 'Vice 2 is loose' })
    await note.getByText('Tighten it before the next batch.').waitFor()
    await note.getByTestId('acknowledge').tap()
    await note.waitFor({ state: 'detached' })
    await shot(page, 'shift-messages')
  })

  it('takes control and homes the machine', async () => {
    const { page } = panel
    await at('tab-setup').tap()
    await at('control-take').tap()
    await at('control').getByText('This panel has control').waitFor()
    await keepPressed(panel, at('setup-home'))
    await controller.waitFor(({ answered }) => answered.some(({ line, answer }) => line === '$H' && answer === 'ok'), 20_000)
    await untilState(
      'the machine to know where it is',
      ({ isPositionTrusted, machinePositionMm: [x], controller: now }) => isPositionTrusted && x === -1 && now === 'idle',
    )
    await at('tab-messages').tap()
    await page.getByText('nobody had seen it: sent to Chat').waitFor()
    const heard = () => told.filter(({ title }) => title.includes('locked'))
    await until('the chat room to hear of it', 30_000, () => heard().length > 0 || undefined)
    expect(heard()).toMatchObject([{ machine: 'Mill 1' }])
    // what told that it was locked is over by itself; it stays until a person has seen it
    for (;;) {
      const seen = page.locator('.op-message', { has: at('acknowledge') }).first()
      if ((await seen.count()) === 0) break
      // the first one may be another one a moment later
      const message = at((await seen.getAttribute('data-testid')) as string)
      await message.getByTestId('acknowledge').tap()
      await message.waitFor({ state: 'detached' })
    }
  })

  it('moves to the workpiece by steps and by holding, and makes it the zero', async () => {
    const { page, touch } = panel
    await at('tab-move').tap()
    await at('step-10').tap()
    for (const axis of ['X-', 'Y-', 'Z-']) {
      const before = (await state()).machinePositionMm
      await expect.poll(() => at(`jog-${axis}`).isEnabled(), { timeout: 15_000 }).toBe(true)
      const index = 'XYZ'.indexOf(axis[0] as string)
      const isThere = async () => {
        const { machinePositionMm, controller: now } = await state()
        return now === 'idle' && Math.abs((machinePositionMm[index] ?? 0) - (before[index] ?? 0)) > 9
      }
      // a step that is refused, since the one before has only just ended, says so on the page: the operator taps again
      await until(`a step along ${axis}`, 40_000, async () => {
        await at(`jog-${axis}`).tap()
        for (const lookUntil = Date.now() + 5_000; Date.now() < lookUntil; await pause(50)) if (await isThere()) return true
        return undefined
      })
    }
    await at('step-hold').tap()
    await at('speed-fast').tap()
    const before = controller.now().carriage[0]
    // so far that the plate, 20 mm long, lies within the travel
    await holdUntilMoving(panel, at('jog-X-'), async () => controller.now().carriage[0] < before - 15)
    await finger(touch, 'touchEnd')
    await standing()
    await at('tab-setup').tap()
    for (const axis of ['X', 'Y', 'Z']) {
      await at(`zero-${axis}`).tap()
      await keepPressed(panel, at('zero-confirm'))
      await at('zero-confirm').waitFor({ state: 'detached' })
    }
    // where a jog ended by itself, the axis stands on the nearest step (0.004 mm apart), and the zero is where it was sent
    await untilState('the new zero', ({ workPositionMm }) => workPositionMm.slice(0, 3).every((value) => Math.abs(value) < 0.005))
    await shot(page, 'shift-zeroed')
  })

  it('starts a program, changes the tool that it asks for, and slows it down', async () => {
    const { page } = panel
    await at('tab-program').tap()
    await at('start-program').tap()
    await at('choose-plate.nc').tap()
    await at('start-words').getByText('Mill 1 runs plate.nc from the beginning').waitFor()
    await keepPressed(panel, at('start-confirm'))
    await untilState('the program to ask for its tool', ({ job }) => job?.waitingFor?.kind === 'tool-change')
    await at('tab-status').tap()
    await at('tool-change').getByText('T1').first().waitFor()
    await shot(page, 'shift-tool-change')
    await at('overrides').tap()
    await at('feed-less').tap()
    await at('feed-percent').getByText('90 %').waitFor()
    await page.getByRole('dialog').getByRole('button', { name: 'Back' }).tap()
    expect(await state()).toMatchObject({ overridesPercent: { feed: 90 } })
    await keepPressed(panel, at('answer-go-on'))
    await untilState('the program to be done', ({ job, workPositionMm: [, y = 0] }) => job === undefined && Math.abs(y - 11) < 0.01)
    await shot(page, 'shift-done')
  })

  it('is called by an alarm, says that it was seen, and homes again', async () => {
    const { page } = panel
    await standing()
    controller.trip(ALARM_RESET_IN_MOTION)
    await page.locator('[data-testid="machine-state"][data-state="alarm"]').waitFor()
    await shot(page, 'shift-alarm')
    await at('tab-messages').tap()
    const alarm = page.locator('.op-message[data-priority="alarm"]', { hasText: ALARM_TEXT })
    await alarm.getByTestId('acknowledge').tap()
    await alarm.getByText('seen by Otto').waitFor()
    await at('tab-status').tap()
    await keepPressed(panel, at('home'))
    await standing()
    await until('the alarm to be over', 30_000, async () => {
      const messages = await product.client.call(listPanelMessages, { query: { limit: 20 } })
      return (
        messages.some(({ title, endedAt, acknowledgedBy }) => title.includes(ALARM_TEXT) && endedAt !== undefined && acknowledgedBy === 'Otto') || undefined
      )
    })
  })

  it('books scrap in a form, and is asked whether the batch goes on', async () => {
    const { page } = panel
    await at('button-shift-form').tap()
    const dialog = page.getByRole('dialog')
    await dialog.getByRole('button', { name: '2', exact: true }).tap()
    await dialog.getByText('wrong size').tap()
    await at('confirm-press').tap()
    await dialog.waitFor({ state: 'detached' })
    await page.locator('[data-testid^="ask-"]', { hasText: 'Go on with the batch?' }).tap()
    await shot(page, 'shift-approval')
    await at('choice-yes').tap()
    await dialog.waitFor({ state: 'detached' })
    await page.locator('[data-testid^="ask-"]').waitFor({ state: 'detached' })
    await until('the run to end', 30_000, async () =>
      (await product.client.call(listRuns, { query: { limit: 20 } })).find(({ trigger, state: now }) => trigger.nodeId === 'shift-form' && now === 'completed'),
    )
  })

  it('stops the machine though the flow runtime was killed: the byte is on the wire', async () => {
    const { page } = panel
    await at('tab-program').tap()
    await at('start-program').tap()
    await at('choose-long.nc').tap()
    await keepPressed(panel, at('start-confirm'))
    await until('the motors to turn', 60_000, () => controller.now().isMoving || undefined)
    process.kill(await product.pidOf('runtime'), 'SIGKILL')
    const seen = controller.received.length
    const stop = await centreOf(at('stop'))
    await finger(panel.touch, 'touchStart', stop)
    // it acts on press: the finger is still there
    await controller.waitFor(({ received }) => received.slice(seen).some(({ bytes }) => bytes.includes(RESET)), 10_000)
    await finger(panel.touch, 'touchEnd')
    await untilState('the program to be broken off', ({ job, controller: now }) => job === undefined && now === 'idle')
    await shot(page, 'shift-stopped')
  })

  it('leaves a note for the next shift, and leaves the panel with its stops', async () => {
    const { page } = panel
    await at('tab-messages').tap()
    await at('note-text').fill('Plates are done up to 4.')
    await at('note-send').tap()
    await page.locator('.op-message', { hasText: 'Plates are done up to 4.' }).waitFor()
    await at('who').tap()
    await at('leave-panel').tap()
    await page.locator('[data-testid="who"][data-locked]').waitFor()
    expect(await at('stop').isEnabled()).toBe(true)
    // written down behind what is done
    const didOtto = async () => (await product.client.call(listAudit, { query: { limit: 500 } })).flatMap(({ who, action }) => (who === 'otto' ? [action] : []))
    await expect
      .poll(didOtto)
      .toEqual(
        expect.arrayContaining([
          'signed in with a PIN',
          'read a hand-over note',
          'took control of a machine',
          'acknowledged a message',
          'panel.press',
          'left a hand-over note',
          'left the panel',
        ]),
      )
    expect(panel.complaints).toEqual([])
  })
})
