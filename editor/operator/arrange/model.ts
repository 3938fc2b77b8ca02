/** Changing a layout: moves and sizes in whole cells, what makes room for what, tabs, undo, and two engineers' changes together. No DOM. */
import {
  fitsPlace,
  GRID_COLUMNS,
  type LayoutItem,
  type LayoutTab,
  leastSize,
  type PanelLayout,
  type PlaceableType,
  type Shown,
} from '../../../server/api/panel-layouts.ts'

export type GridTab = Extract<LayoutTab, { kind: 'grid' }>
export type Rect = Pick<LayoutItem, 'x' | 'y' | 'w' | 'h'>
/** What somebody may do with a control. `move` and `size` are in cells. */
export type Nudge = { move: { x: number; y: number } } | { size: { w: number; h: number } }

const LAST_ROW = 60
const overlap = (a: Rect, b: Rect) => a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h
const bottomOf = (items: readonly Rect[]) => items.reduce((most, { y, h }) => Math.max(most, y + h), 0)

/** A place as near to the wanted one as the grid allows. */
export function within(rect: Rect, least: { w: number; h: number }): Rect {
  const w = Math.min(GRID_COLUMNS, Math.max(least.w, rect.w))
  const h = Math.min(LAST_ROW, Math.max(least.h, rect.h))
  return { w, h, x: Math.min(GRID_COLUMNS - w, Math.max(0, rect.x)), y: Math.min(LAST_ROW - h, Math.max(0, rect.y)) }
}

/**
 * Puts one control where it is wanted; what is in the way goes down, and what is in the way of that. Undefined when the grid has no
 * room left for that.
 */
export function place(items: readonly LayoutItem[], id: string, wanted: Rect): LayoutItem[] | undefined {
  const moved = items.find((item) => item.id === id)
  if (!moved) return undefined
  const put: LayoutItem[] = [{ ...moved, ...wanted }]
  // from the top down: what was above stays above
  for (const item of items.filter((one) => one.id !== id).sort((a, b) => a.y - b.y || a.x - b.x)) {
    let { y } = item
    for (let hit = put.find((one) => overlap(one, { ...item, y })); hit; hit = put.find((one) => overlap(one, { ...item, y }))) y = hit.y + hit.h
    put.push({ ...item, y })
  }
  if (bottomOf(put) > LAST_ROW) return undefined
  return items.map((item) => put.find((one) => one.id === item.id) ?? item)
}

/** The first free place, row by row; below everything where there is none between. */
export function freePlace(items: readonly Rect[], size: { w: number; h: number }): Rect {
  const bottom = bottomOf(items)
  for (let y = 0; y < bottom; y += 1)
    for (let x = 0; x + size.w <= GRID_COLUMNS; x += 1) {
      const rect = { x, y, ...size }
      if (!items.some((item) => overlap(item, rect))) return rect
    }
  return { x: 0, y: bottom, ...size }
}

/** How large something is when it is put on a panel first. */
function firstSize(shows: Shown, type?: PlaceableType): { w: number; h: number } {
  if (shows.kind === 'node') return type === 'cw-chart' ? { w: 6, h: 4 } : type === 'cw-value' ? { w: 3, h: 2 } : { w: 4, h: 3 }
  switch (shows.block) {
    case 'state':
      return { w: 8, h: 3 }
    case 'position':
      return { w: 6, h: 4 }
    case 'path':
      return { w: 12, h: 8 }
    case 'program':
      return { w: 6, h: 2 }
    case 'machines':
      return { w: 12, h: 6 }
    case 'overrides':
    case 'start':
      return { w: 6, h: 2 }
    case 'values':
      return { w: 6, h: 2 }
    default: {
      const least = leastSize(shows)
      return { w: Math.max(6, least.w), h: Math.max(4, least.h) }
    }
  }
}

/** An id that none of these has: short, and the same for the same beginning. */
export function newId(begin: string, taken: readonly string[]): string {
  const stem =
    begin
      .toLowerCase()
      .replaceAll(/[^a-z0-9]+/g, '-')
      .replaceAll(/^-|-$/g, '')
      .slice(0, 30) || 'tab'
  for (let count = 1; ; count += 1) {
    const id = count === 1 ? stem : `${stem}-${count}`
    if (!taken.includes(id)) return id
  }
}

const withTab = (layout: PanelLayout, tabId: string, change: (tab: GridTab) => GridTab): PanelLayout => ({
  tabs: layout.tabs.map((tab) => (tab.id === tabId && tab.kind === 'grid' ? change(tab) : tab)),
})

/** In the first free place; the same layout when the grid is full. */
export function addItem(layout: PanelLayout, tabId: string, shows: Shown, type?: PlaceableType): PanelLayout {
  return withTab(layout, tabId, (tab) => {
    const ids = tab.items.map(({ id }) => id)
    const id = newId(shows.kind === 'block' ? shows.block : `c-${shows.nodeId}`, ids)
    const rect = freePlace(tab.items, firstSize(shows, type))
    return rect.y + rect.h > LAST_ROW ? tab : { ...tab, items: [...tab.items, { id, ...rect, shows }] }
  })
}
export const removeItem = (layout: PanelLayout, tabId: string, itemId: string): PanelLayout =>
  withTab(layout, tabId, (tab) => ({ ...tab, items: tab.items.filter(({ id }) => id !== itemId) }))

/** The layout with a control at another place; the same one when there is no room. */
export function placeItem(layout: PanelLayout, tabId: string, itemId: string, wanted: Rect): PanelLayout {
  return withTab(layout, tabId, (tab) => {
    const items = place(tab.items, itemId, wanted)
    return items ? { ...tab, items } : tab
  })
}
export function nudgeItem(layout: PanelLayout, tabId: string, item: LayoutItem, nudge: Nudge, type?: PlaceableType): PanelLayout {
  const wanted =
    'move' in nudge ? { ...item, x: item.x + nudge.move.x, y: item.y + nudge.move.y } : { ...item, w: item.w + nudge.size.w, h: item.h + nudge.size.h }
  const { x, y, w, h } = within(wanted, leastSize(item.shows, type))
  // a size that reaches the edge does not push the control away from where it is
  const rect = 'size' in nudge ? { x: item.x, y: item.y, w: Math.min(w, GRID_COLUMNS - item.x), h: Math.min(h, LAST_ROW - item.y) } : { x, y, w, h }
  return placeItem(layout, tabId, item.id, rect)
}

export function addTab(layout: PanelLayout, tab: LayoutTab): PanelLayout {
  return { tabs: [...layout.tabs, tab] }
}
export const removeTab = (layout: PanelLayout, tabId: string): PanelLayout => ({ tabs: layout.tabs.filter(({ id }) => id !== tabId) })
/** @param name empty: the page's own name, where it is one */
export function renameTab(layout: PanelLayout, tabId: string, name: string): PanelLayout {
  return {
    tabs: layout.tabs.map((tab) => {
      if (tab.id !== tabId) return tab
      if (tab.kind !== 'page') return name.trim() ? { ...tab, name: name.trim() } : tab
      const { name: _before, ...rest } = tab
      return name.trim() ? { ...rest, name: name.trim() } : rest
    }),
  }
}
export function moveTab(layout: PanelLayout, tabId: string, by: number): PanelLayout {
  const from = layout.tabs.findIndex(({ id }) => id === tabId)
  const to = Math.min(layout.tabs.length - 1, Math.max(0, from + by))
  const tab = layout.tabs[from]
  if (!tab || to === from) return layout
  const tabs = layout.tabs.filter((one) => one !== tab)
  tabs.splice(to, 0, tab)
  return { tabs }
}

/** What is shown on a phone, one below the other: as one reads. */
export const inReadingOrder = (items: readonly LayoutItem[]): LayoutItem[] => [...items].sort((a, b) => a.y - b.y || a.x - b.x)

/** Is something already on this panel? */
export const isPlaced = (layout: PanelLayout, shows: Shown): boolean =>
  layout.tabs.some(
    (tab) =>
      tab.kind === 'grid' &&
      tab.items.some(({ shows: one }) =>
        one.kind === 'block' ? shows.kind === 'block' && one.block === shows.block : shows.kind === 'node' && one.nodeId === shows.nodeId,
      ),
  )

/** A layout that was made for any machine, shown at one place: without what has no meaning there. */
export function atPlace(layout: PanelLayout, at: string): PanelLayout {
  return {
    tabs: layout.tabs
      .filter((tab) => tab.kind !== 'page' || fitsPlace(at, tab))
      .map((tab) => (tab.kind === 'grid' ? { ...tab, items: tab.items.filter((item) => fitsPlace(at, item)) } : tab)),
  }
}

/** Steps back and forward; a step that changes nothing is none. */
export interface Steps {
  past: readonly PanelLayout[]
  now: PanelLayout
  future: readonly PanelLayout[]
}
const MOST_STEPS = 200
export const begin = (now: PanelLayout): Steps => ({ past: [], now, future: [] })
export function step(steps: Steps, now: PanelLayout): Steps {
  if (JSON.stringify(now) === JSON.stringify(steps.now)) return steps
  return { past: [...steps.past, steps.now].slice(-MOST_STEPS), now, future: [] }
}
export function undo({ past, now, future }: Steps): Steps {
  const before = past.at(-1)
  return before ? { past: past.slice(0, -1), now: before, future: [now, ...future] } : { past, now, future }
}
export function redo({ past, now, future }: Steps): Steps {
  const [next, ...rest] = future
  return next ? { past: [...past, now], now: next, future: rest } : { past, now, future }
}

/** Three-way, for each tab and control by its id: what only one of them changed is taken, what both changed is as in `mine`. */
export function mergeLayouts(base: PanelLayout, mine: PanelLayout, theirs: PanelLayout): PanelLayout {
  const tabs = mergeLists(base.tabs, mine.tabs, theirs.tabs, (was, my, their) => {
    if (my.kind !== 'grid' || their.kind !== 'grid') return same(my, was) ? their : my
    const wasItems = was?.kind === 'grid' ? was.items : []
    const items = mergeLists(wasItems, my.items, their.items, (before, myItem, theirItem) => (same(myItem, before) ? theirItem : myItem))
    return { ...my, name: was?.name === my.name ? their.name : my.name, items: apart(withoutTwins(items)) }
  })
  return tabs.length ? { tabs: onePageOnce(tabs) } : mine
}

const same = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b)

/** In `mine`'s order, what only they have after what it followed. */
function mergeLists<T extends { id: string }>(
  base: readonly T[],
  mine: readonly T[],
  theirs: readonly T[],
  merge: (was: T | undefined, my: T, their: T) => T,
): T[] {
  const was = new Map(base.map((one) => [one.id, one]))
  const their = new Map(theirs.map((one) => [one.id, one]))
  const merged: T[] = []
  for (const my of mine) {
    const other = their.get(my.id)
    if (other) merged.push(merge(was.get(my.id), my, other))
    // they took away what I have not touched
    else if (!was.has(my.id) || !same(was.get(my.id), my)) merged.push(my)
  }
  const isOrderMine = same(
    mine.filter(({ id }) => was.has(id)).map(({ id }) => id),
    base.filter(({ id }) => mine.some((one) => one.id === id)).map(({ id }) => id),
  )
  for (const [index, other] of theirs.entries()) {
    if (mine.some(({ id }) => id === other.id)) continue
    // I took away what they have not touched
    if (was.has(other.id) && same(was.get(other.id), other)) continue
    const before = theirs.slice(0, index).findLast(({ id }) => merged.some((one) => one.id === id))
    merged.splice(before ? merged.findIndex(({ id }) => id === before.id) + 1 : merged.length, 0, other)
  }
  if (!isOrderMine) return merged
  // only they have put them in another order, or nobody has
  const order = theirs.map(({ id }) => id)
  const known = merged.filter(({ id }) => order.includes(id)).sort((a, b) => order.indexOf(a.id) - order.indexOf(b.id))
  return merged.map((one) => (order.includes(one.id) ? (known.shift() ?? one) : one))
}

/** The same thing added by both under two ids stands once. */
const withoutTwins = (items: readonly LayoutItem[]) => items.filter((item, index) => items.findIndex(({ shows }) => same(shows, item.shows)) === index)
const onePageOnce = (tabs: readonly LayoutTab[]) =>
  tabs.filter((tab, index) => tab.kind !== 'page' || tabs.findIndex((one) => one.kind === 'page' && one.page === tab.page) === index)

/** Nothing lies on anything else: what comes later makes room downwards. */
function apart(items: readonly LayoutItem[]): LayoutItem[] {
  const put: LayoutItem[] = []
  for (const item of inReadingOrder(items)) {
    let { y } = item
    for (let hit = put.find((one) => overlap(one, { ...item, y })); hit; hit = put.find((one) => overlap(one, { ...item, y }))) y = hit.y + hit.h
    put.push({ ...item, y })
  }
  return items.map(({ id }) => put.find((one) => one.id === id) as LayoutItem)
}
