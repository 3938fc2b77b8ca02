import { expect, test } from 'vitest'
import type { Limits } from '../safe-path.ts'
import { planWay } from './move.ts'

const limits: Limits = {
  envelopeMm: { min: [0, 0, -80], max: [200, 100, 0] },
  keepOut: [{ id: 'vice', name: 'Vice', min: [40, 0, -80], max: [60, 100, -20], isActive: true }],
}
const way = (from: number[], to: number[], safeZMm?: number) => planWay({ from, to, limits, safeZMm })

test('a level or plumb way is gone straight', () => {
  expect(way([0, 0, -10], [200, 100, -10])).toEqual([[200, 100, -10]])
  expect(way([10, 10, -10], [10, 10, -50])).toEqual([[10, 10, -50]])
})

test('up comes first, down comes last', () => {
  expect(way([0, 0, -50], [30, 10, -10])).toEqual([
    [0, 0, -10],
    [30, 10, -10],
  ])
  expect(way([0, 0, -10], [30, 10, -50])).toEqual([
    [30, 10, -10],
    [30, 10, -50],
  ])
})

test('over the safe height where a box is in the way; without one, or into a box, it is refused', () => {
  expect(way([10, 50, -50], [100, 50, -50], -5)).toEqual([
    [10, 50, -5],
    [100, 50, -5],
    [100, 50, -50],
  ])
  expect(() => way([10, 50, -50], [100, 50, -50])).toThrow(expect.objectContaining({ code: 'keep-out' }))
  expect(() => way([10, 50, -10], [50, 50, -50], -5)).toThrow(expect.objectContaining({ code: 'keep-out' }))
  expect(() => way([10, 50, -10], [500, 50, -10], -5)).toThrow(expect.objectContaining({ code: 'outside-envelope' }))
})

test('axes that turn go along with the level move', () => {
  expect(way([0, 0, -50, 0], [30, 10, -10, 90])).toEqual([
    [0, 0, -10, 0],
    [30, 10, -10, 90],
  ])
})
