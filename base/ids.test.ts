import { expect, test } from 'vitest'
import { newId } from './ids.ts'

test('ids sort as they were made, also within a millisecond, and none is made twice', () => {
  const ids = Array.from({ length: 50_000 }, () => newId('msg'))
  expect(ids.toSorted()).toEqual(ids)
  expect(new Set(ids).size).toBe(ids.length)
  for (const id of ids) expect(id).toMatch(/^msg_[0-9a-hjkmnp-tv-z]{26}$/)
})
