import { expect, test } from 'vitest'
import type { Action } from '../host/action.ts'
import { KeyHandler, type KeyPlace } from './key-handler.ts'

const action = (id: string, keys: string[], more: Partial<Action> = {}): Action => ({ id, title: id, group: 'edit', keys, run: () => undefined, ...more })
const press = (key: string, more: { ctrlKey?: boolean; altKey?: boolean; timeStamp?: number } = {}) => ({
  key,
  code: /^[a-z]$/i.test(key) ? `Key${key.toUpperCase()}` : '',
  ctrlKey: false,
  metaKey: false,
  altKey: false,
  shiftKey: false,
  timeStamp: 1_000,
  ...more,
})
const idOf = (answer: ReturnType<KeyHandler['press']>) => (answer.is === 'action' || answer.is === 'refused' ? `${answer.is} ${answer.action.id}` : answer.is)

test.each<[KeyPlace, string]>([
  ['canvas', 'action here'],
  ['page', 'action everywhere'],
  ['field', 'action field'],
  ['dialog', 'nothing'],
])('with the focus on the %s, a key means: %s', (place, expected) => {
  const actions = [action('here', ['F8']), action('everywhere', ['F8'], { isEverywhere: true }), action('field', ['F8'], { isInFields: true })]
  expect(idOf(new KeyHandler().press(actions, press('F8'), place))).toBe(expected)
})

test('keys one after the other: the first is remembered, the second does it, a key between them forgets it', () => {
  const actions = [action('left', ['Alt+A L']), action('right', ['Alt+A R']), action('plain', ['L'])]
  const keys = new KeyHandler()
  const first = keys.press(actions, press('a', { altKey: true }), 'canvas')
  expect(first.is === 'begun' && first.next.map(({ id }) => id)).toEqual(['left', 'right'])
  expect(keys.press(actions, press('Shift'), 'canvas').is).toBe('nothing')
  expect(idOf(keys.press(actions, press('r'), 'canvas'))).toBe('action right')
  expect(idOf(keys.press(actions, press('l'), 'canvas'))).toBe('action plain')
  keys.press(actions, press('a', { altKey: true }), 'canvas')
  expect(idOf(keys.press(actions, press('x'), 'canvas'))).toBe('nothing')
  expect(idOf(keys.press(actions, press('l'), 'canvas'))).toBe('action plain')
})

test('a beginning is forgotten after a while', () => {
  const actions = [action('left', ['Alt+A L'])]
  const keys = new KeyHandler()
  keys.press(actions, press('a', { altKey: true, timeStamp: 0 }), 'canvas')
  expect(keys.press(actions, press('l', { timeStamp: 10_000 }), 'canvas').is).toBe('nothing')
})

test('of several with the same key the one that can be done now is done; if none can, the first says why', () => {
  const off = action('off', ['D'], { whyNot: () => 'nothing is selected' })
  const hidden = action('hidden', ['D'], { isShown: () => false })
  const on = action('on', ['D'])
  expect(idOf(new KeyHandler().press([off, hidden, on], press('d'), 'canvas'))).toBe('action on')
  expect(new KeyHandler().press([hidden, off], press('d'), 'canvas')).toEqual({ is: 'refused', action: off, why: 'nothing is selected' })
})

test('keys that the browser deals with itself are left to it', () => {
  expect(new KeyHandler().press([action('copy', ['Ctrl+C'], { areKeysNative: true })], press('c', { ctrlKey: true }), 'canvas').is).toBe('nothing')
})
