/** X-bar with R, and X-bar with S: the mean of each subgroup above, its spread below. */
import { c4, d2, d3 } from '../../constants/index.ts'
import { type Lines, linesAround, NO_LINES } from '../lines.ts'
import type { ChartPlan } from '../plan.ts'
import { type Basis, bySize, type Panel, STATELESS, type Statistic } from './contract.ts'

/** One value has no spread. */
const spread = (lines: (size: number) => Lines) => bySize((size) => (size < 2 ? NO_LINES : lines(size)))

/** @param of which spread is drawn below */
export function meansStatistic(plan: ChartPlan, { center, sigma }: Basis, of: 'range' | 'deviation'): Statistic {
  const { sigmas } = plan
  const mean: Panel = {
    name: 'xbar',
    isSymmetric: true,
    isIndependent: true,
    dependsOnSize: true,
    linesAt: bySize((size) => linesAround(center, sigma / Math.sqrt(size), { sigmas })),
  }
  const below: Panel = {
    name: of === 'range' ? 'range' : 'standard-deviation',
    isSymmetric: false,
    isIndependent: true,
    dependsOnSize: true,
    linesAt: spread(
      of === 'range'
        ? (size) => linesAround(d2(size) * sigma, d3(size) * sigma, { sigmas, floor: 0 })
        : (size) => linesAround(c4(size) * sigma, Math.sqrt(1 - c4(size) ** 2) * sigma, { sigmas, floor: 0 }),
    ),
  }
  return {
    ...STATELESS,
    panels: [mean, below],
    add: (reading, excluded) => [
      { value: reading.value, lines: mean.linesAt(reading.size), excluded },
      { value: reading.size < 2 ? Number.NaN : reading[of], lines: below.linesAt(reading.size), excluded },
    ],
  }
}
