import { expect, test } from 'vitest'
import fc from '../../../test/property.ts'
import type { KeepOutBox } from '../machine.ts'
import { type Limits, longestSafe, obstacleOn } from './safe-path.ts'

const VICE: KeepOutBox = { id: 'vice', name: 'Vice', min: [40, 40, -50], max: [60, 60, -20], isActive: true }
const LIMITS: Limits = { envelopeMm: { min: [0, 0, -80], max: [200, 100, 0] }, keepOut: [VICE] }

test('a move inside the travel and past every box is free', () => {
  expect(obstacleOn([0, 0, 0], [200, 100, -80], { ...LIMITS, keepOut: [] })).toBeUndefined()
  expect(obstacleOn([0, 50, -10], [200, 50, -10], LIMITS)).toBeUndefined()
})

test('a move beyond the travel is named with its axis; one that comes back is free', () => {
  expect(obstacleOn([0, 0, 0], [0, 100.5, 0], LIMITS)).toMatchObject({ kind: 'outside-envelope', text: expect.stringMatching(/^Y would reach 100.5 mm/) })
  expect(obstacleOn([-5, 0, 0], [-2, 0, 0], LIMITS)).toBeUndefined()
  expect(obstacleOn([-5, 0, 0], [-6, 0, 0], LIMITS)).toMatchObject({ kind: 'outside-envelope' })
})

test('a way through a box is refused though both its ends are free; along a face it is not', () => {
  expect(obstacleOn([0, 50, -30], [200, 50, -30], LIMITS)).toMatchObject({ kind: 'keep-out', text: expect.stringContaining('"Vice"') })
  expect(obstacleOn([0, 40, -30], [200, 40, -30], LIMITS)).toBeUndefined()
  expect(obstacleOn([50, 50, 0], [50, 50, -20], LIMITS)).toBeUndefined()
})

test('a tool inside a box may go out the nearest way and nowhere else', () => {
  const inside = [50, 50, -21]
  expect(obstacleOn(inside, [50, 50, 0], LIMITS)).toBeUndefined()
  expect(obstacleOn(inside, [50, 50, -80], LIMITS)).toMatchObject({ kind: 'keep-out' })
  expect(longestSafe({ from: inside, direction: [0, 0, 1], furthest: 500, marginMm: 0 }, LIMITS)).toBe(21)
  expect(longestSafe({ from: inside, direction: [0, 0, -1], furthest: 500, marginMm: 0 }, LIMITS)).toBe(0)
})

test('the longest safe move ends before travel and boxes by the margin', () => {
  expect(longestSafe({ from: [0, 50, -30], direction: [1, 0, 0], furthest: 500, marginMm: 0.5 }, LIMITS)).toBeCloseTo(39.5, 2)
  expect(longestSafe({ from: [0, 0, 0], direction: [1, 0, 0], furthest: 500, marginMm: 0.5 }, LIMITS)).toBe(199.5)
  expect(longestSafe({ from: [200, 0, 0], direction: [1, 0, 0], furthest: 500, marginMm: 0.5 }, LIMITS)).toBe(0)
  expect(longestSafe({ from: [0, 0, 0, 10], direction: [0, 0, 0, 1], furthest: 500, marginMm: 0.5 }, LIMITS)).toBe(500)
})

test('whatever the longest safe move ends at can be reached, and no point on the way is inside a box', () => {
  const coordinate = (min: number, max: number) => fc.double({ min, max, noNaN: true })
  const point = fc.tuple(coordinate(0, 200), coordinate(0, 100), coordinate(-80, 0))
  const way = fc.tuple(coordinate(-1, 1), coordinate(-1, 1), coordinate(-1, 1)).filter((v) => Math.hypot(...v) > 0.01)
  fc.assert(
    fc.property(point, way, (from, raw) => {
      const isIn = ([x = 0, y = 0, z = 0]: readonly number[], by = 0.002) =>
        x > 40 + by && x < 60 - by && y > 40 + by && y < 60 - by && z > -50 + by && z < -20 - by
      fc.pre(!isIn(from, -0.01))
      const direction = raw.map((value) => value / Math.hypot(...raw))
      const length = longestSafe({ from, direction, furthest: 1000, marginMm: 0.01 }, LIMITS)
      const at = (share: number) => from.map((value, axis) => value + (direction[axis] ?? 0) * length * share)
      expect(obstacleOn(from, at(1), LIMITS)).toBeUndefined()
      for (let step = 0; step <= 50; step += 1) expect(isIn(at(step / 50))).toBe(false)
    }),
  )
})
