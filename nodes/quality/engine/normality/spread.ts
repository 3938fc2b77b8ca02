/** Sorted values with mean and standard deviation, of which there must be enough and which must differ. */
import { centered } from '../describe/moments.ts'
import { assertValues, StatisticsError } from '../describe/statistics-error.ts'

export interface Spread {
  sorted: readonly number[]
  mean: number
  standardDeviation: number
  /** Sum of the squared deviations. */
  squares: number
}

/** @throws StatisticsError `too-few`, `not-a-number`, `not-finite`, `no-variation` */
export function spread(values: readonly number[], least: number, forWhat: string): Spread {
  assertValues(values, least)
  const { count, mean, squares } = centered(values)
  const sorted = values.toSorted((a, b) => a - b)
  if (sorted[0] === sorted.at(-1)) throw new StatisticsError('no-variation', `All values are the same: there is nothing for ${forWhat} to look at.`)
  return { sorted, mean, standardDeviation: Math.sqrt(squares / (count - 1)), squares }
}
