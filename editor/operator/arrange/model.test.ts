import { describe, expect, it } from 'vitest'
import { GRID_COLUMNS, judgeLayout, type LayoutItem, leastSize, PANEL_BLOCKS, type PanelLayout } from '../../../server/api/panel-layouts.ts'
import fc from '../../../test/property.ts'
import { rounds } from '../../../test/rounds.ts'
import {
  addItem,
  atPlace,
  begin,
  freePlace,
  type GridTab,
  isPlaced,
  mergeLayouts,
  moveTab,
  newId,
  nudgeItem,
  place,
  placeItem,
  redo,
  removeItem,
  removeTab,
  renameTab,
  step,
  undo,
  within,
} from './model.ts'

const item = (id: string, x: number, y: number, w = 3, h = 2): LayoutItem => ({ id, x, y, w, h, shows: { kind: 'node', nodeId: id } })
const tab = (...items: LayoutItem[]): PanelLayout => ({ tabs: [{ kind: 'grid', id: 'a', name: 'Mine', items }] })
const itemsOf = (layout: PanelLayout) => (layout.tabs[0] as GridTab).items
const at = (items: readonly LayoutItem[] | undefined, id: string) => {
  const found = items?.find((one) => one.id === id)
  return found && [found.x, found.y]
}

describe('placing', () => {
  it('makes room downwards, for what is in the way of that too, and leaves the others where they are', () => {
    const items = [item('a', 0, 0), item('b', 0, 2), item('c', 0, 4), item('d', 6, 0)]
    const put = place(items, 'd', { x: 1, y: 1, w: 3, h: 2 })
    expect(at(put, 'd')).toEqual([1, 1])
    // what stood where it is now goes below it, in the order in which they were
    expect(at(put, 'a')).toEqual([0, 3])
    expect(at(put, 'b')).toEqual([0, 5])
    expect(at(put, 'c')).toEqual([0, 7])
  })
  it('stays inside of the grid and above its least size', () => {
    expect(within({ x: 11, y: -3, w: 1, h: 1 }, { w: 4, h: 3 })).toEqual({ x: 8, y: 0, w: 4, h: 3 })
    const layout = tab(item('a', 9, 0))
    expect(itemsOf(nudgeItem(layout, 'a', itemsOf(layout)[0]!, { move: { x: 5, y: 0 } }))[0]).toMatchObject({ x: 9 })
    expect(itemsOf(nudgeItem(layout, 'a', itemsOf(layout)[0]!, { size: { w: 5, h: 1 } }))[0]).toMatchObject({ x: 9, w: 3, h: 3 })
    expect(itemsOf(nudgeItem(layout, 'a', itemsOf(layout)[0]!, { size: { w: -9, h: -9 } }))[0]).toMatchObject({ w: 3, h: 2 })
  })
  it('finds the first free place for what is added', () => {
    expect(freePlace([item('a', 0, 0, 3, 2), item('b', 6, 0, 6, 2)], { w: 3, h: 2 })).toEqual({ x: 3, y: 0, w: 3, h: 2 })
    expect(freePlace([item('a', 0, 0, 12, 2)], { w: 3, h: 2 })).toEqual({ x: 0, y: 2, w: 3, h: 2 })
  })
  it('never covers, sticks out or shrinks anything, whatever is done', () => {
    const act = fc.oneof(
      fc.record({ add: fc.constantFrom(...PANEL_BLOCKS) }),
      fc.record({ remove: fc.nat(20) }),
      fc.record({ put: fc.nat(20), x: fc.integer({ min: -3, max: 14 }), y: fc.integer({ min: -3, max: 20 }) }),
      fc.record({ size: fc.nat(20), w: fc.integer({ min: -4, max: 6 }), h: fc.integer({ min: -4, max: 6 }) }),
    )
    fc.assert(
      fc.property(fc.array(act, { maxLength: 40 }), (acts) => {
        let layout = tab()
        for (const one of acts) {
          const items = itemsOf(layout)
          const pick = (index: number) => items[index % Math.max(1, items.length)]
          if ('add' in one) {
            if (!isPlaced(layout, { kind: 'block', block: one.add })) layout = addItem(layout, 'a', { kind: 'block', block: one.add })
          } else if ('remove' in one) layout = removeItem(layout, 'a', pick(one.remove)?.id ?? '')
          else if ('put' in one) {
            const found = pick(one.put)
            if (found) layout = placeItem(layout, 'a', found.id, within({ ...found, x: one.x, y: one.y }, leastSize(found.shows)))
          } else {
            const found = pick(one.size)
            if (found) layout = nudgeItem(layout, 'a', found, { size: { w: one.w, h: one.h } })
          }
          expect(judgeLayout(layout)).toEqual([])
          expect(itemsOf(layout).every(({ x, w }) => x >= 0 && x + w <= GRID_COLUMNS)).toBe(true)
        }
      }),
      { numRuns: rounds(200) },
    )
  })
})

describe('tabs', () => {
  const pages: PanelLayout = {
    tabs: [
      { kind: 'page', id: 'status', page: 'status' },
      { kind: 'page', id: 'move', page: 'move' },
      { kind: 'grid', id: 'a', name: 'Mine', items: [] },
    ],
  }
  it('are ordered, renamed and removed; a page without a name of its own has its own again', () => {
    expect(moveTab(pages, 'a', -1).tabs.map(({ id }) => id)).toEqual(['status', 'a', 'move'])
    expect(moveTab(pages, 'status', -1)).toBe(pages)
    expect(renameTab(pages, 'move', ' Jog ').tabs[1]).toMatchObject({ name: 'Jog' })
    expect(renameTab(renameTab(pages, 'move', 'Jog'), 'move', '').tabs[1]).toEqual({ kind: 'page', id: 'move', page: 'move' })
    expect(renameTab(pages, 'a', '  ').tabs[2]).toMatchObject({ name: 'Mine' })
    expect(removeTab(pages, 'move').tabs).toHaveLength(2)
    expect(newId('Mine too!', ['mine-too'])).toBe('mine-too-2')
  })
  it('of the view of all leave out what belongs to one machine', () => {
    expect(atPlace(pages, '=cell').tabs.map(({ id }) => id)).toEqual(['a'])
  })
})

it('undoes and does again, and a step that changes nothing is none', () => {
  const one = tab(item('a', 0, 0))
  const two = tab(item('a', 3, 0))
  const steps = step(begin(one), two)
  expect(step(steps, structuredClone(two))).toBe(steps)
  expect(undo(steps).now).toBe(one)
  expect(redo(undo(steps)).now).toBe(two)
  expect(undo(begin(one)).now).toBe(one)
})

describe('two engineers', () => {
  const base = tab(item('a', 0, 0), item('b', 3, 0))
  it('keep both: what one moved and what the other added', () => {
    const mine = placeItem(base, 'a', 'a', { x: 6, y: 4, w: 3, h: 2 })
    const theirs = tab(...itemsOf(base), item('c', 6, 0))
    expect(itemsOf(mergeLayouts(base, mine, theirs)).map(({ id, x }) => [id, x])).toEqual([
      ['a', 6],
      ['b', 3],
      ['c', 6],
    ])
  })
  it('where both put something in one place, nothing is covered', () => {
    const merged = mergeLayouts(base, tab(...itemsOf(base), item('c', 0, 2)), tab(...itemsOf(base), item('d', 1, 2)))
    expect(judgeLayout(merged)).toEqual([])
    expect(itemsOf(merged)).toHaveLength(4)
  })
  it('what they removed and I did not touch is gone; what I changed stays', () => {
    expect(itemsOf(mergeLayouts(base, base, tab(item('b', 3, 0)))).map(({ id }) => id)).toEqual(['b'])
    expect(itemsOf(mergeLayouts(base, tab(item('a', 0, 3), item('b', 3, 0)), tab(item('b', 3, 0)))).map(({ id }) => id)).toEqual(['a', 'b'])
  })
  it('take each other’s new tabs and their order', () => {
    const pages: PanelLayout = {
      tabs: [
        { kind: 'page', id: 'status', page: 'status' },
        { kind: 'page', id: 'move', page: 'move' },
      ],
    }
    const theirs: PanelLayout = { tabs: [pages.tabs[1]!, pages.tabs[0]!] }
    const mine: PanelLayout = { tabs: [...pages.tabs, { kind: 'grid', id: 'a', name: 'Mine', items: [] }] }
    expect(mergeLayouts(pages, mine, theirs).tabs.map(({ id }) => id)).toEqual(['move', 'status', 'a'])
  })
})
