import { expect, test } from 'vitest'
import { isPressed, type KeyPress } from './keys.ts'

const press = (key: string, more: Partial<KeyPress> = {}): KeyPress => ({
  key,
  code: '',
  ctrlKey: false,
  metaKey: false,
  altKey: false,
  shiftKey: false,
  ...more,
})

test.each<[string, KeyPress, boolean]>([
  ['Ctrl+K', press('k', { ctrlKey: true }), true],
  ['Ctrl+K', press('k', { metaKey: true }), true],
  ['Ctrl+K', press('k'), false],
  ['Ctrl+K', press('K', { ctrlKey: true, shiftKey: true }), false],
  ['Ctrl+Shift+G', press('G', { ctrlKey: true, shiftKey: true }), true],
  ['Alt+L', press('@', { altKey: true, code: 'KeyL' }), true],
  ['Alt+Left', press('ArrowLeft', { altKey: true }), true],
  ['?', press('?', { shiftKey: true }), true],
  ['/', press('/'), true],
  ['Alt+1', press('¡', { altKey: true, code: 'Digit1' }), true],
  ['F8', press('F8'), true],
  ['F8', press('F8', { shiftKey: true }), false],
])('%s', (keys, event, isIt) => {
  expect(isPressed(keys, event)).toBe(isIt)
})
