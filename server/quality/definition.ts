/** What a definition has to hold to be charted and judged, and what it is for the engine. Pure. */
import { UserError } from '../../base/errors.ts'
import { ChartError, type ChartOptions, chartStream, type GivenLimits as EngineLimits, PANELS_OF } from '../../nodes/quality/engine/charts/index.ts'
import type { CharacteristicDefinition, ChartPlan, GivenLimits } from '../api/index.ts'
import { ATTRIBUTE_KINDS, SIZED_KINDS } from '../api/quality/chart-kinds.ts'

export const isOfCounts = ({ kind }: Pick<ChartPlan, 'kind'>): boolean => (ATTRIBUTE_KINDS as readonly string[]).includes(kind)
export const needsSize = ({ kind }: Pick<ChartPlan, 'kind'>): boolean => (SIZED_KINDS as readonly string[]).includes(kind)

/** @throws UserError tolerance-reversed, chart-not-fitting */
export function checkDefinition(definition: CharacteristicDefinition): void {
  const { lower, upper, nominal, chart } = definition
  if (lower !== null && upper !== null && lower > upper)
    throw new UserError({
      code: 'tolerance-reversed',
      message: `The lower limit (${lower}) is above the upper one (${upper}): nothing could ever be in tolerance. Exchange them.`,
      details: { lower, upper },
    })
  const misfit = (message: string) => new UserError({ code: 'chart-not-fitting', message })
  if (isOfCounts(chart)) {
    if (chart.subgroupSize !== 1) throw misfit('A chart of counts has one count in each point: set the subgroup size to 1.')
    if (nominal !== null) throw misfit('A chart of counts has no nominal value: leave it empty.')
    if (needsSize(chart) && chart.kind !== 'u' && lower !== null && lower < 0) throw misfit('A count is never below 0.')
  } else if (nominal === null) throw misfit('A measured characteristic needs its nominal value.')
  if (chart.kind === 'i-mr' && chart.subgroupSize !== 1) throw misfit('A chart of single values has subgroups of 1. For larger ones take X-bar/R or X-bar/S.')
  if ((chart.kind === 'xbar-r' || chart.kind === 'xbar-s') && chart.subgroupSize < 2)
    throw misfit('An X-bar chart needs subgroups of 2 values and more. For single values take I-MR.')
  const forOne = ['mr-mean', 'mr-median']
  if (chart.estimator && !isOfCounts(chart) && forOne.includes(chart.estimator) !== (chart.subgroupSize === 1))
    throw misfit(`Sigma cannot be estimated by "${chart.estimator}" from subgroups of ${chart.subgroupSize}.`)
  try {
    chartStream({ ...chartOptions(chart, {}), givenByPhase: {} })
  } catch (error) {
    // what the engine says of options that make no chart
    throw error instanceof ChartError ? misfit(error.message) : error
  }
}

/** A chart of this plan with limits that are known by phase. */
export function chartOptions(plan: ChartPlan, givenByPhase: Readonly<Record<string, GivenLimits>>): ChartOptions {
  const { kind, rules, conventions, sigmas, estimator, target, ewma, cusum } = plan
  // lines of a panel that this kind does not have are from before it was another
  const own = (given: GivenLimits): EngineLimits => ({
    ...(given as EngineLimits),
    ...(given.panels ? { panels: Object.fromEntries(Object.entries(given.panels).filter(([name]) => PANELS_OF[kind].some((one) => one === name))) } : {}),
  })
  return {
    kind,
    givenByPhase: Object.fromEntries(Object.entries(givenByPhase).map(([phase, given]) => [phase, own(given)])),
    rules: { ...conventions, on: rules } as NonNullable<ChartOptions['rules']>,
    ...(sigmas === undefined ? {} : { sigmas }),
    ...(estimator === undefined ? {} : { estimator }),
    ...(target === undefined ? {} : { target }),
    ...(ewma === undefined ? {} : { ewma: ewma as NonNullable<ChartOptions['ewma']> }),
    ...(cusum === undefined ? {} : { cusum: cusum as NonNullable<ChartOptions['cusum']> }),
  }
}
