/** What both methods say at the end: shares of each source, categories, judgement. */
import { StatisticsError } from '../describe/statistics-error.ts'
import type { GageVerdict, RrOptions, VariationLine, VariationSource } from './contract.ts'

/** @throws StatisticsError `option-invalid` */
export function assertRrOptions({ toleranceWidth, spread }: RrOptions): void {
  for (const [value, name] of [
    [toleranceWidth, 'width of the tolerance'],
    [spread, 'number of standard deviations'],
  ] as const)
    if (value !== undefined && !(value > 0 && Number.isFinite(value))) throw new StatisticsError('option-invalid', `The ${name} must be above 0, not ${value}.`)
}

/** @throws StatisticsError `no-variation` */
export function variationLines(
  variances: readonly (readonly [VariationSource, number])[],
  { toleranceWidth, spread = 6 }: RrOptions,
): { lines: VariationLine[]; grrPercent: number; verdict: GageVerdict } {
  const total = variances.find(([source]) => source === 'total')?.[1] ?? 0
  if (!(total > 0)) throw new StatisticsError('no-variation', 'All readings are the same. Does the gauge resolve enough digits?')
  const lines = variances.map(([source, variance]) => {
    const standardDeviation = Math.sqrt(variance)
    return {
      source,
      variance,
      standardDeviation,
      contributionPercent: (100 * variance) / total,
      studyPercent: 100 * Math.sqrt(variance / total),
      tolerancePercent: toleranceWidth === undefined ? null : (100 * spread * standardDeviation) / toleranceWidth,
    }
  })
  const grrPercent = lines.find(({ source }) => source === 'gage-rr')?.studyPercent ?? Number.NaN
  return { lines, grrPercent, verdict: grrPercent < 10 ? 'acceptable' : grrPercent <= 30 ? 'conditional' : 'unacceptable' }
}

/** Number of distinct categories. */
export function categories(
  { part, grr }: { part: number; grr: number },
  factor: RrOptions['ndcFactor'] = 'sqrt2',
): { ndcExact: number | null; ndc: number | null } {
  if (!(grr > 0)) return { ndcExact: null, ndc: null }
  const ndcExact = (factor === 'sqrt2' ? Math.SQRT2 : 1.41) * (part / grr)
  return { ndcExact, ndc: Math.max(1, Math.trunc(ndcExact)) }
}
