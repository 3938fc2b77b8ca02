/** Individuals with moving ranges. A moving range over an excluded value is drawn and kept out; over a missing one there is none. */
import { d2, d3 } from '../../constants/index.ts'
import { linesAround } from '../lines.ts'
import { createMovingRange } from '../moving-range.ts'
import type { ChartPlan } from '../plan.ts'
import type { Basis, Panel, Statistic } from './contract.ts'

export function individualsStatistic({ sigmas, movingRangeSpan: span }: ChartPlan, { center, sigma }: Basis): Statistic {
  const moving = createMovingRange(span)
  const lines = linesAround(center, sigma, { sigmas })
  const rangeLines = linesAround(d2(span) * sigma, d3(span) * sigma, { sigmas, floor: 0 })
  const panels: Panel[] = [
    { name: 'individuals', isSymmetric: true, isIndependent: true, dependsOnSize: false, linesAt: () => lines },
    { name: 'moving-range', isSymmetric: false, isIndependent: true, dependsOnSize: false, linesAt: () => rangeLines },
  ]
  return {
    panels,
    add({ value }, excluded) {
      const { range, isExcluded } = moving.add(value, excluded)
      return [
        { value, lines, excluded },
        { value: range, lines: rangeLines, excluded: isExcluded && !Number.isNaN(range) },
      ]
    },
    miss: moving.restart,
    state: moving.state,
    restore: moving.restore,
  }
}
