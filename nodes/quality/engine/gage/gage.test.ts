import { describe, expect, test } from 'vitest'
import fc from '../../../../test/property.ts'
import { rounds } from '../../../../test/rounds.ts'
import { AIAG_BIAS, AIAG_LINEARITY, AIAG_RR } from '../reference/sets/gage.ts'
import { anovaStudy, averageAndRange, biasStudy, type GageReading } from './index.ts'

const variance = (lines: { source: string; variance: number }[], source: string) => lines.find((line) => line.source === source)?.variance ?? Number.NaN

test('the order of the readings does not matter; shift changes nothing, scale only the unit', () => {
  const shuffled = AIAG_RR.toReversed()
  expect(variance(anovaStudy(shuffled).lines, 'part')).toBeCloseTo(variance(anovaStudy(AIAG_RR).lines, 'part'), 12)
  fc.assert(
    fc.property(fc.double({ min: -100, max: 100, noNaN: true }), fc.double({ min: 0.5, max: 50, noNaN: true }), (shift, scale) => {
      const moved = AIAG_RR.map((reading) => ({ ...reading, value: reading.value * scale + shift }))
      expect(anovaStudy(moved).grrPercent).toBeCloseTo(anovaStudy(AIAG_RR).grrPercent, 7)
      expect(averageAndRange(moved).grrPercent).toBeCloseTo(averageAndRange(AIAG_RR).grrPercent, 7)
    }),
    { numRuns: rounds(100) },
  )
})

test('sums of squares add up, and shares of the variance to 100 %', () => {
  const study = fc
    .integer({ min: 2, max: 5 })
    .chain((parts) =>
      fc
        .tuple(fc.constant(parts), fc.integer({ min: 2, max: 3 }), fc.integer({ min: 2, max: 3 }))
        .chain(([p, a, t]) =>
          fc
            .array(fc.integer({ min: -100, max: 100 }), { minLength: p * a * t, maxLength: p * a * t })
            .map((values): GageReading[] =>
              values.map((value, i) => ({ part: String(i % p), appraiser: String(Math.floor(i / p) % a), trial: String(Math.floor(i / (p * a))), value })),
            ),
        ),
    )
  fc.assert(
    fc.property(study, (readings) => {
      fc.pre(new Set(readings.map(({ value }) => value)).size > 1)
      const { table, lines, setToZero, grrPercent } = anovaStudy(readings)
      const ss = (source: string) => table.find((row) => row.source === source)!.ss
      expect(ss('part') + ss('appraiser') + ss('interaction') + ss('equipment')).toBeCloseTo(ss('total'), 6)
      if (variance(lines, 'total') > 0) {
        const share = (source: string) => lines.find((line) => line.source === source)!.contributionPercent
        expect(share('gage-rr') + share('part')).toBeCloseTo(100, 8)
      }
      for (const { variance: one } of lines) expect(one).toBeGreaterThanOrEqual(0)
      for (const source of setToZero) expect(variance(lines, source)).toBe(0)
      expect(grrPercent).toBeLessThanOrEqual(100 + 1e-9)
    }),
    { numRuns: rounds(200) },
  )
})

test('with a tolerance, what the gauge takes of it; and a judgement', () => {
  const { lines, verdict, ndc } = averageAndRange(AIAG_RR, { toleranceWidth: 10 })
  const grr = lines.find(({ source }) => source === 'gage-rr')!
  expect(grr.tolerancePercent).toBeCloseTo(60 * grr.standardDeviation, 9)
  expect({ verdict, ndc }).toEqual({ verdict: 'conditional', ndc: 5 })
  expect(averageAndRange(AIAG_RR).lines[0]!.tolerancePercent).toBeNull()
})

test('appraisers that agree better than their own scatter: nothing below 0, and it is told', () => {
  const values = [1, 2, 2, 1, 5, 6, 6, 5]
  const readings = values.map(
    (value, i): GageReading => ({ part: i < 4 ? 'p' : 'q', appraiser: i % 2 ? 'A' : 'B', trial: String(Math.floor(i / 2) % 2), value }),
  )
  const ranges = averageAndRange(readings)
  expect(ranges.setToZero).toEqual(['reproducibility'])
  expect(variance(ranges.lines, 'reproducibility')).toBe(0)
})

test('bias of a master, by its own scatter', () => {
  const { lines, overall, linearity } = biasStudy(AIAG_BIAS, { processVariation: 2.5 })
  // mean 6.0067 of 15 readings
  expect(lines[0]).toMatchObject({ part: 'master', reference: 6, count: 15, isAcceptable: true })
  expect(lines[0]!.bias).toBeCloseTo(0.0066667, 7)
  expect(lines[0]!.t).toBeCloseTo(lines[0]!.bias / (lines[0]!.standardDeviation / Math.sqrt(15)), 12)
  expect(overall.percentOfProcess).toBeCloseTo(100 * (0.0066667 / 2.5), 4)
  expect(linearity).toBeNull()
  expect(biasStudy(AIAG_LINEARITY).linearity).toMatchObject({ isAcceptable: false, df: 58 })
})

describe('refused with the place', () => {
  const [first] = AIAG_RR
  test.each([
    ['the same cell twice', () => anovaStudy([...AIAG_RR, first!]), 'study-duplicate', { row: 90, otherRow: 0, part: '1', appraiser: 'A', trial: '1' }],
    ['a cell that is missing', () => anovaStudy(AIAG_RR.slice(1)), 'study-incomplete', { part: '1', appraiser: 'A', trial: '1' }],
    ['one appraiser', () => averageAndRange(AIAG_RR.filter(({ appraiser }) => appraiser === 'A')), 'too-few', {}],
    [
      'no number',
      () => averageAndRange(AIAG_RR.map((reading, i) => (i === 4 ? { ...reading, value: Number.NaN } : reading))),
      'not-a-number',
      { row: 4, part: '5', appraiser: 'A', trial: '1' },
    ],
    ['no variation', () => averageAndRange(AIAG_RR.map((reading) => ({ ...reading, value: 1 }))), 'no-variation', {}],
    ['a tolerance of 0', () => anovaStudy(AIAG_RR, { toleranceWidth: 0 }), 'option-invalid', {}],
    [
      'two reference values of a part',
      () => biasStudy([...AIAG_BIAS, { part: 'master', reference: 7, value: 7 }]),
      'reference-differs',
      { row: 15, otherRow: 0, part: 'master' },
    ],
    ['one reading of a part', () => biasStudy([{ part: 'x', reference: 1, value: 1 }]), 'too-few', { part: 'x' }],
    ['no readings', () => biasStudy([]), 'too-few', {}],
  ])('%s', (_, ask, code, place) => {
    expect(ask).toThrow(expect.objectContaining({ name: 'StatisticsError', code, place }))
  })
})
