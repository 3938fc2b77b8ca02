import { expect, test } from 'vitest'
import { Workspace } from '../workspace.ts'
import { PlaceHistory } from './place-history.ts'

function begin() {
  const workspace = new Workspace()
  workspace.model.load([
    { id: 'a', type: 'tab', label: 'A' },
    { id: 'b', type: 'tab', label: 'B' },
    { id: 'c', type: 'tab', label: 'C' },
    { id: 'n', type: 'debug', z: 'b', x: 0, y: 0, wires: [] },
  ])
  workspace.open('a')
  return { workspace, history: new PlaceHistory(workspace) }
}

test('goes back and forward through flows and nodes that were gone to', () => {
  const { workspace, history } = begin()
  workspace.reveal('n')
  workspace.open('c')
  expect([history.canGoBack, history.canGoForward]).toEqual([true, false])
  history.back()
  expect([workspace.place, [...workspace.selection]]).toEqual(['b', ['n']])
  history.back()
  expect([workspace.place, history.canGoBack]).toEqual(['a', false])
  history.forward()
  history.forward()
  expect([workspace.place, history.canGoForward]).toEqual(['c', false])
})

test('what is done after going back takes the place of what came then', () => {
  const { workspace, history } = begin()
  workspace.open('b')
  history.back()
  workspace.open('c')
  expect(history.canGoForward).toBe(false)
  history.back()
  expect(workspace.place).toBe('a')
})

test('a flow that is gone is passed over', () => {
  const { workspace, history } = begin()
  workspace.open('b')
  workspace.open('c')
  workspace.model.edit('removeTab', (draft) => draft.remove('b'))
  history.back()
  expect(workspace.place).toBe('a')
})
