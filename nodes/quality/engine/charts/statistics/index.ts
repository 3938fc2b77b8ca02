/** The statistic of each kind of chart. */
import type { ChartPlan } from '../plan.ts'
import { attributesStatistic } from './attributes.ts'
import type { Basis, Statistic } from './contract.ts'
import { cusumStatistic } from './cusum.ts'
import { ewmaStatistic } from './ewma.ts'
import { individualsStatistic } from './individuals.ts'
import { meansStatistic } from './means.ts'

export type { Basis, Panel, Plotted, Statistic } from './contract.ts'

export function createStatistic(plan: ChartPlan, basis: Basis): Statistic {
  switch (plan.kind) {
    case 'xbar-r':
      return meansStatistic(plan, basis, 'range')
    case 'xbar-s':
      return meansStatistic(plan, basis, 'deviation')
    case 'i-mr':
      return individualsStatistic(plan, basis)
    case 'p':
    case 'np':
    case 'c':
    case 'u':
      return attributesStatistic(plan.kind, plan, basis)
    case 'ewma':
      return ewmaStatistic(plan, basis)
    case 'cusum':
      return cusumStatistic(plan, basis)
  }
}
