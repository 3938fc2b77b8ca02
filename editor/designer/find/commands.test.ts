import { expect, test } from 'vitest'
import type { Action } from '../host/action.ts'
import { offers, scoreOf } from './commands.ts'

const action = (id: string, title: string, more: Partial<Action> = {}): Action => ({ id, title, group: 'arrange', run: () => {}, ...more })
const actions = [
  action('input', 'Add an input to this subflow', { whyNot: () => 'Open a subflow first.' }),
  action('make', 'Make a subflow of the selection', { words: 'convert extract' }),
  action('left', 'Align to the left'),
]
const found = (query: string) => offers(actions, query, { groupName: () => 'Arrange', recent: [] }).map((offer) => offer.action.id)

test('short words that are in no title are no hindrance', () => {
  expect(found('selection to subflow')).toEqual(['make'])
  expect(found('convert to subflow')).toEqual(['make'])
  expect(scoreOf('zz', 'Align to the left', '')).toBe(0)
})

test('what can be done now comes before what cannot, unless that is asked for by more of its name', () => {
  expect(found('subflow')).toEqual(['make', 'input'])
  expect(found('add input')).toEqual(['input'])
})
