/** A control chart as columns: phases, lines, signals of the points that are shown. Pure: it also runs in a thread of its own. */
import { ChartError, type ChartResult, controlChart, type PanelLimits, type PanelPoints } from '../../../nodes/quality/engine/charts/index.ts'
import type { ChartPlan, ChartView, GivenLimits, PanelLines } from '../../api/index.ts'
import { chartOptions } from '../definition.ts'
import { type PhaseLimit, type Point, phaseTeller, subgroupOf } from '../phases.ts'

export interface ChartQuestion {
  plan: ChartPlan
  /** Oldest first. */
  points: Point[]
  /** So many of them are not shown: what rules and sums remember. */
  leadIn: number
  limits: PhaseLimit[]
}

export type Drawn = Pick<ChartView, 'points' | 'charts' | 'phases' | 'problem'>

/** A chart with the values of each point, up to so many. */
const MOST_WITH_VALUES = 5_000
/** Points before the first limits, where none can be made of them. */
const UNJUDGED = 'unjudged'

export function drawChart({ plan, points, leadIn, limits }: ChartQuestion): Drawn {
  const shown = leadIn ? points.slice(leadIn) : points
  const columns: Drawn['points'] = {
    subgroup: shown.map(({ subgroup }) => subgroup),
    at: shown.map(({ at }) => at),
    size: shown.map(({ size, values }) => size ?? values.length),
    excluded: shown.map(({ isExcluded }) => Number(isExcluded)),
    outOfTolerance: shown.map(({ isInTolerance }) => Number(!isInTolerance)),
    corrected: shown.map(({ isCorrected }) => Number(isCorrected)),
    ...(shown.length > MOST_WITH_VALUES ? {} : { values: shown.map(({ values }) => values) }),
  }
  if (!shown.length) return { points: columns, charts: [], phases: [] }
  const tell = phaseTeller(limits)
  const phases = points.map((point) => tell(point)?.id)
  const { result, problem } = reckon({ plan, points, phases, limits })
  if (!result) return { points: columns, charts: [], phases: [], ...(problem ? { problem } : {}) }
  const named = new Map(limits.map((limit) => [limit.id, limit]))
  return {
    points: columns,
    charts: result.charts.map(({ name, points: plotted, limits: lines, signals }) => ({
      name,
      value: column(plotted.value, leadIn),
      lines: lines.filter(({ phase }) => phase !== UNJUDGED).flatMap((one) => linesOf(one, plotted, leadIn)),
      signals: signals
        .filter(({ at }) => at >= leadIn && phases[at] !== UNJUDGED)
        .map(({ rule, at, from, side }) => ({ rule, at: at - leadIn, from: from - leadIn, ...(side ? { side } : {}) })),
    })),
    phases: result.phases
      .filter(({ to }) => to >= leadIn)
      .map(({ phase, from, to, center, sigma }) => {
        const limit = phase === null ? undefined : named.get(phase)
        const isUnjudged = phase === UNJUDGED
        return {
          ...(limit ? { limitId: limit.id } : {}),
          name: limit?.phase ?? '',
          from: Math.max(0, from - leadIn),
          to: to - leadIn,
          center: isUnjudged ? null : number(center),
          sigma: isUnjudged ? null : number(sigma ?? Number.NaN),
        }
      }),
    ...(problem ? { problem } : {}),
  }
}

/** With limits of their own where nobody has set any; where none can be made, the points alone, and why. */
function reckon(of: { plan: ChartPlan; points: readonly Point[]; phases: (string | undefined)[]; limits: readonly PhaseLimit[] }): {
  result?: ChartResult
  problem?: { code: string; message: string }
} {
  const { plan, points, phases, limits } = of
  const given = Object.fromEntries(limits.map(({ id, given: lines }) => [id, lines]))
  const draw = (byPhase: Record<string, GivenLimits>) =>
    controlChart(
      points.map((point, i) => subgroupOf(plan, point, phases[i])),
      chartOptions(plan, byPhase),
    )
  try {
    return { result: draw(given) }
  } catch (error) {
    if (!(error instanceof ChartError)) throw error
    const problem = { code: error.code, message: error.message }
    for (const [i, phase] of phases.entries()) if (phase === undefined) phases[i] = UNJUDGED
    try {
      return { result: draw({ ...given, [UNJUDGED]: standIn(plan) }), problem }
    } catch (again) {
      if (!(again instanceof ChartError)) throw again
      return { problem }
    }
  }
}

/** Lets the engine place the values where there are no limits; nothing of it is shown. */
const standIn = ({ kind }: ChartPlan): GivenLimits =>
  kind === 'p' || kind === 'np' ? { center: 0.5 } : kind === 'c' || kind === 'u' ? { center: 1 } : { center: 0, sigma: 1 }

const number = (value: number): number | null => (Number.isNaN(value) ? null : value)

function column(values: Float64Array, from: number): (number | null)[] {
  const found: (number | null)[] = new Array(values.length - from)
  for (let i = from; i < values.length; i += 1) found[i - from] = number(values[i] ?? Number.NaN)
  return found
}

/** Lines of a stretch; where they differ from point to point, neighbours with the same are joined. */
function linesOf({ from, to, center, lower, upper, sigma, isPerPoint }: PanelLimits, points: PanelPoints, leadIn: number): PanelLines[] {
  if (to < leadIn) return []
  const begin = Math.max(from, leadIn)
  if (!isPerPoint) return [{ from: begin - leadIn, to: to - leadIn, center, lower, upper, sigma }]
  const lines: PanelLines[] = []
  for (let i = begin; i <= to; i += 1) {
    const last = lines.at(-1)
    const at = i - leadIn
    const values = {
      center: number(points.center[i] ?? Number.NaN),
      lower: number(points.lower[i] ?? Number.NaN),
      upper: number(points.upper[i] ?? Number.NaN),
      sigma: number(points.sigma[i] ?? Number.NaN),
    }
    if (last && last.center === values.center && last.lower === values.lower && last.upper === values.upper) last.to = at
    else lines.push({ from: at, to: at, ...values })
  }
  return lines
}
