/** What R's qcc 3.0 says of short series of z values (center 0, sigma 1); points are counted from 1. */
import { describe, expect, test } from 'vitest'
import { chartStream } from '../charts/index.ts'
import { NELSON_RULES, type RuleId, type RuleOptions, WESTERN_ELECTRIC_RULES } from './index.ts'

/** What each rule says, over individuals; `undefined` is a missing place. */
function judged(z: readonly (number | undefined)[], on: readonly RuleId[], rules: Partial<RuleOptions> = {}): Record<string, number[]> {
  const stream = chartStream({ kind: 'i-mr', given: { center: 0, sigma: 1 }, rules: { ...rules, on } })
  const found: Record<string, number[]> = {}
  for (const value of z) {
    const verdict = stream.add(value === undefined ? { missing: true } : { values: [value] })
    for (const { rule, at } of verdict.panels[0]!.signals) {
      const points = found[rule] ?? []
      found[rule] = points
      if (points.at(-1) !== at + 1) points.push(at + 1)
    }
  }
  return found
}

const times = (count: number, ...z: number[]) => Array.from({ length: count }, () => z).flat()
const only = (number: number, points: number[], of: 'nelson' | 'western-electric' = 'nelson') => ({ [`${of}-${number}`]: points })

describe('qcc 3.0', () => {
  test.each<[string, number[], Record<string, number[]>, Record<string, number[]>?]>([
    [
      'beyond the limits; exactly 3 is not',
      [0.5, -0.4, 3.01, -3.2, 2.99, 3.0],
      { ...only(1, [3, 4]), ...only(5, [5, 6]) },
      { ...only(1, [3, 4], 'western-electric'), ...only(2, [5, 6], 'western-electric') },
    ],
    ['nine on one side', [-0.5, ...times(9, 0.3), -0.2], only(2, [10]), only(4, [9, 10], 'western-electric')],
    ['eight on one side', [-0.5, ...times(8, 0.3), -0.2, 0.1], {}, only(4, [9], 'western-electric')],
    ['six and seven rising', [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.1], only(3, [6, 7])],
    ['five rising', [0.5, 0.1, 0.2, 0.3, 0.4, 0.5, 0.1], {}],
    ['a tie breaks the rise', [0.5, 0.1, 0.2, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7], { ...only(3, [9]), ...only(2, [9]) }, only(4, [8, 9], 'western-electric')],
    ['thirteen in turn', [...times(6, 0.3, -0.3), 0.3, 0.3], {}],
    ['two of three, one side at a time', [0, 2.1, 0.2, 2.2, 0, -2.5, 2.5, 0], only(5, [4]), only(2, [4], 'western-electric')],
    ['two of three on opposite sides', [2.1, -2.1, 0.1], {}, {}],
    ['three of five', [1.1, 1.2, 0.3, -1.4, 1.5], {}, {}],
    ['fifteen within one sigma', times(5, 0.2, -0.3, 0.5), only(7, [15])],
    ['fourteen and fifteen in turn', [...times(7, 0.2, -0.3), 1.5], only(4, [14, 15])],
    ['eight beyond one sigma', [1.2, -1.3, 1.4, 1.5, -1.2, -1.1, 1.3, -1.6, 0.2], only(8, [8])],
  ])('%s', (_, z, nelson, westernElectric) => {
    expect(judged(z, NELSON_RULES)).toEqual(nelson)
    if (westernElectric) expect(judged(z, WESTERN_ELECTRIC_RULES)).toEqual(westernElectric)
    // the mirror image says the same
    expect(
      judged(
        z.map((one) => -one),
        NELSON_RULES,
      ),
    ).toEqual(nelson)
  })
})

describe('conventions', () => {
  test('a point on a line counts as beyond it where that is asked', () => {
    expect(judged([3, 2.9], ['nelson-1'])).toEqual({})
    expect(judged([3, 2.9], ['nelson-1'], { beyond: 'inclusive' })).toEqual({ 'nelson-1': [1] })
    expect(judged([2, 2], ['nelson-5'])).toEqual({})
    expect(judged([2, 2], ['nelson-5'], { beyond: 'inclusive' })).toEqual({ 'nelson-5': [2] })
    expect(judged(times(15, 1), ['nelson-7'])).toEqual({ 'nelson-7': [15] })
    expect(judged(times(15, 1), ['nelson-7'], { beyond: 'inclusive' })).toEqual({})
  })

  test('a row on one side may be 9, 8 or 7 long', () => {
    const row = times(9, 0.3)
    expect(judged(row, ['nelson-2'], { nelson2Length: 8 })).toEqual({ 'nelson-2': [8, 9] })
    expect(judged(row, ['nelson-2'], { nelson2Length: 7 })).toEqual({ 'nelson-2': [7, 8, 9] })
  })

  test('a point on the center is on neither side', () => {
    expect(judged([...times(8, 0.3), 0, 0.3], ['nelson-2'])).toEqual({})
  })

  test('rule 8 on one side alone is a signal only where that is asked', () => {
    const row = times(8, 1.5)
    expect(judged(row, ['nelson-8'])).toEqual({})
    expect(judged(row, ['nelson-8'], { nelson8Sides: 'either' })).toEqual({ 'nelson-8': [8] })
    // both sides must be among the last eight, not somewhere before
    expect(judged([-1.5, ...row], ['nelson-8'])).toEqual({ 'nelson-8': [8] })
  })

  test('a point that only completes the window is flagged where that is asked', () => {
    const z = [2.5, 2.5, 0, 0]
    expect(judged(z, ['nelson-5'])).toEqual({ 'nelson-5': [2] })
    expect(judged(z, ['nelson-5'], { zoneFlags: 'window' })).toEqual({ 'nelson-5': [2, 3] })
  })

  test('two beyond two sigma wait for a third point where whole windows are asked', () => {
    expect(judged([2.5, 2.5, 2.5], ['nelson-5'], { zoneWindows: 'full' })).toEqual({ 'nelson-5': [3] })
    expect(judged([1.5, 1.5, 1.5, 1.5, 1.5], ['nelson-6'])).toEqual({ 'nelson-6': [4, 5] })
    expect(judged([1.5, 1.5, 1.5, 1.5, 1.5], ['nelson-6'], { zoneWindows: 'full' })).toEqual({ 'nelson-6': [5] })
  })

  test('runs end at a missing place, or go over it where that is asked', () => {
    const gap = [...times(5, 0.3), undefined, ...times(4, 0.3)]
    expect(judged(gap, ['nelson-2'])).toEqual({})
    expect(judged(gap, ['nelson-2'], { restartsAtMissing: false })).toEqual({ 'nelson-2': [10] })
  })

  test.each([true, false])('runs and an excluded point: restart %s', (restartsAtExcluded) => {
    const stream = chartStream({ kind: 'i-mr', given: { center: 0, sigma: 1 }, rules: { on: ['nelson-1', 'nelson-2'], restartsAtExcluded } })
    const signals = times(10, 0.3).flatMap((value, i) => stream.add({ values: [i === 4 ? 9 : value], excluded: i === 4 }).panels[0]!.signals)
    // the pattern begins at the first of the nine, across the excluded one
    expect(signals).toEqual(restartsAtExcluded ? [] : [{ rule: 'nelson-2', at: 9, from: 0, side: 'upper' }])
  })

  test('a signal tells where its pattern begins and on which side it is', () => {
    const stream = chartStream({ kind: 'i-mr', given: { center: 0, sigma: 1 }, rules: { on: NELSON_RULES } })
    const signals = [0.1, 0, -0.1, -0.2, -0.3, -0.4, -2.2, 0, -2.3].flatMap((value) => stream.add({ values: [value] }).panels[0]!.signals)
    expect(signals).toEqual([
      { rule: 'nelson-3', at: 5, from: 0, side: 'lower' },
      { rule: 'nelson-3', at: 6, from: 1, side: 'lower' },
      { rule: 'nelson-5', at: 8, from: 6, side: 'lower' },
    ])
  })
})
