import { expect, test } from 'vitest'
import { differences, isFleeting, leavesOf, put, without } from './fields.ts'

const MESSAGE = {
  payload: {
    part: 'P1',
    rows: [
      { n: 1, at: 'x' },
      { n: 2, at: 'y' },
    ],
    tags: ['a', 'b'],
  },
  ok: true,
}

test('fields are told one by one, lists of values as a whole', () => {
  expect(leavesOf(MESSAGE).map(({ name }) => name)).toEqual([
    'payload.part',
    'payload.rows[0].n',
    'payload.rows[0].at',
    'payload.rows[1].n',
    'payload.rows[1].at',
    'payload.tags',
    'ok',
  ])
})

test('what does not count is left out, and lists stay as long as they are', () => {
  expect(without(MESSAGE, new Set(['payload.part', 'payload.rows[0].n', 'payload.rows[0].at', 'ok']))).toEqual({
    payload: { rows: [{}, { n: 2, at: 'y' }], tags: ['a', 'b'] },
  })
  expect(without({ a: { b: 1 } }, new Set(['a.b']))).toBeUndefined()
})

test('a value is changed in its place', () => {
  expect(put(MESSAGE, ['payload', 'rows', 1, 'n'], 5)).toMatchObject({ payload: { rows: [{ n: 1 }, { n: 5 }] } })
  expect(MESSAGE.payload.rows[1]?.n).toBe(2)
})

test('differences come first, with what there was instead', () => {
  expect(differences({ part: 'P1', count: 4, gone: 1 }, { part: 'P1', count: 5 })).toEqual([
    { name: 'count', expected: 4, found: 5, isMissing: false, isMet: false },
    { name: 'gone', expected: 1, found: undefined, isMissing: true, isMet: false },
    { name: 'part', expected: 'P1', found: 'P1', isMissing: false, isMet: true },
  ])
})

test('times and ids are fleeting, other texts are not', () => {
  expect(
    ['2026-01-05T10:00:00.000Z', 'Mon, 23 Nov 2026 04:23:51 GMT', 'job_0000000001aaaaaaaa', '123e4567-e89b-12d3-a456-426614174000'].map(isFleeting),
  ).toEqual([true, true, true, true])
  expect(['WO-1001', '2026-01-05', 'plate_long_name_of_a_part', 5].map(isFleeting)).toEqual([false, false, false, false])
})
