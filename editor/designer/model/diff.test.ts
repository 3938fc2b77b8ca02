import { expect, test } from 'vitest'
import { byId, diffFlows } from './diff.ts'
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
