/** A tolerance that can be reckoned with. */
import { assertFinite, StatisticsError } from '../describe/statistics-error.ts'
import type { Tolerance } from './contract.ts'

/** @throws StatisticsError `tolerance-missing`, `tolerance-reversed`, `target-outside`, `not-a-number`, `not-finite` */
export function assertTolerance({ lower, upper, target }: Tolerance): void {
  if (lower !== undefined) assertFinite(lower, 'The lower limit')
  if (upper !== undefined) assertFinite(upper, 'The upper limit')
  if (target !== undefined) assertFinite(target, 'The target')
  if (lower === undefined && upper === undefined)
    throw new StatisticsError('tolerance-missing', 'There is neither a lower nor an upper limit. Give at least one.')
  if (lower !== undefined && upper !== undefined && lower >= upper)
    throw new StatisticsError('tolerance-reversed', `The lower limit ${lower} is not below the upper limit ${upper}. Are they the wrong way round?`)
  if (target !== undefined && (target < (lower ?? target) || target > (upper ?? target)))
    throw new StatisticsError('target-outside', `The target ${target} is outside of the tolerance. Check which of them is wrong.`)
}
