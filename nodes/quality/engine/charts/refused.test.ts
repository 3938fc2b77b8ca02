/** What makes no chart is refused with the place of it, and a stream stays as it was. */
import { describe, expect, test } from 'vitest'
import { ChartError, type ChartErrorCode, type ChartKind, type ChartOptions, chartStream, controlChart, type Subgroup } from './index.ts'

function refusal(work: () => unknown): ChartError {
  try {
    work()
  } catch (error) {
    if (error instanceof ChartError) return error
    throw error
  }
  throw new Error('It was not refused')
}

const good = (kind: ChartKind): Subgroup[] =>
  kind === 'p' || kind === 'np' || kind === 'c' || kind === 'u'
    ? [4, 7, 5].map((count) => ({ count, size: 50 }))
    : kind === 'i-mr'
      ? [4, 7, 5].map((value) => ({ values: [value] }))
      : [
          [4, 7, 5],
          [5, 6, 9],
        ].map((values) => ({ values }))

const text = '12' as unknown as number

describe('bad data', () => {
  test.each<[string, ChartKind, Subgroup, ChartErrorCode, number?]>([
    ['NaN', 'xbar-r', { values: [1, Number.NaN, 2] }, 'not-a-number', 1],
    ['text', 'xbar-s', { values: [1, 2, text] }, 'not-a-number', 2],
    ['infinity', 'i-mr', { values: [Number.POSITIVE_INFINITY] }, 'not-finite', 0],
    ['a value too large to calculate with', 'xbar-s', { values: [1e300, -1e300] }, 'not-finite'],
    ['an empty subgroup', 'ewma', { values: [] }, 'empty-subgroup'],
    ['no values', 'cusum', {}, 'empty-subgroup'],
    ['a count on a chart of values', 'xbar-r', { count: 3, size: 50 }, 'empty-subgroup'],
    ['two values on a chart of individuals', 'i-mr', { values: [1, 2] }, 'wrong-size'],
    ['no count', 'p', { size: 50 }, 'empty-subgroup'],
    ['a negative count', 'c', { count: -1 }, 'negative-count'],
    ['half a count', 'u', { count: 1.5, size: 3 }, 'not-a-whole-number'],
    ['half an item', 'np', { count: 1, size: 3.5 }, 'not-a-whole-number'],
    ['more nonconforming than there are', 'p', { count: 51, size: 50 }, 'count-above-size'],
    ['no size', 'np', { count: 1 }, 'wrong-size'],
    ['a size of nothing', 'u', { count: 0, size: 0 }, 'wrong-size'],
    ['a size that is no number', 'u', { count: 0, size: Number.NaN }, 'not-a-number'],
    ['a count that is text', 'c', { count: text }, 'not-a-number'],
    ['an excluded NaN', 'i-mr', { values: [Number.NaN], excluded: true }, 'not-a-number', 0],
  ])('%s on %s', (_, kind, bad, code, item) => {
    const all = [...good(kind), bad]
    const error = refusal(() => controlChart(all, { kind }))
    expect(error).toMatchObject({ code, at: all.length - 1, item })
    expect(error.message).toMatch(new RegExp(`ubgroup ${all.length}\\b.*\\.$`))
  })

  test('a size other than the one that was said', () => {
    expect(refusal(() => controlChart([{ values: [1, 2] }, { values: [1, 2, 3] }], { kind: 'xbar-r', subgroupSize: 2 }))).toMatchObject({
      code: 'wrong-size',
      at: 1,
      message: 'Subgroup 2 has 3 values instead of 2.',
    })
  })

  test('a c chart over different amounts', () => {
    const error = refusal(() => controlChart([{ count: 1, size: 100 }, { missing: true }, { count: 2, size: 50 }], { kind: 'c' }))
    expect(error).toMatchObject({ code: 'wrong-size', at: 2 })
    expect(error.message).toContain('Take a u chart.')
  })

  test('a range of more values than its constants reach', () => {
    expect(refusal(() => controlChart([{ values: Array.from({ length: 1001 }, (_, i) => i) }], { kind: 'xbar-r' }))).toMatchObject({
      code: 'wrong-size',
      at: 0,
    })
  })
})

describe('data that tell no limits', () => {
  test.each<[string, Subgroup[], ChartOptions, ChartErrorCode, number?]>([
    ['nothing', [], { kind: 'c' }, 'no-data'],
    ['all missing', [{ missing: true }], { kind: 'i-mr' }, 'no-data', 0],
    ['all excluded', [{ values: [1, 2], excluded: true }], { kind: 'xbar-r' }, 'no-data', 0],
    ['one value', [{ values: [1] }], { kind: 'i-mr' }, 'no-limits', 0],
    ['no neighbours', [{ values: [1] }, { missing: true }, { values: [2] }], { kind: 'i-mr' }, 'no-limits', 0],
    ['single values as subgroups', [{ values: [1] }, { values: [2] }], { kind: 'xbar-s' }, 'no-limits', 0],
    ['moving ranges of subgroups', [{ values: [1, 2] }, { values: [2, 3] }], { kind: 'ewma', estimator: 'mr-mean' }, 'options-invalid', 0],
    ['no variation for a CUSUM in standard errors', [{ values: [2, 2] }, { values: [2, 2] }], { kind: 'cusum' }, 'no-limits', 0],
    [
      'a second phase without data',
      [
        { values: [1], phase: 'A' },
        { values: [2], phase: 'A' },
        { values: [2], phase: 'B', excluded: true },
      ],
      { kind: 'i-mr' },
      'no-data',
      2,
    ],
  ])('%s', (_, subgroups, options, code, at) => {
    expect(refusal(() => controlChart(subgroups, options))).toMatchObject({ code, at })
  })
})

describe('options that make no sense', () => {
  test.each<[string, ChartOptions, RegExp]>([
    ['a kind', { kind: 'pie' as ChartKind }, /no chart "pie"/],
    ['an estimator of another kind', { kind: 'i-mr', estimator: 'rbar' }, /mr-mean, mr-median/],
    ['an estimator for counts', { kind: 'p', estimator: 'rbar' }, /needs no estimator/],
    ['a width', { kind: 'c', sigmas: 0 }, /sigmas must be above 0/],
    ['lambda', { kind: 'ewma', ewma: { lambda: 1.5 } }, /lambda must be 1 or less/],
    ['L', { kind: 'ewma', ewma: { L: Number.NaN } }, /L must be a number/],
    ['h', { kind: 'cusum', cusum: { h: -1 } }, /h must be above 0/],
    ['a head start', { kind: 'cusum', cusum: { headStart: 2 } }, /headStart/],
    ['raw units without k', { kind: 'cusum', cusum: { units: 'raw', h: 4 } }, /needs k and h/],
    ['a target', { kind: 'xbar-r', target: 5 }, /Only EWMA and CUSUM/],
    ['a span', { kind: 'i-mr', movingRangeSpan: 1 }, /movingRangeSpan/],
    ['a rule', { kind: 'i-mr', rules: { nelson2Length: 0 } }, /nelson2Length/],
    ['sigma', { kind: 'i-mr', given: { sigma: 0 } }, /sigma must be above 0/],
    ['sigma of counts', { kind: 'c', given: { sigma: 1 } }, /follows from its center/],
    ['a share', { kind: 'p', given: { center: 1.2 } }, /share/],
    ['limits the wrong way round', { kind: 'i-mr', given: { panels: { individuals: { center: 5, lower: 6, upper: 7 } } } }, /lower limit of individuals/],
    ['limits of a panel that is not there', { kind: 'i-mr', given: { panels: { xbar: { center: 5, lower: 4, upper: 7 } } } }, /no panel "xbar"/],
    ['a phase to take limits from', { kind: 'i-mr', limitsFromPhase: 'trial' }, /no phase "trial"/],
  ])('%s', (_, options, message) => {
    const error = refusal(() => controlChart(good('i-mr'), options))
    expect(error.code).toBe('options-invalid')
    expect(error.message).toMatch(message)
  })
})

describe('a stream', () => {
  const options: ChartOptions = { kind: 'i-mr', given: { center: 0, sigma: 1 }, rules: { on: ['nelson-1', 'nelson-3'] } }

  test('needs its limits', () => {
    expect(refusal(() => chartStream({ kind: 'xbar-r', given: { center: 5 } }))).toMatchObject({
      code: 'no-limits',
      message: expect.stringContaining('sigma missing'),
    })
    expect(refusal(() => chartStream({ kind: 'u' }))).toMatchObject({ code: 'no-limits', message: expect.stringContaining('center missing') })
  })

  test('stays as it was when a point is refused', () => {
    const stream = chartStream(options)
    for (const value of [1, 2, 2.5]) stream.add({ values: [value] })
    const before = stream.state()
    expect(refusal(() => stream.add({ values: [Number.NaN] }))).toMatchObject({ code: 'not-a-number', at: 3, item: 0 })
    expect(stream.state()).toEqual(before)
  })

  test('takes no state of other limits', () => {
    const state = chartStream(options).state()
    expect(refusal(() => chartStream({ ...options, given: { center: 0, sigma: 2 } }, state))).toMatchObject({ code: 'state-mismatch' })
  })
})

describe('a stream over phases', () => {
  const byPhase: ChartOptions = { kind: 'i-mr', givenByPhase: { A: { center: 0, sigma: 1 }, B: { center: 10, sigma: 2 } } }

  test('needs the limits of every phase, when it begins or when the phase does', () => {
    expect(refusal(() => chartStream({ ...byPhase, givenByPhase: { A: { center: 0 } } }))).toMatchObject({ code: 'no-limits' })
    const stream = chartStream(byPhase)
    stream.add({ values: [9], phase: 'A' })
    const before = stream.state()
    expect(refusal(() => stream.add({ values: [9], phase: 'C' }))).toMatchObject({ code: 'no-limits', at: 1 })
    expect(stream.state()).toEqual(before)
    // the phase that was refused has not begun
    expect(stream.add({ values: [1], phase: 'A' }).panels[1]).toMatchObject({ name: 'moving-range', value: 8 })
    expect(stream.add({ values: [10], phase: 'B' }).panels).toMatchObject([{ value: 10, upper: 16 }, { value: null }])
  })
})
