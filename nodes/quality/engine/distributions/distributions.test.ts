import { expect, test } from 'vitest'
import fc from '../../../../test/property.ts'
import { rounds } from '../../../../test/rounds.ts'
import {
  binomialAtMost,
  chiSquareQuantile,
  fAbove,
  hypergeometricAtMost,
  logNormalBelow,
  normalAbove,
  normalBelow,
  normalQuantile,
  poissonAtMost,
  tQuantile,
  tTwoSided,
} from './index.ts'

const near = (ours: number, exact: number, relative = 1e-12) => expect(Math.abs(ours / exact - 1)).toBeLessThan(relative)

test('normal tails and quantiles keep their digits far out (R pnorm, qnorm)', () => {
  near(normalBelow(-8), 6.22096057427178e-16)
  near(normalAbove(5), 2.86651571879194e-7)
  near(normalQuantile(1e-6), -4.7534243088229, 1e-13)
  near(normalQuantile(1e-12), -7.03448382530113, 1e-13)
  near(normalQuantile(1e-100), -21.27345356096532, 1e-13)
  near(logNormalBelow(-40), -804.608442013754, 1e-13)
  expect(normalQuantile(0.5)).toBe(0)
  expect(normalQuantile(0)).toBe(Number.NEGATIVE_INFINITY)
  expect(normalQuantile(1.5)).toBeNaN()
})

test('a quantile is where its share is', () => {
  fc.assert(
    fc.property(fc.double({ min: 1e-300, max: 0.5, noNaN: true }), (p) => {
      const z = normalQuantile(p)
      expect(Math.abs(logNormalBelow(z) - Math.log(p))).toBeLessThan(1e-12 * Math.max(1, Math.abs(Math.log(p))))
    }),
    { numRuns: rounds(500) },
  )
})

test('t, chi-square and F (R qt, qchisq, pf)', () => {
  near(tQuantile(0.975, 10), 2.22813885198627, 1e-12)
  near(tTwoSided(2.22813885198627, 10), 0.05, 1e-10)
  near(chiSquareQuantile(0.95, 10), 18.3070380532751)
  // with 2 degrees of freedom in closed form
  near(fAbove(4, 2, 10), 1.8 ** -5)
  near(fAbove(400, 2, 10), 81 ** -5)
  expect(fAbove(0, 2, 10)).toBe(1)
  expect(fAbove(Number.POSITIVE_INFINITY, 2, 10)).toBe(0)
})

test('counts: sums of single chances', () => {
  const choose = (n: number, k: number): number => (k === 0 ? 1 : (choose(n - 1, k - 1) * n) / k)
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 0, max: 40 }), fc.double({ min: 0.01, max: 0.99, noNaN: true }), (n, k, p) => {
      let sum = 0
      for (let i = 0; i <= Math.min(n, k); i += 1) sum += choose(n, i) * p ** i * (1 - p) ** (n - i)
      expect(binomialAtMost(k, n, p)).toBeCloseTo(Math.min(1, sum), 10)
      let events = 0
      for (let i = 0, term = Math.exp(-n * p); i <= k; i += 1, term *= (n * p) / i) events += term
      expect(poissonAtMost(k, n * p)).toBeCloseTo(events, 10)
    }),
    { numRuns: rounds(200) },
  )
  expect(hypergeometricAtMost(0, { lot: 10, nonconforming: 2, sample: 3 })).toBeCloseTo(56 / 120, 12)
  expect(poissonAtMost(0, 0)).toBe(1)
})
