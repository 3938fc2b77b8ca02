/** Acceptance sampling: single plans and their operating characteristic. */
import { acceptanceProbability, type Severity, samplingPlan } from '../../sampling/index.ts'
import { figure, type ReferenceSet } from '../figure.ts'

const PLANS: readonly (readonly [lot: number, aql: number, severity: Severity, sample: string, accept: string, reject: string])[] = [
  [2000, 1, 'normal', '125', '3', '4'],
  [2000, 1, 'tightened', '125', '2', '3'],
  [2000, 1, 'reduced', '50', '1', '4'],
  [400, 2.5, 'normal', '50', '3', '4'],
]

const CHANCES: readonly (readonly [sample: number, accept: number, quality: number, model: 'binomial' | 'poisson', published: string])[] = [
  [125, 3, 0.01, 'binomial', '0.96255094'],
  [125, 3, 0.01, 'poisson', '0.96173095'],
  [50, 3, 0.025, 'binomial', '0.96379568'],
  [13, 0, 0.01, 'binomial', '0.87752102'],
]

export const samplingSets = (): ReferenceSet[] => [
  {
    id: 'sampling-plans',
    title: 'Single plans, level II',
    source: 'ANSI/ASQ Z1.4 (MIL-STD-105E); R AQLSchemes 1.7-2',
    size: PLANS.length,
    figures: PLANS.flatMap(([lot, aql, severity, sample, accept, reject]) => {
      const plan = samplingPlan({ lot, aql, severity })
      const what = `lot ${lot}, AQL ${aql}, ${severity}`
      return [
        figure(`${what}: sample`, sample, plan.sample),
        figure(`${what}: acceptance number`, accept, plan.accept),
        figure(`${what}: rejection number`, reject, plan.reject),
      ]
    }),
  },
  {
    id: 'operating-characteristic',
    title: 'Chance of acceptance',
    source: 'R pbinom, ppois',
    size: CHANCES.length,
    figures: CHANCES.map(([sample, accept, quality, model, published]) =>
      figure(`${sample}, ${accept}, at ${quality * 100} %, ${model}`, published, acceptanceProbability({ sample, accept }, quality, model)),
    ),
  },
]
