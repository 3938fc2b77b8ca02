import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { NODES } from '../../../nodes/index.ts'
import type { FlowNode, NodeType } from '../../api/index.ts'
import { createAdviser } from './index.ts'

const type = (name: string, inputs: number, outputLabels: readonly string[] = []): NodeType => ({
  type: name,
  label: name,
  family: 'x',
  module: 'node-red',
  isConfig: false,
  inputs,
  outputs: Math.max(1, outputLabels.length),
  outputLabels: [...outputLabels],
  defaults: {},
  needs: 'flows.deploy',
})
const TYPES = [
  ...['inject', 'catch', 'link in'].map((name) => type(name, 0)),
  ...['debug', 'change', 'switch', 'delay', 'link out', 'strange'].map((name) => type(name, 1)),
  ...NODES.map((node) => ('inputs' in node ? type(node.type, node.inputs, node.outputs) : type(node.type, 0))),
]
const advise = async (flows: FlowNode[]) => {
  const all = await createAdviser({ credentialNames: async () => ({}) })({ flows, before: [], types: TYPES, newCredentials: {} })
  return all.filter(({ about }) => about === 'steps').map(({ nodeId, code, message }) => ({ nodeId, code, message }))
}
const TAB: FlowNode = { id: 't', type: 'tab' }
const node = (id: string, name: string, wires: string[][], more: object = {}): FlowNode => ({ id, type: name, z: 't', x: 1, y: 1, wires, ...more })
const START = node('start', 'inject', [['each']])

test('a branch that leads to no "return" is told with its output, and not when it has a time limit', async () => {
  const flows = (more: object) => [TAB, START, node('each', 'cw-for-each', [['work'], [], []], { timeout: 0, ...more }), node('work', 'change', [[]])]
  expect(await advise(flows({}))).toEqual([
    { nodeId: 'each', code: 'branch-without-return', message: expect.stringContaining('waits for ever for what leaves it at "each item"') },
  ])
  expect(await advise(flows({ timeout: 60 }))).toEqual([])
})

test.each([
  ['to a "return"', [node('work', 'change', [['back']]), node('back', 'cw-return', [])]],
  ['back to the input', [node('work', 'change', [['each']])]],
  ['over links', [node('work', 'link out', [], { mode: 'link', links: ['in'] }), node('in', 'link in', [['back']]), node('back', 'cw-return', [])]],
  ['to a node of which nobody knows what it does', [node('work', 'strange', [])]],
])('a branch may lead %s', async (_where, rest) => {
  expect(await advise([TAB, START, node('each', 'cw-for-each', [['work'], [], []], { timeout: 0 }), ...rest])).toEqual([])
})

test('a "parallel" that joins with the first needs no more than one to come back', async () => {
  const flows = (join: string) => [
    TAB,
    node('start', 'inject', [['both']]),
    node('both', 'cw-parallel', [['tell'], ['back'], [], [], [], []], { join, timeout: 0 }),
    node('tell', 'debug', []),
    node('back', 'cw-return', []),
  ]
  expect(await advise(flows('any'))).toEqual([])
  expect((await advise(flows('all'))).map(({ code }) => code)).toEqual(['branch-without-return'])
})

test('a "return" outside of any branch, a call of nobody, a flow that never answers, a name given twice', async () => {
  const flows = [
    TAB,
    node('start', 'inject', [['back', 'call']]),
    node('back', 'cw-return', []),
    node('call', 'cw-call-flow', [[], []], { flow: 'nobody', flowType: 'str', timeout: 0 }),
    node('begin', 'cw-flow-begin', [['silent']], { flow: 'part' }),
    node('silent', 'debug', []),
    node('twin', 'cw-flow-begin', [['answer']], { flow: 'part' }),
    node('answer', 'cw-return', []),
  ]
  expect((await advise(flows)).map(({ nodeId, code }) => `${nodeId} ${code}`).sort()).toEqual([
    'back return-outside',
    'begin flow-without-return',
    'call no-flow-begin',
    'twin flow-name-taken',
  ])
})

const ROOT = join(import.meta.dirname, '../../..')
const shipped = ['nodes/orchestration', 'flows'].flatMap((dir) =>
  readdirSync(join(ROOT, dir), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.example.json') || name.endsWith('flow.json'))
    .map((name) => join(dir, name)),
)
test.each(shipped)('%s, which ships, needs no such advice', async (name) => {
  expect(await advise(JSON.parse(readFileSync(join(ROOT, name), 'utf8')) as FlowNode[])).toEqual([])
})
