/** Points of a chart and the limits that hold for them. Pure. */
import type { Subgroup } from '../../nodes/quality/engine/charts/index.ts'
import type { ChartPlan, GivenLimits } from '../api/index.ts'
import { isOfCounts, needsSize } from './definition.ts'

/** One point: the values of a subgroup, or a count. */
export interface Point {
  subgroup: number
  /** Epoch ms of its newest value. */
  at: number
  values: number[]
  /** Of a count: of how many. */
  size: number | null
  isInTolerance: boolean
  isExcluded: boolean
  isCorrected: boolean
}

/** Limits as phases of a chart. */
export interface PhaseLimit {
  id: string
  phase: string
  /** Epoch ms. */
  validFrom: number
  fromSubgroup: number | null
  given: GivenLimits
}

/** Says of one point after the other which limits hold: never again earlier ones, whatever the clocks did. */
export function phaseTeller(limits: readonly PhaseLimit[]): (point: Pick<Point, 'subgroup' | 'at'>) => PhaseLimit | undefined {
  let now = -1
  return ({ subgroup, at }) => {
    for (let next = now + 1; next < limits.length; next += 1) {
      const limit = limits[next]
      if (limit && (limit.fromSubgroup === null ? at >= limit.validFrom : subgroup >= limit.fromSubgroup)) now = next
    }
    return limits[now]
  }
}

/** A point as the engine takes it. */
export function subgroupOf(plan: Pick<ChartPlan, 'kind'>, point: Pick<Point, 'values' | 'size' | 'isExcluded'>, phase: string | undefined): Subgroup {
  const { values, size, isExcluded } = point
  const rest = { ...(phase === undefined ? {} : { phase }), ...(isExcluded ? { excluded: true } : {}) }
  if (isOfCounts(plan)) return { count: values[0] ?? 0, ...(size !== null && needsSize(plan) ? { size } : {}), ...rest }
  // a subgroup that was closed with a single value says nothing of the spread within
  if (values.length < 2 && (plan.kind === 'xbar-r' || plan.kind === 'xbar-s')) return { missing: true, ...rest }
  return { values, ...rest }
}
