/** Points of a normal probability plot. */
import { normalQuantile } from '../distributions/index.ts'
import { centered } from './moments.ts'
import { assertValues } from './statistics-error.ts'

/** Where the i-th of n values stands: median rank (i - 0.3)/(n + 0.4), Blom (i - 3/8)/(n + 1/4), Hazen (i - 0.5)/n, mean rank i/(n + 1). */
export type PlottingPosition = 'median-rank' | 'blom' | 'hazen' | 'mean-rank'

const SHIFT: Record<PlottingPosition, number> = { 'median-rank': 0.3, blom: 0.375, hazen: 0.5, 'mean-rank': 0 }

export interface NormalPlot {
  points: { value: number /** Share below. */; p: number /** Normal score. */; z: number }[]
  /** The line a normal distribution would lie on: value = mean + z standardDeviation. */
  mean: number
  standardDeviation: number
}

/** @throws StatisticsError fewer than two values, or one that is none */
export function normalPlot(values: readonly number[], position: PlottingPosition = 'median-rank'): NormalPlot {
  assertValues(values, 2)
  const { count: n, mean, squares } = centered(values)
  const shift = SHIFT[position]
  return {
    mean,
    standardDeviation: Math.sqrt(squares / (n - 1)),
    points: values
      .toSorted((a, b) => a - b)
      .map((value, i) => {
        const p = (i + 1 - shift) / (n + 1 - 2 * shift)
        return { value, p, z: normalQuantile(p) }
      }),
  }
}
