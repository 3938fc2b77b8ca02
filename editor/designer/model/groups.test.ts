import { describe, expect, test } from 'vitest'
import { change, moveNodes, removeNodes } from './commands.ts'
import { FlowModel } from './flow-model.ts'
import { addToGroup, groupNodes, mergeGroups, removeFromGroup, styleGroups, ungroup, whyNoGroup } from './groups.ts'
import type { FlowNode } from './raw.ts'

const flow = (): FlowNode[] => [
  { id: 't', type: 'tab', label: 'one' },
  { id: 'u', type: 'tab', label: 'two' },
  { id: 'outer', type: 'group', z: 't', nodes: ['inner', 'a'], x: 0, y: 0, w: 500, h: 500 },
  { id: 'inner', type: 'group', z: 't', g: 'outer', nodes: ['b', 'c'], x: 0, y: 0, w: 100, h: 100 },
  { id: 'a', type: 'inject', z: 't', g: 'outer', x: 100, y: 100, wires: [[]] },
  { id: 'b', type: 'debug', z: 't', g: 'inner', x: 300, y: 100, wires: [] },
  { id: 'c', type: 'debug', z: 't', g: 'inner', x: 300, y: 200, wires: [] },
  { id: 'd', type: 'debug', z: 't', x: 900, y: 100, wires: [] },
  { id: 'e', type: 'debug', z: 'u', x: 900, y: 100, wires: [] },
  { id: 'broker', type: 'mqtt-broker', name: '' },
]

describe('a new group', () => {
  test('stands around what is in it, with a margin, and is one step', () => {
    const model = new FlowModel(flow())
    const id = groupNodes(model, ['d'])!
    expect(model.get(id)).toMatchObject({ type: 'group', z: 't', nodes: ['d'], style: { label: true }, x: 815, y: 60, w: 170, h: 80 })
    expect(model.get('d')).toMatchObject({ g: id })
    model.undo()
    expect(model.export()).toEqual(flow())
  })

  test('stands inside the group that all of its members are in', () => {
    const model = new FlowModel(flow())
    const id = groupNodes(model, ['b'])!
    expect(model.get(id)).toMatchObject({ g: 'inner', nodes: ['b'] })
    expect(model.get('inner')).toMatchObject({ nodes: ['c', id] })
    const wider = groupNodes(model, ['c', 'a'])!
    expect(model.get(wider)).toMatchObject({ g: 'outer', nodes: ['c', 'a'] })
    expect(model.get('outer')).toMatchObject({ nodes: ['inner', wider] })
  })

  test('takes a selected group whole, not its members one by one', () => {
    const model = new FlowModel(flow())
    const id = groupNodes(model, ['b', 'inner', 'c', 'a'])!
    expect(model.get(id)).toMatchObject({ nodes: ['inner', 'a'], g: 'outer' })
    expect(model.get('b')).toMatchObject({ g: 'inner' })
  })

  test('is not made of nothing, of settings, or over two tabs', () => {
    const model = new FlowModel(flow())
    expect(whyNoGroup(model, ['broker', 'gone'])).toBe('nothing')
    expect(whyNoGroup(model, ['d', 'e'])).toBe('several-places')
    expect(groupNodes(model, ['d', 'e'])).toBeUndefined()
    expect(model.undoLabel).toBeUndefined()
  })
})

test('taking a group apart leaves what was in it in the group around', () => {
  const model = new FlowModel(flow())
  expect([...ungroup(model, ['inner'])]).toEqual(['b', 'c'])
  expect(model.get('inner')).toBeUndefined()
  expect(model.get('outer')).toMatchObject({ nodes: ['a', 'b', 'c'] })
  expect(model.get('b')).toMatchObject({ g: 'outer' })
})

test('what leaves a group is in the one around; a group left empty goes', () => {
  const model = new FlowModel(flow())
  removeFromGroup(model, ['b'])
  expect(model.get('inner')).toMatchObject({ nodes: ['c'] })
  expect(model.get('outer')).toMatchObject({ nodes: ['inner', 'a', 'b'] })
  removeFromGroup(model, ['c'])
  expect(model.get('inner')).toBeUndefined()
  expect(model.get('outer')).toMatchObject({ nodes: ['a', 'b', 'c'] })
})

test('a node is put into another group, and never a group into itself', () => {
  const model = new FlowModel(flow())
  addToGroup(model, 'inner', ['d', 'outer', 'e'])
  expect(model.get('inner')).toMatchObject({ nodes: ['b', 'c', 'd'] })
  expect(model.get('outer')).not.toHaveProperty('g')
  expect(model.get('e')).not.toHaveProperty('g')
})

test('several groups become one', () => {
  const model = new FlowModel(flow())
  const other = groupNodes(model, ['d'])!
  expect(mergeGroups(model, ['outer', other])).toBe('outer')
  expect(model.get(other)).toBeUndefined()
  expect(model.get('outer')).toMatchObject({ nodes: ['inner', 'a', 'd'] })
})

test('deleting a group deletes what is in it; deleting its last member deletes it', () => {
  const model = new FlowModel(flow())
  removeNodes(model, ['inner'])
  expect(model.get('b')).toBeUndefined()
  expect(model.get('outer')).toMatchObject({ nodes: ['a'] })
  removeNodes(model, ['a'])
  expect(model.export().filter((node) => node.type === 'group')).toEqual([])
})

test('the groups around a moved node follow it, others are not touched', () => {
  const model = new FlowModel([
    ...flow(),
    { id: 'g2', type: 'group', z: 't', nodes: ['f'], x: 1, y: 2, w: 3, h: 4 },
    { id: 'f', type: 'debug', z: 't', g: 'g2', x: 0, y: 900 },
  ])
  const before = model.get('g2')
  moveNodes(model, ['b'], { x: 500, y: 0 })
  expect(model.get('outer')).toMatchObject({ x: 15, w: 895 })
  expect(model.get('g2')).toBe(before)
})

test('a group makes room for the name it gets', () => {
  const model = new FlowModel(flow())
  moveNodes(model, ['b'], { x: 0, y: -1 })
  const { y } = model.get('inner') as unknown as { y: number }
  change(model, 'inner', { name: 'Sawing' })
  expect(model.get('inner')).toMatchObject({ y: y - 20 })
})

test('style is added to what is there, in Node-RED’s own properties', () => {
  const model = new FlowModel(flow())
  const id = groupNodes(model, ['d'])!
  styleGroups(model, [id, 'd'], { fill: '#ff0000' })
  expect(model.get(id)).toMatchObject({ style: { label: true, fill: '#ff0000' } })
  expect(model.get('d')).not.toHaveProperty('style')
})
