/** A chart that grows by one point at a time, over limits that are known. */
import { needs, setCenter } from './basis.ts'
import { ChartError, type ChartOptions, type ChartStream, type GivenLimits, type PhaseLimits, type StreamState } from './contract.ts'
import { orNull } from './lines.ts'
import { type ChartPlan, checkGiven, settleOptions } from './plan.ts'
import { createPhaseJudge, type PhaseJudge } from './points.ts'
import { type Reading, readSubgroup } from './reading.ts'
import type { Panel } from './statistics/index.ts'

/** Limits of a phase as those of a stream that goes on where the phase ends. */
export function asGiven({ center, sigma, meanSize }: PhaseLimits): GivenLimits {
  return { center, ...(sigma === null ? {} : { sigma }), meanSize }
}

function refuseIncomplete(plan: ChartPlan, given: GivenLimits, at?: number): void {
  const needed = needs(plan, given)
  const lacks = [...(needed.center && given.center === undefined ? ['center'] : []), ...(needed.sigma && given.sigma === undefined ? ['sigma'] : [])]
  const place = at === undefined ? {} : { at }
  if (lacks.length) throw new ChartError('no-limits', `A chart that grows point by point needs its limits given: ${lacks.join(' and ')} missing.`, place)
  if (plan.rules.zones === 'mean-size' && given.meanSize === undefined)
    throw new ChartError('no-limits', 'Zones of the mean size need the mean size given.', place)
}

function judgeOf(plan: ChartPlan, given: GivenLimits): PhaseJudge {
  const meanSize = given.meanSize ?? plan.subgroupSize ?? 1
  return createPhaseJudge(plan, { center: given.center ?? setCenter(plan, given, meanSize), sigma: given.sigma ?? Number.NaN, meanSize }, given.panels)
}

function refuseOtherState(state: StreamState, of: string): void {
  if (state.version !== 1 || state.of !== of)
    throw new ChartError('state-mismatch', 'The kept state belongs to other options or limits. Begin anew and add the points again.')
}

/**
 * A subgroup of another phase than the one before begins that phase: its own limits, and rules, moving ranges and sums anew, as in a
 * whole chart.
 * @param options with limits in `given`, or for each phase in `givenByPhase`, complete; `limitsFromPhase` has no meaning here
 * @param kept what `state()` told, to go on from there
 * @throws ChartError `options-invalid`, `no-limits`, `state-mismatch`
 */
export function chartStream(options: ChartOptions, kept?: StreamState): ChartStream {
  const plan = settleOptions(options)
  const byPhase = options.givenByPhase ?? {}
  for (const given of options.given || !options.givenByPhase ? [options.given ?? {}, ...Object.values(byPhase)] : Object.values(byPhase)) {
    checkGiven(plan.kind, given)
    refuseIncomplete(plan, given)
  }
  const of = JSON.stringify([plan, options.given ?? null, byPhase])
  const givenOf = (phase: string | null): GivenLimits => (phase !== null && Object.hasOwn(byPhase, phase) ? byPhase[phase] : options.given) ?? {}
  let count = 0
  let phase: string | null = null
  /** Of the phase that has begun. */
  let judge: PhaseJudge | undefined
  if (kept) {
    refuseOtherState(kept, of)
    count = kept.count
    phase = kept.phase
    if (kept.judge) {
      judge = judgeOf(plan, givenOf(phase))
      judge.restore(kept.judge)
    }
  }

  /** The judge of a point, which changes nothing here yet. */
  function judgeFor(next: string | null): PhaseJudge {
    if (judge && next === phase) return judge
    const given = givenOf(next)
    refuseIncomplete(plan, given, count)
    return judgeOf(plan, given)
  }

  function refuseOtherSize(reading: Reading | undefined, { meanSize }: GivenLimits): void {
    if (plan.kind !== 'c' || meanSize === undefined || !reading || reading.size === meanSize) return
    throw new ChartError('wrong-size', `Subgroup ${count + 1} has the size ${reading.size} instead of ${meanSize}: a c chart needs one size. Take a u chart.`, {
      at: count,
    })
  }

  return {
    add(subgroup) {
      const reading = readSubgroup(subgroup, plan, count)
      const next = subgroup.phase ?? null
      refuseOtherSize(reading, givenOf(next))
      judge = judgeFor(next)
      phase = next
      const at = count
      count += 1
      const { panels } = judge
      return {
        at,
        panels: judge.add(reading, subgroup.excluded === true, at).map(({ value, lines, excluded, signals }, i) => ({
          name: (panels[i] as Panel).name,
          value: orNull(value),
          center: orNull(lines.center),
          lower: orNull(lines.lower),
          upper: orNull(lines.upper),
          sigma: orNull(lines.sigma),
          excluded,
          signals,
        })),
      }
    },
    state: () => ({ version: 1, of, count, phase, judge: judge?.state() ?? null }),
  }
}
