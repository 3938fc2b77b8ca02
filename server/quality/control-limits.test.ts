import { expect, it } from 'vitest'
import { countOutside, limitsFrom } from './control-limits.ts'

it('agrees with the individuals chart of the NIST e-Handbook 6.3.2.2', () => {
  const flow = [49.6, 47.6, 49.9, 51.3, 47.8, 51.2, 52.6, 52.4, 53.6, 52.1]
  const limits = limitsFrom(flow, 10)
  // the handbook prints 55.8041 and 45.8159 with d2 rounded to 1.128; exact d2 gives 55.8024
  expect(limits?.upper).toBeCloseTo(55.8024, 3)
  expect(limits?.lower).toBeCloseTo(45.8176, 3)
})

it('says nothing with too few values, or with a gauge that sees no difference', () => {
  expect(limitsFrom(Array.from({ length: 19 }, (_, i) => i % 3))).toBeUndefined()
  expect(limitsFrom(Array.from({ length: 40 }, () => 12))).toBeUndefined()
  expect(limitsFrom([])).toBeUndefined()
})

it('counts what lies outside, and not what lies on a limit', () => {
  expect(countOutside([1, 2, 3, 4, 5], { lower: 2, upper: 4 })).toBe(2)
})
