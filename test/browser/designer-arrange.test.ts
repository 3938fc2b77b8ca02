/** Arranging a flow in the designer by hand and by keys: groups, subflows, junctions, lining up, laying out, locking. */
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { FlowNode } from '../../server/api/index.ts'
import { until } from '../product.ts'
import { violationsOf } from './axe.ts'
import { chromiumPath } from './chromium.ts'
import { type Designer, openDesigner } from './designer.ts'
import { drag, drawn, shot } from './hands.ts'

const flow = (): FlowNode[] => [
  { id: 'flow', type: 'tab', label: 'Saw line', disabled: false, info: '' },
  {
    id: 'start',
    type: 'inject',
    z: 'flow',
    name: 'start',
    props: [],
    repeat: '',
    crontab: '',
    once: false,
    topic: '',
    x: 300,
    y: 380,
    wires: [['sort', 'see']],
  },
  { id: 'sort', type: 'change', z: 'flow', name: 'sort', rules: [], x: 160, y: 160, wires: [['cut']] },
  { id: 'cut', type: 'change', z: 'flow', name: 'cut', rules: [], x: 420, y: 240, wires: [['done']] },
  { id: 'done', type: 'debug', z: 'flow', name: 'done', active: true, tosidebar: true, complete: 'payload', x: 200, y: 300, wires: [] },
  { id: 'see', type: 'debug', z: 'flow', name: 'see', active: true, tosidebar: true, complete: 'payload', x: 580, y: 160, wires: [] },
]

describe.skipIf(!chromiumPath)('arranging in the designer (needs Chromium or Chrome)', { timeout: 90_000 }, () => {
  let designer: Designer
  let complaints: string[]
  let page: Page

  const node = (id: string) => page.getByTestId(`node-${id}`)
  const select = async (first: string, ...more: string[]) => {
    await node(first).click()
    for (const id of more) await node(id).click({ modifiers: ['Control'] })
  }
  const press = async (...keys: string[]) => {
    for (const key of keys) await page.keyboard.press(key)
  }
  /** What a deploy writes is what the designer holds. */
  const deployed = async (): Promise<FlowNode[]> => {
    // what was done last is in the model when it is drawn
    await drawn(page)
    await press('Control+Enter')
    // nothing is left to deploy
    await page.locator('[data-testid="deploy"]:not([data-state="deploying"])[aria-disabled="true"]').waitFor()
    return designer.running()
  }

  beforeAll(async () => {
    designer = await openDesigner()
    ;({ page, complaints } = designer)
  }, 120_000)
  beforeEach(async () => {
    await page.close()
    await designer.deploy(flow())
    page = await designer.context.newPage()
    await page.goto(designer.client.access.url)
    await node('see').waitFor()
  })
  afterAll(() => designer?.close())

  it('groups by keys, folds the group up, and keeps it folded for the next time', async () => {
    await select('sort', 'cut')
    await press('Control+Shift+G')
    await shot(page, 'arrange-group')
    const group = (await deployed()).find(({ type }) => type === 'group')!
    expect(group.nodes).toEqual(['sort', 'cut'])
    await press('Alt+g')
    await node(group.id).waitFor()
    await shot(page, 'arrange-folded')
    await node('sort').waitFor({ state: 'detached' })
    await page.reload()
    await node(group.id).waitFor()
    // what is searched for is shown, wherever it is
    await node(group.id).click()
    await press('Alt+g')
    await node('sort').waitFor()
    await node(group.id).waitFor({ state: 'detached' })
    await press('Control+Shift+U')
    expect((await deployed()).some(({ type }) => type === 'group')).toBe(false)
    expect(complaints).toEqual([])
  })

  it('lines up and lays out, and one undo brings everything back', async () => {
    await select('sort', 'cut')
    await press('Alt+a', 'l')
    const areInLine = async () => {
      const [sort, cut] = await Promise.all(['sort', 'cut'].map(async (id) => Math.round((await node(id).boundingBox())!.x)))
      return sort === cut || undefined
    }
    await until('both at the same left edge', 10_000, areInLine)
    await press('Escape', 'Alt+a', 'a')
    const isInOrder = async () => {
      const xs = await Promise.all(['start', 'sort', 'cut', 'done'].map(async (id) => (await node(id).boundingBox())!.x))
      return xs.every((x, index) => index === 0 || x > (xs[index - 1] as number) + 60) || undefined
    }
    await until('the nodes in the order of their messages', 10_000, isInOrder)
    await until('the layout as a step', 15_000, async () => (await page.getByTestId('undo').getAttribute('aria-label'))?.includes('lay out') || undefined)
    await drawn(page)
    await shot(page, 'arrange-layout')
    await press('Control+z', 'Control+z')
    const flows = await deployed()
    expect(flows.map(({ id, x, y }) => ({ id, x, y }))).toEqual(flow().map(({ id, x, y }) => ({ id, x, y })))
    expect(complaints).toEqual([])
  })

  it('removes from a chain without breaking it, and makes a subflow of the rest', async () => {
    await node('sort').click()
    await press('Control+Delete')
    expect((await deployed()).find(({ id }) => id === 'start')?.wires).toEqual([['see', 'cut']])
    await node('cut').click({ button: 'right' })
    await page.getByTestId('context-menu').waitFor()
    if (await page.getByTestId('menu-arrange').isVisible()) await page.getByTestId('menu-arrange').hover()
    await page.getByTestId('action-arrange.toSubflow').waitFor()
    await shot(page, 'arrange-menu')
    await page.getByTestId('action-arrange.toSubflow').click()
    await node('cut').waitFor({ state: 'detached' })
    const flows = await deployed()
    const subflow = flows.find(({ type }) => type === 'subflow')!
    const instance = flows.find(({ type }) => type === `subflow:${subflow.id}`)!
    expect(flows.find(({ id }) => id === 'cut')?.z).toBe(subflow.id)
    expect(flows.find(({ id }) => id === 'start')?.wires).toEqual([['see', instance.id]])
    expect(instance.wires).toEqual([['done']])
    await shot(page, 'arrange-subflow')
    expect(complaints).toEqual([])
  })

  it('puts a junction where a wire is pointed at', async () => {
    // only one wire is left there to be hit
    await select('sort', 'cut', 'done')
    await press('Delete')
    await node('sort').waitFor({ state: 'detached' })
    await drawn(page)
    const [from, to] = await Promise.all(['start', 'see'].map(async (id) => (await node(id).boundingBox())!))
    // a wire drawn with a bow is exactly in the middle half way
    await page.mouse.click((from!.x + from!.width + to!.x) / 2, (from!.y + to!.y) / 2 + from!.height / 2, { button: 'right' })
    await page.getByTestId('action-arrange.junction').click()
    const flows = await deployed()
    const junction = flows.find(({ type }) => type === 'junction')!
    expect(junction.wires).toEqual([['see']])
    expect(flows.find(({ id }) => id === 'start')?.wires).toEqual([[junction.id]])
    expect(complaints).toEqual([])
  })

  it('imports in the place of what is here, and lays what it adds over nothing', async () => {
    const nodes = flow()
    const ask = async (json: unknown) => {
      // a dialog that closes gives the focus back a moment later
      await page.getByTestId('import-text').waitFor({ state: 'detached' })
      await page.getByTestId('canvas').focus()
      await press('Control+i')
      await page.getByTestId('import-text').fill(JSON.stringify(json))
    }
    const before = nodes.find(({ id }) => id === 'see')!
    await ask([{ ...before, name: 'see better' }])
    await page.getByTestId('import-taken').getByText('In place of what is here').click()
    await page.getByTestId('import-go').click()
    await node('see').getByText('see better').waitFor()
    await ask([{ id: 'more', type: 'comment', name: 'more', x: 0, y: 0, wires: [] }])
    await page.getByTestId('import-go').click()
    await node('more').waitFor()
    // the view goes to it
    await drawn(page)
    const boxOf = async (id: string) => (await node(id).boundingBox())!
    const more = await boxOf('more')
    for (const { id, x } of nodes) {
      if (x === undefined) continue
      const box = await boxOf(id)
      const isApart = box.x >= more.x + more.width || more.x >= box.x + box.width || box.y >= more.y + more.height || more.y >= box.y + box.height
      expect(isApart, id).toBe(true)
    }
    // nothing is left as a draft for the next page
    await deployed()
    expect(complaints).toEqual([])
  })

  it('changes nothing on a locked flow, says why, and offers to unlock', async () => {
    await page.getByTestId('canvas').click({ button: 'right', position: { x: 60, y: 600 } })
    await page.getByTestId('action-arrange.lockTab').click()
    const before = (await node('see').boundingBox())!
    await drag(page, { x: before.x + 30, y: before.y + 10 }, { x: before.x + 130, y: before.y + 110 })
    await page.getByTestId('unlock').waitFor()
    await drawn(page)
    await shot(page, 'arrange-locked')
    expect(await node('see').boundingBox()).toEqual(before)
    expect(await violationsOf(page)).toEqual([])
    // what could not be deleted stays selected, so that the same key does it once the flow is unlocked
    await node('see').click()
    await press('Delete')
    await page.getByTestId('unlock').last().click()
    await page.locator('[data-testid="node-see"][data-selected]').waitFor()
    await press('Delete')
    await node('see').waitFor({ state: 'detached' })
    expect(complaints).toEqual([])
  })
})
