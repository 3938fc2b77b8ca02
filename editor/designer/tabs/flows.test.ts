import { expect, test } from 'vitest'
import { FlowModel } from '../model/flow-model.ts'
import { folderOf, foldersOf, moveToFolder } from './flows.ts'

const tab = (label: string) => ({ id: label, type: 'tab', label })

test.each([
  ['Line 1 / Packing', { folder: 'Line 1', name: 'Packing' }],
  ['Line 1 / Cell 2 / Packing', { folder: 'Line 1', name: 'Cell 2 / Packing' }],
  ['in/out', { folder: '', name: 'in/out' }],
  [' / Packing', { folder: '', name: ' / Packing' }],
])('%j is in a folder by the first part of its name', (label, expected) => {
  expect(folderOf(tab(label))).toEqual(expected)
})

test('moving to a folder renames the flow, as one step; out of it, too', () => {
  const model = new FlowModel([tab('A / x'), tab('B / y'), tab('z')])
  expect(foldersOf(model)).toEqual(['A', 'B'])
  moveToFolder(model, 'A / x', 'B')
  moveToFolder(model, 'B / y', '')
  expect(model.tabs().map(({ label }) => label)).toEqual(['B / x', 'y', 'z'])
  model.undo()
  expect(model.tabs().map(({ label }) => label)).toEqual(['B / x', 'B / y', 'z'])
})
