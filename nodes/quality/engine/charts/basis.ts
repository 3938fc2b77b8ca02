/** What a phase is judged by: given, estimated, or some of each. */
import { ChartError, type GivenLimits, PANELS_OF, type SigmaEstimator } from './contract.ts'
import { estimateCenter, estimateSigma, estimatorFor, meanSize, type Place, type Sample, sampleOf } from './estimate.ts'
import type { ChartPlan } from './plan.ts'
import type { Basis } from './statistics/index.ts'

/** What the statistic cannot do without. */
export function needs(plan: ChartPlan, given: GivenLimits): { center: boolean; sigma: boolean } {
  const open = PANELS_OF[plan.kind].filter((name) => !given.panels?.[name])
  switch (plan.kind) {
    case 'ewma':
      return { center: plan.target === null, sigma: open.length > 0 }
    case 'cusum':
      return { center: plan.target === null, sigma: plan.cusum.units === 'standard-errors' }
    case 'xbar-r':
    case 'xbar-s':
    case 'i-mr':
      return { center: open.includes('xbar') || open.includes('individuals'), sigma: open.length > 0 }
    case 'p':
    case 'np':
    case 'c':
    case 'u':
      return { center: open.length > 0, sigma: false }
  }
}

/** The center where nothing needs it: what is aimed at, or the line that somebody set. */
export function setCenter(plan: ChartPlan, { panels = {} }: GivenLimits, size: number): number {
  const [first] = PANELS_OF[plan.kind]
  const line = plan.target ?? (first && panels[first]?.center) ?? Number.NaN
  // the line is a number of items, the center a share of them
  return plan.kind === 'np' ? line / size : line
}

function sigmaFrom(sample: Sample, plan: ChartPlan): { sigma: number; estimator: SigmaEstimator } {
  const { readings } = sample
  const estimator = estimatorFor(readings, plan)
  const isMoving = estimator === 'mr-mean' || estimator === 'mr-median'
  if (isMoving && readings.some(({ size }) => size > 1))
    throw new ChartError('options-invalid', `Moving ranges (${estimator}) are for single values, and there are subgroups. Take rbar, sbar or pooled.`)
  const sigma = estimateSigma(sample, plan, estimator)
  if (Number.isNaN(sigma)) {
    const lack = isMoving
      ? `there are no ${plan.movingRangeSpan} neighbouring values that are neither missing nor excluded`
      : 'no subgroup has two or more values. Take a chart of individuals (i-mr)'
    throw new ChartError('no-limits', `Sigma cannot be estimated: ${lack}, or give sigma.`)
  }
  if (sigma === 0 && plan.kind === 'cusum')
    throw new ChartError('no-limits', 'The values do not vary: a CUSUM in standard errors has no scale. Give sigma, or take k and h in the unit of the values.')
  return { sigma, estimator }
}

/** @throws ChartError `no-data`, `no-limits`, `options-invalid` */
export function basisFrom(places: readonly Place[], plan: ChartPlan, given: GivenLimits): Basis & { estimator: SigmaEstimator | null; subgroups: number } {
  const sample = sampleOf(places)
  const { readings } = sample
  const needed = needs(plan, given)
  const estimates = { center: given.center === undefined && needed.center, sigma: given.sigma === undefined && needed.sigma }
  if ((estimates.center || estimates.sigma) && !readings.length)
    throw new ChartError('no-data', 'There is no subgroup to calculate limits from: all are missing or excluded.')
  const spread = estimates.sigma ? sigmaFrom(sample, plan) : { sigma: given.sigma ?? Number.NaN, estimator: null }
  const size = given.meanSize ?? (readings.length ? meanSize(readings) : 1)
  return {
    ...spread,
    center: given.center ?? (needed.center ? estimateCenter(readings, plan) : setCenter(plan, given, size)),
    meanSize: size,
    subgroups: estimates.center || estimates.sigma ? readings.length : 0,
  }
}
