/** Every template that ships: imported into an empty shop with example parameters, deployed, tests of it rehearsed, removed again. */
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  addConnection,
  addMachine,
  type FlowNode,
  type FlowTest,
  getFlows,
  getLayoutOf,
  getRehearsal,
  getTemplate,
  importTemplate,
  listFlowTests,
  listPanelLayouts,
  listPlaceables,
  listPrograms,
  previewTemplate,
  type Rehearsal,
  removeTemplateImport,
  startRehearsal,
  type TemplateParameters,
} from '../../server/api/index.ts'
import { type Product, root, startTestProduct, until } from '../product.ts'

const MACHINE = 'mill'
/** A rehearsal starts a runtime of its own: the soak does all of them. */
const TESTS_EACH = process.env.CELLWRIGHT_SOAK ? Number.POSITIVE_INFINITY : 1
const ids = (await readdir(join(root, 'flows'), { withFileTypes: true })).filter((entry) => entry.isDirectory()).map(({ name }) => name)

let product: Product
let dir: string
const connections = new Map<string, string>()

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'cw-shipped-'))
  product = await startTestProduct()
  const { client } = product
  await client.call(addMachine, {
    body: {
      id: MACHINE,
      name: 'Mill',
      link: { kind: 'virtual', timeScale: 100 },
      envelopeMm: { min: [-20, -20, -60], max: [380, 280, 40] },
      whenRequesterGone: 'finish',
      guarding: { toolChange: { kind: 'manual' }, interlocks: [{ id: 'air', name: 'Air pressure', ttlS: 60, whenUnsafe: 'hold' }] },
    },
  })
  const folders = { inbox: join(dir, 'in'), outbox: join(dir, 'out') }
  for (const folder of Object.values(folders)) await mkdir(folder)
  const { id } = await client.call(addConnection, { body: { name: 'Orders', connector: 'work-order-folder', settings: folders, isEnabled: true } })
  connections.set('work-order-folder', id)
}, 120_000)
afterAll(async () => {
  await product?.close()
  await rm(dir, { recursive: true, force: true })
})

/** What a person would fill in: this shop's machine and connections, examples, and defaults for the rest. */
function examples({ properties }: TemplateParameters): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(properties).flatMap(([key, { widget, connectors = [], examples: tries = [], default: usual }]) => {
      const value = widget === 'machine' ? MACHINE : widget === 'connection' ? connections.get(connectors[0] ?? 'work-order-folder') : (tries[0] ?? usual)
      return value === undefined ? [] : [[key, value]]
    }),
  )
}

const controlsIn = (flows: readonly FlowNode[]) => flows.filter(({ type }) => /^cw-(button|form|value|chart)$/.test(type)).map(({ id }) => id)

/** Its tabs stand on the machine's panel, with controls that are in the running flows. @returns how many */
async function panelTabs(flows: readonly FlowNode[]): Promise<number> {
  const { client } = product
  const { layout } = await client.call(getLayoutOf, { query: { place: MACHINE } })
  const controls = new Set((await client.call(listPlaceables, {})).map(({ nodeId }) => nodeId))
  const tabs = layout.tabs.filter((tab) => tab.kind === 'grid')
  const shown = tabs.flatMap(({ items }) => items.flatMap(({ shows }) => (shows.kind === 'node' ? [shows.nodeId] : [])))
  expect(shown.filter((id) => !controls.has(id))).toEqual([])
  // whatever an operator can press or read of it has its place
  expect(shown.toSorted()).toEqual(controlsIn(flows).toSorted())
  return tabs.length
}

/** What stands against the test, if anything. */
async function rehearse({ name, steps, answers, expect: wanted }: FlowTest, flows: FlowNode[]): Promise<string[]> {
  const { client } = product
  const began = await until(`a place for the rehearsal of "${name}"`, 60_000, () =>
    client.call(startRehearsal, { body: { flows, steps, answers, expect: wanted } }),
  )
  const { report, error } = await until<Rehearsal>(`the end of "${name}"`, 120_000, async () => {
    const view = await client.call(getRehearsal, { params: { rehearsalId: began.id } })
    return view.state === 'ended' ? view : undefined
  })
  return [
    ...(error === undefined ? [] : [error]),
    ...(report?.steps ?? []).filter(({ state }) => state !== 'done').map(({ state, text }) => `step ${state}: ${text}`),
    ...(report?.expectations ?? []).flatMap(({ isMet, found }, index) =>
      isMet
        ? []
        : [
            `expected ${JSON.stringify(wanted[index])}, found ${JSON.stringify(found)}; errors: ${JSON.stringify(report?.errors)}; waiting: ${JSON.stringify(report?.waiting)}`,
          ],
    ),
  ]
}

test.for(ids)('%s: imported, deployed, rehearsed, and nothing of it is left when it is removed', { timeout: 300_000 }, async (templateId) => {
  const { client } = product
  const { parameters, name, testCases, readme, readmeGerman, panels } = await client.call(getTemplate, { params: { templateId } })
  const request = { parameters: examples(parameters), keepsChanges: true }
  const preview = await client.call(previewTemplate, { params: { templateId }, body: request })
  expect(preview).toMatchObject({ isReady: true, parameterProblems: [], problems: [], conflicts: [] })
  const made = await client.call(importTemplate, { params: { templateId }, body: { ...request, to: 'deploy' } })
  try {
    expect(made.import).toMatchObject({ templateId, name, state: 'deployed', changedHere: 0 })
    expect(testCases.length).toBeGreaterThan(0)
    expect(`${readme} ${readmeGerman}`.length).toBeGreaterThan(400)
    const { flows } = await client.call(getFlows, {})
    expect(await panelTabs(flows as FlowNode[])).toBe(panels.flatMap(({ tabs }) => tabs).length)
    expect(JSON.stringify(flows)).not.toMatch(new RegExp(`\\{\\{(text |json )?(\\$n|${Object.keys(parameters.properties).join('|')})\\}\\}`))
    const there = await client.call(listFlowTests, {})
    expect(there.map((each) => each.name).toSorted()).toEqual(testCases.map((each) => each.name).toSorted())
    const kept = testCases.flatMap((each) => there.filter((other) => other.name === each.name))
    const outcomes = await Promise.all(kept.slice(0, TESTS_EACH).map(async (each) => [each.name, await rehearse(each, flows as FlowNode[])] as const))
    expect(outcomes.filter(([, problems]) => problems.length)).toEqual([])
  } finally {
    await client.call(removeTemplateImport, { params: { importId: made.import.id }, body: { withOwnWork: false } })
  }
  expect(await client.call(getFlows, {})).toMatchObject({ flows: [] })
  expect(await client.call(listFlowTests, {})).toEqual([])
  expect(await client.call(listPrograms, {})).toEqual([])
  expect(await client.call(listPanelLayouts, {})).toEqual([])
})
