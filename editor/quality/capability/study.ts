/** What the process can do, reckoned from the points of a chart. No DOM. */
import { type Capability, type CapabilityOptions, capability } from '../../../nodes/quality/engine/capability/index.ts'
import { type Histogram, histogram, type NormalPlot, normalPlot, StatisticsError } from '../../../nodes/quality/engine/describe/index.ts'
import { type ShapiroWilk, shapiroWilk } from '../../../nodes/quality/engine/normality/index.ts'
import type { CharacteristicDefinition, ChartView } from '../../../server/api/quality/index.ts'

export interface Study {
  capability: Capability
  histogram: Histogram
  plot: NormalPlot
  /** Of 3 to 5,000 values. */
  shapiroWilk: ShapiroWilk | undefined
  /** Points that it is of, without those that are excluded. */
  points: number
}

/** What is reckoned with, as far as people choose it. */
export type StudyChoices = Required<Pick<CapabilityOptions, 'confidence' | 'degreesOfFreedom'>>

const LEAST_FOR_SHAPIRO = 3
const MOST_FOR_SHAPIRO = 5000

/**
 * @param range places of the first and the last point
 * @returns `too-few` and the like where there is no capability: the engine's code
 */
export function studyOf(
  view: ChartView,
  range: { from: number; to: number },
  { lower, upper, nominal, chart }: Pick<CharacteristicDefinition, 'lower' | 'upper' | 'nominal' | 'chart'>,
  choices: StudyChoices,
): Study | { problem: string; message: string } {
  const { values = [], excluded } = view.points
  // an excluded point is a gap: no moving range goes over it
  const subgroups = values.slice(range.from, range.to + 1).map((subgroup, index) => (excluded[range.from + index] ? [] : subgroup))
  const all = subgroups.flat()
  const isTarget = lower !== null && upper !== null && nominal !== null && nominal >= lower && nominal <= upper
  try {
    const found = capability(subgroups, {
      tolerance: { ...(lower === null ? {} : { lower }), ...(upper === null ? {} : { upper }), ...(isTarget ? { target: nominal } : {}) },
      ...(chart.estimator === undefined ? {} : { within: chart.estimator }),
      ...choices,
    })
    return {
      capability: found,
      histogram: histogram(all),
      plot: normalPlot(all),
      shapiroWilk: all.length >= LEAST_FOR_SHAPIRO && all.length <= MOST_FOR_SHAPIRO ? shapiroWilk(all) : undefined,
      points: subgroups.filter(({ length }) => length > 0).length,
    }
  } catch (error) {
    if (!(error instanceof StatisticsError)) throw error
    return { problem: error.code, message: error.message }
  }
}

/** The density of the normal curve. */
export const normalDensity = (x: number, mean: number, sigma: number): number => Math.exp(-(((x - mean) / sigma) ** 2) / 2) / (sigma * Math.sqrt(2 * Math.PI))

/** Of very many points all at both ends and evenly some between: the ends are what a probability plot is looked at for. */
export function thinned<T>(points: readonly T[], most: number): T[] {
  if (points.length <= most) return [...points]
  const end = Math.floor(most / 5)
  const middle = points.length - 2 * end
  const step = middle / (most - 2 * end)
  const between = Array.from({ length: most - 2 * end }, (_, index) => points[end + Math.floor(index * step)] as T)
  return [...points.slice(0, end), ...between, ...points.slice(-end)]
}

/** The figures as rows of a file: name, value, and the interval where there is one. */
export function csvOfStudy(study: Study, facts: { name: string; at: string; from: number; to: number; definition: CharacteristicDefinition }): string {
  const { capability: found } = study
  const cell = (value: string | number | undefined) => (typeof value === 'number' ? String(value) : `"${(value ?? '').replaceAll('"', '""')}"`)
  const rows: (string | number | undefined)[][] = [
    ['figure', 'value', 'lower', 'upper', 'confidence'],
    ['characteristic', facts.name],
    ['made', facts.at],
    ['first point', facts.from],
    ['last point', facts.to],
    ['lower limit', facts.definition.lower ?? undefined],
    ['upper limit', facts.definition.upper ?? undefined],
    ['nominal', facts.definition.nominal ?? undefined],
    ['values', found.count],
    ['mean', found.mean],
    ['smallest', found.min],
    ['largest', found.max],
    ['sigma within', found.within.sigma],
    ['estimator', found.within.estimator],
    ['sigma overall', found.overall.sigma],
    ...(['cp', 'cpl', 'cpu', 'cpk', 'cpm', 'pp', 'ppl', 'ppu', 'ppk'] as const).map((name) => {
      const index = found[name]
      return index ? [name, index.value, index.lower, index.upper, index.confidence] : [name]
    }),
    ['observed ppm', found.observedPpm.total],
    ['expected ppm within', found.expectedWithinPpm.total],
    ['expected ppm overall', found.expectedOverallPpm.total],
    ...(found.normality
      ? [['Anderson-Darling', found.normality.adjusted] as const, ['Anderson-Darling p', found.normality.p] as const].map((row) => [...row])
      : []),
    ...(study.shapiroWilk
      ? [
          ['Shapiro-Wilk', study.shapiroWilk.statistic],
          ['Shapiro-Wilk p', study.shapiroWilk.p],
        ]
      : []),
  ]
  return `${rows.map((row) => row.map(cell).join(',')).join('\n')}\n`
}
