/** What a sampling plan does: how likely it accepts a lot of some quality, and what goes out. */
import { StatisticsError } from '../describe/statistics-error.ts'
import { binomialAtMost, hypergeometricAtMost, poissonAtMost } from '../distributions/index.ts'
import type { OcPoint, SamplingModel } from './contract.ts'

export interface OperatingPlan {
  sample: number
  accept: number
  /** Needed for `hypergeometric`, and for what is inspected and goes out. */
  lot?: number
}

function check({ sample, accept, lot }: OperatingPlan, model: SamplingModel): void {
  if (!Number.isInteger(sample) || sample < 1) throw new StatisticsError('option-invalid', `A sample has 1 item or more, not ${sample}.`)
  if (!Number.isInteger(accept) || accept < 0) throw new StatisticsError('option-invalid', `The acceptance number is a whole number from 0, not ${accept}.`)
  if (lot !== undefined && (!Number.isInteger(lot) || lot < sample))
    throw new StatisticsError('option-invalid', `The lot has ${lot} items, and the sample ${sample}.`)
  if (model === 'hypergeometric' && lot === undefined) throw new StatisticsError('option-invalid', 'The hypergeometric model needs the size of the lot.')
}

/**
 * Chance that a lot is accepted.
 * @param quality nonconforming share, 0 to 1; nonconformities per item for `poisson`
 * @throws StatisticsError `option-invalid`
 */
export function acceptanceProbability(plan: OperatingPlan, quality: number, model: SamplingModel = 'binomial'): number {
  check(plan, model)
  const { sample, accept, lot = 0 } = plan
  if (!(quality >= 0 && (model === 'poisson' ? quality < Number.POSITIVE_INFINITY : quality <= 1)))
    throw new StatisticsError('option-invalid', `A nonconforming share is from 0 to 1, not ${quality}.`)
  switch (model) {
    case 'binomial':
      return binomialAtMost(accept, sample, quality)
    case 'poisson':
      return poissonAtMost(accept, sample * quality)
    case 'hypergeometric':
      return hypergeometricAtMost(accept, { lot, nonconforming: Math.round(lot * quality), sample })
  }
}

/** The quality at which lots are accepted with this chance, by halving: the chance only falls. @returns share, or nonconformities per item for `poisson` */
export function qualityAt(acceptance: number, plan: OperatingPlan, model: 'binomial' | 'poisson' = 'binomial'): number {
  if (!(acceptance > 0 && acceptance < 1)) throw new StatisticsError('option-invalid', `The chance must be between 0 and 1, not ${acceptance}.`)
  let low = 0
  let high = 1
  while (model === 'poisson' && acceptanceProbability(plan, high, model) > acceptance) high *= 2
  while (true) {
    const middle = (low + high) / 2
    if (middle === low || middle === high) return middle
    if (acceptanceProbability(plan, middle, model) > acceptance) low = middle
    else high = middle
  }
}

/**
 * The operating characteristic curve at these qualities.
 * @throws StatisticsError `option-invalid`
 */
export function operatingCurve(plan: OperatingPlan, qualities: readonly number[], model: SamplingModel = 'binomial'): OcPoint[] {
  const { sample, lot } = plan
  return qualities.map((quality) => {
    const acceptance = acceptanceProbability(plan, quality, model)
    const rest = lot === undefined ? 1 : (lot - sample) / lot
    return { quality, acceptance, outgoing: acceptance * quality * rest, inspected: lot === undefined ? sample : sample + (1 - acceptance) * (lot - sample) }
  })
}

/** Qualities over which a curve is worth drawing: from 0 to where hardly a lot is accepted. */
export function usualQualities(plan: OperatingPlan, { count = 60, model = 'binomial' }: { count?: number; model?: SamplingModel } = {}): number[] {
  if (plan.accept >= plan.sample && model !== 'poisson') return [0, 1]
  const last = qualityAt(0.01, plan, model === 'poisson' ? 'poisson' : 'binomial')
  return Array.from({ length: count + 1 }, (_, i) => (last * i) / count)
}
