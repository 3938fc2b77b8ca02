import { expect, test } from 'vitest'
import { json } from './json.ts'

test('writes arrays as JSON text', () => {
  expect(json([1, 'a'])).toBe('[1,"a"]')
})

test('replaces the character that jsonb cannot hold, and nothing that only looks like it', () => {
  expect(JSON.parse(json({ a: 'x\u0000y', b: '\\u0000', c: '\\\u0000' }))).toEqual({ a: 'x\ufffdy', b: '\\u0000', c: '\\\ufffd' })
})

test('replaces halves of surrogate pairs, and leaves whole ones', () => {
  expect(JSON.parse(json({ a: '\ud800', b: 'x\udc01\udc01y', c: '😀', d: '\\ud800', e: '\\\ud800' }))).toEqual({
    a: '\ufffd',
    b: 'x\ufffd\ufffdy',
    c: '😀',
    d: '\\ud800',
    e: '\\\ufffd',
  })
})

test('refuses what JSON cannot say', () => {
  expect(() => json(undefined)).toThrow(TypeError)
})
