import { expect, test } from 'vitest'
import { addNode, changeTab, moveNodes, moveTab, removeNodes, removeTab } from './commands.ts'
import { FlowModel } from './flow-model.ts'
import type { FlowNode } from './raw.ts'
import type { Refusal } from './rules.ts'

const flow = (): FlowNode[] => [
  { id: 't', type: 'tab', label: 'Locked', locked: true },
  { id: 'u', type: 'tab', label: 'Open' },
  { id: 's', type: 'subflow', name: 'outer', in: [], out: [] },
  { id: 'r', type: 'subflow', name: 'inner', in: [], out: [] },
  { id: 'a', type: 'inject', z: 't', x: 100, y: 100, wires: [[]] },
  { id: 'b', type: 'debug', z: 'u', x: 100, y: 100, wires: [] },
  { id: 'i', type: 'subflow:r', z: 's', x: 100, y: 100, wires: [] },
]
const refusing = () => {
  const model = new FlowModel(flow())
  const refusals: Refusal[] = []
  model.onRefused((refusal) => refusals.push(refusal))
  return { model, refusals }
}
const type = (name: string) => ({ type: name, label: name, outputs: 0, defaults: {} }) as never

test.each<[string, (model: FlowModel) => void]>([
  ['a node moves', (model) => moveNodes(model, ['a'], { x: 20, y: 0 })],
  ['a node goes', (model) => removeNodes(model, ['a', 'b'])],
  ['a node comes', (model) => addNode(model, { type: type('debug'), parent: 't', at: { x: 0, y: 0 } })],
  ['it is renamed', (model) => changeTab(model, 't', { label: 'other' })],
  ['it is removed', (model) => removeTab(model, 't')],
  ['a node is carried off', (model) => model.edit('change', (draft) => draft.patch('a', { z: 'u' }))],
])('nothing of a step is done when on a locked tab %s', (_, act) => {
  const { model, refusals } = refusing()
  act(model)
  expect(refusals).toEqual([{ why: 'locked', place: 't' }])
  expect(model.export()).toEqual(flow())
  expect(model.undoLabel).toBeUndefined()
})

test('a locked tab can be moved among the tabs, unlocked, and then changed', () => {
  const { model, refusals } = refusing()
  moveTab(model, 't', undefined)
  model.edit('changeTab', (draft) => draft.patch('t', { locked: undefined }))
  moveNodes(model, ['a'], { x: 20, y: 0 })
  expect(refusals).toEqual([])
  expect(model.get('a')).toMatchObject({ x: 120 })
})

test('a subflow never comes to stand inside itself, at no depth', () => {
  const { model, refusals } = refusing()
  addNode(model, { type: type('subflow:s'), parent: 's', at: { x: 0, y: 0 } })
  addNode(model, { type: type('subflow:s'), parent: 'r', at: { x: 0, y: 0 } })
  expect(refusals).toEqual([
    { why: 'recursion', subflow: 's' },
    { why: 'recursion', subflow: 's' },
  ])
  addNode(model, { type: type('subflow:s'), parent: 'u', at: { x: 0, y: 0 } })
  expect(refusals).toHaveLength(2)
  expect(model.childrenOf('u')).toHaveLength(2)
})

test('taking over another version is not held up by a lock', () => {
  const { model, refusals } = refusing()
  model.adopt('adopt', [])
  expect(model.export()).toEqual([])
  model.undo()
  expect(model.export()).toEqual(flow())
  expect(refusals).toEqual([])
})
