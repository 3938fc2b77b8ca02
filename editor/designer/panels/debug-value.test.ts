import { expect, test } from 'vitest'
import { copyText, pathWith, plain, preview, shown } from './debug-value.ts'

const enc = (type: string, more: object = {}) => ({ __enc__: true, type, ...more })

test('what JSON cannot say is read from the marks of Node-RED', () => {
  expect(shown(enc('number', { data: 'NaN' }))).toMatchObject({ is: 'word', word: 'NaN' })
  expect(shown(enc('undefined'))).toMatchObject({ is: 'word', word: 'undefined' })
  expect(shown(enc('function'))).toMatchObject({ is: 'word', word: '(function)' })
  expect(shown(enc('array', { data: [1, 2], length: 5000 }))).toMatchObject({ is: 'list', items: [1, 2], length: 5000 })
  expect(shown(enc('set', { data: [1] }))).toMatchObject({ is: 'list', name: 'Set' })
  expect(shown(enc('map', { data: { a: 1 } }))).toMatchObject({ is: 'object', keys: ['a'], name: 'Map' })
  expect(shown({ type: 'Buffer', data: [1, 255], __enc__: true, length: 900 })).toMatchObject({ is: 'bytes', hex: '01 ff', length: 900 })
  expect(shown(enc('buffer', { data: '01ff', length: 2 }))).toMatchObject({ is: 'bytes', bytes: [1, 255] })
})

test('copied is what can be pasted anywhere: no marks, text without quotes', () => {
  expect(copyText('hello')).toBe('hello')
  expect(JSON.parse(copyText({ a: enc('array', { data: [enc('number', { data: 'Infinity' }), 1], length: 9 }), b: null, c: enc('undefined') }))).toEqual({
    a: ['Infinity', 1],
    b: null,
    c: 'undefined',
  })
  expect(copyText(12)).toBe('12')
  expect(plain({ nested: { list: [true, 'x'] } })).toEqual({ nested: { list: [true, 'x'] } })
})

test('a path can be written into a function', () => {
  expect([pathWith('msg', 'payload'), pathWith('msg.payload', 3), pathWith('msg.payload', 'bore "A"')]).toEqual([
    'msg.payload',
    'msg.payload[3]',
    'msg.payload["bore \\"A\\""]',
  ])
})

test('a closed part says what is in it, and an error its message', () => {
  expect(preview(shown({ a: 1, b: 'x', c: [1], d: {}, e: 5 }))).toBe('a: 1, b: "x", c: […], d: {…}, …')
  expect(preview(shown({ _run: 'r', _msgid: 'm', payload: 1 }))).toBe('payload: 1, _run: "r", _msgid: "m"')
  expect(preview(shown(enc('error', { data: { name: 'Error', message: 'no part', stack: 'at' } })))).toBe('no part')
})
