import { expect, test } from 'vitest'
import fc from '../../../test/property.ts'
import { copyMessage } from './copy.ts'

test('a small message is copied whole and apart from the original', () => {
  const message = { _msgid: 'a', payload: { part: 'P1', sizes: [1, 2, { x: null }], ok: true }, topic: 'cell' }
  const { msg, cuts } = copyMessage(message)
  message.payload.sizes.push(9)
  expect(msg).toEqual({ _msgid: 'a', payload: { part: 'P1', sizes: [1, 2, { x: null }], ok: true }, topic: 'cell' })
  expect(cuts).toEqual([])
})

test('what is too long is cut, and where and how much is said', () => {
  const { msg, cuts } = copyMessage({ text: 'x'.repeat(5000), list: Array.from({ length: 400 }, (_, i) => i), bytes: Buffer.alloc(1000, 7) })
  const copied = msg as { text: string; list: number[]; bytes: { type: string; data: number[] } }
  expect([copied.text.length, copied.list.length, copied.bytes.data.length]).toEqual([2000, 50, 64])
  expect(cuts).toEqual([
    { path: ['text'], why: 'text', length: 5000 },
    { path: ['list'], why: 'list', length: 400 },
    { path: ['bytes'], why: 'bytes', length: 1000 },
  ])
})

test.each(['password', 'apiKey', 'api_key', 'Authorization', 'access_token', 'token', 'cookie', 'clientSecret', 'set-cookie', 'db_passwd'])(
  'the value of "%s" never leaves',
  (key) => {
    const { msg, cuts } = copyMessage({ payload: { [key]: 'hunter2' } })
    expect(JSON.stringify(msg)).not.toContain('hunter2')
    expect(cuts).toEqual([{ path: ['payload', key], why: 'secret' }])
  },
)

test.each(['pass', 'bypass', 'tokens', 'secretary'])('"%s" is no secret', (key) => {
  expect(copyMessage({ [key]: 1 }).msg).toEqual({ [key]: 1 })
})

test('a message that holds itself, a connection, a function or a getter that throws can be copied', () => {
  const message: Record<string, unknown> = {
    payload: 1,
    run: () => 1,
    at: new Date(0),
    wrong: new Error('no part'),
    map: new Map([['a', 1]]),
    set: new Set([1]),
  }
  message.self = message
  message.req = new (class IncomingMessage {})()
  message.res = new (class ServerResponse {})()
  Object.defineProperty(message, 'angry', {
    enumerable: true,
    get() {
      throw new Error('no')
    },
  })
  const { msg, cuts } = copyMessage(message)
  expect(JSON.parse(JSON.stringify(msg))).toMatchObject({ payload: 1, at: '1970-01-01T00:00:00.000Z', wrong: { message: 'no part' }, map: { a: 1 }, set: [1] })
  expect(cuts.map(({ path, why }) => [path[0], why])).toEqual([
    ['run', 'other'],
    ['self', 'again'],
    ['req', 'other'],
    ['res', 'other'],
    ['angry', 'other'],
  ])
})

test('whatever the message, the copy is JSON, bounded, and the message stays as it was', () => {
  fc.assert(
    fc.property(
      fc.object({
        maxDepth: 8,
        maxKeys: 30,
        withBigInt: true,
        withDate: true,
        withMap: true,
        withSet: true,
        withTypedArray: true,
        withNullPrototype: true,
        withSparseArray: true,
      }),
      (message) => {
        const before = fc.stringify(message)
        const { msg, size } = copyMessage(message)
        const text = JSON.stringify(msg)
        expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(msg)))
        expect(size).toBeLessThan(40_000)
        expect(text.length).toBeLessThan(120_000)
        expect(fc.stringify(message)).toBe(before)
      },
    ),
    { numRuns: 300 },
  )
})
