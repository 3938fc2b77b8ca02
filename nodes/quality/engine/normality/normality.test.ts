import { expect, test } from 'vitest'
import fc from '../../../../test/property.ts'
import { rounds } from '../../../../test/rounds.ts'
import { normalQuantile } from '../distributions/index.ts'
import { andersonDarling, shapiroWilk } from './index.ts'

test('perfectly normal scores look normal, and what is skewed does not', () => {
  const scores = Array.from({ length: 60 }, (_, i) => normalQuantile((i + 0.5) / 60))
  expect(andersonDarling(scores).p).toBeGreaterThan(0.99)
  expect(shapiroWilk(scores).p).toBeGreaterThan(0.99)
  const skewed = scores.map((z) => Math.exp(1.5 * z))
  expect(andersonDarling(skewed).p).toBeLessThan(1e-6)
  expect(shapiroWilk(skewed).p).toBeLessThan(1e-6)
})

test('neither shift, scale nor order changes a verdict', () => {
  const values = fc.uniqueArray(fc.integer({ min: -10_000, max: 10_000 }), { minLength: 8, maxLength: 60 })
  fc.assert(
    fc.property(values, fc.integer({ min: -1000, max: 1000 }), fc.integer({ min: 1, max: 50 }), (list, shift, scale) => {
      const moved = list.map((value) => value * scale + shift).reverse()
      expect(andersonDarling(moved).statistic).toBeCloseTo(andersonDarling(list).statistic, 7)
      expect(shapiroWilk(moved).statistic).toBeCloseTo(shapiroWilk(list).statistic, 9)
      const { p } = shapiroWilk(list)
      expect(p).toBeGreaterThanOrEqual(0)
      expect(p).toBeLessThanOrEqual(1)
    }),
    { numRuns: rounds(200) },
  )
})

test('beyond where its approximation holds, p is told as a bound', () => {
  const far = [...Array.from({ length: 200 }, (_, i) => i / 1e6), 1e6]
  expect(andersonDarling(far)).toMatchObject({ isBound: true })
  expect(andersonDarling(far).p).toBeLessThan(1e-20)
})

test('too few, too many, all the same, no number: refused with the reason', () => {
  expect(() => andersonDarling([1, 2, 3])).toThrow(/at least 8/)
  expect(() => shapiroWilk([1, 2])).toThrow(/at least 3/)
  expect(() => shapiroWilk(Array.from({ length: 5001 }, (_, i) => i))).toThrow(/up to 5000/)
  expect(() => shapiroWilk([4, 4, 4])).toThrow(/all values are the same/i)
  expect(() => andersonDarling([1, 2, 3, 4, 5, 6, 7, Number.NaN])).toThrow(/Value 8 is not a number/)
})
