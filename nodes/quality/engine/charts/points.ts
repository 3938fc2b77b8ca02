/** Judges the points of one phase, one after the other: whole charts and streams both go through here, so that they cannot differ. */
import { createRunRules, type JudgedPoint, type RunRules, rulesFor, type Signal } from '../rules/index.ts'
import type { ExplicitLimits, GivenLimits, PanelName } from './contract.ts'
import { type Lines, linesFrom, NO_LINES } from './lines.ts'
import type { ChartPlan } from './plan.ts'
import type { Reading } from './reading.ts'
import { type Basis, createStatistic, type Panel, type Plotted } from './statistics/index.ts'

interface JudgedPanelPoint extends Omit<Plotted, 'from'> {
  signals: Signal[]
}

export interface PhaseJudge {
  panels: readonly Panel[]
  /** Which panels have lines that somebody set. */
  explicit: Partial<Record<PanelName, Lines>>
  /** One point for each panel; `undefined` is a place without a value. */
  add(reading: Reading | undefined, excluded: boolean, at: number): JudgedPanelPoint[]
  state(): { statistic: number[]; rules: number[][] }
  restore(state: { statistic: readonly number[]; rules: readonly (readonly number[])[] }): void
}

const NOTHING: Plotted = { value: Number.NaN, lines: NO_LINES, excluded: false }

/** Sizes in between have no constants. */
const sizeFor = (panel: Panel, meanSize: number) => (panel.name === 'range' || panel.name === 'standard-deviation' ? Math.round(meanSize) : meanSize)

/** Lines that stand for a whole phase: set by somebody, or of the mean size. */
export const phaseLines = (panel: Panel, { meanSize }: Basis): Lines => panel.linesAt(sizeFor(panel, meanSize))

export function createPhaseJudge(plan: ChartPlan, basis: Basis, given: GivenLimits['panels'] = {}): PhaseJudge {
  const statistic = createStatistic(plan, basis)
  const { panels } = statistic
  const explicit: Partial<Record<PanelName, Lines>> = {}
  for (const [name, limits] of Object.entries(given) as [PanelName, ExplicitLimits][]) explicit[name] = linesFrom(limits)
  const rules: RunRules[] = panels.map(({ isIndependent, isSymmetric }) =>
    createRunRules(isIndependent ? rulesFor(plan.rules, isSymmetric) : ['beyond-limits'], plan.rules),
  )
  const zones = panels.map((panel) =>
    plan.rules.zones === 'mean-size' && panel.dependsOnSize && panel.isIndependent && !explicit[panel.name] ? phaseLines(panel, basis) : undefined,
  )
  // one for all: what is judged is not kept
  const point: JudgedPoint = { at: 0, value: 0, center: 0, lower: 0, upper: 0, low1: 0, high1: 0, low2: 0, high2: 0 }

  function judge({ value, excluded, from = -1 }: Plotted, { lines, panel, at }: { lines: Lines; panel: number; at: number }): Signal[] {
    const run = rules[panel] as RunRules
    if (Number.isNaN(value) || excluded) {
      run.skip(excluded ? 'excluded' : 'missing')
      return []
    }
    const zone = zones[panel] ?? lines
    point.at = at
    point.value = value
    point.center = lines.center
    point.lower = lines.judgedLower
    point.upper = lines.judgedUpper
    point.low1 = zone.low1
    point.high1 = zone.high1
    point.low2 = zone.low2
    point.high2 = zone.high2
    const signals = run.add(point)
    if (from >= 0) for (const signal of signals) signal.from = from
    return signals
  }

  return {
    panels,
    explicit,
    add(reading, excluded, at) {
      const plotted = reading ? statistic.add(reading, excluded, at) : panels.map(() => NOTHING)
      if (!reading) statistic.miss()
      return plotted.map((one, i) => {
        const lines = (reading && explicit[(panels[i] as Panel).name]) ?? one.lines
        return { value: one.value, lines, excluded: one.excluded, signals: judge(one, { lines, panel: i, at }) }
      })
    },
    state: () => ({ statistic: statistic.state(), rules: rules.map((run) => run.state()) }),
    restore(state) {
      statistic.restore(state.statistic)
      rules.forEach((run, i) => {
        run.restore(state.rules[i] ?? [])
      })
    },
  }
}
