import { expect, test } from 'vitest'
import { byId, diffFlows, merge } from './diff.ts'
import type { FlowNode } from './raw.ts'

const base: FlowNode[] = [
  { id: 't', type: 'tab' },
  { id: 'a', type: 'inject', z: 't', name: 'a', x: 0, y: 0 },
  { id: 'b', type: 'debug', z: 't', name: 'b', x: 0, y: 0 },
]
const changed = (id: string, properties: object) => base.map((node) => (node.id === id ? { ...node, ...properties } : node))

test('tells what was added, removed, changed and only moved', () => {
  const after = [base[0]!, { ...base[1]!, x: 20 }, { id: 'c', type: 'debug' }]
  expect(diffFlows(byId(base), byId(after)).map(({ id, kind }) => [id, kind])).toEqual([
    ['a', 'moved'],
    ['c', 'added'],
    ['b', 'removed'],
  ])
  expect(diffFlows(byId(base), byId(changed('a', { name: 'x', x: 3 })))).toMatchObject([{ id: 'a', kind: 'changed', properties: ['name'] }])
})

test('two people who changed different nodes both keep their change', () => {
  const merged = merge(byId(base), changed('a', { name: 'ours' }), changed('b', { name: 'theirs' }))
  expect(merged).toEqual({ flows: [base[0], { ...base[1], name: 'ours' }, { ...base[2], name: 'theirs' }] })
})

test('two people who changed the same node must decide', () => {
  expect(merge(byId(base), changed('a', { name: 'ours' }), changed('a', { name: 'theirs' }))).toEqual({ conflicts: ['a'] })
  expect(merge(byId(base), base.slice(0, 2), changed('b', { name: 'theirs' }))).toEqual({ conflicts: ['b'] })
})

test('a change on a tab that the other removed is a conflict', () => {
  expect(merge(byId(base), changed('a', { name: 'ours' }), [])).toHaveProperty('conflicts')
})

test('the same change by both is no conflict', () => {
  expect(merge(byId(base), changed('a', { name: 'same' }), changed('a', { name: 'same' }))).toHaveProperty('flows')
})
