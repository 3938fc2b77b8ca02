import { expect, test } from 'vitest'
import { json } from './json.ts'

test('writes arrays as JSON text', () => {
  expect(json([1, 'a'])).toBe('[1,"a"]')
})

test('replaces the character that jsonb cannot hold, and nothing that only looks like it', () => {
  expect(JSON.parse(json({ a: 'x\u0000y', b: '\\u0000', c: '\\\u0000' }))).toEqual({ a: 'x\ufffdy', b: '\\u0000', c: '\\\ufffd' })
})

test('refuses what JSON cannot say', () => {
  expect(() => json(undefined)).toThrow(TypeError)
})
