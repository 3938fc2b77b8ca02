import { describe, expect, it } from 'vitest'
import fc from '../../../../test/property.ts'
import { type CorrectionPlan, correctionOf, type DriftPoint, RESOLUTION_MM } from './index.ts'

const plan: CorrectionPlan = {
  last: 10,
  least: 5,
  estimator: 'mean',
  confidence: 0.95,
  gain: 1,
  share: 1,
  deadBandMm: 0.002,
  largestStepMm: 0.05,
  largestSumMm: 0.2,
  beyondStep: 'stop',
}
const at = (...deviations: number[]): DriftPoint[] => deviations.map((deviationMm) => ({ deviationMm, movedSinceMm: 0 }))

describe('figures', () => {
  it("the interval of a mean is Student's", () => {
    // mean 0.012, s 0.0015811, t(0.975, 4) 2.776445: half a width of 0.0019632
    const verdict = correctionOf(at(0.01, 0.011, 0.012, 0.013, 0.014), 0, plan)
    expect(verdict).toMatchObject({ kind: 'propose', byMm: -0.012, sumMm: -0.012, isLimited: false })
    if (verdict.kind !== 'propose') throw new Error('nothing proposed')
    expect(verdict.drift.lowerMm).toBeCloseTo(0.0100368, 6)
    expect(verdict.drift.upperMm).toBeCloseTo(0.0139632, 6)
  })

  it('the interval of a median lies between the second and the second last of 10, and 5 values have none of 95 %', () => {
    const robust: CorrectionPlan = { ...plan, estimator: 'median' }
    // 2 * P(at most 1 of 10 on one side) is 0.0215, with 2 of 10 it is 0.109
    expect(correctionOf(at(0.01, 0.011, 0.012, 0.013, 0.014, 0.015, 0.016, 0.017, 0.018, 0.9), 0, robust)).toMatchObject({
      byMm: -0.014,
      drift: { valueMm: expect.closeTo(0.0145, 9), lowerMm: 0.011, upperMm: 0.018 },
    })
    expect(correctionOf(at(0.01, 0.01, 0.01, 0.01, 0.01), 0, robust)).toEqual({ kind: 'nothing', why: 'too-few', points: 5 })
    expect(correctionOf(at(0.01, 0.01, 0.01, 0.01, 0.01, 0.01), 0, robust)).toMatchObject({ kind: 'propose', byMm: -0.01 })
  })

  it.each([
    ['too-few', at(0.01, 0.01, 0.01, 0.01)],
    ['noise', at(0.01, -0.01, 0.012, -0.009, 0.001)],
    ['dead-band', at(0.002, 0.002, 0.002, 0.002, 0.002)],
  ])('nothing to do: %s', (why, points) => {
    expect(correctionOf(points, 0, plan)).toMatchObject({ kind: 'nothing', why })
  })

  it('what is finer than an offset can be set is nothing to do', () => {
    const points = at(0.0015, 0.0016, 0.0015, 0.0016, 0.0015)
    expect(correctionOf(points, 0, { ...plan, deadBandMm: 0, gain: 0.5 })).toMatchObject({ kind: 'nothing', why: 'too-small' })
  })

  it('beyond the largest step nothing is proposed, or the largest step', () => {
    const points = at(0.08, 0.081, 0.079, 0.08, 0.08)
    expect(correctionOf(points, 0, plan)).toMatchObject({ kind: 'beyond', why: 'step', wantedMm: -0.08 })
    expect(correctionOf(points, 0, { ...plan, beyondStep: 'limit' })).toMatchObject({ kind: 'propose', byMm: -0.05, isLimited: true })
  })

  it('beyond the largest sum nothing is proposed, but the way back is', () => {
    const worn = at(0.02, 0.021, 0.019, 0.02, 0.02)
    expect(correctionOf(worn, -0.19, plan)).toMatchObject({ kind: 'beyond', why: 'sum', wantedMm: -0.02 })
    expect(correctionOf(worn, 0.21, plan)).toMatchObject({ kind: 'propose', byMm: -0.02, sumMm: 0.19 })
  })

  it('half of a diameter, and against the axis', () => {
    const points = at(0.02, 0.021, 0.019, 0.02, 0.02)
    expect(correctionOf(points, 0, { ...plan, gain: 0.5 })).toMatchObject({ byMm: -0.01 })
    expect(correctionOf(points, 0, { ...plan, gain: -0.5 })).toMatchObject({ byMm: 0.01 })
  })
})

const mm = fc.integer({ min: -200_000, max: 200_000 }).map((um) => um / 1e6)
const deviations = fc.array(mm, { minLength: 0, maxLength: 30 })
const plans: fc.Arbitrary<CorrectionPlan> = fc.record({
  last: fc.integer({ min: 5, max: 25 }),
  least: fc.integer({ min: 2, max: 5 }),
  estimator: fc.constantFrom('mean' as const, 'median' as const),
  confidence: fc.constantFrom(0.9, 0.95, 0.99),
  gain: fc.constantFrom(-2, -1, -0.5, 0.5, 1, 2),
  share: fc.constantFrom(0.3, 0.5, 1),
  deadBandMm: fc.constantFrom(0, 0.002, 0.01),
  largestStepMm: fc.constantFrom(0.0005, 0.01, 0.0155, 0.05),
  largestSumMm: fc.constantFrom(0.01, 0.1, 0.2),
  beyondStep: fc.constantFrom('stop' as const, 'limit' as const),
})

describe('rules', () => {
  it('never beyond its limits, never within the dead band, in whole thousandths, and against the drift', () => {
    fc.assert(
      fc.property(deviations, mm, plans, (values, moved, its) => {
        const verdict = correctionOf(at(...values), moved, its)
        if (verdict.kind !== 'propose') return
        const { byMm, sumMm, drift } = verdict
        expect(Math.abs(byMm)).toBeLessThanOrEqual(its.largestStepMm + 1e-9)
        expect(Math.abs(sumMm)).toBeLessThanOrEqual(Math.max(its.largestSumMm, Math.abs(moved)) + 1e-6)
        expect(Math.abs(drift.valueMm)).toBeGreaterThan(its.deadBandMm)
        expect(byMm / RESOLUTION_MM).toBeCloseTo(Math.round(byMm / RESOLUTION_MM), 6)
        expect(Math.sign(byMm)).toBe(-Math.sign(drift.valueMm) * Math.sign(its.gain))
        // never further than the drift
        expect(Math.abs(byMm)).toBeLessThanOrEqual(Math.abs(drift.valueMm * its.gain) + 1e-8)
        expect(drift.lowerMm > 0 || drift.upperMm < 0).toBe(true)
      }),
    )
  })

  it('a drift that was corrected since is none: values before with what was moved are as values after', () => {
    fc.assert(
      fc.property(deviations, fc.integer({ min: -100, max: 100 }), plans, (values, um, its) => {
        const moved = um / 1000
        const before = correctionOf(
          values.map((value) => ({ deviationMm: value - moved / its.gain, movedSinceMm: moved })),
          0,
          { ...its, deadBandMm: 0, largestStepMm: 10, largestSumMm: 10, share: 1 },
        )
        const after = correctionOf(at(...values), 0, { ...its, deadBandMm: 0, largestStepMm: 10, largestSumMm: 10, share: 1 })
        const found = (verdict: typeof after) => ('drift' in verdict ? verdict.drift.valueMm : undefined)
        if (found(after) === undefined) expect(found(before)).toBeUndefined()
        else expect(found(before)).toBeCloseTo(found(after) ?? 0, 9)
      }),
    )
  })

  it('values turned around nominal are corrected the other way', () => {
    fc.assert(
      fc.property(deviations, plans, (values, its) => {
        const [one, other] = [correctionOf(at(...values), 0, its), correctionOf(at(...values.map((value) => -value)), 0, its)]
        expect(other.kind).toBe(one.kind)
        if (one.kind === 'propose' && other.kind === 'propose') expect(other.byMm).toBeCloseTo(-one.byMm, 9)
      }),
    )
  })

  it.each(['mean', 'median'] as const)('by the %s it comes home from a step without going past it, and then stays', (estimator) => {
    fc.assert(
      fc.property(fc.integer({ min: -150, max: 150 }), fc.constantFrom(-1, -0.5, 0.5, 1), fc.constantFrom(0.5, 1), (um, gain, share) => {
        const drift = um / 1000
        const its: CorrectionPlan = { ...plan, gain, share, estimator, deadBandMm: 0.002, largestSumMm: 1, beyondStep: 'limit' }
        // what was measured, with the offset as it was then
        const made: { deviationMm: number; offset: number }[] = []
        let offset = 0
        let proposals = 0
        for (let part = 0; part < 80; part += 1) {
          const deviationMm = drift + offset / gain
          // not past nominal
          expect(deviationMm * Math.sign(drift)).toBeGreaterThan(-1e-9)
          made.push({ deviationMm, offset })
          const verdict = correctionOf(
            made.map((one) => ({ deviationMm: one.deviationMm, movedSinceMm: offset - one.offset })),
            offset,
            its,
          )
          if (verdict.kind !== 'propose') continue
          offset += verdict.byMm
          proposals += 1
        }
        expect(Math.abs(drift + offset / gain)).toBeLessThanOrEqual(0.004 + 1e-9)
        // once it is home it is left alone
        if (share === 1) expect(proposals).toBeLessThanOrEqual(Math.ceil(Math.abs(drift * gain) / its.largestStepMm) + 1)
      }),
    )
  })

  it('a tool that wears steadily is followed, and never past nominal', () => {
    const its: CorrectionPlan = { ...plan, last: 5, largestSumMm: 10 }
    const made: { deviationMm: number; offset: number }[] = []
    let offset = 0
    for (let part = 0; part < 500; part += 1) {
      const deviationMm = part * 0.0005 + offset
      expect(deviationMm).toBeGreaterThan(-1e-9)
      expect(deviationMm).toBeLessThan(0.006)
      made.push({ deviationMm, offset })
      const now = offset
      const verdict = correctionOf(
        made.map((one) => ({ deviationMm: one.deviationMm, movedSinceMm: now - one.offset })),
        now,
        its,
      )
      if (verdict.kind === 'propose') offset += verdict.byMm
    }
    expect(offset).toBeLessThan(-0.2)
  })
})
