/** What the server answers of a chart, as columns that are drawn. No DOM. */
import type { ChartView } from '../../../server/api/quality/index.ts'
import type { PlotMark, PlotModel, PlotPanel } from '../plot/panel.ts'

/** Rules that say that a point itself lies beyond a line. */
const BEYOND: readonly string[] = ['nelson-1', 'western-electric-1', 'beyond-limits']
/** Panels of which single values are drawn: only there a tolerance has its place. */
const SINGLE: readonly string[] = ['individuals']
/** Panels whose limits lie the same way on both sides of the centre. */
const SYMMETRIC: readonly string[] = ['xbar', 'individuals', 'p', 'np', 'c', 'u']

export interface ModelWords {
  panel: (name: string) => string
  /** A phase as it is called. */
  phase: (name: string) => string
  /** Below a point on the axis. */
  label: (index: number, view: ChartView) => string
}

/** What a chart is made with besides its points. */
export interface ModelFacts {
  decimals: number
  /** Width of the limits; zones are drawn for three sigma only. */
  sigmas: number
  lower: number | null
  upper: number | null
}

/** The number that stands beside a mark: `1` of Nelson's rules, `W1` of Western Electric's. */
function ruleNumber(rule: string): string {
  const [, nelson] = /^nelson-(\d)$/.exec(rule) ?? []
  if (nelson) return nelson
  const [, western] = /^western-electric-(\d)$/.exec(rule) ?? []
  return western ? `W${western}` : '!'
}

export function plotModelOf(view: ChartView, facts: ModelFacts, words: ModelWords): PlotModel {
  const count = view.points.subgroup.length
  const noted = new Uint8Array(count)
  const placeOf = new Map(view.points.subgroup.map((subgroup, index) => [subgroup, index]))
  for (const { kind, subgroup } of view.marks) {
    const index = placeOf.get(subgroup)
    if (index !== undefined && kind !== 'exclude' && kind !== 'include') noted[index] = 1
  }
  return {
    count,
    panels: view.charts.map((chart) => panelOf(chart, count, facts, words)),
    excluded: Uint8Array.from(view.points.excluded),
    outOfTolerance: Uint8Array.from(view.points.outOfTolerance),
    noted,
    phases: view.phases.filter(({ name }) => name !== '').map(({ from, name }) => ({ from, name: words.phase(name) })),
    labelOf: (index) => words.label(index, view),
  }
}

function panelOf(chart: ChartView['charts'][number], count: number, { decimals, sigmas, lower, upper }: ModelFacts, words: ModelWords): PlotPanel {
  const column = () => new Float64Array(count).fill(Number.NaN)
  const lines = { lower: column(), center: column(), upper: column() }
  for (const line of chart.lines) {
    for (const which of ['lower', 'center', 'upper'] as const) {
      const value = line[which]
      if (value !== null) lines[which].fill(value, Math.max(0, line.from), line.to + 1)
    }
  }
  const isSingle = SINGLE.includes(chart.name)
  return {
    name: chart.name,
    title: words.panel(chart.name),
    digits: digitsOf(chart.name, decimals),
    values: Float64Array.from(chart.value, (value) => value ?? Number.NaN),
    ...lines,
    hasZones: SYMMETRIC.includes(chart.name) && sigmas === 3,
    marks: marksOf(chart.signals),
    tolerance: isSingle ? { lower: lower ?? undefined, upper: upper ?? undefined } : undefined,
  }
}

/** Digits of what is plotted: a mean has one more than what it is of. */
export function digitsOf(panel: string, decimals: number): number {
  if (panel === 'individuals' || panel === 'moving-range' || panel === 'range') return decimals
  if (panel === 'np' || panel === 'c') return 2
  return panel === 'p' || panel === 'u' ? 4 : decimals + 1
}

/** One mark a point, with all the rules that it breaks. */
function marksOf(signals: ChartView['charts'][number]['signals']): PlotMark[] {
  const byPoint = new Map<number, Set<string>>()
  for (const { at, rule } of signals) {
    const rules = byPoint.get(at) ?? new Set()
    rules.add(rule)
    byPoint.set(at, rules)
  }
  return [...byPoint]
    .sort(([one], [other]) => one - other)
    .map(([at, rules]) => ({
      at,
      // one number has room beside a point; all of them stand at the cursor and in the point's panel
      text: `${[...rules].map(ruleNumber).sort()[0] ?? ''}${new Set([...rules].map(ruleNumber)).size > 1 ? '+' : ''}`,
      kind: [...rules].some((rule) => BEYOND.includes(rule)) ? 'beyond' : 'rule',
    }))
}

/** What the rules say of one point, on any of the charts. */
export function rulesAt(view: ChartView, index: number): { chart: string; rule: string; side: 'upper' | 'lower' | undefined; from: number }[] {
  return view.charts.flatMap(({ name, signals }) => signals.filter(({ at }) => at === index).map(({ rule, side, from }) => ({ chart: name, rule, side, from })))
}

/** Figures of a chart in a few numbers, for a sentence above it. */
export function summaryOf(view: ChartView): { points: number; excluded: number; outOfTolerance: number; signalled: number; isInControl: boolean } {
  const sum = (flags: readonly number[]) => flags.reduce((total, flag) => total + flag, 0)
  const signalled = new Set(view.charts.flatMap(({ signals }) => signals.map(({ at }) => at))).size
  return {
    points: view.points.subgroup.length,
    excluded: sum(view.points.excluded),
    outOfTolerance: sum(view.points.outOfTolerance),
    signalled,
    isInControl: signalled === 0,
  }
}
