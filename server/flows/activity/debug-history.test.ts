import { expect, test } from 'vitest'
import { createDebugHistory } from './debug-history.ts'

const message = (n: number, length = 1) => ({ n, msg: 'x'.repeat(length) })
const numbers = (list: unknown[]) => list.map((one) => (one as { n: number }).n)

test('the last hundred are kept, in order', () => {
  const history = createDebugHistory()
  for (let n = 0; n < 250; n += 1) history.add([message(n)])
  expect(numbers(history.list())).toEqual(Array.from({ length: 100 }, (_, n) => n + 150))
})

test('large messages push out older ones, and one that is too large is not kept', () => {
  const history = createDebugHistory()
  history.add([message(1, 100_000), message(2, 100_000), message(3, 400_000), message(4, 100_000), message(5, 100_000), message(6, 100_000)])
  expect(numbers(history.list())).toEqual([2, 4, 5, 6])
})
