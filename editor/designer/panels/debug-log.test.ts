import { expect, test, vi } from 'vitest'
import { DebugLog, KEPT, readDebug, searchText } from './debug-log.ts'

test('reads a message as Node-RED sends it', () => {
  const message = readDebug(
    { id: 'n1', z: 't', name: 'show', topic: 'part', property: 'payload', msg: '{"a":1}', format: 'Object', timestamp: 1_700_000_000_000 },
    1,
  )
  expect(message).toMatchObject({ nodeId: 'n1', name: 'show', topic: 'part', property: 'msg.payload', value: { a: 1 }, level: 'debug', within: ['t'] })
})

test('a message of a node in a subflow belongs to the node of the definition', () => {
  expect(readDebug({ id: 'x', _alias: 'n1', path: 't/instance', msg: '1', format: 'number' }, 1)).toMatchObject({ nodeId: 'n1', within: ['t', 'instance'] })
})

test.each([
  [{ msg: '12', format: 'number' }, 12],
  [{ msg: 'true', format: 'boolean' }, true],
  [{ msg: '12', format: 'string[2]' }, '12'],
  [{ msg: '{"a":1}', format: 'string[7]' }, '{"a":1}'],
  [{ msg: '[1,2]', format: 'array[2]' }, [1, 2]],
  [{ msg: '{"cut off', format: 'Object' }, '{"cut off'],
  [{ msg: '(undefined)', format: 'undefined' }, undefined],
  [{ msg: 'null', format: 'null' }, null],
  [
    { msg: 'ff01', format: 'buffer[700]' },
    { __enc__: true, type: 'buffer', data: 'ff01', length: 700 },
  ],
])('%j is %j', (raw, value) => {
  expect(readDebug(raw, 1).value).toEqual(value)
})

test('what is no debug message is shown as it is', () => {
  expect(readDebug('hello', 1).value).toBe('hello')
  expect(readDebug({ anything: 1 }, 1).value).toEqual({ anything: 1 })
})

const number = (n: number) => ({ id: 'n', msg: String(n), format: 'number' })
const values = (log: DebugLog) => log.messages.map(({ value }) => value)

test('the newest stands first and the oldest is forgotten', () => {
  const log = new DebugLog()
  log.add([number(1), number(2)])
  log.add([number(3)])
  expect(values(log)).toEqual([3, 2, 1])
  log.add(Array.from({ length: KEPT }, (_, n) => number(n)))
  expect(log.messages).toHaveLength(KEPT)
})

test('while it is paused new messages wait, and come in order afterwards', () => {
  const log = new DebugLog()
  log.add([number(1)])
  log.pause(true)
  log.add([number(2), number(3)])
  expect([values(log), log.waiting]).toEqual([[1], 2])
  log.pause(false)
  expect(values(log)).toEqual([3, 2, 1])
})

test('a pinned message outlives clearing, and can be let go', () => {
  const log = new DebugLog()
  log.add([number(1)])
  const [message] = log.messages
  log.pin(message!, true)
  log.clear()
  expect([log.messages.length, log.pinned.length]).toEqual([0, 1])
  log.pin(message!, false)
  expect(log.pinned).toEqual([])
})

test('what the server remembers is added once, and not again what was heard or cleared', () => {
  const log = new DebugLog()
  const at = (n: number) => ({ ...number(n), timestamp: n * 1000 })
  log.addMissed([at(1), at(2)])
  log.add([at(3)])
  log.clear()
  log.addMissed([at(1), at(2), at(3), at(4)])
  expect(values(log)).toEqual([4])
})

test('listeners are told ten times a second at most, however many messages come', () => {
  vi.useFakeTimers()
  try {
    const log = new DebugLog()
    let told = 0
    log.watch(() => {
      told += 1
    })
    for (let ms = 0; ms < 1000; ms += 5) {
      log.add([number(ms)])
      vi.advanceTimersByTime(5)
    }
    expect(told).toBeGreaterThan(5)
    expect(told).toBeLessThanOrEqual(11)
  } finally {
    vi.useRealTimers()
  }
})

test('a search finds names, topics and parts of values', () => {
  const text = searchText(readDebug({ id: 'n', name: 'Show', topic: 'Mill 1', msg: '{"bore":42.01}', format: 'Object' }, 1))
  for (const part of ['show', 'mill 1', 'bore', '42.01']) expect(text).toContain(part)
})
