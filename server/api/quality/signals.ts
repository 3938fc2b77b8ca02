/** What a chart or a tolerance said of a measurement, kept as a row. */
import { type Static, Type } from 'typebox'
import { route } from '../route.ts'

const When = Type.String({ format: 'date-time' })

/** A rule that a new point has met, or a value out of tolerance. */
export const SignalView = Type.Object({
  id: Type.String(),
  characteristicId: Type.String(),
  /** Its characteristic's name, for lists. */
  name: Type.String(),
  /** The subgroup that met the rule: a point of the chart. */
  subgroup: Type.Integer(),
  /** Which chart: `xbar`, `r`, `individuals`, …; `tolerance` for a value out of tolerance. */
  chart: Type.String(),
  /** Id of the rule; `out-of-tolerance` for a value out of tolerance. */
  rule: Type.String(),
  /** The rule in words, in English; pages have their own by `rule`. */
  text: Type.String(),
  /** Subgroups that make the pattern, the newest last. */
  subgroups: Type.Array(Type.Integer()),
  side: Type.Optional(Type.Enum(['above', 'below'])),
  /** What was plotted, with the limits it met. */
  value: Type.Number(),
  lower: Type.Optional(Type.Number()),
  center: Type.Optional(Type.Number()),
  upper: Type.Optional(Type.Number()),
  /** What has to be said of it before the next entry. */
  asks: Type.Enum(['nothing', 'cause', 'cause-and-action']),
  at: When,
})
export type SignalView = Static<typeof SignalView>

export const listSignals = route({
  id: 'listSignals',
  method: 'get',
  path: '/api/quality/signals',
  access: 'quality.view',
  tag: 'quality',
  summary: 'Signals, newest first.',
  query: Type.Object({
    characteristicId: Type.Optional(Type.String({ maxLength: 64 })),
    /** Only those that wait for a cause or an action. */
    open: Type.Boolean({ default: false }),
    from: Type.Optional(When),
    limit: Type.Integer({ minimum: 1, maximum: 1000, default: 100 }),
  }),
  response: Type.Array(SignalView),
})
