/** The canvas under real pointers and keys: ways of wires, cutting, moving wires, folding, walking, touch, the minimap. */
import type { CDPSession, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { getDraft } from '../../server/api/index.ts'
import { until } from '../product.ts'
import { chromiumPath } from './chromium.ts'
import { type Designer, openDesigner } from './designer.ts'
import { drag as dragOn, runCommand } from './hands.ts'

const TAB = 'ca00000000000000'
const id = (name: string) => `ca0000000000000${name}`
const node = (name: string, x: number, y: number, targets: string[], more: Record<string, unknown> = {}) => ({
  id: id(name),
  type: 'change',
  z: TAB,
  name: `Step ${name}`,
  rules: [],
  x,
  y,
  wires: [targets.map(id)],
  ...more,
})

// a → c lies behind b; e takes d's wire; 1 and 2 are a group that e leads to
const flows = [
  { id: TAB, type: 'tab', label: 'Canvas', disabled: false, info: '', env: [] },
  node('a', 120, 100, ['b', 'c']),
  node('b', 340, 100, []),
  node('c', 560, 100, []),
  node('d', 120, 240, ['e']),
  node('e', 340, 240, ['1']),
  node('f', 340, 320, []),
  { id: id('9'), type: 'group', z: TAB, name: 'Spindle', style: { label: true }, nodes: [id('1'), id('2')], x: 474, y: 379, w: 372, h: 102 },
  node('1', 560, 440, ['2'], { g: id('9') }),
  node('2', 760, 440, [], { g: id('9') }),
]

describe.skipIf(!chromiumPath)('the canvas (needs Chromium or Chrome)', { timeout: 60_000 }, () => {
  let designer: Designer
  let complaints: string[]
  let page: Page

  const face = (name: string) => page.getByTestId(`node-${id(name)}`)
  const middle = async (name: string) => {
    const box = (await face(name).boundingBox())!
    return { x: box.x + box.width / 2, y: box.y + box.height / 2 }
  }
  const port = async (name: string, side: 'in' | 'out') => {
    const box = (await face(name).boundingBox())!
    return { x: side === 'in' ? box.x : box.x + box.width, y: box.y + box.height / 2 }
  }
  /** Wires in and out, as a screen reader is told. */
  const wires = async (name: string) => {
    const [, into, out] = /(\d+) wires? in, (\d+) out/.exec((await face(name).getAttribute('aria-label')) ?? '') ?? []
    return `${into} in, ${out} out`
  }
  const untilWires = (name: string, text: string) => until(`${name} to have ${text}`, 15_000, async () => ((await wires(name)) === text ? true : undefined))
  const drag = (from: { x: number; y: number }, to: { x: number; y: number }, button?: 'left' | 'right') => dragOn(page, from, to, button)
  /** The group an object is in, in what is saved of the work on the page. */
  const groupOf = async (wanted: string) => {
    const answer = await page.request.get(new URL(getDraft.path, page.url()).href)
    const { draft } = (await answer.json()) as { draft: { changes: { put: { id: string; g?: string }[] } } | null }
    return draft?.changes.put.find((object) => object.id === wanted)?.g
  }
  const undo = () => page.getByTestId('undo').click()
  /** Whether something is painted near a place of the window, under the nodes. */
  const isPainted = (at: { x: number; y: number }) =>
    page.evaluate(({ x, y }) => {
      const canvas = document.querySelector<HTMLCanvasElement>('.flow-wires')!
      const box = canvas.getBoundingClientRect()
      const { data } = canvas.getContext('2d')!.getImageData(x - box.left - 4, y - box.top - 6, 8, 12)
      // a wire goes across all of it; a dot of the grid is a few pixels
      return data.filter((value, index) => index % 4 === 3 && value > 128).length >= 10
    }, at)

  beforeAll(async () => {
    designer = await openDesigner({ flows, context: { hasTouch: true } })
    ;({ page, complaints } = designer)
    await face('a').waitFor()
    await untilWires('a', '0 in, 2 out')
  }, 120_000)
  afterAll(() => designer?.close())

  it('leads a wire round a node, or straight over it, as one likes', async () => {
    const behind = await middle('b')
    await until('the way round', 15_000, async () => ((await isPainted(behind)) ? undefined : true))
    await runCommand(page, 'Wires: plain curves')
    await until('the plain way', 15_000, async () => ((await isPainted(behind)) ? true : undefined))
    await runCommand(page, 'Wires: right angles')
    await until('the way round', 15_000, async () => ((await isPainted(behind)) ? undefined : true))
    await runCommand(page, 'Wires: smooth')
  })

  it('cuts wires away with a line drawn with Ctrl and the right button', async () => {
    const [from, to] = [await middle('d'), await middle('e')]
    const x = (from.x + to.x) / 2
    await page.keyboard.down('Control')
    await drag({ x, y: from.y - 30 }, { x: x + 6, y: from.y + 30 }, 'right')
    await page.keyboard.up('Control')
    await untilWires('d', '0 in, 0 out')
    await undo()
    await untilWires('d', '0 in, 1 out')
  })

  it('puts a junction into a wire by a double click, and into those cut with Shift', async () => {
    const [from, to] = [await middle('d'), await middle('e')]
    const before = await page.locator('[data-kind="junction"]').count()
    await page.mouse.dblclick((from.x + to.x) / 2, from.y)
    await until('a junction', 15_000, async () => ((await page.locator('[data-kind="junction"]').count()) === before + 1 ? true : undefined))
    await undo()
    await until('no junction', 15_000, async () => ((await page.locator('[data-kind="junction"]').count()) === before ? true : undefined))
    await page.keyboard.down('Shift')
    await drag({ x: (from.x + to.x) / 2, y: from.y - 30 }, { x: (from.x + to.x) / 2 + 6, y: from.y + 30 }, 'right')
    await page.keyboard.up('Shift')
    await until('a junction', 15_000, async () => ((await page.locator('[data-kind="junction"]').count()) === before + 1 ? true : undefined))
    await undo()
    await untilWires('d', '0 in, 1 out')
  })

  it('moves the wires of a port to another with Shift', async () => {
    await page.keyboard.down('Shift')
    await drag(await port('e', 'in'), await middle('f'))
    await page.keyboard.up('Shift')
    await untilWires('f', '1 in, 0 out')
    await untilWires('e', '0 in, 1 out')
    await undo()
    await untilWires('e', '1 in, 1 out')
  })

  it('folds a group up by its sign and opens it by a double click', async () => {
    const inside = (await face('1').boundingBox())!
    const last = (await face('2').boundingBox())!
    const scale = inside.height / 30
    // the sign is at the group's upper right corner
    await page.mouse.click(last.x + last.width + 9 * scale, last.y - 30 * scale)
    await until('the group to be one box', 15_000, async () => ((await face('9').count()) === 1 && (await face('1').count()) === 0 ? true : undefined))
    const box = (await face('9').boundingBox())!
    await page.mouse.dblclick(box.x + box.width / 2, box.y + box.height / 2)
    await until('the group to be open', 15_000, async () => ((await face('1').count()) === 1 ? true : undefined))
  })

  it('puts a node into the group it is dragged into, and takes it out again, each undone in one step', async () => {
    const home = await middle('f')
    const inside = await middle('1')
    await page.mouse.move(home.x, home.y)
    await page.mouse.down()
    await page.mouse.move(home.x + 30, home.y + 20, { steps: 3 })
    await page.mouse.move(inside.x, inside.y + 12, { steps: 6 })
    const frame = page.getByTestId('group-drop')
    await frame.waitFor()
    await expect.poll(() => frame.getAttribute('data-words')).toBe('Into Spindle')
    await page.mouse.up()
    await until('f to be in the group', 15_000, async () => ((await groupOf(id('f'))) === id('9') ? true : undefined))
    await frame.waitFor({ state: 'detached' })
    const grown = await middle('f')
    await page.mouse.move(grown.x, grown.y)
    await page.mouse.down()
    await page.mouse.move(grown.x - 30, grown.y - 40, { steps: 3 })
    await page.mouse.move(home.x, home.y - 20, { steps: 8 })
    await page.locator('[data-testid="group-drop"][data-kind="out"]').waitFor()
    await page.mouse.up()
    await until('f to be outside', 15_000, async () => ((await groupOf(id('f'))) === undefined ? true : undefined))
    await undo()
    await until('f to be in the group again', 15_000, async () => ((await groupOf(id('f'))) === id('9') ? true : undefined))
    await undo()
    await until('f to be where it was', 15_000, async () =>
      (await groupOf(id('f'))) === undefined && Math.abs((await middle('f')).x - home.x) < 1 ? true : undefined,
    )
  })

  it('takes a shaken node out of its chain, and one undo brings it back', async () => {
    const from = await middle('e')
    await page.mouse.move(from.x, from.y)
    await page.mouse.down()
    // as long as it takes: on a busy machine a swing may be too slow
    await until('e to come loose', 20_000, async () => {
      for (const x of [40, -40, 40, -40, 40, 0]) await page.mouse.move(from.x + x, from.y + 40, { steps: 4 })
      return (await wires('e')) === '0 in, 0 out'
    })
    await page.mouse.up()
    await untilWires('e', '0 in, 0 out')
    await untilWires('d', '0 in, 1 out')
    await untilWires('1', '1 in, 1 out')
    await undo()
    await untilWires('e', '1 in, 1 out')
    await until('e to be back', 15_000, async () => (Math.abs((await middle('e')).y - from.y) < 1 ? true : undefined))
  })

  it('opens a folded group when a wire is pulled from it, and leads a wire to the one input behind it', async () => {
    const fold = async () => {
      await face('1').click()
      await page.keyboard.press('Alt+g')
      await face('9').waitFor()
    }
    await fold()
    // f → the folded group: its one way in is node 1
    await drag(await port('f', 'out'), await middle('9'))
    await untilWires('f', '0 in, 1 out')
    await undo()
    await untilWires('f', '0 in, 0 out')
    // pulled out of its input, the wire goes on from node 1
    const entry = await port('9', 'in')
    const free = await middle('f')
    await page.mouse.move(entry.x, entry.y)
    await page.mouse.down()
    await face('1').waitFor()
    await page.mouse.move(entry.x - 40, entry.y - 20, { steps: 4 })
    await page.mouse.move(free.x, free.y, { steps: 6 })
    await page.mouse.up()
    await untilWires('f', '0 in, 1 out')
    await untilWires('1', '2 in, 1 out')
    await undo()
    await untilWires('1', '1 in, 1 out')
  })

  it('goes along wires by keys, and chooses and removes one', async () => {
    await face('d').click()
    await page.keyboard.press('.')
    await until('e to be chosen', 15_000, async () => ((await face('e').getAttribute('data-selected')) === '' ? true : undefined))
    await page.keyboard.press(',')
    await until('d to be chosen', 15_000, async () => ((await face('d').getAttribute('data-selected')) === '' ? true : undefined))
    await page.keyboard.press('w')
    await page.getByText('Wire from Step d to Step e, 1 of 1').waitFor({ state: 'attached' })
    await page.keyboard.press('Delete')
    await untilWires('d', '0 in, 0 out')
    await undo()
    await untilWires('d', '0 in, 1 out')
  })

  it('brings a dragged node into line with its neighbours, and shows it', async () => {
    const from = await middle('f')
    const target = await middle('d')
    await page.mouse.move(from.x, from.y)
    await page.mouse.down()
    await page.mouse.move(from.x - 40, from.y + 20, { steps: 3 })
    await page.mouse.move(target.x + 3, from.y + 4, { steps: 4 })
    await page.locator('.flow-strokes[data-kind="guide"] path').waitFor({ state: 'attached' })
    await page.mouse.up()
    await until('it to be in line', 15_000, async () => (Math.abs((await middle('f')).x - target.x) < 0.6 ? true : undefined))
    await undo()
    await until('it to be back', 15_000, async () => (Math.abs((await middle('f')).x - from.x) < 0.6 ? true : undefined))
  })

  it('pans with the wheel, zooms with Ctrl, and goes where the minimap is pressed', async () => {
    const before = await middle('a')
    await page.mouse.move(before.x + 60, before.y + 80)
    await page.mouse.wheel(0, 100)
    await until('the view to move', 15_000, async () => (Math.abs((await middle('a')).y - (before.y - 100)) < 2 ? true : undefined))
    await page.keyboard.down('Control')
    for (let turn = 0; turn < 6; turn += 1) await page.mouse.wheel(0, -120)
    await page.keyboard.up('Control')
    await until('the zoom', 15_000, async () => (Number.parseInt(await page.locator('.canvas-zoom output').innerText(), 10) > 150 ? true : undefined))
    const map = page.getByTestId('minimap')
    await map.waitFor()
    const box = (await map.boundingBox())!
    await page.mouse.click(box.x + box.width - 12, box.y + box.height - 12)
    await until('the last node in sight', 15_000, async () => ((await face('2').count()) === 1 ? true : undefined))
    await page.getByTestId('zoom-fit').click()
    await face('a').waitFor()
  })

  it('opens the menu of a node by a long press, and zooms by two fingers', async () => {
    const session: CDPSession = await designer.context.newCDPSession(page)
    const touch = (type: 'touchStart' | 'touchMove' | 'touchEnd', points: { x: number; y: number }[]) =>
      session.send('Input.dispatchTouchEvent', { type, touchPoints: points.map((point, index) => ({ ...point, id: index })) })
    await touch('touchStart', [await middle('b')])
    await page.locator('[role="menu"]').first().waitFor()
    // what selects stands in a menu of its own
    await page.getByTestId('menu-select').waitFor()
    await touch('touchEnd', [])
    await page.keyboard.press('Escape')
    await page.locator('[role="menu"]').first().waitFor({ state: 'detached' })
    const zoom = async () => Number.parseInt(await page.locator('.canvas-zoom output').innerText(), 10)
    const before = await zoom()
    const at = await middle('f')
    await touch('touchStart', [
      { x: at.x + 150, y: at.y + 100 },
      { x: at.x + 250, y: at.y + 100 },
    ])
    for (const spread of [10, 20, 30, 45]) {
      await touch('touchMove', [
        { x: at.x + 150 + spread, y: at.y + 100 },
        { x: at.x + 250 - spread, y: at.y + 100 },
      ])
    }
    await touch('touchEnd', [])
    await until('the zoom', 15_000, async () => ((await zoom()) < before * 0.7 ? true : undefined))
  })

  it('selects with a finger that taps the background and drags it at once', async () => {
    const session: CDPSession = await designer.context.newCDPSession(page)
    const touch = (type: 'touchStart' | 'touchMove' | 'touchEnd', points: { x: number; y: number }[]) =>
      session.send('Input.dispatchTouchEvent', { type, touchPoints: points.map((point, index) => ({ ...point, id: index })) })
    await page.getByTestId('zoom-fit').click()
    const [d, e] = [(await face('d').boundingBox())!, (await face('e').boundingBox())!]
    const start = { x: d.x - 12, y: d.y - 12 }
    const areChosen = async () => (await face('d').getAttribute('data-selected')) === '' && (await face('e').getAttribute('data-selected')) === ''
    // one after the other without waiting: what comes late is another gesture
    await Promise.all([
      touch('touchStart', [start]),
      touch('touchEnd', []),
      touch('touchStart', [start]),
      touch('touchMove', [{ x: start.x + 60, y: start.y + 20 }]),
      touch('touchMove', [{ x: e.x + e.width / 2, y: d.y + d.height + 4 }]),
      touch('touchEnd', []),
    ])
    await until('both to be chosen', 15_000, areChosen)
    expect(complaints).toEqual([])
  })
})
