import { expect, describe as group, test } from 'vitest'
import fc from '../../../../test/property.ts'
import { rounds } from '../../../../test/rounds.ts'
import { describe, histogram, lagOneAutocorrelation, normalPlot, pareto, quantile, StatisticsError, standardDeviation } from './index.ts'

/** As a gauge shows it. */
const reading = fc.tuple(fc.integer({ min: -1_000_000, max: 1_000_000 }), fc.integer({ min: 0, max: 6 })).map(([digits, point]) => digits / 10 ** point)

/** What it was refused with. */
function refusal(ask: () => unknown): [string, object] | undefined {
  try {
    ask()
  } catch (error) {
    if (error instanceof StatisticsError) return [error.code, error.place]
    throw error
  }
  return undefined
}

test('skewness and kurtosis as Minitab and Excel have them', () => {
  // Excel: SKEW and KURT of 3 4 5 2 3 4 5 6 4 7
  const found = describe([3, 4, 5, 2, 3, 4, 5, 6, 4, 7])
  expect(found.skewness).toBeCloseTo(0.359543, 6)
  expect(found.kurtosis).toBeCloseTo(-0.151799637, 8)
  expect(describe([1, 1, 1, 1])).toMatchObject({ skewness: null, kurtosis: null, standardDeviation: 0 })
  expect(describe([5])).toMatchObject({ count: 1, mean: 5, standardDeviation: 0, median: 5, skewness: null })
})

test('quantiles by both conventions', () => {
  const sorted = [1, 2, 3, 4, 5, 6, 7, 8]
  expect(quantile(sorted, 0.25)).toBeCloseTo(2.25, 12)
  expect(quantile(sorted, 0.25, 'linear')).toBeCloseTo(2.75, 12)
  expect(quantile(sorted, 0)).toBe(1)
  expect(quantile(sorted, 1)).toBe(8)
})

group('histogram', () => {
  test('every value is in one bar; the edges are round numbers; they follow one another', () => {
    fc.assert(
      fc.property(fc.array(reading, { minLength: 1, maxLength: 200 }), fc.constantFrom('sturges' as const, 'freedman-diaconis' as const, 7), (values, bars) => {
        const { bars: made, width } = histogram(values, { bars })
        expect(made.reduce((sum, { count }) => sum + count, 0)).toBe(values.length)
        expect(made[0]!.from).toBeLessThanOrEqual(Math.min(...values))
        expect(made.at(-1)!.to).toBeGreaterThanOrEqual(Math.max(...values))
        for (const [i, bar] of made.entries()) if (i) expect(bar.from).toBe(made[i - 1]!.to)
        expect(width).toBeGreaterThanOrEqual(0)
      }),
      { numRuns: rounds(300) },
    )
  })
  test('a value far away makes no million bars', () => {
    expect(histogram([...Array.from({ length: 99 }, (_, i) => i / 1000), 1e9]).bars.length).toBeLessThanOrEqual(201)
  })
})

test('a probability plot has the values in order, and scores around 0', () => {
  const { points, mean } = normalPlot([3, 1, 2])
  expect(points.map(({ value }) => value)).toEqual([1, 2, 3])
  expect(points[1]).toMatchObject({ p: 0.5, z: 0 })
  expect(points[0]!.z).toBeCloseTo(-points[2]!.z, 12)
  expect(mean).toBe(2)
})

test('Pareto: the heaviest first, the small ones together', () => {
  const bars = pareto(
    [
      ['burr', 4],
      ['chatter', 10],
      ['burr', 3],
      ['dent', 1],
      ['other', 2],
    ],
    { most: 2 },
  )
  expect(bars).toMatchObject([
    { name: 'chatter', weight: 10, share: 0.5, cumulativeShare: 0.5 },
    { name: 'burr', weight: 7 },
    { name: '', weight: 3, others: 2, cumulativeShare: 1 },
  ])
})

test('shift and scale: mean and deviation follow, shape does not change, order does not matter', () => {
  const many = fc.array(fc.integer({ min: -1000, max: 1000 }), { minLength: 4, maxLength: 60 })
  fc.assert(
    fc.property(many, fc.integer({ min: -5000, max: 5000 }), fc.integer({ min: 1, max: 64 }), (values, shift, scale) => {
      const before = describe(values)
      const after = describe(values.map((value) => value * scale + shift).reverse())
      const near = (a: number | null, b: number | null) =>
        a === null || b === null ? expect(a).toBe(b) : expect(Math.abs(a - b)).toBeLessThanOrEqual(1e-9 * Math.max(1, Math.abs(b)))
      near(after.mean, before.mean * scale + shift)
      near(after.standardDeviation, before.standardDeviation * scale)
      near(after.median, before.median * scale + shift)
      near(after.skewness, before.skewness)
      near(after.kurtosis, before.kurtosis)
    }),
    { numRuns: rounds(300) },
  )
})

test('what is no number is named by its row', () => {
  expect(refusal(() => describe([1, Number.NaN]))).toEqual(['not-a-number', { row: 1 }])
  expect(refusal(() => describe([1, Number.POSITIVE_INFINITY]))).toEqual(['not-finite', { row: 1 }])
  expect(refusal(() => describe(['3' as never]))).toEqual(['not-a-number', { row: 0 }])
  expect(refusal(() => describe([]))?.[0]).toBe('too-few')
  expect(refusal(() => standardDeviation([1]))?.[0]).toBe('too-few')
  expect(refusal(() => lagOneAutocorrelation([2, 2]))?.[0]).toBe('no-variation')
  expect(refusal(() => quantile([1], 1.5))?.[0]).toBe('option-invalid')
  expect(refusal(() => histogram([1, 2], { bars: 0 }))?.[0]).toBe('option-invalid')
  expect(refusal(() => pareto([['burr', -1]]))).toEqual(['option-invalid', { row: 0 }])
  expect(refusal(() => pareto([]))?.[0]).toBe('too-few')
})
