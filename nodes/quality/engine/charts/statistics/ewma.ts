/**
 * EWMA (Roberts 1959; NIST/SEMATECH e-Handbook 6.3.2.4): z = lambda x + (1 - lambda) z before. Its variance follows the same way,
 * v = lambda² / n + (1 - lambda)² v before, which for equal sizes is the usual factor 1 - (1 - lambda)^2i and for unequal ones
 * stays exact. An excluded or missing point leaves z as it was.
 */
import { linesAround } from '../lines.ts'
import type { ChartPlan } from '../plan.ts'
import type { Basis, Panel, Statistic } from './contract.ts'

export function ewmaStatistic({ ewma: { lambda, L, limits }, target }: ChartPlan, { center, sigma }: Basis): Statistic {
  const aim = target ?? center
  const isExact = limits === 'exact'
  const around = (variance: number) => linesAround(aim, sigma * Math.sqrt(variance), { sigmas: L })
  const resting = (size: number) => lambda / (2 - lambda) / size
  let away = 0
  let variance = 0
  const panel: Panel = { name: 'ewma', isSymmetric: true, isIndependent: false, dependsOnSize: true, linesAt: (size) => around(resting(size)), widens: isExact }
  return {
    panels: [panel],
    add({ value, size }, excluded) {
      if (!excluded) {
        away += lambda * (value - aim - away)
        variance = lambda ** 2 / size + (1 - lambda) ** 2 * variance
      }
      return [{ value: aim + away, lines: around(isExact ? variance : resting(size)), excluded }]
    },
    miss: () => {},
    state: () => [away, variance],
    restore([a = 0, v = 0]) {
      away = a
      variance = v
    },
  }
}
