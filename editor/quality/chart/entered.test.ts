import { describe, expect, it } from 'vitest'
import type { ChartView } from '../../../server/api/quality/index.ts'
import { type Entered, withEntered } from './entered.ts'

const view: ChartView = {
  characteristicId: 'chr_1',
  revision: 1,
  kind: 'i-mr',
  total: 3,
  points: { subgroup: [1, 2, 3], at: [1, 2, 3], size: [1, 1, 1], excluded: [0, 0, 0], outOfTolerance: [0, 0, 0], corrected: [0, 0, 0] },
  openValues: 0,
  charts: [
    {
      name: 'individuals',
      value: [5, 6, 5],
      lines: [{ from: 0, to: 2, center: 5, lower: 2, upper: 8, sigma: 1 }],
      signals: [{ rule: 'nelson-3', at: 1, from: 0 }],
    },
  ],
  phases: [{ limitId: 'lim_1', name: 'one', from: 0, to: 2, center: 5, sigma: 1 }],
  marks: [],
  signals: [],
}
const news = (part: Partial<Entered> = {}): Entered => ({
  kind: 'entered',
  characteristicId: 'chr_1',
  subgroup: 4,
  at: '2026-11-23T12:00:00.000Z',
  values: [9],
  isInTolerance: false,
  openValues: 0,
  panels: [{ name: 'individuals', value: 9, center: 5, lower: 2, upper: 8 }],
  signals: [
    {
      id: 'sig_1',
      characteristicId: 'chr_1',
      name: 'Length',
      subgroup: 4,
      chart: 'individuals',
      rule: 'nelson-1',
      text: 'above the upper control limit',
      subgroups: [4],
      side: 'above',
      value: 9,
      asks: 'nothing',
      at: '2026-11-23T12:00:00.000Z',
    },
  ],
  isLocked: false,
  ...part,
})

describe('a point that is told as it is entered', () => {
  it('stands behind the others, with its lines and what the rules say of it', () => {
    const grown = withEntered(view, news(), 100)
    expect(grown).toMatchObject({ total: 4, points: { subgroup: [1, 2, 3, 4], outOfTolerance: [0, 0, 0, 1] }, phases: [{ to: 3 }] })
    expect(grown?.charts[0]).toMatchObject({ value: [5, 6, 5, 9], lines: [{ from: 0, to: 3 }] })
    expect(grown?.charts[0]?.signals.at(-1)).toEqual({ rule: 'nelson-1', at: 3, from: 3, side: 'upper' })
    expect(view.points.subgroup).toHaveLength(3)
  })

  it('begins lines of its own where the limits are others', () => {
    const grown = withEntered(view, news({ panels: [{ name: 'individuals', value: 9, center: 6, lower: 2, upper: 8 }] }), 100)
    expect(grown?.charts[0]?.lines.map(({ from, to, center }) => [from, to, center])).toEqual([
      [0, 2, 5],
      [3, 3, 6],
    ])
  })

  it('lets the oldest go when there are as many as are wanted', () => {
    const grown = withEntered(view, news(), 3)
    expect(grown).toMatchObject({ points: { subgroup: [2, 3, 4] }, phases: [{ from: 0, to: 2 }] })
    expect(grown?.charts[0]?.signals).toEqual([
      { rule: 'nelson-3', at: 0, from: -1 },
      { rule: 'nelson-1', at: 2, from: 2, side: 'upper' },
    ])
  })

  it('is no point yet while its subgroup waits, and is asked for when one before it was missed', () => {
    expect(withEntered(view, news({ openValues: 2 }), 100)).toEqual({ ...view, openValues: 2 })
    expect(withEntered(view, news({ subgroup: 6 }), 100)).toBeUndefined()
    expect(withEntered(view, news({ subgroup: 3 }), 100)).toBeUndefined()
    expect(withEntered({ ...view, points: { ...view.points, subgroup: [] } }, news(), 100)).toBeUndefined()
    expect(withEntered(view, news({ panels: [] }), 100)).toBeUndefined()
  })
})
