/** What holds for every chart: streamed as whole, phases joined as apart, shifted and scaled, in another order. */
import { describe, expect, test } from 'vitest'
import fc from '../../../../test/property.ts'
import { rounds } from '../../../../test/rounds.ts'
import { withinSigma } from '../capability/within.ts'
import { NELSON_RULES, WESTERN_ELECTRIC_RULES } from '../rules/index.ts'
import {
  asGiven,
  CHART_KINDS,
  type ChartKind,
  type ChartOptions,
  type ChartResult,
  chartStream,
  controlChart,
  type StreamState,
  type Subgroup,
} from './index.ts'

const RULES = { on: [...NELSON_RULES, ...WESTERN_ELECTRIC_RULES] }
const ATTRIBUTES: readonly ChartKind[] = ['p', 'np', 'c', 'u']
const VARIABLES: readonly ChartKind[] = ['xbar-r', 'xbar-s', 'i-mr', 'ewma', 'cusum']
const isAttributes = (kind: ChartKind) => ATTRIBUTES.includes(kind)

const rarely = fc.integer({ min: 0, max: 9 }).map((n) => n === 0)
/** Quarters around 20, so that sums, shifts and scales by powers of two are exact. */
const value = fc.integer({ min: 40, max: 120 }).map((quarter) => quarter / 4)

/** Two whole subgroups first: there is always something to estimate from. */
function subgroupsFor(kind: ChartKind): fc.Arbitrary<Subgroup[]> {
  const filled: fc.Arbitrary<Subgroup> = isAttributes(kind)
    ? fc.tuple(fc.integer({ min: 0, max: 30 }), fc.integer({ min: 30, max: 60 })).map(([count, size]) => ({ count, ...(kind === 'c' ? {} : { size }) }))
    : fc.array(value, kind === 'i-mr' ? { minLength: 1, maxLength: 1 } : { minLength: 1, maxLength: 6 }).map((values) => ({ values }))
  const any = fc
    .tuple(filled, rarely, rarely)
    .map(([subgroup, isExcluded, isMissing]): Subgroup => (isMissing ? { missing: true } : isExcluded ? { ...subgroup, excluded: true } : subgroup))
  const first: Subgroup[] = isAttributes(kind)
    ? [
        { count: 3, size: 40 },
        { count: 5, size: 40 },
      ].map(({ count, size }) => ({ count, ...(kind === 'c' ? {} : { size }) }))
    : kind === 'i-mr'
      ? [{ values: [20] }, { values: [21] }]
      : [{ values: [20, 22] }, { values: [21, 18] }]
  return fc.array(any, { maxLength: 40 }).map((rest) => [...first, ...rest])
}

const optionsFor = (kind: ChartKind): fc.Arbitrary<ChartOptions> =>
  fc.record({
    kind: fc.constant(kind),
    rules: fc.constantFrom(RULES, { ...RULES, zones: 'mean-size' as const }, { ...RULES, zoneRulesOn: 'every-chart' as const, restartsAtMissing: false }),
    ewma: fc.constantFrom({}, { lambda: 0.5, limits: 'asymptotic' as const }),
    cusum: fc.constantFrom({}, { headStart: 0.5, k: 0.25, h: 4 }, { units: 'raw' as const, k: 0.5, h: 4 }),
  })

const kindWith = <T>(kinds: readonly ChartKind[], more: (kind: ChartKind) => fc.Arbitrary<T>) =>
  fc.constantFrom(...kinds).chain((kind) => fc.tuple(fc.constant(kind), subgroupsFor(kind), optionsFor(kind), more(kind)))

const numbers = (column: Float64Array | Uint8Array) => Array.from(column, (one) => (Number.isNaN(one) ? null : one))

/** A result as plain values, without the place in the whole. */
function plain(result: ChartResult, shift = 0) {
  return result.charts.map(({ name, points, signals }) => ({
    name,
    value: numbers(points.value),
    center: numbers(points.center),
    lower: numbers(points.lower),
    upper: numbers(points.upper),
    sigma: numbers(points.sigma),
    excluded: numbers(points.excluded),
    signals: signals.map((signal) => ({ ...signal, at: signal.at + shift, from: signal.from + shift })),
  }))
}

test('point by point is the same as the whole, also over phases and from a state that went through JSON', () => {
  fc.assert(
    fc.property(
      kindWith(CHART_KINDS, (kind) => fc.record({ cut: fc.nat(80), second: fc.option(subgroupsFor(kind), { nil: [] as Subgroup[] }) })),
      ([, first, options, { cut, second }]) => {
        const subgroups = [...first.map((subgroup) => ({ ...subgroup, phase: 'A' })), ...second.map((subgroup) => ({ ...subgroup, phase: 'B' }))]
        const whole = controlChart(subgroups, options)
        const known = { ...options, givenByPhase: Object.fromEntries(whole.phases.map((phase) => [phase.phase, asGiven(phase)])) }
        let stream = chartStream(known)
        const verdicts = subgroups.map((subgroup, at) => {
          if (at === cut) stream = chartStream(known, JSON.parse(JSON.stringify(stream.state())) as StreamState)
          return stream.add(subgroup)
        })
        const streamed = whole.charts.map(({ name }, i) => {
          const points = verdicts.map(({ panels }) => panels[i]!)
          return {
            name,
            value: points.map((point) => point.value),
            center: points.map((point) => point.center),
            lower: points.map((point) => point.lower),
            upper: points.map((point) => point.upper),
            sigma: points.map((point) => point.sigma),
            excluded: points.map((point) => Number(point.excluded)),
            signals: points.flatMap((point) => point.signals),
          }
        })
        expect(streamed).toEqual(plain(whole))
        expect(verdicts.map(({ at }) => at)).toEqual(subgroups.map((_, at) => at))
      },
    ),
    { numRuns: rounds(300) },
  )
})

test('phases joined are phases apart', () => {
  fc.assert(
    fc.property(kindWith(CHART_KINDS, subgroupsFor), ([, first, options, second]) => {
      const named = (subgroups: readonly Subgroup[], phase: string) => subgroups.map((subgroup) => ({ ...subgroup, phase }))
      const joined = controlChart([...named(first, 'A'), ...named(second, 'B')], options)
      const apart = [controlChart(first, options), controlChart(second, options)] as const
      const [a, b] = [plain(apart[0]), plain(apart[1], first.length)]
      expect(plain(joined)).toEqual(
        a.map((chart, i) => {
          const next = b[i]!
          return {
            name: chart.name,
            ...Object.fromEntries(
              (['value', 'center', 'lower', 'upper', 'sigma', 'excluded', 'signals'] as const).map((column) => [column, [...chart[column], ...next[column]]]),
            ),
          }
        }),
      )
      joined.charts.forEach((chart, i) => {
        expect(chart.limits).toEqual([
          { ...apart[0].charts[i]!.limits[0], phase: 'A' },
          { ...apart[1].charts[i]!.limits[0], phase: 'B', from: first.length, to: first.length + second.length - 1 },
        ])
      })
    }),
    { numRuns: rounds(300) },
  )
})

const changed = (subgroups: readonly Subgroup[], change: (one: number) => number) =>
  subgroups.map((subgroup) => (subgroup.values ? { ...subgroup, values: subgroup.values.map(change) } : subgroup))

const isScaled = (one: number | null, by: number, other: number | null) => expect(other).toBe(one === null ? null : one * by)

test('another unit changes every figure by the same factor, and no signal', () => {
  fc.assert(
    fc.property(
      kindWith(VARIABLES, () => fc.constantFrom(1 / 1024, 0.5, 2, 64)),
      ([, subgroups, options, factor]) => {
        const { k = 0.5, h = 5, units = 'standard-errors' } = options.cusum ?? {}
        const raw = units === 'raw' ? factor : 1
        const before = plain(controlChart(subgroups, options))
        // powers of two: not even the last digit changes
        const after = plain(
          controlChart(
            changed(subgroups, (one) => one * factor),
            { ...options, cusum: { ...options.cusum, k: k * raw, h: h * raw } },
          ),
        )
        after.forEach((chart, i) => {
          const original = before[i]!
          const by = options.kind === 'cusum' ? raw : factor
          expect(chart.signals).toEqual(original.signals)
          for (const column of ['value', 'center', 'lower', 'upper', 'sigma'] as const)
            chart[column].forEach((figure, at) => {
              isScaled(original[column][at]!, by, figure)
            })
        })
      },
    ),
    { numRuns: rounds(300) },
  )
})

const isClose = (one: number | null, other: number | null, scale: number) => {
  if (one === null || other === null) return expect(one).toBe(other)
  expect(Math.abs(one - other)).toBeLessThanOrEqual(1e-9 * scale)
}

describe('a shift of all values', () => {
  test('moves means and their limits with it and leaves spreads', () => {
    fc.assert(
      fc.property(
        kindWith(VARIABLES, () => fc.integer({ min: -4096, max: 4096 })),
        ([kind, subgroups, options, shift]) => {
          const before = plain(controlChart(subgroups, options))
          const after = plain(
            controlChart(
              changed(subgroups, (one) => one + shift),
              options,
            ),
          )
          after.forEach((chart, i) => {
            const moves = i === 0 && kind !== 'cusum' ? shift : 0
            for (const column of ['value', 'center', 'lower', 'upper'] as const)
              chart[column].forEach((figure, at) => {
                const original = before[i]![column][at]!
                isClose(original === null ? null : original + moves, figure, 4096)
              })
          })
        },
      ),
      { numRuns: rounds(300) },
    )
  })

  test('changes no signal where the limits move with it', () => {
    // sizes and sigmas of powers of two and four: every line is exact, so that a point on a line stays on it
    const samples = fc.array(fc.tuple(value, value, value, value), { minLength: 2, maxLength: 40 })
    fc.assert(
      fc.property(samples, fc.constantFrom<ChartKind>('xbar-r', 'xbar-s', 'cusum'), fc.integer({ min: -512, max: 512 }), (rows, kind, shift) => {
        const signals = (by: number) =>
          controlChart(
            rows.map((values) => ({ values: values.map((one) => one + by) })),
            { kind, rules: RULES, given: { center: 20 + by, sigma: 2 } },
          ).charts.map((chart) => chart.signals)
        expect(signals(shift)).toEqual(signals(0))
      }),
      { numRuns: rounds(300) },
    )
  })
})

test('limits do not depend on the order of subgroups, nor on that within one', () => {
  fc.assert(
    fc.property(
      kindWith(['xbar-r', 'xbar-s', 'p', 'np', 'c', 'u'], () => fc.infiniteStream(fc.nat())),
      ([, subgroups, options, draws]) => {
        const key = new Map(subgroups.map((subgroup) => [subgroup, draws.next().value as number]))
        const turned = [...subgroups]
          .sort((a, b) => key.get(a)! - key.get(b)!)
          .map((subgroup) => ({ ...subgroup, ...(subgroup.values ? { values: subgroup.values.toReversed() } : {}) }))
        const [one, other] = [controlChart(subgroups, options), controlChart(turned, options)]
        isClose(one.phases[0]!.center, other.phases[0]!.center, 60)
        isClose(one.phases[0]!.sigma, other.phases[0]!.sigma, 60)
        one.charts.forEach(({ limits: [limit] }, i) => {
          const same = other.charts[i]!.limits[0]!
          for (const line of ['center', 'lower', 'upper', 'sigma'] as const) isClose(limit![line], same[line], 60)
        })
      },
    ),
    { numRuns: rounds(300) },
  )
})

test('an excluded subgroup counts for limits and rules as if its place were missing', () => {
  fc.assert(
    fc.property(
      kindWith(['xbar-r', 'xbar-s', 'p', 'np', 'c', 'u', 'ewma', 'cusum'], () => fc.constant(0)),
      ([, subgroups, options]) => {
        const drawn = controlChart(subgroups, options)
        const without = controlChart(
          subgroups.map((subgroup) => (subgroup.excluded ? { missing: true } : subgroup)),
          { ...options, rules: { ...options.rules, restartsAtExcluded: options.rules?.restartsAtMissing ?? true } },
        )
        const compared = controlChart(subgroups, { ...options, rules: { ...options.rules, restartsAtExcluded: options.rules?.restartsAtMissing ?? true } })
        expect(without.phases).toEqual(drawn.phases)
        expect(without.charts.map(({ signals }) => signals)).toEqual(compared.charts.map(({ signals }) => signals))
      },
    ),
    { numRuns: rounds(200) },
  )
})

describe('against sums written out', () => {
  const samples = fc.array(fc.array(value, { minLength: 1, maxLength: 6 }), { minLength: 2, maxLength: 20 })
  const mean = (values: readonly number[]) => values.reduce((sum, one) => sum + one, 0) / values.length

  test('an EWMA is the weighted sum of all means before it, and its limits the root of their weighted variances', () => {
    fc.assert(
      fc.property(samples, fc.constantFrom(0.1, 0.3, 1), (rows, lambda) => {
        const { points } = controlChart(
          rows.map((values) => ({ values })),
          { kind: 'ewma', given: { center: 20, sigma: 2 }, ewma: { lambda } },
        ).charts[0]!
        rows.forEach((_, i) => {
          let sum = 20 * (1 - lambda) ** (i + 1)
          let variance = 0
          for (let j = 0; j <= i; j += 1) {
            const weight = lambda * (1 - lambda) ** (i - j)
            sum += weight * mean(rows[j]!)
            variance += weight ** 2 * (4 / rows[j]!.length)
          }
          isClose(points.value[i]!, sum, 1)
          isClose(points.upper[i]!, 20 + 3 * Math.sqrt(variance), 1)
          isClose(points.lower[i]!, 20 - 3 * Math.sqrt(variance), 1)
        })
      }),
      { numRuns: rounds(200) },
    )
  })

  test('a CUSUM is the largest sum that ends at the point, or zero', () => {
    fc.assert(
      fc.property(samples, fc.constantFrom(0, 0.5, 1), (rows, headStart) => {
        const charts = controlChart(
          rows.map((values) => ({ values })),
          { kind: 'cusum', given: { center: 20, sigma: 2 }, cusum: { headStart } },
        ).charts
        for (const [panel, side] of [
          [0, 1],
          [1, -1],
        ] as const)
          rows.forEach((_, i) => {
            let best = 0
            let sum = 0
            for (let j = i; j >= 0; j -= 1) {
              sum += side * ((mean(rows[j]!) - 20) / (2 / Math.sqrt(rows[j]!.length))) - 0.5
              best = Math.max(best, sum)
            }
            isClose(charts[panel]!.points.value[i]!, Math.max(best, sum + headStart * 5), 10)
          })
      }),
      { numRuns: rounds(200) },
    )
  })

  test('limits of unequal subgroups are those of each size', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.integer({ min: 0, max: 20 }), fc.integer({ min: 20, max: 90 })), { minLength: 2, maxLength: 30 }), (rows) => {
        const subgroups = rows.map(([count, size]) => ({ count, size }))
        const total = rows.reduce((sum, [count]) => sum + count, 0)
        const inspected = rows.reduce((sum, [, size]) => sum + size, 0)
        const rate = total / inspected
        const [p, np, u] = (['p', 'np', 'u'] as const).map((kind) => controlChart(subgroups, { kind }).charts[0]!.points)
        rows.forEach(([count, size], i) => {
          const spread = 3 * Math.sqrt((rate * (1 - rate)) / size)
          isClose(p!.value[i]!, count / size, 1)
          isClose(p!.upper[i]!, Math.min(1, rate + spread), 1)
          isClose(p!.lower[i]!, Math.max(0, rate - spread), 1)
          isClose(np!.center[i]!, size * rate, 100)
          isClose(np!.upper[i]!, Math.min(size, size * (rate + spread)), 100)
          isClose(u!.upper[i]!, rate + 3 * Math.sqrt(rate / size), 1)
        })
      }),
      { numRuns: rounds(200) },
    )
  })
})

test('a chart and a capability report estimate the same sigma', () => {
  const kinds = [
    ['xbar-r', 'rbar'],
    ['xbar-r', 'sbar'],
    ['xbar-s', 'pooled'],
    ['xbar-s', 'pooled-unbiased'],
    ['i-mr', 'mr-mean'],
    ['i-mr', 'mr-median'],
  ] as const
  fc.assert(
    fc.property(
      fc.constantFrom(...kinds).chain(([kind, estimator]) => fc.tuple(fc.constant(kind), fc.constant(estimator), subgroupsFor(kind))),
      ([kind, estimator, subgroups]) => {
        const { sigma } = controlChart(subgroups, { kind, estimator }).phases[0]!
        // there a place that does not count is an empty subgroup
        const values = subgroups.map(({ values: own = [], excluded }) => (excluded ? [] : own))
        isClose(sigma, withinSigma(values, estimator).sigma, 10)
      },
    ),
    { numRuns: rounds(200) },
  )
})
