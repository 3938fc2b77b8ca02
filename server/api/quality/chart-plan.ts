/** How a characteristic is charted: kind, subgroups, rules with their conventions. The words are those of the engine (`nodes/quality/engine`). */
import { type Static, Type } from 'typebox'
import { CHART_KINDS } from '../../../nodes/quality/engine/charts/contract.ts'
import { NELSON_RULES, WESTERN_ELECTRIC_RULES } from '../../../nodes/quality/engine/rules/contract.ts'

const closed = { additionalProperties: false }
const Length = Type.Integer({ minimum: 2, maximum: 50 })

export const CHART_RULES = [...NELSON_RULES, ...WESTERN_ELECTRIC_RULES] as const

/** Conventions in which sources differ; what is left out is as the engine says (`RuleOptions`). */
const RuleConventions = Type.Object(
  {
    beyond: Type.Optional(Type.Enum(['strict', 'inclusive'])),
    nelson2Length: Type.Optional(Length),
    nelson3Length: Type.Optional(Length),
    nelson4Length: Type.Optional(Length),
    nelson7Length: Type.Optional(Length),
    nelson8Length: Type.Optional(Length),
    nelson8Sides: Type.Optional(Type.Enum(['both', 'either'])),
    westernElectric4Length: Type.Optional(Length),
    zoneFlags: Type.Optional(Type.Enum(['beyond', 'window'])),
    zoneWindows: Type.Optional(Type.Enum(['partial', 'full'])),
    zones: Type.Optional(Type.Enum(['local', 'mean-size'])),
    zoneRulesOn: Type.Optional(Type.Enum(['symmetric', 'every-chart'])),
    restartsAtMissing: Type.Optional(Type.Boolean()),
    restartsAtExcluded: Type.Optional(Type.Boolean()),
  },
  closed,
)

/** How it is charted. */
export const ChartPlan = Type.Object(
  {
    kind: Type.Enum([...CHART_KINDS]),
    /** Values in a subgroup; 1 for single values and for counts. */
    subgroupSize: Type.Integer({ minimum: 1, maximum: 100, default: 1 }),
    rules: Type.Array(Type.Enum([...CHART_RULES]), { uniqueItems: true, maxItems: CHART_RULES.length, default: ['nelson-1'] }),
    conventions: Type.Optional(RuleConventions),
    /** Width of Shewhart limits, in standard errors. */
    sigmas: Type.Optional(Type.Number({ exclusiveMinimum: 0, maximum: 10 })),
    estimator: Type.Optional(Type.Enum(['rbar', 'sbar', 'pooled', 'pooled-unbiased', 'mr-mean', 'mr-median'])),
    /** EWMA and CUSUM: what is aimed at, where it is not the center. */
    target: Type.Optional(Type.Number()),
    ewma: Type.Optional(
      Type.Object(
        {
          lambda: Type.Optional(Type.Number({ exclusiveMinimum: 0, maximum: 1 })),
          L: Type.Optional(Type.Number({ exclusiveMinimum: 0, maximum: 10 })),
          limits: Type.Optional(Type.Enum(['exact', 'asymptotic'])),
        },
        closed,
      ),
    ),
    cusum: Type.Optional(
      Type.Object(
        {
          k: Type.Optional(Type.Number({ minimum: 0 })),
          h: Type.Optional(Type.Number({ exclusiveMinimum: 0 })),
          units: Type.Optional(Type.Enum(['standard-errors', 'raw'])),
          headStart: Type.Optional(Type.Number({ minimum: 0, maximum: 1 })),
        },
        closed,
      ),
    ),
    /** With so many points and no limits yet, limits are made from them by the product itself. Null: a person sets them. */
    autoLimitsAfter: Type.Union([Type.Integer({ minimum: 2, maximum: 1000 }), Type.Null()], { default: 25 }),
  },
  closed,
)
export type ChartPlan = Static<typeof ChartPlan>
