import { expect, it } from 'vitest'
import type { DrawnLevel } from '../../programs/worker/messages.ts'
import { placeOfTool } from './place-of-tool.ts'

/** Along X, one vertex a millimetre. */
const level = {
  segments: 9,
  chunks: [{ count: 10, positions: Float32Array.from(Array.from({ length: 10 }, (_, x) => [x, 0, 0]).flat()) }],
} as unknown as DrawnLevel

it('is where the tool stands, not where the controller has been told to go', () => {
  expect(placeOfTool(level, 10, [3.4, 0.1, 0])).toBe(4)
  expect(placeOfTool(level, 10, [8.9, 0, 0])).toBe(9)
})

it('is never further than what was taken', () => {
  expect(placeOfTool(level, 3, [8, 0, 0])).toBeLessThanOrEqual(3)
})
