/** Panels of templates: read as a stranger's, put beside what is there, merged with what was changed here, taken away again. */
import { describe, expect, test } from 'vitest'
import fc from '../../../test/property.ts'
import {
  builtInLayout,
  type FlowNode,
  judgeLayout,
  type LayoutGrid,
  type LayoutItem,
  type LayoutScope,
  MOST_TABS,
  type PanelLayout,
  type TemplateManifest,
} from '../../api/index.ts'
import type { LayoutShelf } from '../../panel/layouts/index.ts'
import { panelFiles, panelsFor } from './export-panels.ts'
import { mergeTabs } from './merge.ts'
import { makePanels, readPanels } from './panel-files.ts'
import { lookAtRemoval, placePanels, planPanels, takePanels } from './place.ts'

const flow = [
  { id: 'tab', type: 'tab', label: 'Flow' },
  { id: 'b1', type: 'cw-button', z: 'tab', label: 'Begin', machine: 'm' },
  { id: 'b2', type: 'cw-button', z: 'tab', label: 'End', machine: 'm' },
  { id: 'v', type: 'cw-value', z: 'tab', label: 'Parts', machine: 'm' },
  { id: 'd', type: 'debug', z: 'tab' },
  { id: 'm', type: 'cw-machine', machineId: 'mill' },
] as FlowNode[]
const manifest = {
  parameters: { type: 'object', properties: { machine: { title: 'Machine', type: 'string', widget: 'machine' }, who: { widget: 'text' } } },
} as unknown as TemplateManifest

const item = (id: string, nodeId: string, x: number, y: number, w = 3, h = 2): LayoutItem => ({ id, x, y, w, h, shows: { kind: 'node', nodeId } })
const grid = (id: string, name: string, items: LayoutItem[]): LayoutGrid => ({ kind: 'grid', id, name, items })
const panel = (more: object = {}) => ({ place: '{{machine}}', tabs: [grid('cut', 'Cutting', [item('a', 'b1', 0, 0), item('b', 'b2', 3, 0)])], ...more })
const read = (content: unknown) =>
  readPanels(new Map([['panels/machine.json', Buffer.from(typeof content === 'string' ? content : JSON.stringify(content))]]), flow, manifest)

describe('a panel in a template of a stranger', () => {
  test('is read with its tabs', async () => {
    expect(await read(panel())).toMatchObject([{ name: 'machine', place: '{{machine}}', tabs: [{ id: 'cut' }] }])
  })
  test.each<[string, RegExp, unknown]>([
    ['an unknown key', /not as it should be/, panel({ script: 'x' })],
    [
      'an unknown key in a control',
      /not as it should be/,
      panel({ tabs: [grid('cut', 'Cutting', [{ ...item('a', 'b1', 0, 0), url: 'http://x' } as LayoutItem])] }),
    ],
    ['a node that is not in the flow', /shows the node other, which is not in the flow/, panel({ tabs: [grid('cut', 'Cutting', [item('a', 'other', 0, 0)])] })],
    ['a node that is no control', /a debug, which is no control/, panel({ tabs: [grid('cut', 'Cutting', [item('a', 'd', 0, 0)])] })],
    ['a machine of that shop', /not as it should be/, panel({ place: 'mill' })],
    ['a parameter that is no machine', /no parameter that picks a machine/, panel({ place: '{{who}}' })],
    ['a parameter that is not there', /no parameter that picks a machine/, panel({ place: '{{none}}' })],
    ['a dashboard page', /not as it should be/, panel({ tabs: [{ kind: 'dashboard', id: 'x', name: 'X', pageId: 'p' }] })],
    ['controls over each other', /covered on "cut"/, panel({ tabs: [grid('cut', 'Cutting', [item('a', 'b1', 0, 0), item('b', 'b2', 1, 0)])] })],
    ['a control that sticks out', /sticks-out/, panel({ tabs: [grid('cut', 'Cutting', [item('a', 'b1', 11, 0)])] })],
    ['a control too small to press', /smaller than it can be read/, panel({ tabs: [grid('cut', 'Cutting', [item('a', 'b1', 0, 0, 1, 1)])] })],
    [
      'a part of one machine in the view of all',
      /no-meaning-here/,
      panel({ place: '=cell', tabs: [grid('cut', 'Cutting', [{ ...item('a', 'b1', 0, 0, 12, 8), shows: { kind: 'block', block: 'position' } }])] }),
    ],
    ['a tab twice', /there twice/, panel({ tabs: [grid('cut', 'A', [item('a', 'b1', 0, 0)]), grid('cut', 'B', [item('a', 'b1', 0, 0)])] })],
    ['an empty tab', /nothing on its tab/, panel({ tabs: [grid('cut', 'A', [])] })],
    ['too many tabs', /not as it should be/, panel({ tabs: Array.from({ length: 5 }, (_, n) => grid(`t${n}`, 'A', [item('a', 'b1', 0, 0)])) })],
    [
      'too many controls',
      /not as it should be/,
      panel({
        tabs: [
          grid(
            'cut',
            'A',
            Array.from({ length: 61 }, (_, n) => item(`i${n}`, 'b1', 0, 0)),
          ),
        ],
      }),
    ],
    ['a file that is too large', /larger than 60 kB/, `${' '.repeat(70_000)}{}`],
    ['what is no JSON', /is not JSON/, 'nonsense'],
    ['a way to prototypes', /__proto__/, '{"__proto__":{},"tabs":[]}'],
  ])('%s is refused whole', async (_, why, content) => {
    await expect(read(content)).rejects.toMatchObject({ code: 'template-refused', message: expect.stringMatching(why) })
  })
  test('more files than a shop looks at are refused', async () => {
    const files = new Map(
      Array.from(
        { length: 9 },
        (_, n) => [`panels/p${n}.json`, Buffer.from(JSON.stringify(panel({ tabs: [grid(`t${n}`, 'A', [item('a', 'b1', 0, 0)])] })))] as const,
      ),
    )
    await expect(readPanels(files, flow, manifest)).rejects.toThrow(/one too many/)
  })
})

/** Layouts as the gateway keeps them, without a database. */
function shelfOf(kept: Map<string, { scope: LayoutScope; layout: PanelLayout; revision: number }> = new Map()) {
  const key = ({ place, role }: LayoutScope) => `${place ?? '*'}/${role ?? '*'}`
  let revision = 0
  const saves: string[] = []
  const beneath = async (scope: LayoutScope) => (scope.place === undefined ? undefined : kept.get('*/*')?.layout) ?? builtInLayout(scope.place ?? '')
  const shelf: LayoutShelf = {
    list: async () => [...kept.values()],
    of: async (scope) => kept.get(key(scope)) ?? { layout: await beneath(scope), revision: 0 },
    beneath,
    async save({ scope, layout, basedOn, by }) {
      if ((kept.get(key(scope))?.revision ?? 0) !== basedOn) throw Object.assign(new Error('changed meanwhile'), { code: 'layout-changed' })
      if (layout) expect(judgeLayout(layout, scope.place)).toEqual([])
      revision += 1
      saves.push(`${key(scope)} by ${by.name}`)
      if (layout) kept.set(key(scope), { scope, layout, revision })
      else kept.delete(key(scope))
      return revision
    },
  }
  const put = (scope: LayoutScope, layout: PanelLayout) => {
    revision += 1
    kept.set(key(scope), { scope, layout, revision })
  }
  const at = (scope: LayoutScope) => kept.get(key(scope))?.layout
  return { shelf, put, at, saves }
}
const made = (
  panels = [panel()],
  number = '',
  ids: ReadonlyMap<string, string> = new Map([
    ['b1', 'n1'],
    ['b2', 'n2'],
  ]),
  importId = 'imp_0123456789abcdefghijklmn',
) =>
  makePanels(
    panels.map((each) => ({ name: 'machine', ...each })),
    { importId, number, parameters: { machine: 'mill' }, ids },
  ).made
const choices = { keeps: true, decisions: {} }
const nameOf = (of: LayoutItem) => of.id
const by = { name: 'Ines' }
const mill = { place: 'mill' }

describe('panels of an import', () => {
  test('get the ids of this shop, the chosen machine, and a number from the second import on', () => {
    const [first] = made([panel()], ' 2')
    expect(first).toMatchObject({ scope: mill, tabs: [{ name: 'Cutting 2', items: [{ shows: { nodeId: 'n1' } }, { shows: { nodeId: 'n2' } }] }] })
    expect(first?.tabs[0]?.id).toMatch(/^[a-z0-9]{16}-cut$/)
    expect(makePanels([{ name: 'machine', ...panel() }], { importId: 'imp_1', number: '', parameters: {}, ids: new Map() })).toEqual({
      made: [],
      open: ['machine'],
    })
  })

  test('come behind the tabs that are there, which stay as they are; taken away, all is as before', async () => {
    const { shelf, put, at } = shelfOf()
    const arranged: PanelLayout = { tabs: [grid('mine', 'Mine', [item('x', 'other', 0, 0)]), { kind: 'page', id: 'move', page: 'move' }] }
    put(mill, arranged)
    const wanted = { next: made(), before: [], choices, nameOf }
    expect(await planPanels(shelf, { ...wanted, machineIds: new Set(['mill']) })).toMatchObject({
      panels: [{ state: 'beside', hiddenFrom: [] }],
      conflicts: [],
    })
    expect(at(mill)).toEqual(arranged)
    const { brought, problems } = await placePanels(shelf, { ...wanted, by, reason: 'import' })
    expect(problems).toEqual([])
    expect(at(mill)?.tabs.slice(0, 2)).toEqual(arranged.tabs)
    expect(at(mill)?.tabs[2]).toMatchObject({ name: 'Cutting' })
    // once more, after it was cut off before it could say so: nothing changes
    expect(await planPanels(shelf, { ...wanted, machineIds: new Set(['mill']) })).toMatchObject({ panels: [{ state: 'same' }] })
    expect(await lookAtRemoval(shelf, brought)).toEqual([{ scope: mill, tab: 'Cutting', stays: false }])
    await takePanels(shelf, brought, { by, reason: undefined })
    expect(at(mill)).toEqual(arranged)
  })

  test('give a panel that nobody arranged a layout of its own, which goes with them', async () => {
    const { shelf, put, at } = shelfOf()
    put(mill, { tabs: [{ kind: 'page', id: 'p', page: 'move' }] })
    const operators = { place: 'lathe', role: 'operator' as const }
    put(operators, { tabs: [{ kind: 'page', id: 'p', page: 'move' }] })
    const next = made().map((each) => ({ ...each, scope: { place: 'lathe' } }))
    const wanted = { next, before: [], choices, nameOf }
    expect((await planPanels(shelf, { ...wanted, machineIds: new Set(['lathe']) })).panels).toMatchObject([{ state: 'own', hiddenFrom: ['operator'] }])
    const { brought } = await placePanels(shelf, { ...wanted, by, reason: 'x' })
    expect(at({ place: 'lathe' })?.tabs).toHaveLength(builtInLayout('lathe').tabs.length + 1)
    // whoever placed them was cut off before it could say so: the next one knows that the layout was made for them
    const again = await placePanels(shelf, { ...wanted, by, reason: 'x' })
    expect(again.brought).toEqual(brought)
    await takePanels(shelf, again.brought, { by, reason: 'x' })
    expect(at({ place: 'lathe' })).toBeUndefined()
  })

  test('stay away from a full panel, and say so; a machine that is not here is told', async () => {
    const { shelf, put, at } = shelfOf()
    const full: PanelLayout = { tabs: Array.from({ length: MOST_TABS }, (_, n) => grid(`t${n}`, `T${n}`, [])) }
    put(mill, full)
    const wanted = { next: made(), before: [], choices, nameOf }
    expect((await planPanels(shelf, { ...wanted, machineIds: new Set(['mill']) })).panels).toMatchObject([{ state: 'no-room' }])
    expect((await planPanels(shelf, { ...wanted, machineIds: new Set() })).panels).toMatchObject([{ state: 'no-machine' }])
    expect((await placePanels(shelf, { ...wanted, by, reason: 'x' })).brought).toEqual([])
    expect(at(mill)).toEqual(full)
  })

  test('an update keeps what was moved here, asks what both moved, and leaves alone what others put beside it', async () => {
    const { shelf, at, put } = shelfOf()
    const first = await placePanels(shelf, { next: made(), before: [], choices, nameOf, by, reason: 'x' })
    const layout = at(mill) as PanelLayout
    const tab = layout.tabs.at(-1) as LayoutGrid
    // a person moves the first button, and puts a control of another flow beside
    put(mill, {
      tabs: [
        ...layout.tabs.slice(0, -1),
        { ...tab, name: 'Cut', items: [{ ...(tab.items[0] as LayoutItem), x: 9 }, tab.items[1] as LayoutItem, item('own', 'other', 0, 6)] },
      ],
    })
    const next = made(
      [panel({ tabs: [grid('cut', 'Cutting', [item('a', 'b1', 6, 4), item('b', 'b2', 3, 0, 6, 2), item('c', 'v', 0, 6)])] })],
      '',
      new Map([
        ['b1', 'n1'],
        ['b2', 'n2'],
        ['v', 'n3'],
      ]),
    )
    const plan = await planPanels(shelf, { next, before: first.brought, choices, nameOf, machineIds: new Set(['mill']) })
    expect(plan.conflicts).toMatchObject([{ kind: 'changed', property: 'place', ours: '3 × 2 at 9, 0', theirs: '3 × 2 at 6, 4', nodeId: 'n1' }])
    const key = plan.conflicts[0]?.key ?? ''
    const second = await placePanels(shelf, { next, before: first.brought, choices: { keeps: true, decisions: { [key]: 'theirs' } }, nameOf, by, reason: 'x' })
    const after = at(mill)?.tabs.at(-1) as LayoutGrid
    expect(after.name).toBe('Cut')
    expect(after.items.map(({ id, x, y, w }) => [id, x, y, w]).toSorted()).toEqual([
      ['a', 6, 4, 3],
      ['b', 3, 0, 6],
      // in the way of what somebody put there: below it
      ['c', 0, 8, 3],
      ['own', 0, 6, 3],
    ])
    // the tab stays with what others put on it
    expect(await lookAtRemoval(shelf, second.brought)).toMatchObject([{ tab: 'Cut', stays: true }])
    await takePanels(shelf, second.brought, { by, reason: 'x' })
    expect(at(mill)?.tabs.at(-1)).toMatchObject({ items: [{ id: 'own' }] })
  })

  test('go along to another machine, with what was changed here', async () => {
    const { shelf, at, put } = shelfOf()
    const first = await placePanels(shelf, { next: made(), before: [], choices, nameOf, by, reason: 'x' })
    const layout = at(mill) as PanelLayout
    put(mill, { tabs: layout.tabs.map((tab) => (tab.kind === 'grid' ? { ...tab, name: 'Ours' } : tab)) })
    const next = made().map((each) => ({ ...each, scope: { place: 'lathe' } }))
    const { brought } = await placePanels(shelf, { next, before: first.brought, choices, nameOf, by, reason: 'x' })
    expect(at(mill)).toBeUndefined()
    expect(at({ place: 'lathe' })?.tabs.at(-1)).toMatchObject({ name: 'Ours' })
    expect(brought).toMatchObject([{ scope: { place: 'lathe' } }])
  })

  test('what a person saves in this very moment is not lost', async () => {
    const { shelf, at, put } = shelfOf()
    let isFirst = true
    const racing: LayoutShelf = {
      ...shelf,
      async save(what) {
        if (isFirst) {
          isFirst = false
          put(mill, { tabs: [grid('new', 'New', [])] })
        }
        return shelf.save(what)
      },
    }
    expect(await placePanels(racing, { next: made(), before: [], choices, nameOf, by, reason: 'x' })).toMatchObject({ problems: [] })
    expect(at(mill)?.tabs.map(({ name }) => name)).toEqual(['New', 'Cutting'])
  })
})

const anyItem = (id: string) =>
  fc.record({
    id: fc.constant(id),
    x: fc.integer({ min: 0, max: 9 }),
    y: fc.integer({ min: 0, max: 20 }),
    w: fc.constant(3),
    h: fc.constant(2),
    shows: fc.constant({ kind: 'node' as const, nodeId: `node-${id}` }),
  })
/** As somebody could arrange them: none over another. */
const anyTab = fc
  .subarray(['a', 'b', 'c', 'd', 'e'])
  .chain((ids) => fc.tuple(...ids.map(anyItem)))
  .map((items) =>
    grid(
      't',
      'T',
      items.filter(
        (one, index) => !items.slice(0, index).some((other) => one.x < other.x + 3 && other.x < one.x + 3 && one.y < other.y + 2 && other.y < one.y + 2),
      ),
    ),
  )

test('whatever each side did, the tab can be used; and what one side alone changed is as that side has it', () => {
  fc.assert(
    fc.property(anyTab, anyTab, anyTab, fc.boolean(), (base, ours, theirs, keeps) => {
      const options = { keeps, decisions: {}, nameOf }
      const { tabs } = mergeTabs([base], [ours], [theirs], options)
      expect(judgeLayout({ tabs })).toEqual([])
      expect(mergeTabs([base], [base], [theirs], options).tabs[0]?.items.toSorted((a, b) => (a.id < b.id ? -1 : 1))).toEqual(
        theirs.items.toSorted((a, b) => (a.id < b.id ? -1 : 1)),
      )
      const kept = mergeTabs([base], [ours], [base], { ...options, keeps: true })
      expect(kept.conflicts).toEqual([])
      expect(kept.tabs[0]?.items.toSorted((a, b) => (a.id < b.id ? -1 : 1))).toEqual(ours.items.toSorted((a, b) => (a.id < b.id ? -1 : 1)))
    }),
  )
})

describe('panels of an export', () => {
  const layout: PanelLayout = {
    tabs: [
      { kind: 'page', id: 'move', page: 'move' },
      grid('a-tab-with-a-long-id-of-its-own', 'Cutting', [
        item('x', 'strange', 0, 0, 12, 2),
        item('a', 'b1', 0, 2),
        { ...item('s', '', 3, 2, 4, 2), shows: { kind: 'block', block: 'state' } },
      ]),
      grid('else', 'Else', [item('x', 'strange', 0, 0)]),
    ],
  }
  const flows = [...flow, { id: 'strange', type: 'cw-button', label: 'Of others', z: 'u' } as FlowNode]
  const asked = [
    { key: 'machine', schema: { title: 'Machine', type: 'string' as const, widget: 'machine' as const }, places: [{ nodeId: 'm', path: 'machineId' }] },
  ]

  test('are the tabs with controls of the choice, closed up; the rest is told as left out', async () => {
    const [found] = panelsFor(flow, asked, { panels: [{ scope: mill, layout }], flows })
    expect(found).toMatchObject({ key: 'mill/*', leftOut: ['move', 'Cutting: Of others', 'Else'] })
    expect(found?.why).toBeUndefined()
    expect(found?.tabs).toMatchObject([
      {
        name: 'Cutting',
        items: [
          { id: 'a', y: 0 },
          { id: 's', y: 0 },
        ],
      },
    ])
    const [[path, content] = ['', undefined]] = panelFiles(found ? [found] : [], undefined, flow, asked)
    expect(path).toBe('panels/machine.json')
    expect(content).toMatchObject({ place: '{{machine}}' })
    // what was made can be taken
    expect(await readPanels(new Map([[path, Buffer.from(JSON.stringify(content))]]), flow, manifest)).toHaveLength(1)
    expect(panelFiles(found ? [found] : [], [], flow, asked)).toEqual([])
  })

  test('stay here while their machine is no parameter', () => {
    const found = panelsFor(flow, [], { panels: [{ scope: mill, layout }], flows })
    expect(found).toMatchObject([{ why: 'machine-not-asked' }])
    expect(panelFiles(found, ['mill/*'], flow, [])).toEqual([])
    expect(panelsFor(flow, [], { panels: [{ scope: {}, layout }], flows })[0]?.why).toBeUndefined()
  })
})
