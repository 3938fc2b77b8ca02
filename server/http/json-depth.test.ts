import { expect, test } from 'vitest'
import { atOnce } from '../../base/steps.ts'
import { isDeeperThan } from './json-depth.ts'

const isDeep = (limit: number, text: string) => atOnce(isDeeperThan(limit, Buffer.from(text)))

test('counts open brackets of both kinds, and none within texts', () => {
  expect(isDeep(3, '[{"a":[]}]')).toBe(false)
  expect(isDeep(2, '[{"a":[]}]')).toBe(true)
  expect(isDeep(1, '[[],[],[]]')).toBe(true)
  expect(isDeep(2, '[[],{},[]]')).toBe(false)
  expect(isDeep(1, '["[[[[{{{{"]')).toBe(false)
  expect(isDeep(1, '["\\"[[[[", "\\\\"]')).toBe(false)
  expect(isDeep(1, '["\\\\", [1]]')).toBe(true)
})

test('a text of megabytes is looked through in steps', () => {
  const steps = isDeeperThan(3, Buffer.from(`[${'"x",'.repeat(500_000)}[[[1]]]]`))
  let count = 0
  let last = steps.next()
  for (; !last.done; last = steps.next()) count += 1
  expect(last.value).toBe(true)
  expect(count).toBeGreaterThan(30)
})
