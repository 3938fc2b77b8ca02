/** What nodes name of quality, against the lists of a real store. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { describeNode } from '../../../nodes/define-node/describe.ts'
import { NODES } from '../../../nodes/index.ts'
import type { FlowNode, NodeType } from '../../api/index.ts'
import { qualityThings } from '../../quality/pickable.ts'
import { startTestLists, type TestLists } from '../../quality/picked-testing.ts'
import { createAdviser } from './index.ts'

const types = NODES.map((declaration) => ({
  ...describeNode(declaration, { iconSvg: '', helpHtml: '' }),
  module: 'cellwright',
  needs: 'flows.deploy',
})) as NodeType[]
const node = (type: string, properties: object): FlowNode => ({ id: 'n', type, z: 't', x: 1, y: 1, name: 'it', wires: [], ...properties })
let lists: TestLists
let here: Record<'bore' | 'slot' | 'plan' | 'old' | 'study', string>
let asked: unknown[] = []

beforeAll(async () => {
  lists = await startTestLists()
  here = {
    bore: await lists.characteristic({ name: 'bore', part: 'BRK-1' }),
    slot: await lists.characteristic({ name: 'slot', isRetired: true }),
    plan: await lists.samplingPlan({ name: 'Bolts' }),
    old: await lists.samplingPlan({ name: 'Nuts', isRetired: true }),
    study: await lists.study('Caliper 12'),
  }
  await lists.inspectionPlan({ part: 'BRK-1', partRevision: 'C' })
  await lists.inspectionPlan({ part: 'BRK-2', isFirstArticle: false, isRetired: true })
}, 60_000)
afterAll(() => lists?.close())

const adviser = createAdviser({
  credentialNames: async () => ({}),
  qualityHere: (wanted) => {
    asked.push(wanted)
    return qualityThings(lists.db, wanted)
  },
})
const advise = async (flows: FlowNode[], before: FlowNode[] = []) => {
  asked = []
  const tab = { id: 't', type: 'tab' }
  const advice = await adviser({ flows: [tab, ...flows], before: before.length ? [tab, ...before] : [], types, newCredentials: {} })
  return advice.filter(({ about }) => about === 'quality')
}
const codes = async (one: FlowNode) => (await advise([one])).map(({ code }) => code)

test('what is on the lists needs no advice', async () => {
  const flows = [
    node('cw-measure', { id: 'a', from: 'list', characteristicId: here.bore }),
    node('cw-sampling', { id: 'b', plan: here.plan, does: 'judge' }),
    node('cw-gage-study', { id: 'c', study: here.study, does: 'feed' }),
    node('cw-inspection', { id: 'd', part: 'BRK-1', partType: 'str', kind: 'first-article', partRevision: 'C', partRevisionType: 'str' }),
    node('cw-inspection', { id: 'e', part: 'BRK-1', partType: 'str', kind: 'first-article', partRevision: '', partRevisionType: 'str' }),
    node('cw-inspection', { id: 'f', part: 'BRK-1', partType: 'str', kind: 'first-article', partRevision: 'revision', partRevisionType: 'msg' }),
  ]
  expect(await advise(flows)).toEqual([])
  expect(asked).toEqual([{ 'quality-characteristic': [here.bore], 'sampling-plan': [here.plan], 'gage-study': [here.study], 'inspection-plan': ['BRK-1'] }])
})

test('the store is not asked for flows that name nothing of quality', async () => {
  await advise([node('cw-measure', { from: 'here', characteristic: 'bore', characteristicId: 'chr_gone' })])
  expect(asked).toEqual([])
})

test.each<[string, object]>([
  ['cw-measure', { from: 'list', characteristicId: 'chr_gone' }],
  ['cw-capability', { characteristicId: 'chr_gone' }],
  ['cw-sampling', { plan: 'spl_gone', does: 'take-up' }],
  ['cw-gage-study', { study: 'gst_gone', does: 'feed' }],
])('%s that names what is not here is told with it, and that messages will fail', async (type, properties) => {
  const [one, ...more] = await advise([node(type, properties)])
  expect(more).toEqual([])
  expect(one).toMatchObject({ nodeId: 'n', code: 'quality-unknown', params: { does: 'takes' } })
  expect(one?.message).toMatch(/^"it" .*_gone", which is not here\. Every message .* will fail/)
})

test.each<[string, object]>([
  ['cw-spc-chart', { characteristicId: 'chr_gone' }],
  ['cw-sampling', { plan: 'spl_gone', does: 'listen' }],
  ['cw-gage-study', { study: 'gst_gone', does: 'listen' }],
])('%s that waits for what is not here is told that it will never start a run', async (type, properties) => {
  expect(await advise([node(type, properties)])).toMatchObject([{ code: 'quality-unknown', params: { does: 'starts' } }])
})

test('what is not used any more is told by its name', async () => {
  expect(await advise([node('cw-measure', { from: 'list', characteristicId: here.slot })])).toMatchObject([
    { code: 'quality-retired', params: { of: 'quality-characteristic', name: 'slot' } },
  ])
  expect(await advise([node('cw-sampling', { plan: here.old, does: 'judge' })])).toMatchObject([{ code: 'quality-retired', params: { name: 'Nuts' } }])
})

test.each<[string, object, string[]]>([
  ['another part', { part: 'BRK-9', kind: 'first-article' }, ['no-inspection-plan']],
  ['another kind', { part: 'BRK-1', kind: 'plain' }, ['no-inspection-plan']],
  ['another revision', { part: 'BRK-1', kind: 'first-article', partRevision: 'D', partRevisionType: 'str' }, ['no-inspection-plan']],
  ['a plan that is not used any more', { part: 'BRK-2', kind: 'plain' }, ['no-inspection-plan']],
  ['a part that the message says', { part: 'part', partType: 'msg', kind: 'plain' }, []],
])('an inspection of %s', async (_, properties, found) => {
  expect(await codes(node('cw-inspection', { partType: 'str', ...properties }))).toEqual(found)
})

test('what is switched off is left alone, and what was so before is known', async () => {
  const gone = node('cw-sampling', { plan: 'spl_gone', does: 'judge' })
  expect(await advise([{ ...gone, d: true }])).toEqual([])
  expect(await advise([gone], [gone])).toMatchObject([{ isKnown: true }])
})
