/** A whole chart at once: phases, limits, points and what the rules say of them. */
import { basisFrom } from './basis.ts'
import {
  ChartError,
  type ChartOptions,
  type ChartPanel,
  type ChartResult,
  type GivenLimits,
  PANELS_OF,
  type PanelLimits,
  type PanelPoints,
  type PhaseLimits,
  type Subgroup,
} from './contract.ts'
import type { Place } from './estimate.ts'
import { orNull } from './lines.ts'
import { type ChartPlan, checkGiven, settleOptions } from './plan.ts'
import { createPhaseJudge, type PhaseJudge, phaseLines } from './points.ts'
import { readSubgroup } from './reading.ts'
import type { Basis, Panel } from './statistics/index.ts'

interface Stretch {
  phase: string | null
  from: number
  to: number
}

/** Neighbours of the same phase. */
function stretches(subgroups: readonly Subgroup[]): Stretch[] {
  const found: Stretch[] = []
  subgroups.forEach(({ phase = null }, at) => {
    const last = found.at(-1)
    if (last && last.phase === phase) last.to = at
    else found.push({ phase, from: at, to: at })
  })
  return found
}

/** A c chart counts over the same amount each time. */
function refuseUnequal(places: readonly Place[], { from }: Stretch, meanSize: number | undefined): void {
  let size = meanSize
  places.forEach(({ reading }, i) => {
    if (!reading) return
    size ??= reading.size
    if (reading.size !== size)
      throw new ChartError(
        'wrong-size',
        `Subgroup ${from + i + 1} has the size ${reading.size} instead of ${size}: a c chart needs one size. Take a u chart.`,
        { at: from + i },
      )
  })
}

const emptyPoints = (count: number): PanelPoints => ({
  value: new Float64Array(count).fill(Number.NaN),
  center: new Float64Array(count).fill(Number.NaN),
  lower: new Float64Array(count).fill(Number.NaN),
  upper: new Float64Array(count).fill(Number.NaN),
  sigma: new Float64Array(count).fill(Number.NaN),
  excluded: new Uint8Array(count),
})

/** The one size of a phase, if it has one. */
function oneSize(places: readonly Place[]): number | undefined {
  let size: number | undefined
  for (const { reading } of places) {
    if (!reading) continue
    size ??= reading.size
    if (size !== reading.size) return undefined
  }
  return size
}

function limitsOf(
  panel: Panel,
  { stretch, places, basis, judge }: { stretch: Stretch; places: readonly Place[]; basis: Basis; judge: PhaseJudge },
): PanelLimits {
  const set = judge.explicit[panel.name]
  const size = panel.dependsOnSize ? oneSize(places) : 1
  const lines = set ?? (size === undefined ? phaseLines(panel, basis) : panel.linesAt(size))
  return {
    ...stretch,
    center: orNull(lines.center),
    lower: orNull(lines.lower),
    upper: orNull(lines.upper),
    sigma: orNull(lines.sigma),
    isPerPoint: !set && (size === undefined || panel.widens === true),
  }
}

function drawPhase(
  charts: readonly ChartPanel[],
  { stretch, places, basis, judge }: { stretch: Stretch; places: readonly Place[]; basis: Basis; judge: PhaseJudge },
): void {
  judge.panels.forEach((panel, i) => {
    charts[i]?.limits.push(limitsOf(panel, { stretch, places, basis, judge }))
  })
  places.forEach(({ reading, excluded }, i) => {
    const at = stretch.from + i
    judge.add(reading, excluded, at).forEach((point, panel) => {
      const chart = charts[panel] as ChartPanel
      const { points } = chart
      points.value[at] = point.value
      points.center[at] = point.lines.center
      points.lower[at] = point.lines.lower
      points.upper[at] = point.lines.upper
      points.sigma[at] = point.lines.sigma
      points.excluded[at] = Number(point.excluded)
      if (point.signals.length) chart.signals.push(...point.signals)
    })
  })
}

/** What is given for a phase: its own, that of the phase whose limits it takes, or what is given for all. */
function givenFor(stretch: Stretch, source: Stretch, { given = {}, givenByPhase = {} }: ChartOptions): GivenLimits {
  const own = [stretch, source].map(({ phase }) => (phase !== null && Object.hasOwn(givenByPhase, phase) ? givenByPhase[phase] : undefined))
  return own[0] ?? own[1] ?? given
}

function read(subgroups: readonly Subgroup[], plan: ChartPlan): Place[] {
  return subgroups.map((subgroup, at) => ({ reading: readSubgroup(subgroup, plan, at), excluded: subgroup.excluded === true }))
}

/** What stands against limits is told where the phase begins. */
function basisOf({ places, at }: { places: readonly Place[]; at: number }, plan: ChartPlan, given: GivenLimits): ReturnType<typeof basisFrom> {
  try {
    return basisFrom(places, plan, given)
  } catch (error) {
    throw error instanceof ChartError ? new ChartError(error.code, error.message, { at }) : error
  }
}

/**
 * The control chart of these subgroups, in their order.
 * @throws ChartError with the place of what is wrong in the data, or `options-invalid`
 */
export function controlChart(subgroups: readonly Subgroup[], options: ChartOptions): ChartResult {
  const plan = settleOptions(options)
  for (const given of [options.given ?? {}, ...Object.values(options.givenByPhase ?? {})]) checkGiven(plan.kind, given)
  if (!subgroups.length) throw new ChartError('no-data', 'There are no subgroups.')
  const places = read(subgroups, plan)
  const parts = stretches(subgroups)
  const source = options.limitsFromPhase === undefined ? undefined : parts.find(({ phase }) => phase === options.limitsFromPhase)
  if (options.limitsFromPhase !== undefined && !source)
    throw new ChartError('options-invalid', `There is no phase "${options.limitsFromPhase}" to take limits from.`)
  const placesOf = ({ from, to }: Stretch) => places.slice(from, to + 1)
  const size = Float64Array.from(places, ({ reading }) => reading?.size ?? Number.NaN)
  const charts: ChartPanel[] = PANELS_OF[plan.kind].map((name) => ({ name, points: emptyPoints(places.length), limits: [], signals: [] }))
  const phases: PhaseLimits[] = []
  for (const stretch of parts) {
    const own = placesOf(stretch)
    const hasOwn = stretch.phase !== null && Object.hasOwn(options.givenByPhase ?? {}, stretch.phase)
    const from = hasOwn ? stretch : (source ?? stretch)
    const given = givenFor(stretch, from, options)
    const basis = basisOf({ places: from === stretch ? own : placesOf(from), at: from.from }, plan, given)
    if (plan.kind === 'c') refuseUnequal(own, stretch, from === stretch ? given.meanSize : basis.meanSize)
    const judge = createPhaseJudge(plan, basis, given.panels)
    const { center, sigma, meanSize, subgroups: used, estimator } = basis
    phases.push({ ...stretch, center, sigma: orNull(sigma), meanSize, subgroups: used, estimator })
    drawPhase(charts, { stretch, places: own, basis, judge })
  }
  return { kind: plan.kind, count: places.length, size, phases, charts }
}
