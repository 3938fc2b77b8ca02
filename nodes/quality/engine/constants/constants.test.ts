import gammaln from '@stdlib/math-base-special-gammaln'
import normalQuantile from '@stdlib/stats-base-dists-normal-quantile'
import { describe, expect, test } from 'vitest'
import { quadrature } from './gauss-legendre.ts'
import { c4, d2, d2Star, d3, d4 } from './index.ts'

/** Ten digits of each, as R's `ptukey` and the closed forms give them. */
const TABLE: readonly (readonly [n: number, d2: number, d3: number, c4: number])[] = [
  [2, 1.1283791671, 0.8525024664, 0.7978845608],
  [3, 1.6925687506, 0.888368004, 0.8862269255],
  [4, 2.058750746, 0.8798082028, 0.9213177319],
  [5, 2.3259289473, 0.8640819411, 0.939985603],
  [6, 2.5344127212, 0.8480396861, 0.9515328619],
  [7, 2.7043567512, 0.8332053356, 0.9593687887],
  [8, 2.8472006121, 0.8198314898, 0.9650304561],
  [9, 2.9700263244, 0.8078342745, 0.9693106997],
  [10, 3.0775054617, 0.7970506735, 0.9726592741],
  [25, 3.9306292195, 0.7084407659, 0.9896403756],
]

describe.each(TABLE)('for %i values', (n, meanRange, spread, meanDeviation) => {
  test('d2, d3 and c4 are those of the table to 1e-9', () => {
    expect(Math.abs(d2(n) - meanRange)).toBeLessThan(1e-9)
    expect(Math.abs(d3(n) - spread)).toBeLessThan(1e-9)
    expect(Math.abs(c4(n) - meanDeviation)).toBeLessThan(1e-9)
  })
})

test('d2 and d3 agree with their closed forms to rounding', () => {
  const root = Math.sqrt(Math.PI)
  const angle = Math.asin(1 / 3) / Math.PI
  expect(d2(2)).toBeCloseTo(2 / root, 14)
  expect(d2(3)).toBeCloseTo(3 / root, 14)
  expect(d2(4)).toBeCloseTo((6 / root) * (0.5 + angle), 14)
  expect(d2(5)).toBeCloseTo((5 / root) * (0.5 + 3 * angle), 14)
  expect(d3(2)).toBeCloseTo(Math.sqrt(2 - 4 / Math.PI), 13)
  expect(d4(2)).toBeCloseTo(Math.SQRT2 * normalQuantile(0.75, 0, 1), 13)
})

test('a second way to d2, d3 and d4, by the chance of each range, gives the same', () => {
  const density = (x: number) => Math.exp(-x * x * 0.5) / Math.sqrt(2 * Math.PI)
  // plain sums on a fine grid, with the normal distribution summed from its density: nothing shared with the product
  const step = 1 / 128
  const cells = Math.round(20 / step)
  const below = [0]
  for (let i = 0; i < cells; i += 1) {
    const x = -10 + i * step
    below.push((below[i] ?? 0) + (step / 6) * (density(x) + 4 * density(x + step / 2) + density(x + step)))
  }
  for (const n of [4, 12]) {
    const chances = Array.from({ length: cells / 2 + 1 }, (_, width) => {
      let chance = 0
      for (let i = 0; i <= cells; i += 1) chance += step * density(-10 + i * step) * ((below[Math.min(i + width, cells)] ?? 0) - (below[i] ?? 0)) ** (n - 1)
      return n * chance
    })
    let mean = 0
    // the integrand rises by 1 at 0, which is what a trapezoid lacks (Euler-Maclaurin)
    let square = (2 * step ** 2) / 12
    chances.forEach((chance, width) => {
      const beyond = (1 - chance) * (width === 0 ? 0.5 : 1)
      mean += step * beyond
      square += 2 * step * width * step * beyond
    })
    expect(d2(n)).toBeCloseTo(mean, 8)
    expect(d3(n)).toBeCloseTo(Math.sqrt(square - mean * mean), 8)
    const past = chances.findIndex((chance) => chance > 0.5)
    const [before = 0, after = 0] = chances.slice(past - 1, past + 1)
    expect(d4(n)).toBeCloseTo((past - 1 + (0.5 - before) / (after - before)) * step, 4)
  }
})

test('c4 agrees with the gamma function, from recurrence into the series', () => {
  for (const n of [2, 3, 11, 100, 198, 199, 200, 201, 250, 5000, 100_000]) {
    const direct = Math.sqrt(2 / (n - 1)) * Math.exp(gammaln(n / 2) - gammaln((n - 1) / 2))
    expect(Math.abs(c4(n) / direct - 1)).toBeLessThan(1e-15 * n + 1e-14)
  }
  expect(c4(201) / c4(199)).toBeCloseTo(Math.sqrt(198 / 200) * (199 / 198), 14)
})

test('the constants of gauge studies are those that AIAG prints', () => {
  expect(d2Star(2, 1)).toBeCloseTo(Math.SQRT2, 12)
  expect(d2Star(3, 1)).toBeCloseTo(1.91155, 4)
  expect(d2Star(10, 1)).toBeCloseTo(3.17905, 5)
  expect(1 / d2(2)).toBeCloseTo(0.886227, 6)
  expect(1 / d2(3)).toBeCloseTo(0.590818, 6)
  const k3 = [Math.SQRT1_2, 0.5231, 0.4467, 0.403, 0.3742, 0.3534, 0.3375, 0.3249, 0.3146]
  k3.forEach((printed, i) => {
    expect(1 / d2Star(i + 2, 1)).toBeCloseTo(printed, 4)
  })
})

test('d2 grows with the size and d3 falls, up to the largest', () => {
  for (const n of [25, 50, 100, 300, 1000]) {
    expect(d2(n)).toBeGreaterThan(d2(Math.floor(n / 2)))
    expect(d3(n)).toBeLessThan(d3(Math.floor(n / 2)))
    expect(d4(n)).toBeLessThan(d2(n))
  }
  // Harter (1960) prints 5.01519 for 100
  expect(d2(100)).toBeCloseTo(5.01519, 5)
  // with twice the nodes over a wider range
  expect(d3(1000)).toBeCloseTo(0.4967351857835, 11)
  expect(d4(1000)).toBeCloseTo(6.4376056403, 9)
})

test.each([1, 0, -3, 2.5, Number.NaN, 1001])('a size of %s is refused', (n) => {
  expect(() => d2(n)).toThrow(RangeError)
  expect(() => d3(n)).toThrow(RangeError)
  if (n !== 1001) expect(() => c4(n)).toThrow(RangeError)
})

test('the quadrature integrates polynomials exactly', () => {
  const { nodes, weights } = quadrature(1, 3, 2)
  let sum = 0
  nodes.forEach((x, i) => {
    sum += (weights[i] ?? 0) * x ** 9
  })
  expect(sum).toBeCloseTo((3 ** 10 - 1) / 10, 8)
})
