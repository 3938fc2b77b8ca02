/** Panels arranged in place, dashboards as their tabs, and kiosks: by pointer and keys, as an engineer and as whoever uses what was arranged. */
import type { BrowserContext, FrameLocator, Locator, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { addAccount, addMachine, type FlowNode, listKiosks, listPanelLayouts, removeKiosk, removeMachine, removePanelLayout } from '../../server/api/index.ts'
import { showScheme, violationsOf } from './axe.ts'
import { chromiumPath, complaintsOf, SIZES } from './chromium.ts'
import { type Designer, node, openDesigner } from './designer.ts'
import { drag, PASSWORD, shot, signInTo } from './hands.ts'

const MILL = 'panels-mill'

/** What a page of a flow would do to the panel around it, had it the chance. */
const ATTACK = `<template><p data-testid="reach">{{ reach }}</p></template>
<script>
export default {
  data: () => ({ reach: 'trying' }),
  async mounted() {
    const tried = {}
    try { tried.parent = String(window.parent.document.title) } catch (error) { tried.parent = error.name }
    try { tried.cookie = document.cookie } catch (error) { tried.cookie = error.name }
    tried.api = await fetch('/api/me').then(({ status }) => status, (error) => error.name)
    this.reach = JSON.stringify(tried)
  },
}
</script>`

const BUTTON = node('cut', 'cw-button', 120, 80, ['out'], {
  label: 'Cut a part',
  says: 'Tells the flow to cut',
  color: 'blue',
  waitingText: '',
  whenEmpty: '',
  asks: [],
  who: 'panel.press',
  needs: 'any',
})
const FLOWS: FlowNode[] = [
  { id: 'tab', type: 'tab', label: 'Cell', disabled: false, info: '' },
  BUTTON,
  node('out', 'debug', 320, 80, [], { active: false, complete: 'true', targetType: 'full' }),
  { id: 'dash', type: 'ui-base', name: 'Shop', path: '/dashboard', includeClientData: true, acceptsClientConfig: [] },
  {
    id: 'theme',
    type: 'ui-theme',
    name: 'Default',
    colors: { surface: '#ffffff', primary: '#0094ce', bgPage: '#eeeeee', groupBg: '#ffffff', groupOutline: '#cccccc' },
    sizes: { density: 'default', pagePadding: '12px', groupGap: '12px', groupBorderRadius: '4px', widgetGap: '12px' },
  },
  { id: 'oee', type: 'ui-page', name: 'OEE', ui: 'dash', path: '/oee', icon: 'home', layout: 'grid', theme: 'theme', order: 1, breakpoints: [] },
  { id: 'group', type: 'ui-group', name: 'Today', page: 'oee', width: '6', height: '1', order: 1, showTitle: true },
  node('try', 'ui-template', 120, 200, [], {
    group: 'group',
    ui: '',
    page: '',
    order: 1,
    width: '6',
    height: '1',
    format: ATTACK,
    storeOutMessages: true,
    passthru: true,
    resendOnRefresh: true,
    templateScope: 'local',
    className: '',
  }),
]

describe.skipIf(!chromiumPath)('panels in a browser (needs Chromium or Chrome)', { timeout: 120_000 }, () => {
  let designer: Designer
  let url: string
  let emil: Page
  let otto: Page
  const contexts: BrowserContext[] = []

  const personAt = async (name: string, role: 'engineer' | 'operator', viewport: { width: number; height: number } = SIZES.panel) => {
    const userName = `${name.toLowerCase()}-${Date.now().toString(36)}-${contexts.length}`
    await designer.client.call(addAccount, { body: { userName, name, role, password: PASSWORD, pin: '4711' } })
    const context = await designer.browser.newContext({ viewport, locale: 'en-GB' })
    contexts.push(context)
    context.setDefaultTimeout(15_000)
    const complaints = complaintsOf(context)
    await signInTo(context, url, userName)
    const page = await context.newPage()
    await page.goto(`${url}/operator#${MILL}`)
    await page.getByTestId('tab-status').waitFor()
    return { context, page, complaints, userName }
  }
  const box = async (target: Locator) => (await target.boundingBox()) ?? { x: 0, y: 0, width: 0, height: 0 }
  const centre = async (target: Locator) => {
    const { x, y, width, height } = await box(target)
    return { x: x + width / 2, y: y + height / 2 }
  }
  const column = (item: Locator) => item.evaluate((element) => (element as HTMLElement).style.getPropertyValue('--op-column'))
  const row = (item: Locator) => item.evaluate((element) => (element as HTMLElement).style.getPropertyValue('--op-row'))
  const arrange = async (page: Page) => {
    await page.getByTestId('arrange-start').click()
    await page.getByTestId('arrange').waitFor()
  }
  const save = async (page: Page, why: string) => {
    await page.getByTestId('arrange-save').click()
    await page.getByTestId('save-reason').fill(why)
    await page.getByTestId('save-layout').click()
  }
  const removeAll = async () => {
    const { client } = designer
    for (const { scope, revision } of await client.call(listPanelLayouts, {}))
      await client.call(removePanelLayout, { body: { scope, basedOn: revision, reason: 'end of the test' } })
    for (const { id } of await client.call(listKiosks, {})) await client.call(removeKiosk, { params: { kioskId: id } })
  }

  beforeAll(async () => {
    designer = await openDesigner()
    url = designer.client.access.url
    await designer.client.call(addMachine, {
      body: {
        id: MILL,
        name: 'Mill 1',
        link: { kind: 'virtual', timeScale: 1 },
        envelopeMm: { min: [-400, -400, -100], max: [400, 400, 100] },
        whenRequesterGone: 'finish',
      },
    })
    await designer.deploy(FLOWS)
    await removeAll()
    const people = await Promise.all([personAt('Emil', 'engineer'), personAt('Otto', 'operator')])
    emil = people[0].page
    otto = people[1].page
  }, 120_000)
  afterAll(async () => {
    for (const context of contexts) await context.close()
    if (designer) {
      await removeAll()
      await designer.client.call(removeMachine, { params: { machineId: MILL } })
    }
    await designer?.close()
  })

  it('are arranged by an engineer with pointer and keys, without anything being pressed, and used by an operator', async () => {
    expect(await otto.getByTestId('arrange-start').count()).toBe(0)
    await arrange(emil)
    await emil.getByTestId('add-tab').click()
    await emil.getByTestId('tab-name').fill('Mine')
    await emil.getByTestId('add-own-tab').click()
    await emil.getByTestId('add-control').click()
    await emil.getByTestId('add-node-cut').click()
    const cut = emil.getByTestId('item-c-cut')
    await cut.waitFor()
    await emil.getByTestId('grid-edited').click({ position: { x: 300, y: 440 } })
    await emil.getByTestId('add-control').click()
    await emil.getByTestId('add-block-position').click()
    const position = emil.getByTestId('item-position')
    await position.waitFor()
    await expect.poll(() => column(position)).toBe('5 / span 6')

    // by pointer: where it is let go; what was there makes room
    const from = await centre(cut)
    await drag(emil, from, await centre(position))
    await expect.poll(() => column(cut)).not.toBe('1 / span 4')
    await shot(emil, 'arrange-dragged')
    const before = { column: await column(cut), row: await row(cut) }
    // by keys: a cell at a time, and in size
    await cut.focus()
    await emil.keyboard.press('ArrowDown')
    await expect.poll(() => row(cut)).not.toBe(before.row)
    await emil.keyboard.press('Control+z')
    await expect.poll(() => row(cut)).toBe(before.row)
    await emil.keyboard.press('Shift+ArrowRight')
    await expect.poll(() => column(cut)).toContain('span 5')
    // by its corner
    const corner = await centre(emil.getByTestId('size-c-cut'))
    await drag(emil, corner, { x: corner.x, y: corner.y + 75 })
    await expect.poll(() => row(cut)).toContain('span 4')
    await emil.getByTestId('arrange-undo').click()
    await expect.poll(() => row(cut)).toContain('span 3')
    await emil.getByTestId('arrange-redo').click()
    await expect.poll(() => row(cut)).toContain('span 4')
    // a press on the button in it is no press
    await emil.mouse.click((await centre(cut)).x, (await centre(cut)).y)
    expect(await emil.getByTestId('confirm-press').count()).toBe(0)
    await expect.poll(() => emil.getByTestId('stop').isEnabled()).toBe(true)
    for (const scheme of ['dark', 'light'] as const) {
      await showScheme(emil, scheme)
      expect(await violationsOf(emil)).toEqual([])
      await shot(emil, `arrange-${scheme}`)
    }

    await emil.getByTestId('arrange-preview').click()
    await emil.getByTestId('preview-phone').click()
    await emil.frameLocator('.op-preview iframe').getByText('Cut a part').waitFor()
    await shot(emil, 'arrange-preview')
    await emil.getByTestId('preview-back').click()
    await emil.getByTestId('edit-tab-mine').click()
    const mine = await centre(emil.getByTestId('edit-tab-mine'))
    const placeOfMine = () => emil.locator('.op-tabs-edited button').evaluateAll((tabs) => tabs.map(({ dataset }) => dataset.testid).indexOf('edit-tab-mine'))
    const [last, width] = [await placeOfMine(), (await emil.getByTestId('edit-tab-mine').boundingBox())?.width ?? 0]
    await drag(emil, mine, { x: mine.x - 2 * width, y: mine.y })
    await expect.poll(placeOfMine).toBe(last - 2)
    await emil.getByTestId('tab-right').click()
    await save(emil, 'the button is easier to reach')
    await emil.getByTestId('arrange').waitFor({ state: 'detached' })
    await emil.getByTestId('tab-mine').waitFor()
    await shot(emil, 'arranged')

    // it counts at once, and works
    await otto.getByTestId('tab-mine').click()
    await otto.getByTestId('button-cut').click()
    await otto.getByTestId('confirm-press').click()
    await otto.getByTestId('button-cut').getByText('Otto').waitFor()
    await shot(otto, 'arranged-operator')
    expect(await violationsOf(otto)).toEqual([])
    await otto.setViewportSize(SIZES.phone)
    await otto.getByTestId('button-cut').waitFor()
    await shot(otto, 'arranged-phone')
    await otto.setViewportSize(SIZES.panel)
  })

  it('changed by two engineers at once lose nothing of either', async () => {
    const { page: eva } = await personAt('Eva', 'engineer')
    await Promise.all([arrange(emil), arrange(eva)])
    for (const page of [emil, eva]) await page.getByTestId('edit-tab-mine').click()
    await eva.getByTestId('add-control').click()
    await eva.getByTestId('add-block-queue').click()
    await emil.getByTestId('add-control').click()
    await emil.getByTestId('add-block-runs').click()
    await save(eva, 'what comes next')
    await eva.getByTestId('arrange').waitFor({ state: 'detached' })
    await save(emil, 'what was before')
    await emil.getByTestId('clash').getByText('Queue').waitFor()
    await shot(emil, 'arrange-clash')
    expect(await violationsOf(emil, undefined, ['.op-dialog'])).toEqual([])
    await emil.getByTestId('clash-merge').click()
    await emil.getByTestId('item-queue').waitFor()
    await emil.getByTestId('item-runs').waitFor()
    await save(emil, 'both')
    await emil.getByTestId('arrange').waitFor({ state: 'detached' })
    await eva.getByTestId('place-runs').waitFor()
    await eva.getByTestId('place-queue').waitFor()
  })

  it('show a dashboard page as a tab, signed in, without reach of the panel, and with STOP beside it', async () => {
    await arrange(emil)
    await emil.getByTestId('add-tab').click()
    await emil.getByTestId('add-page-oee').click()
    await save(emil, 'OEE at the machine')
    await emil.getByTestId('arrange').waitFor({ state: 'detached' })
    await otto.getByTestId('tab-d-oee').click()
    const frame: FrameLocator = otto.frameLocator('.op-dashboard iframe')
    await frame.getByText('Today').waitFor({ timeout: 30_000 })
    await expect
      .poll(async () => JSON.parse((await frame.getByTestId('reach').textContent()) ?? '{}'), { timeout: 15_000 })
      .toEqual({ parent: 'SecurityError', cookie: 'SecurityError', api: 'TypeError' })
    await expect.poll(() => otto.getByTestId('stop').isEnabled()).toBe(true)
    await shot(otto, 'panel-dashboard')
    // the page goes: it is said, and the tab stays for the engineer to take away
    await designer.deploy(FLOWS.filter(({ id }) => !['oee', 'group', 'try', 'cut'].includes(String(id))))
    await otto.getByText('not in the running flows any more').waitFor({ timeout: 15_000 })
    // so does a control: left out for operators, named for the engineer
    await otto.getByTestId('tab-mine').click()
    await otto.getByTestId('place-queue').waitFor()
    await otto.getByTestId('place-c-cut').waitFor({ state: 'detached' })
    await arrange(emil)
    await emil.getByTestId('edit-tab-mine').click()
    await emil.locator('[data-testid="item-c-cut"][data-missing]').waitFor()
    await shot(emil, 'arrange-missing')
    await emil.getByTestId('arrange-leave').click()
    await designer.deploy(FLOWS)
  })

  it('as kiosks start at their place without anybody, let people come and go, and lead nowhere else', async () => {
    const { context, page, userName } = await personAt('Erik', 'engineer')
    await arrange(page)
    await page.getByTestId('arrange-kiosk').click()
    await page.getByTestId('kiosk-name').fill('Mill, left')
    await page.getByTestId('kiosk-bind').click()
    await page.getByTestId('kiosk-is').waitFor()
    await shot(page, 'kiosk-dialog')
    // the power goes: what is left is the kiosk's own cookie
    await page.close()
    await context.clearCookies({ name: /session_token/ })
    const kiosk = await context.newPage()
    await kiosk.goto(url)
    await kiosk.waitForURL(/\/operator/)
    await kiosk.getByTestId('tab-mine').waitFor()
    await kiosk.getByTestId('who').getByText('Sign in').waitFor()
    await expect.poll(() => kiosk.getByTestId('stop').isEnabled()).toBe(true)
    await kiosk.locator('.cw-nav').waitFor({ state: 'hidden' })
    await expect.poll(() => kiosk.getByTestId('button-cut').isDisabled()).toBe(true)
    await shot(kiosk, 'kiosk')
    await kiosk.goto(`${url}/runs`)
    await kiosk.waitForURL(/\/operator/)
    // somebody comes, and goes
    await kiosk.getByTestId('who').click()
    await kiosk.getByText('With a password').click()
    await kiosk.getByTestId('kiosk-user').fill(userName)
    await kiosk.getByTestId('kiosk-password').fill(PASSWORD)
    await kiosk.getByTestId('kiosk-enter').click()
    await kiosk.getByTestId('who').getByText('Erik').waitFor()
    await kiosk.locator('.cw-nav').waitFor()
    await kiosk.getByTestId('tab-move').click()
    await kiosk.getByTestId('who').click()
    await kiosk.getByTestId('leave-panel').click()
    await kiosk.getByTestId('who').getByText('Sign in').waitFor()
    await kiosk.locator('[data-testid="tab-mine"][aria-current]').or(kiosk.locator('[data-testid="tab-status"][aria-current]')).waitFor()
    await kiosk.locator('.cw-nav').waitFor({ state: 'hidden' })
  })
})
