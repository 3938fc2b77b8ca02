import { describe, expect, test } from 'vitest'
import fc from '../../../../test/property.ts'
import { rounds } from '../../../../test/rounds.ts'
import { PISTON_RINGS_TRIAL } from '../reference/sets/piston-rings.ts'
import { type CapabilityOptions, capability } from './index.ts'

const WIDE = { lower: 73.95, upper: 74.05 }
const rings = (options: Partial<CapabilityOptions> = {}) => capability(PISTON_RINGS_TRIAL, { tolerance: WIDE, ...options })

test('one side of a tolerance has its own index, and no Cp', () => {
  const upper = rings({ tolerance: { upper: 74.05 } })
  expect(upper).toMatchObject({ cp: null, cpl: null, cpm: null, pp: null, observedPpm: { below: null, above: 0, total: 0 } })
  expect(upper.cpk.value).toBe(upper.cpu!.value)
  expect(upper.cpk.value).toBeCloseTo(rings().cpu!.value, 12)
  expect(upper.expectedWithinPpm.below).toBeNull()
  expect(upper.sigmaLevelWithin.bench).toBeCloseTo(3 * upper.cpk.value, 9)
})

test('single values: sigma from moving ranges, none over a gap', () => {
  const values = [10, 12, 11, 13, 12, 14]
  const found = capability(
    values.map((value) => [value]),
    { tolerance: { lower: 0, upper: 20 } },
  )
  // mean moving range (2 + 1 + 2 + 1 + 2) / 5 over 2/√π
  expect(found.within).toMatchObject({ estimator: 'mr-mean' })
  expect(found.within.sigma).toBeCloseTo((8 / 5) * (Math.sqrt(Math.PI) / 2), 12)
  const gap = capability([[10], [12], [], [13], [12]], { tolerance: { lower: 0, upper: 20 } })
  expect(gap.within.sigma).toBeCloseTo(1.5 * (Math.sqrt(Math.PI) / 2), 12)
  expect(gap).toMatchObject({ count: 4, subgroups: 4, normality: null })
})

test('what the estimate of sigma is worth makes intervals wider, if asked for', () => {
  const usual = rings()
  const honest = rings({ degreesOfFreedom: 'estimator' })
  expect(honest.within.df).toBeLessThan(usual.cp!.df)
  // about 0.9 k (n - 1) for ranges of five
  expect(honest.within.df / 100).toBeCloseTo(0.905, 1)
  expect(honest.cp!.lower).toBeLessThan(usual.cp!.lower)
  expect(rings({ within: 'pooled' }).within.df).toBe(100)
})

test('values outside are counted; one on the limit is inside', () => {
  const found = capability([[1, 2, 3, 4]], { tolerance: { lower: 2, upper: 3 }, within: 'pooled' })
  expect(found.observedPpm).toEqual({ below: 250_000, above: 250_000, total: 500_000 })
})

test('scale and shift change no index; a wider tolerance is never worse', () => {
  const data = fc.array(fc.array(fc.integer({ min: -500, max: 500 }), { minLength: 3, maxLength: 3 }), { minLength: 3, maxLength: 20 })
  fc.assert(
    fc.property(data, fc.integer({ min: -1000, max: 1000 }), fc.integer({ min: 1, max: 20 }), (subgroups, shift, scale) => {
      fc.pre(subgroups.some((group) => new Set(group).size > 1))
      const tolerance = { lower: -600, upper: 700, target: 0 }
      const move = (value: number) => value * scale + shift
      const before = capability(subgroups, { tolerance })
      const after = capability(
        subgroups.map((group) => group.map(move)),
        { tolerance: { lower: move(-600), upper: move(700), target: move(0) } },
      )
      for (const name of ['cp', 'cpk', 'pp', 'ppk', 'cpm'] as const) {
        expect(after[name]!.value).toBeCloseTo(before[name]!.value, 8)
        expect(before[name]!.lower).toBeLessThanOrEqual(before[name]!.value)
        expect(before[name]!.upper).toBeGreaterThanOrEqual(before[name]!.value)
      }
      expect(capability(subgroups, { tolerance: { lower: -700, upper: 800 } }).cpk.value).toBeGreaterThan(before.cpk.value)
      expect(before.cpk.value).toBeLessThanOrEqual(before.cp!.value + 1e-12)
    }),
    { numRuns: rounds(200) },
  )
})

describe('refused with the reason and the place', () => {
  test.each([
    ['no tolerance', () => rings({ tolerance: {} }), 'tolerance-missing', {}],
    ['a reversed one', () => rings({ tolerance: { lower: 75, upper: 74 } }), 'tolerance-reversed', {}],
    ['a target outside', () => rings({ tolerance: { ...WIDE, target: 80 } }), 'target-outside', {}],
    [
      'NaN',
      () =>
        capability(
          [
            [1, 2],
            [3, Number.NaN],
          ],
          { tolerance: WIDE },
        ),
      'not-a-number',
      { subgroup: 1, row: 1 },
    ],
    ['text', () => capability([[1, '2' as never]], { tolerance: WIDE }), 'not-a-number', { subgroup: 0, row: 1 }],
    ['infinity', () => capability([[1], [Number.POSITIVE_INFINITY]], { tolerance: WIDE }), 'not-finite', { subgroup: 1, row: 0 }],
    ['one value', () => capability([[1]], { tolerance: WIDE }), 'too-few', {}],
    [
      'all the same',
      () =>
        capability(
          [
            [5, 5],
            [5, 5],
          ],
          { tolerance: WIDE },
        ),
      'no-variation',
      {},
    ],
    [
      'nothing within',
      () =>
        capability(
          [
            [5, 5],
            [6, 6],
          ],
          { tolerance: WIDE },
        ),
      'no-variation',
      {},
    ],
    ['moving ranges of subgroups', () => rings({ within: 'mr-mean' }), 'option-invalid', {}],
    ['a confidence of 1', () => rings({ confidence: 1 }), 'option-invalid', {}],
  ])('%s', (_, ask, code, place) => {
    expect(ask).toThrow(expect.objectContaining({ name: 'StatisticsError', code, place }))
  })
})
