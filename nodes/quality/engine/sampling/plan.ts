/** Which sample a lot needs. */
import { assertFinite, StatisticsError } from '../describe/statistics-error.ts'
import { AQLS, EDITIONS, INSPECTION_LEVELS, type SamplingPlan, type SamplingQuestion, SEVERITIES } from './contract.ts'
import { letterFor, planAt } from './tables.ts'

/**
 * The single sampling plan of ANSI/ASQ Z1.4 and ISO 2859-1 for a lot.
 * @throws StatisticsError `option-invalid`: a lot below 2 or not whole, an AQL, level, severity or edition that there is not
 */
export function samplingPlan({ lot, level = 'II', aql, severity = 'normal', edition = 'ansi-z1.4' }: SamplingQuestion): SamplingPlan {
  assertFinite(lot, 'The size of the lot')
  assertFinite(aql, 'The AQL')
  if (!Number.isInteger(lot) || lot < 2) throw new StatisticsError('option-invalid', `A lot has 2 items or more, in whole numbers, not ${lot}.`)
  if (!INSPECTION_LEVELS.includes(level))
    throw new StatisticsError('option-invalid', `There is no inspection level "${level}". There are ${INSPECTION_LEVELS.join(', ')}.`)
  if (!SEVERITIES.includes(severity)) throw new StatisticsError('option-invalid', `Inspection is ${SEVERITIES.join(', ')}, not "${severity}".`)
  if (!EDITIONS.includes(edition)) throw new StatisticsError('option-invalid', `The tables are those of ${EDITIONS.join(' or ')}, not "${edition}".`)
  const known = AQLS.find((one) => one === aql)
  if (known === undefined)
    throw new StatisticsError('option-invalid', `The tables have no AQL of ${aql}. They have ${AQLS.join(', ')}; take the next smaller one.`)
  const codeLetter = letterFor(lot, level)
  const { letter, sample, accept, reject } = planAt(severity, codeLetter, known, edition)
  const isWholeLot = sample >= lot
  return { codeLetter, planLetter: letter, severity, level, aql: known, lot, sample: isWholeLot ? lot : sample, isWholeLot, accept, reject }
}
