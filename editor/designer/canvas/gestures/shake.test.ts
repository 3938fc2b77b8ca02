import { expect, test } from 'vitest'
import { Shake } from './shake.ts'

/** How often a way through these places, one every `stepMs`, counts as a shake. */
function shakes(places: readonly number[], stepMs = 20): number {
  const shake = new Shake()
  return places.filter((clientX, index) => shake.add({ clientX, timeStamp: index * stepMs })).length
}
const swings = (count: number, width: number) =>
  Array.from({ length: count }, (_, swing) => [0, 0.5, 1].map((share) => (swing % 2 ? 1 - share : share) * width)).flat()

test('three turns back in a moment are a shake, once', () => {
  expect(shakes(swings(4, 60))).toBe(1)
})

test.each([
  ['two turns', swings(3, 60), 20],
  ['a tremble', swings(12, 8), 20],
  ['a slow search for a place', swings(6, 200), 400],
  ['a straight way', Array.from({ length: 40 }, (_, index) => index * 15), 20],
])('%s is none', (_, places, stepMs) => {
  expect(shakes(places, stepMs)).toBe(0)
})
