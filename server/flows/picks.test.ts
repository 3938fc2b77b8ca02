/** Over the forms of the real nodes. */
import { expect, test } from 'vitest'
import { describeNode } from '../../nodes/define-node/describe.ts'
import { NODES } from '../../nodes/index.ts'
import type { FlowNode } from '../api/index.ts'
import { picksOf } from './picks.ts'

const forms = new Map<string, ReturnType<typeof describeNode>>(
  NODES.map((declaration) => [declaration.type, describeNode(declaration, { iconSvg: '', helpHtml: '' })]),
)
const picked = (type: string, properties: object) =>
  picksOf({ id: 'n', type, ...properties } as FlowNode, forms.get(type)).map(({ kind, path, value }) => `${kind} ${path} ${value}`)

test.each<[string, object, string[]]>([
  ['cw-measure', { from: 'list', characteristicId: 'chr_1' }, ['quality-characteristic characteristicId chr_1']],
  ['cw-spc-chart', { characteristicId: 'chr_1' }, ['quality-characteristic characteristicId chr_1']],
  ['cw-capability', { characteristicId: 'chr_1' }, ['quality-characteristic characteristicId chr_1']],
  ['cw-sampling', { plan: 'spl_1', does: 'judge' }, ['sampling-plan plan spl_1']],
  ['cw-gage-study', { study: 'gst_1' }, ['gage-study study gst_1']],
  ['cw-gauge', { connection: 'con_1' }, ['connection connection con_1']],
  ['cw-inspection', { part: 'BRK-1', partType: 'str' }, ['inspection-plan part BRK-1']],
  ['cw-machine', { machineId: 'mill' }, ['machine machineId mill']],
  ['cw-run-program', { program: 'plate.nc', programType: 'str' }, ['program program plate.nc']],
])('what %s picks is found', (type, properties, found) => {
  expect(picked(type, properties)).toEqual(found)
})

test('what is left in a field that the node does not look at is not asked for', () => {
  const both = { characteristicId: 'chr_old', characteristic: 'bore' }
  expect(picked('cw-measure', { ...both, from: 'here' })).toEqual(['characteristic characteristic bore'])
  expect(picked('cw-measure', { ...both, from: 'list' })).toEqual(['quality-characteristic characteristicId chr_old'])
  const event = { connection: 'con_1' }
  expect(picked('cw-event-trigger', { ...event, source: 'connection' })).toEqual(['connection connection con_1'])
  expect(picked('cw-event-trigger', { ...event, source: 'flow' })).toEqual([])
  // what a flow from before the choice was there leaves out has its default
  expect(picked('cw-measure', both)).toEqual(['characteristic characteristic bore'])
})

test('what a message or the environment says is nothing of this shop', () => {
  expect(picked('cw-inspection', { part: 'workOrder.part', partType: 'msg' })).toEqual([])
  expect(picked('cw-sampling', { plan: `\${PLAN}` })).toEqual([])
  expect(picked('cw-sampling', { plan: '' })).toEqual([])
})
