import { expect, test } from 'vitest'
import { byId, diffFlows } from '../model/diff.ts'
import type { FlowNode } from '../model/raw.ts'
import type { DeployKind } from './deploy-state.ts'
import { droppedBy } from './drops.ts'

const FLOWS: FlowNode[] = [
  { id: 't1', type: 'tab', label: 'One' },
  { id: 't2', type: 'tab', label: 'Two' },
  { id: 'g', type: 'group', z: 't1', nodes: ['a'], env: [] },
  { id: 'broker', type: 'mqtt-broker', host: 'here' },
  { id: 'a', type: 'change', z: 't1', g: 'g', x: 1, y: 1, wires: [['b']] },
  { id: 'b', type: 'mqtt out', z: 't1', x: 1, y: 1, broker: 'broker', wires: [] },
  { id: 'c', type: 'debug', z: 't2', x: 1, y: 1, wires: [] },
  { id: 's', type: 'subflow', name: 'S' },
  { id: 'inner', type: 'change', z: 's', x: 1, y: 1, wires: [[]] },
  { id: 'other', type: 'change', z: 's', x: 1, y: 1, wires: [[]] },
  { id: 'use', type: 'subflow:s', z: 't2', x: 1, y: 1, wires: [[]] },
]
const waitingAt = { a: 2, b: 1, c: 1, inner: 3 }
const dropped = (kind: DeployKind, id: string, change: object | undefined) => {
  const after = change ? FLOWS.map((node) => (node.id === id ? { ...node, ...change } : node)) : FLOWS.filter((node) => node.id !== id)
  return Object.fromEntries(droppedBy({ kind, waitingAt, diff: diffFlows(byId(FLOWS), byId(after)), before: byId(FLOWS) }))
}

test('a deploy that restarts everything drops everything that waits', () => {
  expect(dropped('full', 'a', { name: 'x' })).toEqual(waitingAt)
  expect(dropped('nodes', 'new', { name: 'x' })).toEqual({})
})

test('one that restarts the changed nodes drops what waits before them, not before others', () => {
  expect(dropped('nodes', 'a', { name: 'x' })).toEqual({ a: 2 })
  expect(dropped('nodes', 'a', undefined)).toEqual({ a: 2 })
})

test('a node that only has other wires, or stands elsewhere, goes on', () => {
  expect(dropped('nodes', 'a', { wires: [[]] })).toEqual({})
  expect(dropped('flows', 'a', { x: 50 })).toEqual({})
})

test('one that restarts the changed flows drops what waits on their tabs', () => {
  expect(dropped('flows', 'a', { wires: [[]] })).toEqual({ a: 2, b: 1 })
})

test('what a node uses and where it is counts: its config node, its group, its tab', () => {
  expect(dropped('nodes', 'broker', { host: 'there' })).toEqual({ b: 1 })
  expect(dropped('nodes', 'g', { env: [{ name: 'x' }] })).toEqual({ a: 2 })
  expect(dropped('nodes', 't1', { disabled: true })).toEqual({ a: 2, b: 1 })
})

test('a subflow is made anew when anything in it changes, and with its instance', () => {
  expect(dropped('nodes', 'other', { name: 'x' })).toEqual({ inner: 3 })
  expect(dropped('nodes', 'use', { name: 'x' })).toEqual({ inner: 3 })
})
