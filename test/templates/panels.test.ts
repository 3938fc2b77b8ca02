/** Panels go with templates: out of a shop with chosen nodes, into one beside what is arranged there, with an update, and away with a removal. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  addMachine,
  createToken,
  deployFlows,
  exportTemplate,
  type FlowNode,
  getDraft,
  getFlows,
  getLayoutOf,
  getTemplate,
  importTemplate,
  type LayoutGrid,
  listHistory,
  listPanelLayouts,
  listTemplateImports,
  type PanelLayout,
  previewExport,
  previewImportRemoval,
  previewTemplate,
  removeTemplateImport,
  savePanelLayout,
} from '../../server/api/index.ts'
import { createClient } from '../../server/cli/client.ts'
import { type Product, startTestProduct } from '../product.ts'

let product: Product
const MILL = { place: 'mill' }
const LATHE = { place: 'lathe' }
const at = { z: 'p-tab', wires: [[]], says: 'Works.', color: 'normal', waitingText: '', waitingTextType: 'msg', whenEmpty: '', asks: [] }
const FLOW = [
  { id: 'p-tab', type: 'tab', label: 'Parts', disabled: false, info: '', env: [] },
  { id: 'p-machine', type: 'cw-machine', name: '', machineId: 'mill' },
  { id: 'p-begin', type: 'cw-button', ...at, x: 100, y: 60, name: 'begin', label: 'Begin', machine: 'p-machine' },
  { id: 'p-end', type: 'cw-button', ...at, x: 100, y: 120, name: 'end', label: 'End', machine: 'p-machine' },
] as unknown as FlowNode[]
const OTHER = [
  { id: 'o-tab', type: 'tab', label: 'Other', disabled: false, info: '', env: [] },
  { id: 'o-go', type: 'cw-button', ...at, z: 'o-tab', x: 100, y: 60, name: 'go', label: 'Go', machine: 'p-machine' },
] as unknown as FlowNode[]
const control = (id: string, nodeId: string, x: number, y: number) => ({ id, x, y, w: 4, h: 2, shows: { kind: 'node' as const, nodeId } })
const ARRANGED: PanelLayout = {
  tabs: [
    { kind: 'page', id: 'status', page: 'status' },
    { kind: 'grid', id: 'parts', name: 'Parts', items: [control('a', 'p-begin', 0, 0), control('b', 'p-end', 4, 0), control('c', 'o-go', 8, 0)] },
  ],
}
const machineParameter = {
  key: 'machine',
  schema: { title: 'Machine', type: 'string' as const, widget: 'machine' as const },
  isRequired: true,
  places: [{ nodeId: 'p-machine', path: 'machineId' }],
}
const about = { id: 'parts', name: 'Parts', summary: 'Begins and ends.', categories: ['production' as const], readme: '# Parts\n\nBegins and ends.\n' }
const params = { templateId: 'parts' }
const layoutOf = (scope: { place: string }) => product.client.call(getLayoutOf, { query: scope })
const brought = (layout: PanelLayout) => layout.tabs.filter((tab): tab is LayoutGrid => tab.kind === 'grid' && tab.name.startsWith('Parts'))

beforeAll(async () => {
  product = await startTestProduct()
  for (const [id, name] of [
    ['mill', 'Mill'],
    ['lathe', 'Lathe'],
  ] as const)
    await product.client.call(addMachine, {
      body: { id, name, link: { kind: 'virtual', timeScale: 20 }, envelopeMm: { min: [0, 0, -80], max: [400, 300, 20] }, whenRequesterGone: 'finish' },
    })
}, 120_000)
afterAll(() => product?.close())

test('the panels that show chosen nodes go along, without what is of others; a machine that is not asked keeps its panel here', async () => {
  const { client } = product
  await client.call(deployFlows, { body: { flows: [...FLOW, ...OTHER], kind: 'full' } })
  await client.call(savePanelLayout, { body: { scope: MILL, layout: ARRANGED, basedOn: 0, reason: 'for parts' } })
  const nodeIds = ['p-tab']
  const open = await client.call(previewExport, { body: { nodeIds, parameters: [] } })
  expect(open.panels).toMatchObject([{ key: 'mill/*', why: 'machine-not-asked' }])
  const asked = await client.call(previewExport, { body: { nodeIds, parameters: [machineParameter] } })
  expect(asked.panels).toMatchObject([{ key: 'mill/*', leftOut: ['status', 'Parts: Go'], tabs: [{ name: 'Parts', items: [{ id: 'a' }, { id: 'b' }] }] }])
  expect(asked.panels[0]?.why).toBeUndefined()
  const made = await client.call(exportTemplate, { body: { nodeIds, parameters: [machineParameter], ...about, version: '1.0.0' } })
  expect(made.panels).toMatchObject([{ name: 'machine', place: '{{machine}}', tabs: [{ name: 'Parts' }] }])
  expect(made.files.map(({ path }) => path)).toContain('panels/machine.json')
  expect(JSON.stringify(made.panels)).not.toContain('mill')
  const without = await client.call(exportTemplate, {
    body: { nodeIds, parameters: [machineParameter], ...about, id: 'parts-bare', version: '1.0.0', panels: [] },
  })
  expect(without.panels).toEqual([])
})

test('an import puts them beside what is arranged, as a version; removed, all is as it was', async () => {
  const { client } = product
  const request = { parameters: { machine: 'mill' }, keepsChanges: true }
  const preview = await client.call(previewTemplate, { params, body: request })
  expect(preview).toMatchObject({ isReady: true, panels: [{ state: 'beside', scope: MILL, hiddenFrom: [], tabs: [{ name: 'Parts' }] }] })
  expect((await layoutOf(MILL)).layout).toEqual(ARRANGED)
  const { import: first, panelProblems } = await client.call(importTemplate, { params, body: { ...request, to: 'deploy', comment: 'parts for all' } })
  expect(panelProblems).toEqual([])
  expect(first.panels).toEqual([MILL])
  const { layout, missing } = await layoutOf(MILL)
  expect(layout.tabs.slice(0, 2)).toEqual(ARRANGED.tabs)
  expect(missing).toEqual([])
  const [, tab] = brought(layout)
  const flows = (await client.call(getFlows, {})).flows as FlowNode[]
  expect(tab?.items.map(({ shows }) => (shows.kind === 'node' ? flows.find(({ id, z }) => id === shows.nodeId && z !== 'p-tab')?.name : ''))).toEqual([
    'begin',
    'end',
  ])
  expect(await client.call(listHistory, { query: { kind: 'panel', subject: 'mill/*' } })).toMatchObject([{ reason: 'parts for all', isCurrent: true }, {}])

  // the second goes to a machine that nobody arranged: that gets a layout of its own
  const second = await client.call(importTemplate, { params, body: { parameters: { machine: 'lathe' }, keepsChanges: true, to: 'deploy' } })
  expect(brought((await layoutOf(LATHE)).layout)).toMatchObject([{ name: 'Parts 2' }])
  const removal = await client.call(previewImportRemoval, { params: { importId: second.import.id } })
  expect(removal.panels).toEqual([{ scope: LATHE, tab: 'Parts 2', stays: false }])
  await client.call(removeTemplateImport, { params: { importId: second.import.id }, body: { withOwnWork: false } })
  expect((await client.call(listPanelLayouts, {})).map(({ scope }) => scope)).toEqual([MILL])
  await client.call(removeTemplateImport, { params: { importId: first.id }, body: { withOwnWork: false } })
  expect((await layoutOf(MILL)).layout).toEqual(ARRANGED)
})

test('an update keeps what was moved here and asks what both moved; other values take the panel to the other machine', async () => {
  const { client } = product
  const { import: made } = await client.call(importTemplate, { params, body: { parameters: { machine: 'mill' }, keepsChanges: true, to: 'deploy' } })
  // the next version: both buttons stand elsewhere, without an empty row that would be left out
  const { revision } = await layoutOf(MILL)
  const moved: PanelLayout = {
    tabs: ARRANGED.tabs.map((tab) => (tab.kind === 'grid' ? { ...tab, items: [control('a', 'p-begin', 4, 2), control('b', 'p-end', 0, 0)] } : tab)),
  }
  const before = (await layoutOf(MILL)).layout
  await client.call(savePanelLayout, { body: { scope: MILL, layout: { tabs: [...moved.tabs, ...before.tabs.slice(2)] }, basedOn: revision, reason: 'lower' } })
  await client.call(exportTemplate, { body: { nodeIds: ['p-tab'], parameters: [machineParameter], ...about, version: '1.1.0' } })
  // here somebody moved one of them and put another control beside
  const now = await layoutOf(MILL)
  const changed = now.layout.tabs.map((tab) =>
    tab.kind === 'grid' && tab.id !== 'parts'
      ? { ...tab, items: [...tab.items.map((item) => (item.id === 'a' ? { ...item, x: 8 } : item)), control('own', 'o-go', 0, 8)] }
      : tab,
  )
  await client.call(savePanelLayout, { body: { scope: MILL, layout: { tabs: changed }, basedOn: now.revision, reason: 'to the right' } })
  const update = { parameters: {}, keepsChanges: true, replaces: made.id }
  const preview = await client.call(previewTemplate, { params, body: update })
  expect(preview).toMatchObject({ isReady: false, conflicts: [{ nodeType: 'panel', name: 'Parts: Begin', property: 'place' }], panels: [{ state: 'updated' }] })
  await expect(client.call(importTemplate, { params, body: { ...update, to: 'deploy' } })).rejects.toMatchObject({ code: 'template-conflicts' })
  const decisions = { [preview.conflicts[0]?.key ?? '']: 'ours' as const }
  await client.call(importTemplate, { params, body: { ...update, decisions, to: 'deploy' } })
  const places = (layout: PanelLayout) =>
    brought(layout)
      .find(({ id }) => id !== 'parts')
      ?.items.map(({ id, x, y }) => [id, x, y])
      .toSorted()
  expect(places((await layoutOf(MILL)).layout)).toEqual([
    ['a', 8, 0],
    ['b', 0, 0],
    ['own', 0, 8],
  ])
  await client.call(importTemplate, { params, body: { parameters: { machine: 'lathe' }, keepsChanges: true, replaces: made.id, to: 'deploy' } })
  expect(places((await layoutOf(LATHE)).layout)?.map(([id]) => id)).toEqual(['a', 'b'])
  // what others put on it stays where they put it
  expect(places((await layoutOf(MILL)).layout)).toEqual([['own', 0, 8]])
  await client.call(removeTemplateImport, { params: { importId: made.id }, body: { withOwnWork: false } })
  expect((await client.call(listPanelLayouts, {})).map(({ scope }) => scope)).toEqual([MILL])
})

test('an import into a draft places them when it is deployed; an import without them leaves panels as they are', async () => {
  const { client } = product
  const { import: made } = await client.call(importTemplate, { params, body: { parameters: { machine: 'lathe' }, keepsChanges: true, to: 'draft' } })
  expect((await layoutOf(LATHE)).revision).toBe(0)
  const { draft } = await client.call(getDraft, {})
  const { flows } = await client.call(getFlows, {})
  await client.call(deployFlows, { body: { flows: [...(flows as FlowNode[]), ...((draft?.changes.put ?? []) as FlowNode[])], kind: 'nodes' } })
  await expect.poll(async () => brought((await layoutOf(LATHE)).layout).length).toBe(1)
  await expect.poll(() => client.call(listTemplateImports, {})).toMatchObject([{ id: made.id, state: 'deployed', panels: [LATHE] }])
  await client.call(removeTemplateImport, { params: { importId: made.id }, body: { withOwnWork: false } })

  // an integrator, who may not arrange panels, may import: tabs of an import come by the right to import
  const { token } = await client.call(createToken, { body: { name: 'integrator', role: 'integrator' } })
  const integrator = createClient(() => ({ ...client.access, token }))
  const request = { parameters: { machine: 'lathe' }, keepsChanges: true }
  await expect(integrator.call(listPanelLayouts, {})).rejects.toMatchObject({ status: 403 })
  const looked = await integrator.call(previewTemplate, { params, body: { ...request, withoutPanels: true } })
  expect(looked).toMatchObject({ isReady: true, panels: [{ state: 'left-out' }] })
  const without = await integrator.call(importTemplate, { params, body: { ...request, withoutPanels: true, to: 'deploy' } })
  expect(without.import.panels).toEqual([])
  expect((await layoutOf(LATHE)).revision).toBe(0)
  const update = await integrator.call(importTemplate, { params, body: { ...request, replaces: without.import.id, to: 'deploy' } })
  expect(update.import.panels).toEqual([LATHE])
  await integrator.call(removeTemplateImport, { params: { importId: without.import.id }, body: { withOwnWork: false } })
  expect((await layoutOf(LATHE)).revision).toBe(0)
  expect((await client.call(getTemplate, { params })).versions).toEqual(['1.1.0', '1.0.0'])
})
