import { describe, expect, test } from 'vitest'
import { NELSON_RULES, WESTERN_ELECTRIC_RULES } from '../rules/index.ts'
import { type ChartOptions, type ChartResult, chartStream, controlChart, type Subgroup } from './index.ts'

const singles = (...values: number[]): Subgroup[] => values.map((value) => ({ values: [value] }))
const signalsOf = (result: ChartResult, panel: number) => result.charts[panel]!.signals.map(({ rule, at }) => `${rule} ${at}`)
const column = (list: Float64Array) => Array.from(list, (value) => (Number.isNaN(value) ? null : Number(value.toFixed(6))))

describe('limits that are given', () => {
  test('center and sigma make both panels', () => {
    const { charts, phases } = controlChart([{ values: [9, 11] }, { values: [10, 10, 10, 10] }], { kind: 'xbar-r', given: { center: 10, sigma: 2 } })
    expect(column(charts[0]!.points.upper)).toEqual([Number((10 + 6 / Math.SQRT2).toFixed(6)), 13])
    expect(column(charts[1]!.points.center)).toEqual([2.256758, 4.117501])
    expect(phases[0]).toMatchObject({ center: 10, sigma: 2, estimator: null, subgroups: 0 })
    expect(charts[0]!.limits[0]).toMatchObject({ isPerPoint: true, center: 10 })
  })

  test('what is not given is estimated', () => {
    const { phases } = controlChart(singles(1, 3, 2, 4), { kind: 'i-mr', given: { center: 10 } })
    expect(phases[0]).toMatchObject({ center: 10, estimator: 'mr-mean', subgroups: 4 })
  })

  test('lines as they are hold for every point, and zones are thirds of the way to them', () => {
    const { charts } = controlChart(singles(12, 12, 5, 1, 20), {
      kind: 'i-mr',
      given: { center: 10, sigma: 2, panels: { individuals: { center: 10, lower: null, upper: 13 } } },
      rules: { on: ['nelson-1', 'nelson-5'] },
    })
    // two sigma above are at 12, exactly there is not beyond; below there is no line to be beyond of
    expect(charts[0]!.limits[0]).toEqual({ phase: null, from: 0, to: 4, center: 10, lower: null, upper: 13, sigma: null, isPerPoint: false })
    expect(charts[0]!.signals).toEqual([{ rule: 'nelson-1', at: 4, from: 4, side: 'upper' }])
  })

  test('lines of every panel need no data at all', () => {
    const lines = { center: 5, lower: 1, upper: 9 }
    const { phases, charts } = controlChart(singles(4), {
      kind: 'i-mr',
      given: { panels: { individuals: lines, 'moving-range': { center: 1, lower: null, upper: 3 } } },
    })
    expect(phases[0]).toMatchObject({ sigma: null, subgroups: 0 })
    expect(charts[0]!.points.upper[0]).toBe(9)
  })

  test('each phase may have its own, by its name', () => {
    const phased = ['A', 'A', 'B', 'B', 'A', 'A'].map((phase, i): Subgroup => ({ values: [i], phase }))
    const { charts, phases } = controlChart(phased, { kind: 'i-mr', givenByPhase: { A: { center: 3, sigma: 1 } }, limitsFromPhase: 'B' })
    expect(phases.map(({ phase, from, to, center }) => [phase, from, to, center])).toEqual([
      ['A', 0, 1, 3],
      ['B', 2, 3, 2.5],
      ['A', 4, 5, 3],
    ])
    expect(charts[0]!.limits.map(({ upper }) => Number(upper?.toFixed(4)))).toEqual([6, 5.1587, 6])
  })
})

describe('limits of another phase', () => {
  const phased = ['A', 'A', 'B', 'B'].map((phase, i): Subgroup => ({ values: [i * i], phase }))

  test('are those that are given for it', () => {
    const { phases } = controlChart(phased, { kind: 'i-mr', limitsFromPhase: 'A', givenByPhase: { A: { center: 7, sigma: 2 } } })
    expect(phases.map(({ center, sigma }) => [center, sigma])).toEqual([
      [7, 2],
      [7, 2],
    ])
  })

  test('are of no use on a c chart over another amount', () => {
    const counts = ['A', 'A', 'B'].map((phase, i): Subgroup => ({ count: i + 3, size: phase === 'A' ? 100 : 50, phase }))
    expect(() => controlChart(counts, { kind: 'c', limitsFromPhase: 'A' })).toThrow('Subgroup 3 has the size 50 instead of 100')
    expect(controlChart(counts, { kind: 'c' }).phases.map(({ center }) => center)).toEqual([3.5, 5])
  })
})

describe('a limit that the scale cuts off', () => {
  test.each<ChartOptions['kind']>(['p', 'np', 'c', 'u'])(
    'a %s chart of nothing but good parts has no lower signal, even where a point on a line counts',
    (kind) => {
      const none = Array.from({ length: 6 }, (): Subgroup => ({ count: 0, size: 20 }))
      const given = { center: kind === 'p' || kind === 'np' ? 0.1 : 0.2 }
      const { charts } = controlChart(none, { kind, given, rules: { on: ['nelson-1'], beyond: 'inclusive' } })
      expect(charts[0]!.limits[0]!.lower).toBe(0)
      expect(charts[0]!.signals).toEqual([])
    },
  )

  test('a range of zero is no signal where the lower limit of ranges is zero', () => {
    const { charts } = controlChart([{ values: [1, 1] }], { kind: 'xbar-r', given: { center: 1, sigma: 1 }, rules: { on: ['nelson-1'], beyond: 'inclusive' } })
    expect(charts[1]!.limits[0]!.lower).toBe(0)
    expect(charts[1]!.signals).toEqual([])
  })

  test('a share of one is the most there is', () => {
    const { charts } = controlChart([{ count: 5, size: 5 }], { kind: 'p', given: { center: 0.9 }, rules: { on: ['nelson-1'], beyond: 'inclusive' } })
    expect(charts[0]!.limits[0]!.upper).toBe(1)
    expect(charts[0]!.signals).toEqual([])
  })

  test('a standard deviation below a lower limit above zero is one', () => {
    const flat = { values: Array.from({ length: 10 }, () => 5) }
    const { charts } = controlChart([flat], { kind: 'xbar-s', given: { center: 5, sigma: 1 } })
    expect(charts[1]!.limits[0]!.lower).toBeGreaterThan(0)
    expect(charts[1]!.signals).toEqual([{ rule: 'nelson-1', at: 0, from: 0, side: 'lower' }])
  })
})

describe('rules by chart', () => {
  const rules = { on: [...NELSON_RULES, ...WESTERN_ELECTRIC_RULES] }

  test('zone rules are for means and individuals, unless they are asked for everywhere', () => {
    // ranges of 3 and more between two and three sigma of the ranges
    const wide = Array.from({ length: 4 }, (): Subgroup => ({ values: [-1.5, 1.5] }))
    const judged = (zoneRulesOn: 'symmetric' | 'every-chart') =>
      signalsOf(controlChart(wide, { kind: 'xbar-r', given: { center: 0, sigma: 1 }, rules: { ...rules, zoneRulesOn } }), 1)
    expect(judged('symmetric')).toEqual([])
    expect(judged('every-chart')).toContain('nelson-5 1')
    expect(judged('every-chart')).toContain('western-electric-2 1')
  })

  test('an EWMA and a CUSUM know only their limits', () => {
    const drift = singles(...Array.from({ length: 30 }, (_, i) => i / 10))
    for (const kind of ['ewma', 'cusum'] as const) {
      const rulesSeen = new Set(
        controlChart(drift, { kind, given: { center: 0, sigma: 1 }, rules }).charts.flatMap(({ signals }) => signals.map(({ rule }) => rule)),
      )
      expect([...rulesSeen]).toEqual(['beyond-limits'])
    }
  })

  test('zones of unequal subgroups are those of each size, or of the mean size', () => {
    // 0.12 is beyond two sigma of 400, and not of 100; the mean size is 250
    const on = ['nelson-5'] as const
    const sizes = [400, 100, 400, 100].map((size) => ({ count: size * 0.12, size }))
    const judged = (zones: 'local' | 'mean-size') =>
      signalsOf(controlChart(sizes, { kind: 'p', given: { center: 0.08 }, rules: { on, zones, zoneRulesOn: 'every-chart' } }), 0)
    expect(judged('local')).toEqual(['nelson-5 2'])
    expect(judged('mean-size')).toEqual(['nelson-5 1', 'nelson-5 2', 'nelson-5 3'])
  })

  test('a new phase ends every run', () => {
    const rows = Array.from({ length: 12 }, (_, i): Subgroup => ({ values: [1], phase: i < 6 ? 'A' : 'B' }))
    const judged = (subgroups: readonly Subgroup[]) =>
      signalsOf(controlChart(subgroups, { kind: 'i-mr', given: { center: 0.5, sigma: 1 }, rules: { on: ['nelson-2'] } }), 0)
    expect(judged(rows)).toEqual([])
    expect(judged(rows.map(({ values = [] }) => ({ values })))).toEqual(['nelson-2 8', 'nelson-2 9', 'nelson-2 10', 'nelson-2 11'])
  })
})

describe('excluded and missing places', () => {
  const rows: Subgroup[] = [
    { values: [1] },
    { values: [3] },
    { values: [90], excluded: true },
    { values: [2] },
    { missing: true },
    { values: [4] },
    { values: [3] },
  ]

  test('an excluded value is drawn with its moving ranges, and neither is in the limits', () => {
    const { charts, phases } = controlChart(rows, { kind: 'i-mr' })
    expect(column(charts[0]!.points.value)).toEqual([1, 3, 90, 2, null, 4, 3])
    expect(column(charts[1]!.points.value)).toEqual([null, 2, 87, 88, null, null, 1])
    expect([...charts[0]!.points.excluded]).toEqual([0, 0, 1, 0, 0, 0, 0])
    expect([...charts[1]!.points.excluded]).toEqual([0, 0, 1, 1, 0, 0, 0])
    expect(phases[0]!.center).toBe(13 / 5)
    expect(charts[1]!.limits[0]!.center).toBeCloseTo(1.5, 12)
    expect(charts.flatMap(({ signals }) => signals)).toEqual([])
  })

  test('an EWMA and a CUSUM stand still over them', () => {
    for (const kind of ['ewma', 'cusum'] as const) {
      const options: ChartOptions = { kind, given: { center: 2, sigma: 1 } }
      const { points } = controlChart(rows, options).charts[0]!
      const without = controlChart(
        rows.filter(({ excluded, missing }) => !excluded && !missing),
        options,
      ).charts[0]!.points
      expect([...points.value].filter((_, i) => i !== 2 && i !== 4)).toEqual([...without.value])
      expect(points.value[2]).toBe(points.value[1])
      expect(points.value[4]).toBeNaN()
    }
  })
})

test('a single value among subgroups has a mean and no spread', () => {
  const { charts } = controlChart([{ values: [1, 3] }, { values: [2] }, { values: [2, 5] }], { kind: 'xbar-s' })
  expect(column(charts[0]!.points.value)).toEqual([2, 2, 3.5])
  expect(column(charts[1]!.points.value)).toEqual([Number(Math.SQRT2.toFixed(6)), null, 2.12132])
  expect(charts[1]!.points.upper[1]).toBeNaN()
  expect(charts[0]!.limits[0]!.isPerPoint).toBe(true)
})

test('an EWMA with the whole weight on the newest value is a chart of individuals', () => {
  const rows = singles(1, 4, 2, 8, 3)
  const [ewma, individuals] = [controlChart(rows, { kind: 'ewma', ewma: { lambda: 1 } }), controlChart(rows, { kind: 'i-mr' })]
  for (const line of ['value', 'upper', 'lower'] as const) expect(column(ewma.charts[0]!.points[line])).toEqual(column(individuals.charts[0]!.points[line]))
})

test('a fast initial response starts both sums part of the way up', () => {
  const add = (headStart: number) => {
    const stream = chartStream({ kind: 'cusum', given: { center: 0, sigma: 1 }, cusum: { headStart } })
    return singles(2, 2, 2).map((subgroup) => stream.add(subgroup).panels.map(({ value }) => value))
  }
  expect(add(0)).toEqual([
    [1.5, 0],
    [3, 0],
    [4.5, 0],
  ])
  expect(add(0.5)).toEqual([
    [4, 0],
    [5.5, 0],
    [7, 0],
  ])
})
