import { expect, test } from 'vitest'
import { asJsonata, matching, pathsOf } from './message-paths.ts'

const message = { payload: { orders: [{ number: 'WO-1' }, { number: 'WO-2' }], 'x-key': 3 }, topic: 'mill' }

test('names every path into a message as Node-RED reads it, the nearest first', () => {
  const paths = pathsOf(message).map(({ path }) => path)
  expect(paths.slice(0, 2)).toEqual(['payload', 'topic'])
  expect(paths).toContain('payload.orders[1].number')
  expect(paths).toContain('payload["x-key"]')
})

test('says what stands there', () => {
  const byPath = new Map(pathsOf(message).map(({ path, preview }) => [path, preview]))
  expect(byPath.get('topic')).toBe('"mill"')
  expect(byPath.get('payload.orders')).toBe('[2]')
})

test('a list of thousands and a deep object stay a short list', () => {
  const deep = (depth: number): unknown => (depth === 0 ? 1 : { next: deep(depth - 1) })
  expect(pathsOf({ payload: Array.from({ length: 5_000 }, () => ({ a: 1, b: 2 })), deep: deep(50) }).length).toBeLessThan(40)
})

test('what begins with the typed text comes before what holds it', () => {
  const paths = pathsOf(message)
  expect(matching(paths, 'payload.o').map(({ path }) => path)[0]).toBe('payload.orders')
  expect(matching(paths, 'number')[0]?.path).toBe('payload.orders[0].number')
})

test('writes keys that are no names in backticks for JSONata', () => {
  expect(asJsonata('payload["x-key"]')).toBe('payload.`x-key`')
  expect(asJsonata('["a b"].c')).toBe('`a b`.c')
})
