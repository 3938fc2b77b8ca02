/** Published charts with their answers. Figures of R's qcc to 1e-4, since it rounds d2 to three decimals; exact ones to 1e-9. */
import { describe, expect, test } from 'vitest'
import { CIRCUIT, CUSUM_DATA, EWMA_DATA, FLOW_RATE, ORANGE_JUICE, WAFER_DEFECTS } from '../reference/sets/charts.ts'
import { PISTON_RINGS, PISTON_RINGS_TRIAL } from '../reference/sets/piston-rings.ts'
import { LEW, LOTTERY, MAVRO, MICHELSO, NUM_ACC_1, NUM_ACC_2, NUM_ACC_3, NUM_ACC_4 } from '../reference/sets/strd.ts'
import { asGiven, type ChartOptions, type ChartResult, controlChart, type PanelName, type SigmaEstimator, type Subgroup } from './index.ts'

const singles = (values: readonly number[]): Subgroup[] => values.map((value) => ({ values: [value] }))
const groups = (samples: readonly (readonly number[])[]): Subgroup[] => samples.map((values) => ({ values }))
const counts = (values: readonly number[], size?: number): Subgroup[] => values.map((count) => ({ count, ...(size === undefined ? {} : { size }) }))
const panel = (result: ChartResult, name: PanelName) => result.charts.find((chart) => chart.name === name)!
const limits = (result: ChartResult, name: PanelName, phase = 0) => panel(result, name).limits[phase]!
const near = (value: number | null, expected: number, relative: number) => expect(Math.abs(value! / expected - 1)).toBeLessThan(relative)
/** Numbers of the points beyond the limits, from 1. */
const beyond = (result: ChartResult, name: PanelName) => [...new Set(panel(result, name).signals.map(({ at }) => at + 1))]
/** As a figure is printed. */
const printed = (value: number | null, text: string) => expect(value!.toFixed(text.split('.')[1]?.length ?? 0)).toBe(text)

describe('the piston rings (Montgomery; R qcc 3.0)', () => {
  const trial = groups(PISTON_RINGS_TRIAL)

  test('X-bar and R of the trial samples', () => {
    const result = controlChart(trial, { kind: 'xbar-r' })
    const { center, sigma } = result.phases[0]!
    near(center, 74.001176, 1e-9)
    near(sigma, 0.0097853376, 1e-8)
    near(sigma, 0.009785039, 1e-4)
    printed(limits(result, 'xbar').lower, '73.988048')
    printed(limits(result, 'xbar').upper, '74.014304')
    printed(limits(result, 'range').center, '0.02276')
    printed(limits(result, 'range').upper, '0.04812600')
    near(limits(result, 'range').upper, 0.04812533, 1e-4)
    expect(limits(result, 'range').lower).toBe(0)
    expect(result.charts.flatMap(({ signals }) => signals)).toEqual([])
    expect(result.phases[0]).toMatchObject({ subgroups: 25, estimator: 'rbar', meanSize: 5 })
  })

  test('X-bar and S of the trial samples', () => {
    const result = controlChart(trial, { kind: 'xbar-s' })
    printed(limits(result, 'standard-deviation').center, '0.0092400366')
    near(result.phases[0]!.sigma, 0.0098299767, 1e-8)
    near(limits(result, 'standard-deviation').upper, 0.01930242, 1e-6)
    printed(limits(result, 'xbar').lower, '73.987988')
    printed(limits(result, 'xbar').upper, '74.014364')
  })

  test('the pooled standard deviation', () => {
    near(controlChart(trial, { kind: 'xbar-s', estimator: 'pooled' }).phases[0]!.sigma, 0.0098628596, 1e-8)
  })

  test('EWMA limits at the first, the second and the last sample', () => {
    const { points } = panel(controlChart(trial, { kind: 'ewma' }), 'ewma')
    for (const [at, lower, upper] of [
      [1, '73.99855', '74.00380'],
      [2, '73.99781', '74.00454'],
      [25, '73.99680', '74.00555'],
    ] as const) {
      printed(points.lower[at - 1]!, lower)
      printed(points.upper[at - 1]!, upper)
    }
  })

  test('CUSUM of all 40 over the limits of the trial signals at sample 37', () => {
    const given = asGiven(controlChart(trial, { kind: 'cusum' }).phases[0]!)
    const result = controlChart(groups(PISTON_RINGS), { kind: 'cusum', given })
    const { points, signals } = panel(result, 'cusum-high')
    expect(beyond(result, 'cusum-high')).toEqual([37, 38, 39, 40])
    for (const [i, sum] of [7.1874, 10.8976, 15.4762, 17.6325].entries()) near(points.value[36 + i]!, sum, 1e-4)
    expect(signals[0]).toMatchObject({ rule: 'beyond-limits', at: 36, side: 'upper' })
    // the sum begins to climb where it was last zero
    expect(points.value[signals[0]!.from]).toBeGreaterThan(0)
    expect(points.value[signals[0]!.from - 1]).toBe(0)
    expect(panel(result, 'cusum-low').signals).toEqual([])
  })

  test('samples 26 to 40 over the limits of the trial, as phases', () => {
    const phased = PISTON_RINGS.map((values, i) => ({ values, phase: i < 25 ? 'trial' : 'production' }))
    const result = controlChart(phased, { kind: 'xbar-r', limitsFromPhase: 'trial' })
    expect(limits(result, 'xbar', 1)).toMatchObject({ phase: 'production', from: 25, to: 39, upper: limits(result, 'xbar').upper })
    expect(beyond(result, 'xbar')).toEqual([37, 38, 39])
  })
})

describe('attribute charts (R qcc 3.0; NIST/SEMATECH e-Handbook)', () => {
  test('p and np of the orange juice cans, with and without samples 15 and 23', () => {
    const p = controlChart(counts(ORANGE_JUICE, 50), { kind: 'p' })
    near(limits(p, 'p').center, 0.2313333, 1e-6)
    near(limits(p, 'p').lower, 0.05242755, 1e-6)
    near(limits(p, 'p').upper, 0.4102391, 1e-6)
    printed(limits(p, 'p').center, '0.2313')
    printed(limits(p, 'p').upper, '0.4102')
    printed(limits(p, 'p').lower, '0.0524')
    expect(beyond(p, 'p')).toEqual([15, 23])
    const np = controlChart(counts(ORANGE_JUICE, 50), { kind: 'np' })
    near(limits(np, 'np').center, 11.56667, 1e-6)
    near(limits(np, 'np').lower, 2.621377, 1e-6)
    near(limits(np, 'np').upper, 20.51196, 1e-6)
    const without = counts(ORANGE_JUICE, 50).map((one, i) => ({ ...one, excluded: i === 14 || i === 22 }))
    const again = controlChart(without, { kind: 'p' })
    near(limits(again, 'p').center, 0.215, 1e-9)
    near(limits(again, 'p').lower, 0.04070284, 1e-6)
    near(limits(again, 'p').upper, 0.3892972, 1e-6)
    expect(panel(again, 'p').points.value[14]).toBe(0.44)
  })

  test('c of the circuit boards, with and without samples 6 and 20', () => {
    const result = controlChart(counts(CIRCUIT), { kind: 'c' })
    near(limits(result, 'c').center, 19.84615, 1e-6)
    near(limits(result, 'c').lower, 6.481447, 1e-6)
    near(limits(result, 'c').upper, 33.21086, 1e-6)
    expect(beyond(result, 'c')).toEqual([6, 20])
    const without = controlChart(
      counts(CIRCUIT).map((one, i) => ({ ...one, excluded: i === 5 || i === 19 })),
      { kind: 'c' },
    )
    near(limits(without, 'c').center, 19.66667, 1e-6)
    near(limits(without, 'c').lower, 6.362532, 1e-6)
    near(limits(without, 'c').upper, 32.9708, 1e-6)
    // the same boards counted 100 at a time
    const u = controlChart(counts(CIRCUIT, 100), { kind: 'u' })
    near(limits(u, 'u').upper, 0.3321086, 1e-6)
  })

  test('c of the wafers', () => {
    const result = controlChart(counts(WAFER_DEFECTS), { kind: 'c' })
    expect(limits(result, 'c')).toMatchObject({ center: 16, lower: 4, upper: 28 })
    expect(beyond(result, 'c')).toEqual([24])
  })
})

describe('NIST/SEMATECH e-Handbook, variables', () => {
  test('6.3.2.2: individuals and moving ranges', () => {
    const result = controlChart(singles(FLOW_RATE), { kind: 'i-mr' })
    printed(limits(result, 'individuals').center, '50.81')
    printed(limits(result, 'moving-range').center, '1.8778')
    // the page has d2 rounded to 1.128
    near(limits(result, 'individuals').upper, 55.8041, 1e-4)
    near(limits(result, 'individuals').lower, 45.8159, 1e-4)
    printed(limits(result, 'individuals').upper, '55.8024')
    expect([...panel(result, 'moving-range').points.value.slice(1)].map((range) => range.toFixed(1)).join(' ')).toBe('2.0 2.3 1.4 3.5 3.4 1.4 0.2 1.2 1.5')
  })

  test('6.3.2.4: EWMA with asymptotic limits', () => {
    const result = controlChart(singles(EWMA_DATA), {
      kind: 'ewma',
      given: { center: 50, sigma: 2.0539 },
      ewma: { lambda: 0.3, limits: 'asymptotic' },
    })
    const { points } = panel(result, 'ewma')
    const page = '50.60 49.52 50.56 50.18 50.16 49.21 49.75 49.85 50.26 50.33 50.11 49.36 49.52 50.05 49.38 49.92 50.73 51.23 51.94 51.99'.split(' ')
    // the page rounds each value before it takes the next
    page.forEach((text, i) => {
      expect(Math.abs(points.value[i]! - Number(text))).toBeLessThan(0.0101)
    })
    printed(limits(result, 'ewma').upper, '52.5884')
    // the page cuts it to 47.4115
    printed(limits(result, 'ewma').lower, '47.41157')
    expect(panel(result, 'ewma').signals).toEqual([])
  })

  test('6.3.2.3: tabular CUSUM in the unit of the values', () => {
    const result = controlChart(singles(CUSUM_DATA), { kind: 'cusum', target: 325, cusum: { units: 'raw', k: 0.3175, h: 4.1959 } })
    const high = panel(result, 'cusum-high').points.value
    const low = panel(result, 'cusum-low').points.value
    const page = {
      high: [0, 0, 0, 0, 0.03, 0, 0, 0, 0, 0, 0, 0, 3.01, 4.94, 7.45, 10.63, 11.99, 14.44, 16, 19.04],
      low: [0, 0.01, 0, 0.33, 0, 0, 0.56, 0.72, 0.17, 0.25, 0.31],
    }
    page.high.forEach((sum, i) => {
      expect(Math.abs(high[i]! - sum)).toBeLessThan(0.0101)
    })
    page.low.forEach((sum, i) => {
      expect(Math.abs(low[i]! - sum)).toBeLessThan(0.0101)
    })
    expect(beyond(result, 'cusum-high')[0]).toBe(14)
    expect(panel(result, 'cusum-high').signals[0]?.from).toBe(12)
    expect(result.phases[0]).toMatchObject({ sigma: null, subgroups: 0, center: 325 })
  })
})

describe('NIST StRD: mean and standard deviation as one subgroup of an X-bar and S chart', () => {
  // what doubles can hold of it: the data themselves are rounded when they are read
  test.each<[string, readonly number[], number, number, number]>([
    ['Lottery', LOTTERY, 518.95871559633, 291.699727470969, 1e-14],
    ['Lew', LEW, -177.435, 277.332168044316, 1e-14],
    ['Mavro', MAVRO, 2.001856, 0.000429123454003053, 1e-12],
    ['Michelso', MICHELSO, 299.8524, 0.0790105478190518, 1e-12],
    ['NumAcc1', NUM_ACC_1, 10000002, 1, 1e-15],
    ['NumAcc2', NUM_ACC_2, 1.2, 0.1, 1e-14],
    ['NumAcc3', NUM_ACC_3, 1000000.2, 0.1, 1e-9],
    ['NumAcc4', NUM_ACC_4, 10000000.2, 0.1, 1e-8],
  ])('%s', (_, values, mean, deviation, tolerance) => {
    const result = controlChart(groups([values]), { kind: 'xbar-s' })
    near(panel(result, 'xbar').points.value[0]!, mean, 1e-14)
    near(panel(result, 'standard-deviation').points.value[0]!, deviation, tolerance)
  })
})

describe('estimators on a sample small enough for paper', () => {
  const values = [
    [1, 2, 3],
    [2, 6],
    [5, 5, 5, 9],
  ]
  // by hand: ranges 2, 4, 4; standard deviations 1, 2√2, 2; c4 of 2, 3, 4 and d2, d3 from the table
  const d2 = { 2: 1.1283791671, 3: 1.6925687506, 4: 2.058750746 }
  const d3 = { 2: 0.8525024664, 3: 0.888368004, 4: 0.8798082028 }
  const c4 = { 2: 0.7978845608, 3: 0.8862269255, 4: 0.9213177319, 7: 0.9593687887 }
  const weighted = (estimates: readonly number[], weights: readonly number[]) =>
    estimates.reduce((sum, one, i) => sum + one * weights[i]!, 0) / weights.reduce((sum, one) => sum + one, 0)
  const byRange = [2 / d2[3], 4 / d2[2], 4 / d2[4]]
  const byDeviation = [1 / c4[3], Math.sqrt(8) / c4[2], 2 / c4[4]]
  const inverse = (c: number) => c ** 2 / (1 - c ** 2)
  const pooled = Math.sqrt((2 * 1 + 1 * 8 + 3 * 4) / 6)

  test.each<[SigmaEstimator, ChartOptions['weighting'], number]>([
    ['rbar', 'equal', weighted(byRange, [1, 1, 1])],
    ['rbar', 'minimum-variance', weighted(byRange, [(d2[3] / d3[3]) ** 2, (d2[2] / d3[2]) ** 2, (d2[4] / d3[4]) ** 2])],
    ['sbar', 'equal', weighted(byDeviation, [1, 1, 1])],
    ['sbar', 'minimum-variance', weighted(byDeviation, [inverse(c4[3]), inverse(c4[2]), inverse(c4[4])])],
    ['pooled', 'equal', pooled],
    ['pooled-unbiased', 'equal', pooled / c4[7]],
  ])('%s, %s weights', (estimator, weighting, sigma) => {
    const result = controlChart(groups(values), { kind: 'xbar-s', estimator, ...(weighting ? { weighting } : {}) })
    near(result.phases[0]!.sigma, sigma, 1e-8)
    // the center is that of all values, not of the means
    near(result.phases[0]!.center, 38 / 9, 1e-12)
  })

  test('mean and median moving range, also over three values', () => {
    const run = singles([3, 5, 4, 8, 8, 1])
    near(controlChart(run, { kind: 'i-mr' }).phases[0]!.sigma, 14 / 5 / d2[2], 1e-9)
    near(controlChart(run, { kind: 'i-mr', estimator: 'mr-median' }).phases[0]!.sigma, 2 / 0.9538725524, 1e-9)
    const three = controlChart(run, { kind: 'i-mr', movingRangeSpan: 3 })
    near(three.phases[0]!.sigma, (2 + 4 + 4 + 7) / 4 / d2[3], 1e-9)
    expect([...panel(three, 'moving-range').points.value]).toEqual([Number.NaN, Number.NaN, 2, 4, 4, 7])
    // the center line of the moving ranges is their mean
    near(limits(three, 'moving-range').center, 17 / 4, 1e-9)
  })
})
