/** Crossed R&R study by averages and ranges (AIAG MSA). */
import { d2, d2Star, LARGEST_RANGE_SIZE } from '../constants/index.ts'
import { StatisticsError } from '../describe/statistics-error.ts'
import type { GageReading, RangeOptions, RangeResult, VariationSource } from './contract.ts'
import { crossedStudy } from './study.ts'
import { assertRrOptions, categories, variationLines } from './variation.ts'

const meanOf = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length
const rangeOf = (values: readonly number[]) => values.reduce((a, b) => Math.max(a, b)) - values.reduce((a, b) => Math.min(a, b))

/**
 * Repeatability, reproducibility, parts; no interaction, which only the analysis of variance finds.
 * @throws StatisticsError a study that is not complete or has too few of something, no variation, an option that is none
 */
export function averageAndRange(readings: readonly GageReading[], options: RangeOptions = {}): RangeResult {
  assertRrOptions(options)
  const { parts, appraisers, trials, cells } = crossedStudy(readings)
  if (Math.max(parts.length, appraisers.length, trials) > LARGEST_RANGE_SIZE)
    throw new StatisticsError('too-many', `Ranges say nothing over more than ${LARGEST_RANGE_SIZE} values. Take the analysis of variance.`)
  const rangeByAppraiser = appraisers.map((appraiser, a) => {
    const own = cells.map((byAppraiser) => byAppraiser[a] as readonly number[])
    return { appraiser, mean: meanOf(own.flat()), meanRange: meanOf(own.map(rangeOf)) }
  })
  const meanRange = meanOf(rangeByAppraiser.map((one) => one.meanRange))
  const appraiserRange = rangeOf(rangeByAppraiser.map(({ mean }) => mean))
  const partRange = rangeOf(cells.map((byAppraiser) => meanOf(byAppraiser.flat())))
  const k = (value: number) => (options.constants === 'aiag' ? Math.round(value * 1e4) / 1e4 : value)
  const k1 = k(1 / d2(trials))
  const k2 = k(1 / d2Star(appraisers.length, 1))
  const k3 = k(1 / d2Star(parts.length, 1))
  const repeatability = (meanRange * k1) ** 2
  // what of the appraisers' difference is only their own scatter
  const between = (appraiserRange * k2) ** 2 - repeatability / (parts.length * trials)
  const reproducibility = Math.max(0, between)
  const part = (partRange * k3) ** 2
  const grr = repeatability + reproducibility
  const setToZero: VariationSource[] = between < 0 ? ['reproducibility'] : []
  return {
    method: 'average-and-range',
    parts: parts.length,
    appraisers: appraisers.length,
    trials,
    ...variationLines(
      [
        ['gage-rr', grr],
        ['repeatability', repeatability],
        ['reproducibility', reproducibility],
        ['part', part],
        ['total', grr + part],
      ],
      options,
    ),
    ...categories({ part: Math.sqrt(part), grr: Math.sqrt(grr) }, options.ndcFactor),
    setToZero,
    meanRange,
    rangeByAppraiser,
    appraiserRange,
    partRange,
    k1,
    k2,
    k3,
  }
}
