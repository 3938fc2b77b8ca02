import { describe, expect, test } from 'vitest'
import fc from '../../../../test/property.ts'
import { rounds } from '../../../../test/rounds.ts'
import { StatisticsError } from '../describe/statistics-error.ts'
import { CODE_LETTERS } from './contract.ts'
import {
  AQLS,
  acceptanceProbability,
  afterLot,
  firstSwitchingState,
  INSPECTION_LEVELS,
  operatingCurve,
  qualityAt,
  resumeSwitching,
  SEVERITIES,
  type Severity,
  type SwitchingOptions,
  type SwitchReason,
  samplingPlan,
  usualQualities,
} from './index.ts'
import { letterFor, planAt } from './tables.ts'

const cell = (severity: Severity, letter: (typeof CODE_LETTERS)[number], aql: (typeof AQLS)[number]) => {
  const plan = planAt(severity, letter, aql)
  return `${plan.sample} ${plan.accept}/${plan.reject}`
}

describe('the tables of ANSI/ASQ Z1.4', () => {
  test('code letters by size of lot and level', () => {
    expect(letterFor(2, 'II')).toBe('A')
    expect(letterFor(8, 'III')).toBe('B')
    expect(letterFor(1200, 'II')).toBe('J')
    expect(letterFor(1201, 'II')).toBe('K')
    expect(letterFor(3200, 'II')).toBe('K')
    expect(letterFor(500_000, 'III')).toBe('Q')
    expect(letterFor(500_001, 'III')).toBe('R')
    expect(letterFor(500_001, 'S-1')).toBe('D')
    expect(letterFor(280, 'S-4')).toBe('E')
  })

  test('published plans (R AQLSchemes 1.7-2)', () => {
    const of = (lot: number, aql: number, severity: Severity) => {
      const { codeLetter, sample, accept, reject } = samplingPlan({ lot, aql, severity })
      return `${codeLetter} ${sample} ${accept}/${reject}`
    }
    expect(of(2000, 1, 'normal')).toBe('K 125 3/4')
    expect(of(2000, 1, 'tightened')).toBe('K 125 2/3')
    expect(of(2000, 1, 'reduced')).toBe('K 50 1/4')
    expect(of(400, 2.5, 'normal')).toBe('H 50 3/4')
  })

  test('each row is the one above it, moved one column to the left', () => {
    for (const severity of SEVERITIES)
      for (const [row, letter] of CODE_LETTERS.slice(0, -1).entries()) {
        const above = CODE_LETTERS[row - 1]
        // the first rows of reduced inspection have samples of 2 all
        if (!above || (severity === 'reduced' && row < 3)) continue
        for (const [i, aql] of AQLS.slice(0, -1).entries()) {
          const here = planAt(severity, letter, aql)
          const there = planAt(severity, above, AQLS[i + 1] as (typeof AQLS)[number])
          if (here.letter === letter && there.letter === above) expect([here.accept, here.reject]).toEqual([there.accept, there.reject])
        }
      }
  })

  const own = (severity: Severity, letter: (typeof CODE_LETTERS)[number]) =>
    AQLS.filter((aql) => planAt(severity, letter, aql).letter === letter).map((aql) => planAt(severity, letter, aql).accept)

  test('the acceptance numbers of each row of normal inspection, as MIL-STD-105E prints them', () => {
    expect(own('normal', 'A')).toEqual([0, 1, 2, 3, 5, 7, 10, 14, 21, 30])
    expect(own('normal', 'B')).toEqual([0, 1, 2, 3, 5, 7, 10, 14, 21, 30, 44])
    expect(own('normal', 'E')).toEqual([0, 1, 2, 3, 5, 7, 10, 14, 21, 30, 44])
    expect(own('normal', 'F')).toEqual([0, 1, 2, 3, 5, 7, 10, 14, 21])
    expect(own('normal', 'Q')).toEqual([0, 1, 2, 3, 5, 7, 10, 14, 21])
    expect(own('normal', 'R')).toEqual([1, 2, 3, 5, 7, 10, 14, 21])
  })

  test('and of tightened inspection', () => {
    expect(own('tightened', 'A')).toEqual([1, 2, 3, 5, 8, 12, 18, 27])
    expect(own('tightened', 'K')).toEqual([0, 1, 2, 3, 5, 8, 12, 18])
    expect(own('tightened', 'R')).toEqual([0, 1, 2, 3, 5, 8, 12, 18])
  })

  test('arrows lead to the next plan, with its sample; where the table ends, the other way', () => {
    expect(cell('normal', 'K', 0.04)).toBe('315 0/1')
    expect(cell('normal', 'K', 0.1)).toBe('125 0/1')
    expect(cell('normal', 'K', 0.15)).toBe('80 0/1')
    expect(cell('normal', 'K', 0.25)).toBe('200 1/2')
    expect(cell('normal', 'K', 1000)).toBe('3 44/45')
    expect(cell('normal', 'A', 10)).toBe('5 1/2')
    expect(cell('normal', 'R', 0.015)).toBe('800 0/1')
    expect(cell('tightened', 'A', 6.5)).toBe('3 0/1')
    expect(cell('tightened', 'A', 10)).toBe('8 1/2')
    expect(cell('tightened', 'R', 0.025)).toBe('3150 1/2')
    expect(cell('tightened', 'R', 0.015)).toBe('1250 0/1')
    expect(cell('reduced', 'A', 10)).toBe('2 0/2')
    expect(cell('reduced', 'B', 6.5)).toBe('2 0/1')
    expect(cell('reduced', 'K', 0.15)).toBe('32 0/1')
  })

  test('a sample as large as the lot is the whole lot', () => {
    expect(samplingPlan({ lot: 6, aql: 1 })).toMatchObject({ planLetter: 'E', sample: 6, isWholeLot: true, accept: 0, reject: 1 })
    expect(samplingPlan({ lot: 90, aql: 1 })).toMatchObject({ sample: 13, isWholeLot: false })
  })

  test('every cell has a plan: more severe never accepts more, and a lot at its AQL is accepted as a rule', () => {
    for (const letter of CODE_LETTERS.slice(0, -1))
      for (const aql of AQLS) {
        const normal = planAt('normal', letter, aql)
        const tightened = planAt('tightened', letter, aql)
        const reduced = planAt('reduced', letter, aql)
        for (const plan of [normal, tightened, reduced]) expect(plan.reject).toBeGreaterThan(plan.accept)
        const at = (plan: typeof normal) => acceptanceProbability(plan, aql / 100, 'poisson')
        // the ends of the table have plans of other rows
        if (normal.letter === letter) expect(at(normal)).toBeGreaterThan(0.86)
        if (normal.letter === letter && tightened.letter === letter) expect(at(tightened)).toBeLessThanOrEqual(at(normal))
        if (reduced.letter === letter) expect(reduced.sample).toBeLessThanOrEqual(normal.sample)
      }
  })

  test('a question that the tables do not answer is refused with what they have', () => {
    const code = (ask: () => unknown) => {
      try {
        ask()
      } catch (error) {
        return error instanceof StatisticsError && error.code
      }
      return 'answered'
    }
    expect(code(() => samplingPlan({ lot: 1, aql: 1 }))).toBe('option-invalid')
    expect(code(() => samplingPlan({ lot: 10.5, aql: 1 }))).toBe('option-invalid')
    expect(code(() => samplingPlan({ lot: Number.NaN, aql: 1 }))).toBe('not-a-number')
    expect(code(() => samplingPlan({ lot: Number.POSITIVE_INFINITY, aql: 1 }))).toBe('not-finite')
    expect(() => samplingPlan({ lot: 100, aql: 1.2 })).toThrow(/no AQL of 1.2.*1, 1.5/)
    expect(code(() => samplingPlan({ lot: 100, aql: 1, level: 'IV' as never }))).toBe('option-invalid')
    expect(INSPECTION_LEVELS).toHaveLength(7)
  })
})

describe('the tables of ISO 2859-1', () => {
  // ISO 2859-1:1999 table 2-C (as GB/T 2828.1-2012 prints it), its arrows followed: letter of the plan and acceptance number, by AQL
  const REDUCED: Record<string, string> = {
    A: 'Q0 P0 N0 M0 L0 K0 J0 H0 G0 F0 E0 D0 C0 B0 A0 D1 C1 A1 A2 A3 A5 A7 A10 A14 A21 A30',
    B: 'Q0 P0 N0 M0 L0 K0 J0 H0 G0 F0 E0 D0 C0 B0 A0 D1 C1 B1 B2 B3 B5 B7 B10 B14 B21 B30',
    C: 'Q0 P0 N0 M0 L0 K0 J0 H0 G0 F0 E0 D0 C0 B0 E1 D1 C1 C2 C3 C5 C6 C8 C10 C14 C21 B30',
    D: 'Q0 P0 N0 M0 L0 K0 J0 H0 G0 F0 E0 D0 C0 F1 E1 D1 D2 D3 D5 D6 D8 D10 D14 D21 C21 B30',
    E: 'Q0 P0 N0 M0 L0 K0 J0 H0 G0 F0 E0 D0 G1 F1 E1 E2 E3 E5 E6 E8 E10 E14 E21 D21 C21 B30',
    F: 'Q0 P0 N0 M0 L0 K0 J0 H0 G0 F0 E0 H1 G1 F1 F2 F3 F5 F6 F8 F10 E10 E14 E21 D21 C21 B30',
    H: 'Q0 P0 N0 M0 L0 K0 J0 H0 G0 K1 J1 H1 H2 H3 H5 H6 H8 H10 G10 F10 E10 E14 E21 D21 C21 B30',
    K: 'Q0 P0 N0 M0 L0 K0 J0 M1 L1 K1 K2 K3 K5 K6 K8 K10 J10 H10 G10 F10 E10 E14 E21 D21 C21 B30',
    N: 'Q0 P0 N0 M0 Q1 P1 N1 N2 N3 N5 N6 N8 N10 M10 L10 K10 J10 H10 G10 F10 E10 E14 E21 D21 C21 B30',
    P: 'Q0 P0 N0 R1 Q1 P1 P2 P3 P5 P6 P8 P10 N10 M10 L10 K10 J10 H10 G10 F10 E10 E14 E21 D21 C21 B30',
    Q: 'Q0 P0 N0 R1 Q1 Q2 Q3 Q5 Q6 Q8 Q10 P10 N10 M10 L10 K10 J10 H10 G10 F10 E10 E14 E21 D21 C21 B30',
    R: 'Q0 P0 N0 R1 R2 R3 R5 R6 R8 R10 Q10 P10 N10 M10 L10 K10 J10 H10 G10 F10 E10 E14 E21 D21 C21 B30',
  }
  const isoCell = (severity: Severity, letter: string, aql: (typeof AQLS)[number]) => planAt(severity, letter as 'A', aql, 'iso-2859-1')

  test('reduced inspection, cell by cell, without a gap between acceptance and rejection', () => {
    for (const [letter, row] of Object.entries(REDUCED)) {
      const plans = AQLS.map((aql) => isoCell('reduced', letter, aql))
      expect(plans.map((plan) => `${plan.letter}${plan.accept}`).join(' ')).toBe(row)
      for (const { accept, reject } of plans) expect(reject).toBe(accept + 1)
    }
    expect(isoCell('reduced', 'K', 1)).toEqual({ letter: 'K', sample: 50, accept: 2, reject: 3 })
  })

  test('normal and tightened are those of Z1.4, but for letter A at an AQL of 10', () => {
    for (const severity of ['normal', 'tightened'] as const)
      for (const letter of CODE_LETTERS)
        for (const aql of AQLS) {
          if (severity === 'normal' && letter === 'S') continue
          const isOther = severity === 'tightened' && letter === 'A' && aql === 10
          if (isOther) expect(isoCell(severity, letter, aql)).toEqual({ letter: 'A', sample: 2, accept: 0, reject: 1 })
          else expect(isoCell(severity, letter, aql)).toEqual(planAt(severity, letter, aql))
        }
  })

  test('more severe never accepts more', () => {
    for (const letter of CODE_LETTERS.slice(0, -1))
      for (const aql of AQLS) {
        const [normal, reduced] = [isoCell('normal', letter, aql), isoCell('reduced', letter, aql)]
        if (reduced.letter === letter) expect(reduced.sample).toBeLessThanOrEqual(normal.sample)
        if (reduced.letter === letter && normal.letter === letter) expect(reduced.accept).toBeLessThanOrEqual(normal.accept)
      }
  })
})

describe('switching rules', () => {
  const plans = {
    normal: { severity: 'normal', accept: 3, reject: 4 },
    tightened: { severity: 'tightened', accept: 2, reject: 3 },
    reduced: { severity: 'reduced', accept: 1, reject: 4 },
  } as const
  /** A letter a lot: a accepted, r rejected, g between both numbers, t accepted at the tighter AQL too. @returns severity behind each lot, and each reason */
  function play(
    lots: string,
    options: SwitchingOptions = {},
    from = firstSwitchingState(),
  ): { severities: string; reasons: SwitchReason[]; state: typeof from } {
    let state = from
    let severities = ''
    const reasons: SwitchReason[] = []
    for (const lot of lots) {
      const plan = plans[state.severity]
      const nonconforming = lot === 'r' ? plan.reject : lot === 'g' ? plan.accept + 1 : 0
      const step = afterLot(state, { plan, nonconforming, passesTighter: lot === 't' }, options)
      state = step.state
      severities += state.severity.charAt(0)
      if (step.reason) reasons.push(step.reason)
    }
    return { severities, reasons, state }
  }

  test('two rejected of five lots or fewer: tightened; five accepted in a row: normal', () => {
    expect(play('aaraaraaaaaa')).toMatchObject({ severities: 'nnnnntttttnn', reasons: ['two-of-five-rejected', 'five-accepted'] })
    expect(play('rr').severities).toBe('nt')
    // the second one is the sixth lot behind the first
    expect(play('raaaar').severities).toBe('nnnnnn')
    // one rejected in between begins the five anew
    expect(play('rraaaaraaaaa').severities).toBe('nttttttttttn')
  })

  test('a lot that was rejected before a change does not count behind it', () => {
    expect(play('rraaaaar').severities).toBe('ntttttnn')
  })

  test('ten accepted in a row earn reduced inspection, where production is steady and it was agreed', () => {
    expect(play('aaaaaaaaaa', { allowsReduced: true })).toMatchObject({ severities: 'nnnnnnnnnr', reasons: ['ten-accepted'] })
    expect(play('aaaaaaaaaaaa').severities).toBe('nnnnnnnnnnnn')
    expect(play('raaaaaaaaaa', { allowsReduced: true }).severities).toBe('nnnnnnnnnnr')
  })

  test('reduced inspection ends with a lot rejected, or between both numbers, which is accepted', () => {
    const reduced = play('aaaaaaaaaa', { allowsReduced: true }).state
    expect(play('aar', { allowsReduced: true }, reduced)).toMatchObject({ severities: 'rrn', reasons: ['rejected-on-reduced'] })
    expect(play('ag', { allowsReduced: true }, reduced)).toMatchObject({ severities: 'rn', reasons: ['between-accept-and-reject'] })
    expect(afterLot(reduced, { plan: plans.reduced, nonconforming: 2 })).toMatchObject({ isAccepted: true, state: { severity: 'normal' } })
  })

  test('ISO 2859-1: a score of 30, of lots that pass one AQL tighter', () => {
    const iso = { edition: 'iso-2859-1', allowsReduced: true } as const
    expect(play('t'.repeat(10), iso)).toMatchObject({ severities: 'nnnnnnnnnr', reasons: ['score-reached'] })
    expect(play('ttttatttttttttt', iso).severities).toBe(`${'n'.repeat(14)}r`)
    const few = { severity: 'normal', accept: 1, reject: 2 } as const
    let state = firstSwitchingState()
    for (let i = 0; i < 15; i += 1) state = afterLot(state, { plan: few, nonconforming: 1 }, iso).state
    expect(state.severity).toBe('reduced')
  })

  test('five rejected on tightened inspection discontinue it; what begins again begins tightened', () => {
    const { state, reasons } = play('rrrarararar')
    expect(reasons).toEqual(['two-of-five-rejected', 'rejected-too-often-on-tightened'])
    expect(state).toMatchObject({ severity: 'tightened', isDiscontinued: true })
    expect(() => play('a', {}, state)).toThrow(/discontinued/)
    expect(play('aaaaa', {}, resumeSwitching()).severities).toBe('ttttn')
  })

  test('a plan of another severity, or half a part, is refused', () => {
    expect(() => afterLot(firstSwitchingState(), { plan: plans.reduced, nonconforming: 0 })).toThrow(/reduced plan.*normal inspection/)
    expect(() => afterLot(firstSwitchingState(), { plan: plans.normal, nonconforming: 0.5 })).toThrow(/whole number/)
    expect(() => afterLot(firstSwitchingState(), { plan: plans.normal, nonconforming: -1 })).toThrow(/whole number/)
  })

  test('whatever the lots are, the state is the same after it was kept as JSON, and no severity comes without a reason', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('a', 'a', 'a', 't', 't', 'r', 'g'), { maxLength: 80 }), fc.boolean(), (lots, isIso) => {
        const options: SwitchingOptions = { allowsReduced: true, edition: isIso ? 'iso-2859-1' : 'ansi-z1.4' }
        let state = firstSwitchingState()
        for (const lot of lots) {
          if (state.isDiscontinued) break
          const plan = plans[state.severity]
          const finding = {
            plan,
            nonconforming: lot === 'r' ? plan.reject : lot === 'g' ? Math.min(plan.accept + 1, plan.reject - 1) : 0,
            passesTighter: lot === 't',
          }
          const step = afterLot(state, finding, options)
          expect(afterLot(JSON.parse(JSON.stringify(state)), finding, options)).toEqual(step)
          if (step.state.severity !== state.severity) expect(step.reason).toBeDefined()
          expect(SEVERITIES).toContain(step.state.severity)
          state = step.state
        }
      }),
      { numRuns: rounds(300) },
    )
  })
})

describe('operating characteristic', () => {
  test('published chances of acceptance', () => {
    expect(acceptanceProbability({ sample: 125, accept: 3 }, 0.01)).toBeCloseTo(0.96255094, 8)
    expect(acceptanceProbability({ sample: 125, accept: 3 }, 0.01, 'poisson')).toBeCloseTo(0.96173095, 8)
    expect(acceptanceProbability({ sample: 50, accept: 3 }, 0.025)).toBeCloseTo(0.96379568, 8)
    expect(acceptanceProbability({ sample: 13, accept: 0 }, 0.01)).toBeCloseTo(0.87752102, 8)
  })

  test('of a small lot, counted out', () => {
    // 2 bad of 10, 3 drawn: none is bad in 56 of 120, one in 56
    expect(acceptanceProbability({ sample: 3, accept: 0, lot: 10 }, 0.2, 'hypergeometric')).toBeCloseTo(56 / 120, 12)
    expect(acceptanceProbability({ sample: 3, accept: 1, lot: 10 }, 0.2, 'hypergeometric')).toBeCloseTo(112 / 120, 12)
    expect(acceptanceProbability({ sample: 10, accept: 0, lot: 10 }, 0.1, 'hypergeometric')).toBe(0)
  })

  test('the quality of a chance, and back', () => {
    const plan = { sample: 125, accept: 3 }
    for (const chance of [0.95, 0.5, 0.1]) expect(acceptanceProbability(plan, qualityAt(chance, plan))).toBeCloseTo(chance, 10)
    expect(qualityAt(0.1, { sample: 2, accept: 30 }, 'poisson')).toBeGreaterThan(1)
  })

  test('the curve falls; what goes out is worst somewhere in the middle; a bad lot is looked through', () => {
    const plan = { sample: 50, accept: 3, lot: 500 }
    const curve = operatingCurve(plan, usualQualities(plan))
    expect(curve[0]).toMatchObject({ quality: 0, acceptance: 1, outgoing: 0, inspected: 50 })
    for (const [i, point] of curve.entries()) if (i) expect(point.acceptance).toBeLessThanOrEqual(curve[i - 1]!.acceptance)
    const worst = Math.max(...curve.map(({ outgoing }) => outgoing))
    expect(worst).toBeGreaterThan(curve.at(-1)!.outgoing)
    expect(curve.at(-1)!.inspected).toBeGreaterThan(490)
  })

  test('a larger sample with the same numbers accepts less; a larger acceptance number more', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 300 }),
        fc.integer({ min: 0, max: 10 }),
        fc.double({ min: 0.001, max: 0.5, noNaN: true }),
        (sample, accept, quality) => {
          const at = (n: number, c: number) => acceptanceProbability({ sample: n, accept: c }, quality)
          expect(at(sample + 1, accept)).toBeLessThanOrEqual(at(sample, accept) + 1e-12)
          expect(at(sample, accept + 1)).toBeGreaterThanOrEqual(at(sample, accept) - 1e-12)
        },
      ),
      { numRuns: rounds(300) },
    )
  })

  test('what is no share, or no lot, is refused', () => {
    expect(() => acceptanceProbability({ sample: 5, accept: 0 }, 1.5)).toThrow(/share/)
    expect(() => acceptanceProbability({ sample: 5, accept: 0 }, Number.NaN)).toThrow(/share/)
    expect(() => acceptanceProbability({ sample: 5, accept: 0 }, 0.1, 'hypergeometric')).toThrow(/size of the lot/)
    expect(() => acceptanceProbability({ sample: 5, accept: 0, lot: 3 }, 0.1)).toThrow(/lot has 3/)
    expect(() => qualityAt(0, { sample: 5, accept: 0 })).toThrow(/between 0 and 1/)
  })
})
