/**
 * How operator panels are laid out: which tabs a panel has, and on each which controls stand where and how large. Per machine and role,
 * with a way to fall back. STOP and HOLD are no part of a layout: they stand in the frame around it. Browser-safe.
 */
import { type Static, Type } from 'typebox'
import { ROLE_NAMES, type Role } from './access.ts'
import { MachineId } from './machines.ts'
import { route } from './route.ts'

const When = Type.String({ format: 'date-time' })
const closed = { additionalProperties: false }

/** Cells of a grid across; one is as wide as a gloved finger on a 10-inch panel. */
export const GRID_COLUMNS = 12
export const MOST_ROWS = 60
const MOST_ITEMS = 60
export const MOST_TABS = 12

/** The view of all machines; no machine id has an equals sign. */
export const CELL = '=cell'
/** What a panel shows: one machine, or the cell. */
export const PanelPlace = Type.Union([MachineId, Type.Literal(CELL)])

/** Pages that the panel brings along. `cell`: all machines at a glance. */
export const PANEL_PAGES = ['status', 'program', 'move', 'setup', 'measure', 'work', 'messages', 'cell'] as const
export type PanelPage = (typeof PANEL_PAGES)[number]

/** Parts of those pages that can stand by themselves. */
export const PANEL_BLOCKS = [
  'state',
  'position',
  'values',
  'overrides',
  'program',
  'path',
  'start',
  'queue',
  'orders',
  'quality',
  'runs',
  'buttons',
  'asks',
  'tiles',
  'messages',
  'machines',
] as const
export type PanelBlock = (typeof PANEL_BLOCKS)[number]
const OF_ONE_MACHINE: ReadonlySet<string> = new Set(['state', 'position', 'values', 'overrides', 'program', 'path', 'start', 'queue', 'quality'])
const PAGES_OF_ONE_MACHINE: ReadonlySet<string> = new Set(['status', 'program', 'move', 'setup', 'measure', 'work'])

/** Node types whose controls can be placed one by one. */
export const PLACEABLE_TYPES = ['cw-button', 'cw-form', 'cw-approval', 'cw-value', 'cw-chart'] as const
export type PlaceableType = (typeof PLACEABLE_TYPES)[number]

const Id = Type.String({ pattern: '^[a-z0-9-]{1,40}$' })
const NodeId = Type.String({ pattern: '^[A-Za-z0-9_.-]{1,100}$' })
/** One line; no control character. */
const TabName = Type.String({ minLength: 1, maxLength: 24, pattern: '^[^\\u0000-\\u001f\\u007f]*[^\\s\\u0000-\\u001f\\u007f][^\\u0000-\\u001f\\u007f]*$' })

/** What stands in a place of the grid. */
export const Shown = Type.Union([
  Type.Object({ kind: Type.Literal('block'), block: Type.Enum(PANEL_BLOCKS) }, closed),
  Type.Object({ kind: Type.Literal('node'), nodeId: NodeId }, closed),
])
export type Shown = Static<typeof Shown>

/** In cells, from the upper left corner. */
export const LayoutItem = Type.Object(
  {
    id: Id,
    x: Type.Integer({ minimum: 0, maximum: GRID_COLUMNS - 1 }),
    y: Type.Integer({ minimum: 0, maximum: MOST_ROWS - 1 }),
    w: Type.Integer({ minimum: 1, maximum: GRID_COLUMNS }),
    h: Type.Integer({ minimum: 1, maximum: MOST_ROWS }),
    shows: Shown,
  },
  closed,
)
export type LayoutItem = Static<typeof LayoutItem>

/** A tab that was arranged. */
export const LayoutGrid = Type.Object({ kind: Type.Literal('grid'), id: Id, name: TabName, items: Type.Array(LayoutItem, { maxItems: MOST_ITEMS }) }, closed)
export type LayoutGrid = Static<typeof LayoutGrid>

export const LayoutTab = Type.Union([
  Type.Object({ kind: Type.Literal('page'), id: Id, page: Type.Enum(PANEL_PAGES), name: Type.Optional(TabName) }, closed),
  LayoutGrid,
  Type.Object({ kind: Type.Literal('dashboard'), id: Id, name: TabName, pageId: NodeId }, closed),
])
export type LayoutTab = Static<typeof LayoutTab>

export const PanelLayout = Type.Object({ tabs: Type.Array(LayoutTab, { minItems: 1, maxItems: MOST_TABS }) }, closed)
export type PanelLayout = Static<typeof PanelLayout>

/** Whom a layout is for. Nothing named: the whole shop. */
export const LayoutScope = Type.Object(
  { place: Type.Optional(PanelPlace), role: Type.Optional(Type.Unsafe<Role>({ type: 'string', enum: ROLE_NAMES })) },
  closed,
)
export type LayoutScope = Static<typeof LayoutScope>

/** What a panel shows as long as nobody has arranged it. */
export function builtInLayout(place: string): PanelLayout {
  const pages: readonly PanelPage[] = place === CELL ? ['cell'] : ['status', 'program', 'move', 'setup', 'measure', 'work', 'messages']
  return { tabs: pages.map((page) => ({ kind: 'page', id: page, page })) }
}

/** The smallest place in which a control can be read and pressed, in cells. */
export function leastSize(shows: Shown, type?: PlaceableType): { w: number; h: number } {
  if (shows.kind === 'node') return type === 'cw-chart' ? { w: 3, h: 3 } : type === 'cw-value' ? { w: 2, h: 2 } : { w: 3, h: 2 }
  switch (shows.block) {
    case 'path':
      return { w: 5, h: 5 }
    case 'state':
    case 'program':
    case 'machines':
    case 'messages':
      return { w: 4, h: 2 }
    case 'position':
      return { w: 4, h: 3 }
    case 'overrides':
    case 'start':
    case 'values':
      return { w: 3, h: 1 }
    case 'queue':
    case 'orders':
    case 'quality':
    case 'runs':
    case 'buttons':
    case 'asks':
    case 'tiles':
      return { w: 3, h: 2 }
    default:
      return shows.block satisfies never
  }
}

/** Does this have a meaning at that place: nothing of one machine stands in the view of all. */
export const fitsPlace = (place: string | undefined, what: { page?: PanelPage; shows?: Shown }): boolean =>
  place !== CELL || !(PAGES_OF_ONE_MACHINE.has(what.page ?? '') || (what.shows?.kind === 'block' && OF_ONE_MACHINE.has(what.shows.block)))

const overlap = (a: LayoutItem, b: LayoutItem) => a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h
const sameShown = (a: Shown, b: Shown) => (a.kind === 'block' ? b.kind === 'block' && a.block === b.block : b.kind === 'node' && a.nodeId === b.nodeId)

/** What is wrong with a layout that is well formed: a tab, and what. Empty: nothing. */
export type LayoutFault = { tab: string; fault: 'twice' | 'sticks-out' | 'covered' | 'too-small' | 'no-meaning-here' }

/** @param place whom it is for; undefined: any machine */
export function judgeLayout({ tabs }: PanelLayout, place?: string): LayoutFault[] {
  const faults: LayoutFault[] = []
  const ids = new Set<string>()
  const pages = new Set<string>()
  for (const tab of tabs) {
    const wrong = (fault: LayoutFault['fault']) => faults.push({ tab: tab.id, fault })
    if (ids.has(tab.id)) wrong('twice')
    ids.add(tab.id)
    if (tab.kind === 'page') {
      if (pages.has(tab.page)) wrong('twice')
      pages.add(tab.page)
      if (!fitsPlace(place, tab)) wrong('no-meaning-here')
    }
    if (tab.kind !== 'grid') continue
    const { items } = tab
    if (new Set(items.map(({ id }) => id)).size < items.length) wrong('twice')
    for (const [index, item] of items.entries()) {
      const least = leastSize(item.shows)
      const others = items.slice(index + 1)
      if (others.some((other) => sameShown(other.shows, item.shows))) wrong('twice')
      if (item.x + item.w > GRID_COLUMNS || item.y + item.h > MOST_ROWS) wrong('sticks-out')
      // a node's own least size depends on its type, which a layout outlives
      if (item.shows.kind === 'block' && (item.w < least.w || item.h < least.h)) wrong('too-small')
      if (others.some((other) => overlap(item, other))) wrong('covered')
      if (!fitsPlace(place, item)) wrong('no-meaning-here')
    }
  }
  return faults
}

/** One difference between two layouts, for people. `tab` is its name or its page. */
export const LayoutChange = Type.Object({
  kind: Type.Enum(['tab-added', 'tab-removed', 'tab-renamed', 'tabs-ordered', 'item-added', 'item-removed', 'item-moved']),
  tab: Type.Optional(Type.String()),
  shows: Type.Optional(Shown),
})
export type LayoutChange = Static<typeof LayoutChange>

const tabTitle = (tab: LayoutTab) => tab.name ?? (tab.kind === 'page' ? tab.page : tab.id)

/** What `after` has that `before` had not, in the order of the tabs. */
export function compareLayouts(before: PanelLayout, after: PanelLayout): LayoutChange[] {
  const changes: LayoutChange[] = []
  const old = new Map(before.tabs.map((tab) => [tab.id, tab]))
  const now = new Set(after.tabs.map(({ id }) => id))
  for (const tab of before.tabs) if (!now.has(tab.id)) changes.push({ kind: 'tab-removed', tab: tabTitle(tab) })
  const stayed = (tabs: readonly LayoutTab[]) => tabs.filter(({ id }) => old.has(id) && now.has(id)).map(({ id }) => id)
  if (stayed(before.tabs).join() !== stayed(after.tabs).join()) changes.push({ kind: 'tabs-ordered' })
  for (const tab of after.tabs) {
    const was = old.get(tab.id)
    const title = tabTitle(tab)
    if (!was) changes.push({ kind: 'tab-added', tab: title })
    else if (was.name !== tab.name) changes.push({ kind: 'tab-renamed', tab: title })
    if (was?.kind !== 'grid' || tab.kind !== 'grid') continue
    const items = new Map(was.items.map((item) => [item.id, item]))
    const ids = new Set(tab.items.map(({ id }) => id))
    for (const item of was.items) if (!ids.has(item.id)) changes.push({ kind: 'item-removed', tab: title, shows: item.shows })
    for (const item of tab.items) {
      const before = items.get(item.id)
      if (!before) changes.push({ kind: 'item-added', tab: title, shows: item.shows })
      else if (before.x !== item.x || before.y !== item.y || before.w !== item.w || before.h !== item.h)
        changes.push({ kind: 'item-moved', tab: title, shows: item.shows })
    }
  }
  return changes
}

const tag = 'panel'

/** A layout as a panel gets it. */
export const LayoutView = Type.Object({
  layout: PanelLayout,
  /** Which layout it is; absent: the built-in one. */
  scope: Type.Optional(LayoutScope),
  /** Of the layout that was asked for; 0: there is none, and what it falls back to is told. */
  revision: Type.Integer(),
  /** Nodes and dashboard pages in it that the flows do not have (any more), or that are switched off. */
  missing: Type.Array(Type.String()),
})
export type LayoutView = Static<typeof LayoutView>

export const getPanelLayout = route({
  id: 'getPanelLayout',
  method: 'get',
  path: '/api/panel/layout',
  access: 'machines.view',
  tag,
  summary:
    'The layout for whoever asks, at a machine or the cell: that of machine and role, else of the machine, of the role, of the shop, or the built-in one. A kiosk gets the one it is bound to.',
  query: Type.Object({ place: PanelPlace }),
  response: LayoutView,
})
export const getLayoutOf = route({
  id: 'getLayoutOf',
  method: 'get',
  path: '/api/panel/layouts/one',
  access: 'panels.arrange',
  tag,
  summary: 'The layout of exactly this machine and role, for changing it; where there is none, the one it falls back to, with revision 0.',
  query: Type.Object({ ...LayoutScope.properties, /** To show it at, where the layout is of no machine. */ at: Type.Optional(PanelPlace) }),
  response: LayoutView,
})

export const LayoutEntry = Type.Object({
  scope: LayoutScope,
  revision: Type.Integer(),
  tabs: Type.Integer(),
  by: Type.String(),
  at: When,
  reason: Type.Optional(Type.String()),
})
export type LayoutEntry = Static<typeof LayoutEntry>

export const listPanelLayouts = route({
  id: 'listPanelLayouts',
  method: 'get',
  path: '/api/panel/layouts',
  access: 'panels.arrange',
  tag,
  summary: 'Every layout that was arranged, with who saved it last and why.',
  response: Type.Array(LayoutEntry),
})

const Reason = Type.String({ minLength: 1, maxLength: 400 })
export const savePanelLayout = route({
  id: 'savePanelLayout',
  method: 'put',
  path: '/api/panel/layouts',
  access: 'panels.arrange',
  tag,
  summary: 'Saves a layout for a machine, a role, both or the whole shop, and keeps it as a version. One that has changed meanwhile is not overwritten.',
  body: Type.Object(
    {
      scope: LayoutScope,
      layout: PanelLayout,
      /** The revision that was changed; 0: there was none. */ basedOn: Type.Integer({ minimum: 0 }),
      reason: Reason,
    },
    closed,
  ),
  response: Type.Object({ revision: Type.Integer() }),
  errors: ['layout-changed', 'layout-wrong'],
})
export const removePanelLayout = route({
  id: 'removePanelLayout',
  method: 'post',
  path: '/api/panel/layouts/remove',
  access: 'panels.arrange',
  tag,
  summary: 'Removes a layout: its panels show what they fall back to. Its versions stay and can be restored.',
  body: Type.Object({ scope: LayoutScope, basedOn: Type.Integer({ minimum: 1 }), reason: Reason }, closed),
  response: Type.Object({ ok: Type.Literal(true) }),
  errors: ['layout-changed'],
})

/** Details of `layout-changed`: what somebody else saved meanwhile. */
export const LayoutClash = Type.Object({
  /** 0: it was removed. */
  revision: Type.Integer(),
  layout: PanelLayout,
  by: Type.String(),
  at: When,
  reason: Type.Optional(Type.String()),
})
export type LayoutClash = Static<typeof LayoutClash>

/** A control or page of the deployed flows that can be put on a panel. */
export const Placeable = Type.Object({
  nodeId: Type.String(),
  type: Type.Enum([...PLACEABLE_TYPES, 'ui-page']),
  label: Type.String(),
  flowName: Type.Optional(Type.String()),
  /** Of a control that belongs to one machine, where its settings say so. */
  machineId: Type.Optional(Type.String()),
})
export type Placeable = Static<typeof Placeable>
export const listPlaceables = route({
  id: 'listPlaceables',
  method: 'get',
  path: '/api/panel/placeables',
  access: 'panels.arrange',
  tag,
  summary: 'The controls and dashboard pages of the deployed flows that can be put on a panel.',
  response: Type.Array(Placeable),
})

export const openDashboardPage = route({
  id: 'openDashboardPage',
  method: 'post',
  path: '/api/panel/dashboard',
  access: 'machines.view',
  tag,
  summary:
    'An address under which this panel may show one page of FlowFuse Dashboard 2 in a frame of its own: as the person who is signed in, without reach of anything else.',
  body: Type.Object({ pageId: NodeId }, closed),
  response: Type.Object({ url: Type.String() }),
  errors: ['dashboard-page-gone', 'runtime-away'],
})

/** A browser that is bound to one place: a panel at a machine, a wall screen. */
export const Kiosk = Type.Object({
  id: Type.String(),
  name: Type.String(),
  place: PanelPlace,
  /** The layout it shows whoever is signed in; absent: as it follows from machine and role. */
  layout: Type.Optional(LayoutScope),
  /** Minutes without a touch until a person is signed out. */
  lockAfterMin: Type.Integer(),
  by: Type.String(),
  at: When,
  lastSeenAt: Type.Optional(When),
})
export type Kiosk = Static<typeof Kiosk>

export const getKiosk = route({
  id: 'getKiosk',
  method: 'get',
  path: '/api/panel/kiosk',
  access: 'session',
  tag,
  summary: 'What this browser is bound to, if it is a kiosk.',
  response: Type.Union([Kiosk, Type.Null()]),
})
export const bindKiosk = route({
  id: 'bindKiosk',
  method: 'put',
  path: '/api/panel/kiosk',
  access: 'panels.arrange',
  tag,
  summary:
    'Makes this browser a kiosk: it starts at its machine or cell without anybody signed in, shows and stops, and leads to no other page. Its right is a cookie of this browser.',
  body: Type.Object(
    {
      name: Type.String({ minLength: 1, maxLength: 60, pattern: '^[^\\u0000-\\u001f\\u007f]+$' }),
      place: PanelPlace,
      layout: Type.Optional(LayoutScope),
      lockAfterMin: Type.Integer({ minimum: 1, maximum: 60, default: 2 }),
    },
    closed,
  ),
  response: Kiosk,
  errors: ['not-with-token'],
})
export const releaseKiosk = route({
  id: 'releaseKiosk',
  method: 'delete',
  path: '/api/panel/kiosk',
  access: 'panels.arrange',
  tag,
  summary: 'This browser is no kiosk any more.',
  response: Type.Object({ ok: Type.Literal(true) }),
})
export const listKiosks = route({
  id: 'listKiosks',
  method: 'get',
  path: '/api/panel/kiosks',
  access: 'panels.arrange',
  tag,
  summary: 'Every kiosk, with when it was last seen.',
  response: Type.Array(Kiosk),
})
export const removeKiosk = route({
  id: 'removeKiosk',
  method: 'delete',
  path: '/api/panel/kiosks/:kioskId',
  access: 'panels.arrange',
  tag,
  summary: 'Takes its right from a kiosk, wherever it is: from then on it asks for a sign-in.',
  params: Type.Object({ kioskId: Type.String({ maxLength: 64 }) }),
  response: Type.Object({ ok: Type.Literal(true) }),
  errors: ['kiosk-not-found'],
})
