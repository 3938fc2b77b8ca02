/** The stock editor's dialogs in the designer: every core and Dashboard type, and what a dialog may and may not do. */
import type { BrowserContext, FrameLocator, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { StockWindow } from '../../editor/designer/stock/frame/stock-window.ts'
import { type FlowNode, listNodeTypes, type NodeType } from '../../server/api/index.ts'
import { until } from '../product.ts'
import { violationsOf } from './axe.ts'
import { chromiumPath, SIZES } from './chromium.ts'
import { type Designer, openDesigner } from './designer.ts'

describe.skipIf(!chromiumPath)('the stock dialogs in a browser (needs Chromium or Chrome)', { timeout: 240_000 }, () => {
  let designer: Designer
  let complaints: string[]
  let page: Page
  let form: FrameLocator

  /**
   * The frame's trays slide for a quarter of a second a time; nothing else waits for exactly that. What it has put off to a moment later
   * is kept in its `later`.
   */
  const prepare = async (context: BrowserContext) => {
    await context.addInitScript(() => {
      if (!location.pathname.startsWith('/stock/')) return
      const later = new Set<number>()
      const [putOff, call] = [window.setTimeout, window.clearTimeout]
      const replaced = (work: (...about: unknown[]) => void, ms = 0, ...about: unknown[]) => {
        const id = putOff(
          () => {
            later.delete(id)
            work(...about)
          },
          [150, 200, 250].includes(ms) ? 0 : ms,
        )
        if (ms < 1000) later.add(id)
        return id
      }
      const clear = (id: number) => {
        later.delete(id)
        call(id)
      }
      Object.assign(window, { setTimeout: replaced, clearTimeout: clear, later })
    })
  }
  /** Opens a node's form as somebody does who knows its id: by the outline. */
  const edit = async (id: string) => {
    if (!(await page.getByTestId('outline-search').isVisible())) await page.getByTestId('outline').click()
    await page.getByTestId('outline-search').fill(id)
    await page.locator(`#outline-${id}`).dblclick()
    await page.locator('[data-testid="stock-place"][data-open]').waitFor()
    await form.locator('#dialog-form, #node-config-dialog-edit-form').first().waitFor({ state: 'attached' })
  }
  const done = async () => {
    await page.getByTestId('config-done').click()
    await page.getByTestId('config').waitFor({ state: 'detached' })
  }
  const undoName = async () => ((await page.getByTestId('undo').getAttribute('aria-disabled')) === 'true' ? 'nothing' : 'something')

  beforeAll(async () => {
    designer = await openDesigner({ flows: (client) => client.call(listNodeTypes, {}).then(everyType), hasQuietMoments: true, prepare })
    ;({ page, complaints } = designer)
    form = page.frameLocator('[data-testid="stock-frame"]')
    await page.getByTestId('node-n-switch').waitFor()
  }, 120_000)
  afterAll(() => designer?.close())

  it('opens, cancels and saves the dialog of every core and Dashboard type', async () => {
    const nodes = (await designer.running()).filter(({ id }) => id.startsWith('n-')).map(({ id, type }) => ({ id, type }))
    expect(nodes.length).toBeGreaterThan(60)
    expect(await page.evaluate(openEach, nodes)).toEqual([])
    // nothing was refused or missing; some forms do things a moment after they are gone when they are closed faster than anybody can,
    // which the next test, at a person's pace, must be free of
    expect(complaints.filter((line) => line.includes('(http'))).toEqual([])
    complaints.length = 0
  })

  it('leaves the page beside a form as it was: one row, with the rail of panels at its edge', async () => {
    await edit('n-switch')
    for (const width of [1440, 1100, 820]) {
      await page.setViewportSize({ width, height: 900 })
      const corner = async () => {
        const rail = (await page.locator('.panel-rail').boundingBox())!
        return [rail.x + rail.width, rail.y + rail.height]
      }
      await expect.poll(corner).toEqual([width, 900])
    }
    await page.setViewportSize(SIZES.desktop)
    await done()
  })

  it('takes over what was changed: rules with their wires, and a config node made inside with its password', async () => {
    await edit('n-switch')
    await form.locator('.red-ui-editableList-addButton').first().click()
    await done()
    await until('the rule', 15_000, async () => (await undoName()) !== 'nothing')
    await edit('mq')
    await form.locator('#node-input-btn-broker-add').click()
    await form.locator('#node-config-input-broker').fill('mqtt.shop.example')
    await form.locator('#node-config-dialog-edit-form').getByText('Security').click()
    await form.locator('#node-config-input-user').fill('mill')
    await form.locator('#node-config-input-password').fill('s3cret-word')
    await form.locator('#node-config-dialog-ok').click()
    await form.locator('#node-config-dialog-ok').waitFor({ state: 'detached' })
    await done()
    await edit('pick')
    await form.locator('#node-input-scope-select').selectOption('target')
    await form.locator('#node-input-catch-target-select').click()
    await page.getByTestId('stock-pick').waitFor()
    await page.getByTestId('node-mq').click()
    expect(await violationsOf(page, undefined, ['.stock-pick', '.designer-side'])).toEqual([])
    await page.getByTestId('stock-pick-done').click()
    await page.getByTestId('stock-pick').waitFor({ state: 'detached' })
    await form.locator('#dialog-form').waitFor()
    // a deploy takes along what stands in the open form
    await page.getByTestId('deploy').click()
    const broker = await until('the deployed config node', 20_000, async () => (await designer.running()).find((node) => node.broker === 'mqtt.shop.example'))
    expect(JSON.stringify(await designer.running())).not.toContain('s3cret-word')
    expect(await designer.nodeOf('mq')).toMatchObject({ broker: broker.id })
    expect(await designer.nodeOf('pick')).toMatchObject({ scope: ['mq'] })
    const route = await designer.nodeOf('n-switch')
    expect(route).toMatchObject({ outputs: 2, wires: [[], []] })
    // the stored password is known to be there, and stays on the server
    await edit('mq')
    await form.locator('#node-input-btn-broker-edit').click()
    await form.locator('#node-config-dialog-edit-form').getByText('Security').click()
    await until('the stored user', 15_000, async () => ((await form.locator('#node-config-input-user').inputValue()) === 'mill' ? true : undefined))
    await expect.poll(() => form.locator('#node-config-input-password').inputValue()).toBe('__PWRD__')
    await page.getByTestId('config-discard').click()
    await page.getByTestId('config').waitFor({ state: 'detached' })
    expect(complaints).toEqual([])
  })
})

/** In the page, since there are many: each form is opened and saved, and those that put something away are cancelled too. @returns what went wrong */
async function openEach(nodes: readonly { id: string; type: string }[]): Promise<string[]> {
  const wrong: string[] = []
  const find = (testId: string) => document.querySelector<HTMLElement>(`[data-testid="${testId}"]`)
  const seen = async (what: string, look: () => unknown) => {
    const until = performance.now() + 30_000
    while (!look()) {
      if (performance.now() > until) throw new Error(`${what} did not happen`)
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
  }
  const press = (target: EventTarget, key: string) => target.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true }))
  const frame = () => document.querySelector<HTMLIFrameElement>('[data-testid="stock-frame"]')?.contentWindow as StockWindow & { later: Set<number> }
  const form = () => frame()?.document.querySelector('#dialog-form, #node-config-dialog-edit-form')
  const edit = async (id: string) => {
    find('outline')?.click()
    await seen('the outline', () => find('outline-search'))
    const search = find('outline-search') as HTMLInputElement
    Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value')?.set?.call(search, id)
    search.dispatchEvent(new Event('input', { bubbles: true }))
    await seen('the entry', () => document.getElementById(`outline-${id}`))
    document.getElementById(`outline-${id}`)?.dispatchEvent(new MouseEvent('dblclick', { bubbles: true }))
    await seen('the dialog', () => document.querySelector('[data-testid="stock-place"][data-open]') && form())
  }
  const canUndo = () => find('undo')?.matches(':disabled, [data-disabled], [aria-disabled="true"]') === false
  const gone = () => seen('the end of the dialog', () => !find('config') && !form())
  for (const { id, type } of nodes) {
    try {
      await edit(id)
      if (!form()?.querySelector('input:not([id^="red-ui-trap"]), select, textarea, .red-ui-editableList')) wrong.push(`${id}: an empty form`)
      // the forms of link and catch nodes scroll their tree a moment after they stand (@node-red/nodes, common/60-link.html), gone or not
      if (form()?.querySelector('.red-ui-treeList')) await seen('the tree in its place', () => frame().later.size === 0)
      // a form in which nobody has touched anything is not saved at all
      form()?.dispatchEvent(new Event('input', { bubbles: true }))
      find('config-done')?.click()
      await gone()
      if (canUndo()) find('undo')?.click()
      // cancelling is the same for all but those that have something to put away
      if (!('oneditcancel' in (frame().RED.nodes.getType(type) ?? {}))) continue
      await edit(id)
      press(frame().document.body, 'Escape')
      await gone()
      if (canUndo()) wrong.push(`${id}: was changed by looking at it`)
    } catch (error) {
      wrong.push(`${id}: ${String(error)}`)
    }
  }
  return wrong
}

/** One node of every type that has no form of ours, on a flow that is switched off. */
function everyType(types: readonly NodeType[]): FlowNode[] {
  const wanted = types.filter(
    ({ type, configSchema }) => configSchema === undefined && !['global-config', 'unknown', 'tab', 'group', 'subflow', 'junction'].includes(type),
  )
  const idOf = (type: string) => `n-${type.replace(/[^a-z0-9]+/gi, '-')}`
  const configs = new Set(wanted.filter(({ isConfig }) => isConfig).map(({ type }) => type))
  const nodes = wanted.map(({ type, defaults, references = {}, isConfig, outputs }, index): FlowNode => {
    const node: FlowNode = { ...structuredClone(defaults), id: idOf(type), type }
    for (const [property, to] of Object.entries(references)) if (configs.has(to)) node[property] = idOf(to)
    if (isConfig) return node
    return { ...node, z: 'tab', x: 150 + (index % 6) * 200, y: 60 + Math.floor(index / 6) * 60, wires: Array.from({ length: outputs }, () => []) }
  })
  const below = 80 + Math.ceil(nodes.length / 6) * 60
  const more: FlowNode[] = [
    {
      id: 'mq',
      type: 'mqtt in',
      z: 'tab',
      name: '',
      topic: 'spindle',
      qos: '2',
      datatype: 'auto-detect',
      broker: '',
      nl: false,
      rap: true,
      rh: 0,
      inputs: 0,
      x: 150,
      y: below,
      wires: [[]],
    },
    { id: 'pick', type: 'catch', z: 'tab', name: '', scope: null, uncaught: false, x: 350, y: below, wires: [[]] },
  ]
  return [{ id: 'tab', type: 'tab', label: 'every type', disabled: true, info: '', env: [] }, ...nodes, ...more]
}
