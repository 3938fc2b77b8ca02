import { describe, expect, it } from 'vitest'
import { type Point, pathDistance } from './path-distance.ts'

const path = (...points: [number, number][]): Point[] => points.map(([x, y]) => [x, y, 0])

describe('the distance of two paths', () => {
  it('is nothing between a line and the same line with more corners', () => {
    expect(pathDistance(path([0, 0], [10, 0]), path([0, 0], [3, 0], [4, 0], [10, 0]), 0.01)).toBe(0)
  })
  it('is how far a corner stands off', () => {
    expect(pathDistance(path([0, 0], [10, 0]), path([0, 0], [5, 0.2], [10, 0]), 1)).toBeCloseTo(0.2, 6)
    expect(pathDistance(path([0, 0], [5, 0.2], [10, 0]), path([0, 0], [10, 0]), 1)).toBeCloseTo(0.2, 6)
  })
  it('is large for a path that goes the other way round', () => {
    const square = path([0, 0], [10, 0], [10, 10], [0, 10], [0, 0])
    expect(pathDistance(square, [...square].reverse(), 0.01)).toBeGreaterThan(5)
  })
  it('is large for a path that leaves a loop out, though each of its points is near', () => {
    const once = path([0, 0], [10, 0], [10, 10], [0, 0])
    const twice = path([0, 0], [10, 0], [10, 10], [0, 0], [10, 0], [10, 10], [0, 0])
    expect(pathDistance(once, twice, 0.01)).toBeGreaterThan(5)
    expect(pathDistance(twice, once, 0.01)).toBeGreaterThan(5)
  })
  it('is large for a path that ends early', () => {
    expect(pathDistance(path([0, 0], [10, 0]), path([0, 0], [9, 0]), 0.01)).toBeCloseTo(1, 6)
  })
  it('is nothing between equal paths that come back over themselves', () => {
    const pecking: Point[] = [
      [0, 0, 5],
      [0, 0, -1],
      [0, 0, 5],
      [0, 0, -0.9],
      [0, 0, -2],
      [0, 0, 5],
    ]
    const rounded = pecking.map(([x, y, z], i): Point => [x + (i % 2) * 1e-5, y, z - 1e-5])
    expect(pathDistance(pecking, rounded, 0.01)).toBeLessThan(1e-4)
  })
})
