/** Capability of a range of points. Pure: it also runs in a thread of its own. */
import { capability } from '../../../nodes/quality/engine/capability/index.ts'
import { histogram, normalPlot, StatisticsError } from '../../../nodes/quality/engine/describe/index.ts'
import type { CapabilityView, CharacteristicDefinition } from '../../api/index.ts'
import { isOfCounts } from '../definition.ts'
import type { Point } from '../phases.ts'
import { type ChartQuestion, drawChart } from './chart-view.ts'

export interface CapabilityQuestion extends ChartQuestion {
  id: string
  revision: number
  definition: CharacteristicDefinition
}

const MOST_PLOTTED = 500

export function capabilityOf(question: CapabilityQuestion): CapabilityView {
  const { id, revision, definition, points } = question
  const { lower, upper, nominal, chart } = definition
  const kept = points.filter(({ isExcluded }) => !isExcluded)
  const values = isOfCounts(chart) ? [] : kept.flatMap((point) => point.values)
  const view: CapabilityView = {
    characteristicId: id,
    revision,
    values: values.length,
    subgroups: kept.length,
    excluded: points.length - kept.length,
    ...spanOf(kept),
    mean: null,
    min: null,
    max: null,
    tolerance: { lower, upper, target: nominal },
    signals: isOfCounts(chart) ? 0 : flagged(question),
  }
  const problem = (code: string, message: string): CapabilityView => ({ ...view, problem: { code, message } })
  if (isOfCounts(chart)) return problem('counts', 'Counts have no capability: look at their rate on the chart.')
  if (!values.length) return problem('too-few', 'There are no values in this range. Choose a longer one.')
  const range = extent(values)
  const seen = { ...view, ...range, histogram: histogram(values).bars }
  if (lower === null && upper === null)
    return {
      ...seen,
      problem: { code: 'no-tolerance', message: 'There is no tolerance, and capability compares with one. Give the characteristic its limits.' },
    }
  try {
    const found = capability(gapped(points), {
      tolerance: { ...(lower === null ? {} : { lower }), ...(upper === null ? {} : { upper }), ...(nominal === null ? {} : { target: nominal }) },
      ...(chart.estimator === undefined ? {} : { within: chart.estimator }),
    })
    const { within, overall, cp, cpl, cpu, cpk, cpm, pp, ppl, ppu, ppk, cpmOverall, observedPpm, expectedWithinPpm, expectedOverallPpm } = found
    const { sigmaLevelWithin, sigmaLevelOverall, normality } = found
    return {
      ...seen,
      mean: found.mean,
      indices: {
        ...{ within, overall, cp, cpl, cpu, cpk, cpm, pp, ppl, ppu, ppk, cpmOverall },
        ...{ observedPpm, expectedWithinPpm, expectedOverallPpm, sigmaLevelWithin, sigmaLevelOverall },
      },
      ...(normality ? { normality: { statistic: normality.statistic, adjusted: normality.adjusted, p: normality.p, isBound: normality.isBound } } : {}),
      normalPlot: plotOf(values),
    }
  } catch (error) {
    if (!(error instanceof StatisticsError)) throw error
    return { ...seen, problem: { code: error.code, message: error.message } }
  }
}

/** An excluded point is a gap: no moving range over it. */
const gapped = (points: readonly Point[]): number[][] => points.map(({ values, isExcluded }) => (isExcluded ? [] : values))

function flagged(question: ChartQuestion): number {
  const { charts } = drawChart(question)
  return new Set(charts.flatMap(({ signals }) => signals.map(({ at }) => at))).size
}

function spanOf(points: readonly Point[]): { from?: string; to?: string } {
  if (!points.length) return {}
  const { min, max } = extent(points.map(({ at }) => at))
  return { from: new Date(min).toISOString(), to: new Date(max).toISOString() }
}

function extent(values: readonly number[]): { mean: number; min: number; max: number } {
  let min = Number.POSITIVE_INFINITY
  let max = Number.NEGATIVE_INFINITY
  let mean = 0
  values.forEach((value, i) => {
    min = Math.min(min, value)
    max = Math.max(max, value)
    mean += (value - mean) / (i + 1)
  })
  return { mean, min, max }
}

/** Spread evenly over the order, with both ends: the ends say most. */
function plotOf(values: readonly number[]): NonNullable<CapabilityView['normalPlot']> {
  const { points, mean, standardDeviation } = normalPlot(values)
  const step = Math.max(1, (points.length - 1) / (MOST_PLOTTED - 1))
  const chosen = Array.from({ length: Math.min(points.length, MOST_PLOTTED) }, (_, i) => points[Math.round(i * step)]).filter((point) => point !== undefined)
  return { value: chosen.map(({ value }) => value), score: chosen.map(({ z }) => z), mean, standardDeviation }
}
