import { expect, test } from 'vitest'
import { readDebug } from './debug-log.ts'

test('reads a message as Node-RED sends it', () => {
  const message = readDebug(
    { id: 'n1', z: 't', name: 'show', topic: 'part', property: 'payload', msg: '{"a":1}', format: 'Object', timestamp: 1_700_000_000_000 },
    1,
  )
  expect(message).toMatchObject({ nodeId: 'n1', name: 'show', topic: 'part', property: 'msg.payload', value: { a: 1 }, level: 'debug' })
})

test.each([
  [{ msg: '12', format: 'number' }, 12],
  [{ msg: 'true', format: 'boolean' }, true],
  [{ msg: '12', format: 'string[2]' }, '12'],
  [{ msg: '[1,2]', format: 'array[2]' }, [1, 2]],
  [{ msg: '{"cut off', format: 'Object' }, '{"cut off'],
  [{ msg: '(undefined)', format: 'undefined' }, undefined],
  [{ msg: 'null', format: 'null' }, null],
])('%j is %j', (raw, value) => {
  expect(readDebug(raw, 1).value).toEqual(value)
})

test('what is no debug message is shown as it is', () => {
  expect(readDebug('hello', 1).value).toBe('hello')
  expect(readDebug({ anything: 1 }, 1).value).toEqual({ anything: 1 })
})
