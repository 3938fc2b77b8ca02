import { expect, test } from 'vitest'
import { jsonDiff } from './json-diff.ts'

test('names every place that differs, and no other', () => {
  expect(jsonDiff({ a: 1, b: { c: [1, 2], d: null } }, { a: 1, b: { c: [1, 3, 4], d: null }, e: 'x' })).toEqual([
    { path: 'b.c[1]', before: 2, after: 3 },
    { path: 'b.c[2]', before: undefined, after: 4 },
    { path: 'e', before: undefined, after: 'x' },
  ])
  expect(jsonDiff([{ id: 'x', n: 1 }], [{ id: 'x', n: 1 }])).toEqual([])
})

test('what is put between things with ids moves nothing', () => {
  expect(jsonDiff([{ id: 'a' }, { id: 'b', n: 1 }], [{ id: 'a' }, { id: 'new' }, { id: 'b', n: 2 }])).toEqual([
    { path: '[b].n', before: 1, after: 2 },
    { path: '[new]', before: undefined, after: { id: 'new' } },
  ])
})

test('a whole thing that came or went is one change', () => {
  expect(jsonDiff(null, { a: 1 })).toEqual([{ path: '', before: null, after: { a: 1 } }])
})
