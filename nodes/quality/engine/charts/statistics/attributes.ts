/** p, np (binomial), c and u (Poisson): the standard deviation follows from the center. */
import { type Lines, linesAround } from '../lines.ts'
import type { ChartPlan } from '../plan.ts'
import { type Basis, bySize, type Panel, STATELESS, type Statistic } from './contract.ts'

type AttributeKind = 'p' | 'np' | 'c' | 'u'

export function attributesStatistic(kind: AttributeKind, { sigmas }: ChartPlan, { center }: Basis): Statistic {
  const lines: Record<AttributeKind, (size: number) => Lines> = {
    p: (size) => linesAround(center, Math.sqrt((center * (1 - center)) / size), { sigmas, floor: 0, ceiling: 1 }),
    np: (size) => linesAround(size * center, Math.sqrt(size * center * (1 - center)), { sigmas, floor: 0, ceiling: size }),
    c: () => linesAround(center, Math.sqrt(center), { sigmas, floor: 0 }),
    u: (size) => linesAround(center, Math.sqrt(center / size), { sigmas, floor: 0 }),
  }
  const panel: Panel = { name: kind, isSymmetric: false, isIndependent: true, dependsOnSize: kind !== 'c', linesAt: bySize(lines[kind]) }
  const isRate = kind === 'p' || kind === 'u'
  return {
    ...STATELESS,
    panels: [panel],
    add: ({ value, size }, excluded) => [{ value: isRate ? value / size : value, lines: panel.linesAt(size), excluded }],
  }
}
