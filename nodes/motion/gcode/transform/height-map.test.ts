import { describe, expect, it } from 'vitest'
import type { HeightMap } from '../../action.ts'
import { checkHeightMap, heightAt, isInsideMap } from './height-map.ts'

const map: HeightMap = { minMm: [0, 0], maxMm: [20, 10], columns: 3, rows: 2, heightsMm: [0, 1, 2, 4, 5, 8] }

describe('a height map', () => {
  it('has its heights row by row from the lowest corner', () => {
    expect([heightAt(map, 0, 0), heightAt(map, 10, 0), heightAt(map, 20, 0), heightAt(map, 0, 10), heightAt(map, 20, 10)]).toEqual([0, 1, 2, 4, 8])
  })
  it('is bilinear between four points', () => {
    expect(heightAt(map, 5, 5)).toBeCloseTo((0 + 1 + 4 + 5) / 4, 12)
    expect(heightAt(map, 15, 2.5)).toBeCloseTo(0.75 * 1.5 + 0.25 * 6.5, 12)
  })
  it('has the height of its edge outside', () => {
    expect(heightAt(map, -100, 5)).toBeCloseTo(heightAt(map, 0, 5), 12)
    expect(heightAt(map, 12, 900)).toBeCloseTo(heightAt(map, 12, 10), 12)
    expect([isInsideMap(map, 20, 10), isInsideMap(map, 20.01, 10), isInsideMap(map, 5, -1)]).toEqual([true, false, false])
  })
  it('is refused in words when it cannot be used', () => {
    expect(checkHeightMap(map)).toBeUndefined()
    expect(checkHeightMap({ ...map, columns: 1 })).toMatch(/at least 2 columns/)
    expect(checkHeightMap({ ...map, rows: 3 })).toMatch(/needs 9 heights; this one has 6/)
    expect(checkHeightMap({ ...map, maxMm: [0, 10] })).toMatch(/no area/)
    expect(checkHeightMap({ ...map, minMm: [Number.NaN, 0] })).toMatch(/corners/)
    expect(checkHeightMap({ ...map, heightsMm: [0, 1, 2, 3, Number.NaN, 5] })).toMatch(/column 2, row 2/)
  })
})
