import { expect, test } from 'vitest'
import { found } from './find.ts'

const template = (id: string, name: string, more: object = {}) => ({ id, name, summary: '', author: 'A', categories: ['quality'], nodeTypes: [], ...more })
const all = [
  template('a', 'Warm-up', { summary: 'Runs before the scrap is counted', nodeTypes: ['cw-approval'] }),
  template('b', 'Scrap reporting', { categories: ['orders'], german: { name: 'Ausschussmeldung' } }),
]
const ids = (typed: string, category?: string) => found(all, { typed, category, categoryWords: { quality: 'Qualität' } }).map(({ id }) => id)

test('every word must occur, in either language, a node type or the word of a category; names come first', () => {
  expect(ids('')).toEqual(['a', 'b'])
  expect(ids('scrap')).toEqual(['b', 'a'])
  expect(ids('scrap counted')).toEqual(['a'])
  expect(ids('ausschuss')).toEqual(['b'])
  expect(ids('approval')).toEqual(['a'])
  expect(ids('qualität')).toEqual(['a'])
  expect(ids('scrap', 'orders')).toEqual(['b'])
  expect(ids('nothing')).toEqual([])
})
