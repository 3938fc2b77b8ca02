/** What `cellwright spc` tells of a chart: figures for programs, words for people. Points are counted from 1. */
import type { ChartPanel, ChartResult, PanelLimits, PanelName } from '../../nodes/quality/engine/charts/index.ts'
import type { RuleId, Signal } from '../../nodes/quality/engine/rules/index.ts'
import type { FoundChart } from './chart-file.ts'

const PANEL_WORDS: Record<PanelName, string> = {
  xbar: 'means',
  range: 'ranges',
  'standard-deviation': 'standard deviations',
  individuals: 'individuals',
  'moving-range': 'moving ranges',
  p: 'share nonconforming',
  np: 'nonconforming items',
  c: 'nonconformities',
  u: 'nonconformities per unit',
  ewma: 'EWMA',
  'cusum-high': 'CUSUM above the target',
  'cusum-low': 'CUSUM below the target',
}

const RULE_WORDS: Record<RuleId, string> = {
  'beyond-limits': 'beyond the limit',
  'nelson-1': 'beyond a control limit',
  'nelson-2': 'a row of points on one side of the center',
  'nelson-3': 'a row of points that all rise or all fall',
  'nelson-4': 'a row of points up and down in turn',
  'nelson-5': 'two of three points beyond two sigma on one side',
  'nelson-6': 'four of five points beyond one sigma on one side',
  'nelson-7': 'a row of points within one sigma',
  'nelson-8': 'a row of points all beyond one sigma',
  'western-electric-1': 'beyond a control limit',
  'western-electric-2': 'two of three points beyond two sigma on one side',
  'western-electric-3': 'four of five points beyond one sigma on one side',
  'western-electric-4': 'a row of points on one side of the center',
}

/** Seven digits: what a control limit is worth. */
const figure = (value: number | null) => (value === null ? '' : String(Number(value.toPrecision(7))))
const orNull = (value: number | undefined) => (value === undefined || Number.isNaN(value) ? null : value)

const counted = ({ from, to, ...limits }: PanelLimits) => ({ ...limits, from: from + 1, to: to + 1 })

/** Numbers of the points at which each rule holds. */
function byRule(signals: readonly Signal[]): Partial<Record<RuleId, number[]>> {
  const found: Partial<Record<RuleId, number[]>> = {}
  for (const { rule, at } of signals) {
    const points = found[rule] ?? []
    if (points.at(-1) !== at + 1) points.push(at + 1)
    found[rule] = points
  }
  return found
}

function pointsOf({ points }: ChartPanel, { subgroups }: FoundChart) {
  return subgroups.map(({ name, lines }, i) => ({
    at: i + 1,
    subgroup: name,
    line: lines[0] ?? null,
    value: orNull(points.value[i]),
    center: orNull(points.center[i]),
    lower: orNull(points.lower[i]),
    upper: orNull(points.upper[i]),
    excluded: points.excluded[i] === 1,
  }))
}

/**
 * `limits` are those of the last phase, `phases` those of each; `signals` are the numbers of the points by rule, `patterns` tell more of each.
 */
export function chartJson(found: FoundChart) {
  const { kind, count, phases, charts } = found.result
  return {
    kind,
    count,
    phases: phases.map(({ from, to, ...phase }) => ({ ...phase, from: from + 1, to: to + 1 })),
    charts: charts.map((chart) => ({
      name: chart.name,
      limits: counted(chart.limits.at(-1) as PanelLimits),
      phases: chart.limits.map(counted),
      signals: byRule(chart.signals),
      patterns: chart.signals.map(({ at, from, ...signal }) => ({ ...signal, at: at + 1, from: from + 1, subgroup: found.subgroups[at]?.name ?? '' })),
      points: pointsOf(chart, found),
    })),
  }
}

/** One row for each phase of each panel. */
export const limitRows = ({ charts }: ChartResult) => charts.flatMap(({ name, limits }) => limits.map((limit) => ({ ...limit, name })))

export const LIMIT_COLUMNS: Record<string, (row: PanelLimits & { name: PanelName }) => string> = {
  CHART: ({ name }) => PANEL_WORDS[name],
  PHASE: ({ phase }) => phase ?? '',
  POINTS: ({ from, to }) => `${from + 1} to ${to + 1}`,
  CENTER: ({ center }) => figure(center),
  LOWER: ({ lower }) => figure(lower),
  UPPER: ({ upper }) => figure(upper),
  NOTE: ({ isPerPoint, name }) => (!isPerPoint ? '' : name === 'ewma' ? 'where the limits end' : 'of the mean size; each point has its own'),
}

export const signalRows = ({ charts }: ChartResult) =>
  charts.flatMap(({ name, signals, points }) => signals.map((signal) => ({ ...signal, name, value: points.value[signal.at] })))

export const signalColumns = ({
  subgroups,
}: FoundChart): Record<string, (row: Signal & { name: PanelName; value: number | undefined }) => string | number> => ({
  POINT: ({ at }) => at + 1,
  SUBGROUP: ({ at }) => subgroups[at]?.name ?? '',
  LINE: ({ at }) => subgroups[at]?.lines[0] ?? '',
  CHART: ({ name }) => PANEL_WORDS[name],
  VALUE: ({ value }) => figure(orNull(value)),
  RULE: ({ rule }) => rule,
  MEANING: ({ rule, from, at, side }) =>
    `${RULE_WORDS[rule]}${side === 'upper' ? ', above' : side === 'lower' ? ', below' : ''}${from < at ? ` (points ${from + 1} to ${at + 1})` : ''}`,
})

/** The first lines: what was charted, and what sigma is. */
export function chartSummary(file: string, { result, subgroups }: FoundChart): string {
  const out = subgroups.filter(({ subgroup }) => subgroup.excluded).length
  const lines = [
    `${file}: ${result.kind}, ${result.count} ${result.count === 1 ? 'point' : 'points'}${out ? `, ${out} of them excluded from limits and rules` : ''}.`,
  ]
  for (const { phase, sigma, estimator } of result.phases)
    if (sigma !== null) lines.push(`Sigma${phase === null ? '' : ` of phase ${phase}`}: ${figure(sigma)} (${estimator ?? 'given'}).`)
  return lines.join('\n')
}
