/** The flow debugger as a person uses it: breakpoints by key and menu, a look at what waits, a change, steps, and a machine that waits for a yes. */
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { endDebugging, type FlowNode, getDebugger, getMachine, listAudit, stopMachine } from '../../server/api/index.ts'
import { until } from '../product.ts'
import { violationsOf } from './axe.ts'
import { chromiumPath } from './chromium.ts'
import { type Designer, openDesigner } from './designer.ts'

const TAB: FlowNode = { id: 'cell', type: 'tab', label: 'Cell' }
const at = (x: number, y: number) => ({ z: 'cell', x, y })
const FLOW: FlowNode[] = [
  TAB,
  { id: 'mill0', type: 'cw-machine', machineId: 'demo-mill' },
  {
    id: 'start',
    type: 'inject',
    ...at(140, 200),
    name: 'start',
    props: [{ p: 'payload' }],
    payload: '{"part":7}',
    payloadType: 'json',
    repeat: '',
    once: false,
    wires: [['count']],
  },
  { id: 'count', type: 'change', ...at(340, 200), name: 'count', rules: [{ t: 'set', p: 'seen', pt: 'msg', to: 'true', tot: 'bool' }], wires: [['move']] },
  {
    id: 'move',
    type: 'cw-jog',
    ...at(560, 200),
    name: 'a little',
    machine: 'mill0',
    target: 'by',
    // a minute and a half, in which somebody looks at it
    axisX: '90',
    axisXType: 'num',
    feed: '1',
    feedType: 'num',
    wires: [['show']],
  },
  { id: 'show', type: 'debug', ...at(780, 200), name: 'show', active: true, tosidebar: true, complete: 'payload', targetType: 'msg', wires: [] },
]

describe.skipIf(!chromiumPath)('the flow debugger in a browser (needs Chromium or Chrome)', { timeout: 60_000 }, () => {
  let designer: Designer
  let complaints: string[]
  let page: Page

  const state = () => designer.client.call(getDebugger, {})
  const press = async () => {
    const answer = await page.evaluate(() => fetch('/red/inject/start', { method: 'POST', headers: { 'x-cellwright': '1' } }).then(({ status }) => status))
    expect(answer).toBe(200)
  }
  const click = (nodeId: string) => page.getByTestId(`node-${nodeId}`).click()

  beforeAll(async () => {
    designer = await openDesigner()
    await designer.setUpDemo()
    await designer.deploy(FLOW)
    ;({ page, complaints } = designer)
    await page.getByTestId('node-count').waitFor()
  }, 120_000)
  afterAll(async () => {
    // the product is lent to others, whose nodes may have the same ids
    await designer?.client.call(endDebugging, {}).catch(() => {})
    await designer?.close()
  })

  it('sets a breakpoint at the selected node with F9, and marks it', async () => {
    await click('count')
    await page.keyboard.press('F9')
    await page.locator('[data-testid="node-count"] .flow-node-mark-breakpoint').waitFor()
    await expect.poll(async () => (await state()).breakpoints).toMatchObject([{ at: { kind: 'node', nodeId: 'count' }, isOn: true }])
    await page.locator('[data-testid="node-count"][aria-label*="breakpoint"]').waitFor()
    await page.locator('[data-testid="node-move"][aria-label*="acts on demo-mill"]').waitFor()
  })

  it('shows what waits, and lets it be changed', async () => {
    await press()
    await page.getByTestId('debugger-bar').getByText('1 message waits').waitFor()
    await page.getByTestId('debugger-open').click()
    await page.getByTestId('waiting-count').waitFor()
    await page.getByTestId('change-payload.part').click()
    await page.getByTestId('message-json').fill('8')
    await page.keyboard.press('Control+Enter')
    await until('the change', 10_000, async () => ((await state()).waiting[0]?.isEdited ? true : undefined))
    await page.getByTestId('waiting-message').getByText('8', { exact: false }).first().waitFor()
  })

  it('says before a deploy which waiting messages it drops, and leads to them', async () => {
    await click('count')
    await page.keyboard.press('Delete')
    await page.getByTestId('deploy').click()
    const row = page.getByTestId('check-waiting')
    await row.getByText('one message that the debugger holds', { exact: false }).waitFor()
    await page.getByTestId('review-look-first').click()
    await page.getByTestId('review').waitFor({ state: 'detached' })
    await page.getByTestId('waiting-count').waitFor()
    expect((await state()).waitingCount).toBe(1)
    await page.getByTestId('undo').click()
    await page.getByTestId('node-count').waitFor()
  })

  it('has no serious fault for assistive technology', async () => {
    expect((await violationsOf(page)).filter((each) => /debugger|waiting-|flow-node-mark/.test(each))).toEqual([])
  })

  it('keys go on with the run that was stepped, and not with another that waits longer', async () => {
    await press()
    await until('the second message', 10_000, async () => ((await state()).waitingCount === 2 ? true : undefined))
    const [first, second] = (await state()).waiting
    await page.getByTestId('waiting-count').nth(1).click()
    await page.keyboard.press('F10')
    await until('the step', 10_000, async () =>
      (await state()).waiting.some(({ nodeId, runId }) => nodeId === 'move' && runId === second?.runId) ? true : undefined,
    )
    await page.getByTestId('debugger-bar').getByText('before “a little”').waitFor()
    expect((await state()).waiting.find(({ nodeId }) => nodeId === 'count')?.id).toBe(first?.id)
    await page.getByTestId('waiting-drop').click()
    await page.getByTestId('waiting-drop-yes').click()
    await until('the drop', 10_000, async () => ((await state()).waitingCount === 1 ? true : undefined))
    await until('the page to know of it', 10_000, async () => ((await page.getByTestId('waiting-count').count()) === 1 ? true : undefined))
  })

  it('steps with F10 up to the machine, which does not move before a kept press', async () => {
    await page.getByTestId('waiting-drop-yes').waitFor({ state: 'detached' })
    // a key that comes while the question before it is still closing is that question's; at the machine F10 does nothing more
    await until('the step', 20_000, async () => {
      await page.getByTestId('canvas').focus()
      await page.keyboard.press('F10')
      return (await page.getByTestId('waiting-motion').isVisible()) ? true : undefined
    })
    await expect.poll(async () => (await state()).waiting).toMatchObject([{ nodeId: 'move', why: 'step', motion: { machineId: 'demo-mill' } }])
    await page.keyboard.press('F10')
    await page.keyboard.press('F8')
    expect((await state()).waiting).toMatchObject([{ nodeId: 'move' }])
    const yes = page.getByTestId('waiting-motion-yes')
    await yes.click()
    expect((await state()).waiting).toMatchObject([{ nodeId: 'move' }])
    const box = (await yes.boundingBox())!
    await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2)
    await page.mouse.down()
    await until('the yes to be taken', 10_000, async () => ((await state()).waiting.some(({ nodeId }) => nodeId === 'move') ? undefined : true))
    await page.mouse.up()
  })

  it('refuses to pause the flow while its machine moves, and says so', async () => {
    const isStanding = async () => (await designer.client.call(getMachine, { params: { machineId: 'demo-mill' } })).state?.isStanding
    await until('the machine to move', 30_000, async () => ((await isStanding()) === false ? true : undefined))
    const refusal = page.getByText(/moves now, and this flow acts on it/).first()
    // the button that was kept pressed gives the focus away when it goes, which may take the first key with it
    await until('the refusal', 20_000, async () => {
      await page.getByTestId('canvas').focus()
      await page.keyboard.press('Shift+F8')
      await refusal.waitFor({ timeout: 2_000 })
      return true
    })
    expect((await state()).paused).toEqual([])
    await designer.client.call(stopMachine, { params: { machineId: 'demo-mill' }, body: { hard: false } })
    await until('the machine to stand', 20_000, async () => ((await isStanding()) === true ? true : undefined))
  })

  it('writes down who did what', async () => {
    const entries = async () => (await designer.client.call(listAudit, { query: { limit: 100 } })).filter(({ action }) => action.startsWith('debugger.'))
    await expect
      .poll(async () => (await entries()).map(({ action }) => action))
      .toEqual(
        expect.arrayContaining([
          'debugger.set a breakpoint',
          'debugger.changed a message',
          'debugger.let a message go on',
          'debugger.let a message act on a machine',
        ]),
      )
    expect(new Set((await entries()).map(({ who }) => who))).toEqual(new Set([designer.userName]))
  })

  it('pauses the flow by key and lets it run again', async () => {
    await until('nothing to wait', 10_000, async () => {
      const before = (await state()).waitingCount
      if (before === 0) return true
      await page.getByTestId('debugger-end').click()
      await until('one to be let go', 15_000, async () => (await state()).waitingCount < before)
      return undefined
    })
    await page.getByTestId('canvas').focus()
    await page.keyboard.press('Shift+F8')
    await page.getByTestId('debugger-bar').getByText('This flow is paused').waitFor()
    await page.keyboard.press('Shift+F8')
    await page.getByTestId('debugger-bar').waitFor({ state: 'detached' })
    // the refusal of a moment ago is one
    expect(complaints.filter((each) => !/409.*debugger\/pause/.test(each))).toEqual([])
  })
})
