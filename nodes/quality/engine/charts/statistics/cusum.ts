/**
 * Tabular CUSUM (Page 1954; NIST/SEMATECH e-Handbook 6.3.2.3), the upper and the lower sum both 0 or more; with a head start as in
 * Lucas and Crosier (1982). An excluded or missing point leaves the sums as they were. A sum is not set back by a signal.
 */
import type { Lines } from '../lines.ts'
import { NO_LINES } from '../lines.ts'
import type { ChartPlan } from '../plan.ts'
import type { Basis, Panel, Statistic } from './contract.ts'

export function cusumStatistic({ cusum: { k, h, units, headStart }, target }: ChartPlan, { center, sigma }: Basis): Statistic {
  const aim = target ?? center
  const lines: Lines = { ...NO_LINES, center: 0, upper: h, judgedUpper: h }
  const panel = (name: 'cusum-high' | 'cusum-low'): Panel => ({
    name,
    isSymmetric: false,
    isIndependent: false,
    dependsOnSize: false,
    linesAt: () => lines,
  })
  let high = headStart * h
  let low = headStart * h
  /** The point after each sum was last zero; -1 while it is. */
  let highFrom = -1
  let lowFrom = -1
  return {
    panels: [panel('cusum-high'), panel('cusum-low')],
    add({ value, size }, excluded, at) {
      if (!excluded) {
        const away = units === 'raw' ? value - aim : (value - aim) / (sigma / Math.sqrt(size))
        high = Math.max(0, high + away - k)
        low = Math.max(0, low - away - k)
        highFrom = high === 0 ? -1 : highFrom < 0 ? at : highFrom
        lowFrom = low === 0 ? -1 : lowFrom < 0 ? at : lowFrom
      }
      return [
        { value: high, lines, excluded, from: highFrom },
        { value: low, lines, excluded, from: lowFrom },
      ]
    },
    miss: () => {},
    state: () => [high, low, highFrom, lowFrom],
    restore([a = 0, b = 0, c = -1, d = -1]) {
      high = a
      low = b
      highFrom = c
      lowFrom = d
    },
  }
}
