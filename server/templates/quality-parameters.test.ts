/** What nodes pick of quality becomes a question of the template: over the lists of a real store. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { describeNode } from '../../nodes/define-node/describe.ts'
import { NODES } from '../../nodes/index.ts'
import type { FlowNode, NodeType } from '../api/index.ts'
import { qualityThings } from '../quality/pickable.ts'
import { startTestLists, type TestLists } from '../quality/picked-testing.ts'
import { type ExportSources, lookAtExport, makeFiles } from './export.ts'
import { make } from './make.ts'
import { referencesOf } from './new-ids.ts'
import { parameterProblems } from './parameters.ts'
import { readTemplate } from './read-template.ts'

const types = NODES.map((declaration) => ({
  ...describeNode(declaration, { iconSvg: '', helpHtml: '' }),
  module: 'cellwright',
  needs: 'flows.deploy',
})) as NodeType[]
let lists: TestLists
let sources: ExportSources
let ids: Record<'bore' | 'slot' | 'plan' | 'study', string>
const node = (id: string, type: string, properties: object): FlowNode => ({ id, type, z: 't', x: 1, y: 1, wires: [], ...properties })

beforeAll(async () => {
  lists = await startTestLists()
  ids = {
    bore: await lists.characteristic({ name: 'bore', part: 'BRK-1' }),
    slot: await lists.characteristic({ name: 'slot', part: 'BRK-1' }),
    plan: await lists.samplingPlan({ name: 'Bolts' }),
    study: await lists.study('Caliper 12'),
  }
  await lists.inspectionPlan({ part: 'BRK-1' })
  sources = {
    flows: [
      { id: 't', type: 'tab', label: 'Measure' },
      node('a', 'cw-measure', { from: 'list', characteristicId: ids.bore }),
      node('b', 'cw-spc-chart', { characteristicId: ids.bore, rules: ['nelson-1'], coolDown: 0 }),
      node('c', 'cw-measure', { from: 'list', characteristicId: ids.slot }),
      node('d', 'cw-sampling', { plan: ids.plan, does: 'judge' }),
      node('e', 'cw-gage-study', { study: ids.study, does: 'feed' }),
      node('f', 'cw-inspection', { part: 'BRK-1', partType: 'str' }),
      node('g', 'cw-measure', { from: 'here', characteristic: 'length', characteristicId: ids.slot, nominal: 5 }),
    ],
    types,
    tests: [],
    connections: [],
    quality: await qualityThings(lists.db),
    kept: [],
    programs: { list: async () => [], find: async () => Promise.reject(new Error('none')), path: () => '' } as never,
    panels: [],
    moduleVersion: async () => undefined,
  }
}, 60_000)
afterAll(() => lists?.close())

test('each is asked for once, with the name that tells it from the others, and without what it is here', async () => {
  const { suggestions } = await lookAtExport({ nodeIds: ['t'], parameters: [] }, sources)
  expect(
    suggestions.map(({ key, schema: { widget, title, default: preset }, places }) => [
      key,
      widget,
      title,
      preset,
      places.map(({ nodeId }) => nodeId).join(' '),
    ]),
  ).toEqual([
    ['characteristic', 'quality-characteristic', 'Characteristic: bore', undefined, 'a b'],
    ['characteristic2', 'quality-characteristic', 'Characteristic: slot', undefined, 'c'],
    ['samplingPlan', 'sampling-plan', 'Sampling plan: Bolts', undefined, 'd'],
    ['gaugeStudy', 'gage-study', 'Study: Caliper 12', undefined, 'e'],
    ['part', 'inspection-plan', 'Part: BRK-1', undefined, 'f'],
    ['characteristic3', 'text', 'Characteristic', 'length', 'g'],
  ])
})

test('a template made with them holds no id of this shop, and takes those of the other one', async () => {
  const { suggestions: parameters } = await lookAtExport({ nodeIds: ['t'], parameters: [] }, sources)
  const files = await makeFiles(
    { nodeIds: ['t'], parameters, id: 'measured', version: '1.0.0', name: 'Measured', summary: 'Measures.', categories: ['quality'], readme: '# Measured\n' },
    sources,
    'Ann',
  )
  const text = [...files.values()].map(String).join('\n')
  for (const id of [ids.bore, ids.plan, ids.study]) expect(text).not.toContain(id)

  const content = await readTemplate(files)
  const shop = { machines: [], connections: [], programs: [], quality: await qualityThings(lists.db) }
  const values = {
    characteristic: ids.slot,
    characteristic2: ids.bore,
    samplingPlan: ids.plan,
    gaugeStudy: ids.study,
    part: 'BRK-1',
    characteristic3: 'length',
  }
  const problems = (more: object) => parameterProblems(content.manifest.parameters, { ...values, ...more }, shop)
  expect(problems({})).toEqual([])
  expect(problems({ samplingPlan: ids.study })).toMatchObject([{ key: 'samplingPlan', message: expect.stringContaining('there is no sampling plan') }])
  expect(problems({ characteristic: 'chr_gone', part: 'BRK-9' }).map(({ key }) => key)).toEqual(['characteristic', 'part'])
  const { nodes } = make(content, { importId: 'imp_1', parameters: values, n: 1, references: referencesOf(types) })
  expect(nodes.filter(({ type }) => type === 'cw-measure').map(({ characteristicId }) => characteristicId)).toContain(ids.slot)
  expect(nodes.find(({ type }) => type === 'cw-sampling')).toMatchObject({ plan: ids.plan })
})
