import { expect, test } from 'vitest'
import { UserError } from '../../base/errors.ts'
import type { FlowNode, NodeType } from '../api/index.ts'
import { createFlowChecker, requireSound } from './check.ts'

const type = (name: string, more: Partial<NodeType> = {}): NodeType => ({
  type: name,
  label: name,
  family: 'common',
  module: 'node-red',
  isConfig: false,
  inputs: 1,
  outputs: 1,
  outputLabels: [],
  defaults: {},
  needs: 'flows.deploy',
  ...more,
})
const types = [
  type('inject'),
  type('debug'),
  type('cw-machine', {
    isConfig: true,
    configSchema: { type: 'object', required: ['machineId'], properties: { machineId: { type: 'string', minLength: 1 } } },
  }),
  type('cw-run-program', { references: { machine: 'cw-machine' } }),
  type('ui-base', { isConfig: true }),
]
const tab: FlowNode = { id: 't', type: 'tab', label: 'Cell' }
const check = createFlowChecker()
const problems = async (...nodes: FlowNode[]) => {
  const { unknown, invalid } = await check([tab, ...nodes], types)
  return [...unknown, ...invalid].map(({ nodeId, property, message }) => `${nodeId}${property ? `.${property}` : ''}: ${message}`)
}

test('sound flows have no problems', async () => {
  expect(
    await problems(
      { id: 'm', type: 'cw-machine', machineId: 'm1' },
      { id: 'a', type: 'inject', z: 't', x: 1, y: 1, wires: [['b']] },
      { id: 'b', type: 'cw-run-program', z: 't', x: 1, y: 1, machine: 'm', wires: [[]] },
    ),
  ).toEqual([])
})

test('what a flow from before a property was there leaves out has its default', async () => {
  const configSchema = { type: 'object', required: ['speed', 'kind'], properties: { speed: { type: 'number', default: 5 }, kind: { type: 'string' } } }
  const newer = [...types, type('cw-newer', { configSchema })]
  const found = async (node: object) => (await check([tab, { id: 'n', type: 'cw-newer', z: 't', x: 1, y: 1, wires: [], ...node }], newer)).invalid
  expect(await found({ kind: 'x' })).toEqual([])
  expect(await found({})).toMatchObject([{ message: expect.stringContaining('kind') }])
  expect(await found({ kind: 'x', speed: 'fast' })).toMatchObject([{ property: 'speed' }])
})

test('a node as it comes from the palette leaves optional fields empty, and what it needs together is said at its field', async () => {
  const declared = (name: string) => type(name, { configSchema: { type: 'object', properties: {} } })
  const newer = [...types, declared('cw-time-trigger'), declared('cw-condition-trigger')]
  const found = async (node: FlowNode) => (await check([tab, { z: 't', x: 1, y: 1, wires: [], ...node }], newer)).invalid
  expect(await found({ id: 'n', type: 'cw-time-trigger', schedule: 'cron', pattern: '0 6 * * *', calendar: '', from: '', shift: '', zone: '' })).toEqual([])
  expect(await found({ id: 'n', type: 'cw-time-trigger', schedule: 'cron', pattern: '0 26 * * *' })).toMatchObject([{ property: 'pattern' }])
  expect(await found({ id: 'n', type: 'cw-condition-trigger', machine: '', conditions: [], also: '', alsoType: 'msg' })).toMatchObject([
    { property: 'conditions', message: expect.stringMatching(/cannot be used yet: A condition is missing\.$/) },
  ])
})

test('an unknown type names its node', async () => {
  expect(await problems({ id: 'a', type: 'mystery', name: 'lathe', z: 't', wires: [] })).toEqual([
    expect.stringMatching(/^a: "lathe" \(mystery\) .*not installed/),
  ])
  const found = await check([tab, { id: 'a', type: 'mystery' }], types)
  const refused = () => requireSound(found)
  expect(refused).toThrow(UserError)
  expect(refused).toThrow(expect.objectContaining({ code: 'node-type-unknown', status: 422 }))
})

test.each<[string, FlowNode[], RegExp]>([
  [
    'two nodes with one id',
    [
      { id: 'a', type: 'debug' },
      { id: 'a', type: 'inject' },
    ],
    /^a: .*another node has too/,
  ],
  ['a wire into nothing', [{ id: 'a', type: 'inject', z: 't', wires: [['gone']] }], /^a\.wires: .*"gone"/],
  ['wires of the wrong shape', [{ id: 'a', type: 'inject', z: 't', wires: 'b' }], /^a\.wires/],
  ['a tab that is not there', [{ id: 'a', type: 'inject', z: 'gone', wires: [] }], /^a\.z/],
  ['a config node that is not there', [{ id: 'a', type: 'cw-run-program', z: 't', machine: 'gone', wires: [] }], /^a\.machine: .*cw-machine/],
  [
    'a reference to the wrong kind',
    [
      { id: 'd', type: 'debug', z: 't' },
      { id: 'a', type: 'cw-run-program', z: 't', machine: 'd', wires: [] },
    ],
    /^a\.machine/,
  ],
  ['a wrong value in one of our nodes', [{ id: 'm', type: 'cw-machine', machineId: '' }], /^m\.machineId/],
  ['a missing value in one of our nodes', [{ id: 'm', type: 'cw-machine' }], /^m.*machineId/],
  ['a subflow that is not there', [{ id: 'a', type: 'subflow:gone', z: 't', wires: [] }], /^a: .*subflow/],
  ['a dashboard where nobody can reach it', [{ id: 'u', type: 'ui-base', path: '/ui' }], /^u\.path/],
  [
    'a config id that Node-RED would take for a reference to itself',
    [{ id: 'theme', type: 'ui-base', path: '/dashboard', titleBarStyle: 'theme' }],
    /^theme: .*generated id/,
  ],
])('finds %s', async (_what, nodes, expected) => {
  expect(await problems(...nodes)).toEqual([expect.stringMatching(expected)])
})

test('a disabled node may be unfinished', async () => {
  expect(await problems({ id: 'm', type: 'cw-machine', d: true })).toEqual([])
})

test('a value from the environment is not judged before it is known', async () => {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: Node-RED's own way to write it
  expect(await problems({ id: 'm', type: 'cw-machine', machineId: '${MACHINE}' })).toEqual([])
})
