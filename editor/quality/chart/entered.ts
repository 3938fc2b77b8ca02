/** A point that was entered, put behind the others of a chart: what the server told of it is what it would answer. No DOM. */
import { type ChartView, type QualityNews, SIZED_KINDS } from '../../../server/api/quality/index.ts'

export type Entered = Extract<QualityNews, { kind: 'entered' }>

/**
 * The chart with the new point; the same chart when its subgroup waits for more values.
 * @param most as many points as are wanted at most; the oldest go
 * @returns undefined when only the server can say: a point is missing in between, the chart had none, or it belongs to an older one
 */
export function withEntered(view: ChartView, news: Entered, most: number): ChartView | undefined {
  const newest = view.points.subgroup.at(-1)
  if (newest === undefined || news.subgroup < newest) return undefined
  if (news.openValues > 0) return { ...view, openValues: news.openValues }
  if (news.subgroup === newest) return undefined
  if (news.subgroup !== newest + 1 || view.charts.some(({ name }) => !news.panels.some((panel) => panel.name === name))) return undefined
  // a subgroup that was filled bit by bit is told by its last values only, and a count without of how many it is
  if (view.points.values && view.points.values.at(-1)?.length !== news.values.length) return undefined
  if ((SIZED_KINDS as readonly string[]).includes(view.kind)) return undefined
  const index = view.points.subgroup.length
  const { points } = view
  const grown: ChartView = {
    ...view,
    total: view.total + 1,
    openValues: 0,
    points: {
      subgroup: [...points.subgroup, news.subgroup],
      at: [...points.at, Date.parse(news.at)],
      size: [...points.size, points.size.at(-1) ?? null],
      excluded: [...points.excluded, 0],
      outOfTolerance: [...points.outOfTolerance, news.isInTolerance ? 0 : 1],
      corrected: [...points.corrected, 0],
      ...(points.values ? { values: [...points.values, news.values] } : {}),
    },
    charts: view.charts.map((chart) => withPoint(chart, news, index)),
    phases: view.phases.map((phase, at) => (at === view.phases.length - 1 ? { ...phase, to: index } : phase)),
    signals: [...news.signals, ...view.signals],
  }
  return index >= most ? withoutOldest(grown, index + 1 - most) : grown
}

type Panel = ChartView['charts'][number]

function withPoint(chart: Panel, news: Entered, index: number): Panel {
  const panel = news.panels.find(({ name }) => name === chart.name)
  const last = chart.lines.at(-1)
  const lines = { center: panel?.center ?? null, lower: panel?.lower ?? null, upper: panel?.upper ?? null }
  const goesOn = last && last.to === index - 1 && last.center === lines.center && last.lower === lines.lower && last.upper === lines.upper
  return {
    ...chart,
    value: [...chart.value, panel?.value ?? null],
    lines: goesOn ? [...chart.lines.slice(0, -1), { ...last, to: index }] : [...chart.lines, { from: index, to: index, ...lines, sigma: null }],
    signals: [
      ...chart.signals,
      ...news.signals
        .filter((signal) => signal.chart === chart.name)
        .map(({ rule, side, subgroups }) => ({
          rule,
          at: index,
          from: index - (news.subgroup - (subgroups[0] ?? news.subgroup)),
          ...(side === undefined ? {} : { side: side === 'above' ? ('upper' as const) : ('lower' as const) }),
        })),
    ],
  }
}

function withoutOldest(view: ChartView, count: number): ChartView {
  const { points } = view
  const moved = <T extends { from: number; to: number }>(list: readonly T[]): T[] =>
    list.filter(({ to }) => to >= count).map((one) => ({ ...one, from: Math.max(0, one.from - count), to: one.to - count }))
  return {
    ...view,
    points: {
      subgroup: points.subgroup.slice(count),
      at: points.at.slice(count),
      size: points.size.slice(count),
      excluded: points.excluded.slice(count),
      outOfTolerance: points.outOfTolerance.slice(count),
      corrected: points.corrected.slice(count),
      ...(points.values ? { values: points.values.slice(count) } : {}),
    },
    charts: view.charts.map((chart) => ({
      ...chart,
      value: chart.value.slice(count),
      lines: moved(chart.lines),
      signals: chart.signals.filter(({ at }) => at >= count).map((signal) => ({ ...signal, at: signal.at - count, from: signal.from - count })),
    })),
    phases: moved(view.phases),
  }
}
