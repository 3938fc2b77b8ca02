import { expect, test } from 'vitest'
import { atOnce } from '../../base/steps.ts'
import type { FlowNode } from '../api/index.ts'
import { brokenShape, containersInThemselves, nodesOnCircles } from './shape.ts'

test.each<[string, FlowNode, string]>([
  ['a place that is no id', { id: 'a', type: 'debug', z: {} }, 'z'],
  ['a position that is no number', { id: 'a', type: 'debug', z: 't', x: {}, y: 1 }, 'x'],
  ['an id that every object has', { id: '__proto__', type: 'tab' }, 'id'],
  ['an id with a control character', { id: 'a\u0000', type: 'tab' }, 'id'],
  ['variables that are no list', { id: 't', type: 'tab', env: 'HOST' }, 'env'],
  ['a variable that is none', { id: 't', type: 'tab', env: [null] }, 'env'],
  ['a group whose nodes are no list', { id: 'g', type: 'group', z: 't', nodes: 'a' }, 'nodes'],
  ['a subflow whose ports are no list', { id: 's', type: 'subflow', in: 'a' }, 'in'],
  ['a subflow port that leads to no id', { id: 's', type: 'subflow', out: [{ wires: [{ id: 5 }] }] }, 'out'],
])('finds %s', (_what, node, property) => {
  expect(brokenShape(node)).toMatchObject({ property })
})

test('lets pass what Node-RED writes', () => {
  for (const node of [
    { id: 't', type: 'tab', label: 'Cell', disabled: false, info: '', env: [] },
    { id: 'g', type: 'group', z: 't', nodes: ['a'], env: [{ name: 'A', value: '1', type: 'str' }], x: 1, y: 2, w: 3, h: 4 },
    { id: 's', type: 'subflow', name: 'S', in: [{ x: 1, y: 1, wires: [{ id: 'a' }] }], out: [{ x: 1, y: 1, wires: [{ id: 'a', port: 0 }] }], env: [] },
    { id: 'page', type: 'ui-page', disabled: 'false', z: '' },
    { id: 'a', type: 'debug', z: 't', g: 'g', x: 1, y: 1.5, wires: [] },
  ])
    expect(brokenShape(node)).toBeUndefined()
})

const containers = (...flows: FlowNode[]) =>
  atOnce(containersInThemselves(flows, new Map(flows.map((node) => [node.id, node])))).map(({ node, found }) => `${node.id}: ${found.sentence}`)

test('finds groups that lie in themselves, and subflows that contain themselves', () => {
  expect(containers({ id: 'g', type: 'group', z: 't', g: 'g' })).toEqual([expect.stringMatching(/^g: .*lies in itself/)])
  expect(containers({ id: 'g', type: 'group', z: 't', nodes: ['g'] })).toEqual([expect.stringMatching(/^g: .*lies in itself/)])
  expect(containers({ id: 'g', type: 'group', z: 't', nodes: ['h'] }, { id: 'h', type: 'group', z: 't', g: 'g', nodes: [] })).toEqual([])
  expect(containers({ id: 'a', type: 'debug', z: 't', g: 'gone' })).toEqual([expect.stringMatching(/^a: .*not on its tab/)])
  const two = (inA: string, inB: string): FlowNode[] => [
    { id: 'sa', type: 'subflow' },
    { id: 'sb', type: 'subflow' },
    { id: 'x', type: `subflow:${inA}`, z: 'sa' },
    { id: 'y', type: `subflow:${inB}`, z: 'sb' },
  ]
  expect(containers(...two('sb', 'sa'))).toEqual([expect.stringMatching(/contains itself/)])
  expect(containers(...two('sb', 'other'))).toEqual([])
})

test('a chain of any length is followed', () => {
  const nodes = Array.from({ length: 50_000 }, (_, i): FlowNode => ({ id: String(i), type: 'cw-machine' }))
  const next = (node: FlowNode) => [nodes[Number(node.id) + 1]].filter((each) => each !== undefined)
  expect(atOnce(nodesOnCircles(nodes, next))).toEqual([])
  expect(atOnce(nodesOnCircles(nodes, (node) => (node.id === '49999' ? nodes.slice(0, 1) : next(node))))).toEqual([nodes[49_999]])
})
