/** Control limits with the time from which they hold. Rows that never change: new limits for the same time take their place. */
import { type Static, Type } from 'typebox'
import { route } from '../route.ts'
import { NumberOrNull, Reason } from './characteristics.ts'

const tag = 'quality'
const closed = { additionalProperties: false }
const When = Type.String({ format: 'date-time' })
const Id = Type.Object({ id: Type.String({ maxLength: 64 }) })

const PANELS = ['xbar', 'range', 'standard-deviation', 'individuals', 'moving-range', 'p', 'np', 'c', 'u', 'ewma', 'cusum-high', 'cusum-low'] as const
/** A chart within a chart, as the engine names them. */
export const PanelName = Type.Enum([...PANELS])
const Lines = Type.Object(
  { center: Type.Number(), lower: NumberOrNull, upper: NumberOrNull, sigma: Type.Optional(Type.Number({ exclusiveMinimum: 0 })) },
  closed,
)

/** What a phase is judged by: center and sigma of the process (counts: their rate), or the lines themselves. */
export const GivenLimits = Type.Object(
  {
    center: Type.Optional(Type.Number()),
    sigma: Type.Optional(Type.Number({ exclusiveMinimum: 0 })),
    /** Of the subgroups that they are for: zones of the mean size, and the one size of a c chart. */
    meanSize: Type.Optional(Type.Number({ exclusiveMinimum: 0 })),
    panels: Type.Optional(
      Type.Object(
        Object.fromEntries(PANELS.map((name) => [name, Type.Optional(Lines)])) as Record<(typeof PANELS)[number], Type.TOptional<typeof Lines>>,
        closed,
      ),
    ),
  },
  closed,
)
export type GivenLimits = Static<typeof GivenLimits>

export const ControlLimits = Type.Object({
  id: Type.String(),
  /** What the phase is called: `after the new spindle`. */
  phase: Type.String(),
  validFrom: When,
  source: Type.Enum(['data', 'given']),
  given: GivenLimits,
  /** The points that they were made from. */
  basis: Type.Optional(Type.Object({ from: Type.Integer(), to: Type.Integer(), points: Type.Integer() })),
  by: Type.String(),
  reason: Type.String(),
  at: When,
})
export type ControlLimits = Static<typeof ControlLimits>

export const listControlLimits = route({
  id: 'listControlLimits',
  method: 'get',
  path: '/api/quality/characteristics/:id/limits',
  access: 'quality.view',
  tag,
  summary: 'The control limits that hold and held, newest first, also those that others took the place of.',
  params: Id,
  response: Type.Array(ControlLimits),
  errors: ['characteristic-not-found'],
})
export const setControlLimits = route({
  id: 'setControlLimits',
  method: 'post',
  path: '/api/quality/characteristics/:id/limits',
  access: 'quality.edit',
  tag,
  summary: 'Sets control limits from a time on: from the points of a range (without those that are excluded), or as given.',
  params: Id,
  body: Type.Object(
    {
      phase: Type.String({ minLength: 1, maxLength: 120 }),
      /** Left out: from the first point of the range; given ones from now on. */
      validFrom: Type.Optional(When),
      limits: Type.Union([
        Type.Object({ source: Type.Literal('data'), from: Type.Integer({ minimum: 1, description: 'Subgroup' }), to: Type.Integer({ minimum: 1 }) }, closed),
        Type.Object({ source: Type.Literal('given'), given: GivenLimits }, closed),
      ]),
      reason: Reason,
    },
    closed,
  ),
  response: ControlLimits,
  status: 201,
  errors: ['characteristic-not-found', 'limits-impossible', 'chart-not-fitting'],
})
