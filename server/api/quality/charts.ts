/** A chart as columns: a hundred thousand points in one answer. */
import { type Static, Type } from 'typebox'
import { CHART_KINDS } from '../../../nodes/quality/engine/charts/contract.ts'
import { route } from '../route.ts'
import { NumberOrNull } from './characteristics.ts'
import { PanelName } from './limits.ts'
import { Mark } from './marks.ts'
import { SignalView } from './signals.ts'

const When = Type.String({ format: 'date-time' })
const Flags = Type.Array(Type.Integer({ minimum: 0, maximum: 1 }))

/** Lines from one point to another, both counted; where sizes differ, of each point for itself. */
export const PanelLines = Type.Object({
  from: Type.Integer(),
  to: Type.Integer(),
  center: NumberOrNull,
  lower: NumberOrNull,
  upper: NumberOrNull,
  /** One sigma of what is plotted: zones. */
  sigma: NumberOrNull,
})
export type PanelLines = Static<typeof PanelLines>

/** Indices (`at`, `from`, `to`) count the points of this answer, from 0. */
export const ChartView = Type.Object({
  characteristicId: Type.String(),
  revision: Type.Integer(),
  kind: Type.Enum([...CHART_KINDS]),
  /** How many points there are in all, also those that are not in this answer. */
  total: Type.Integer(),
  /** One entry for each point, oldest first. */
  points: Type.Object({
    /** Number of the point: it stays, whatever is shown. */
    subgroup: Type.Array(Type.Integer()),
    /** Epoch ms of its newest value. */
    at: Type.Array(Type.Number()),
    size: Type.Array(NumberOrNull),
    excluded: Flags,
    outOfTolerance: Flags,
    corrected: Flags,
    /** The values of each point; only of 5,000 points and less. */
    values: Type.Optional(Type.Array(Type.Array(Type.Number()))),
  }),
  /** The newest point waits for so many values more; it is not drawn before. */
  openValues: Type.Integer(),
  /** One above the other: xbar and range, individuals and moving range, one for counts. */
  charts: Type.Array(
    Type.Object({
      name: PanelName,
      value: Type.Array(NumberOrNull),
      lines: Type.Array(PanelLines),
      signals: Type.Array(
        Type.Object({
          rule: Type.String(),
          /** The point that completes the pattern, and the first of it; a pattern may begin before what is shown (then below 0). */
          at: Type.Integer(),
          from: Type.Integer(),
          side: Type.Optional(Type.Enum(['upper', 'lower'])),
        }),
      ),
    }),
  ),
  /** Stretches with the same control limits. Without `limitId` nobody has set any: the lines are from the points shown and judge nothing that is entered. */
  phases: Type.Array(
    Type.Object({
      limitId: Type.Optional(Type.String()),
      name: Type.String(),
      from: Type.Integer(),
      to: Type.Integer(),
      /** Of the process, in its unit. */
      center: NumberOrNull,
      sigma: NumberOrNull,
    }),
  ),
  /** What was said of the points shown, and the signals that were kept when they were entered: the newest 2,000 of each. */
  marks: Type.Array(Mark),
  signals: Type.Array(SignalView),
  /** Why there is no chart of these points: all alike, too few. */
  problem: Type.Optional(Type.Object({ code: Type.String(), message: Type.String() })),
})
export type ChartView = Static<typeof ChartView>

/** Which points: the newest `last`, or those of a time, a lot, a machine. */
const pointRange = (last: number) => ({
  last: Type.Integer({ minimum: 1, maximum: 100_000, default: last }),
  from: Type.Optional(When),
  to: Type.Optional(When),
  lot: Type.Optional(Type.String({ maxLength: 120 })),
  machineId: Type.Optional(Type.String({ maxLength: 64 })),
})
const PointChoice = Type.Object(pointRange(200))
export type PointChoice = Static<typeof PointChoice>
/** The same, where more points say more. */
export const PointsOfStudy = Type.Object(pointRange(10_000))

export const getChart = route({
  id: 'getChart',
  method: 'get',
  path: '/api/quality/characteristics/:id/chart',
  access: 'quality.view',
  tag: 'quality',
  summary: 'The control chart of a characteristic: points, lines, phases, signals.',
  params: Type.Object({ id: Type.String({ maxLength: 64 }) }),
  query: PointChoice,
  response: ChartView,
  errors: ['characteristic-not-found'],
})

/** News of quality, on the live topic `quality`. */
export const QualityNews = Type.Union([
  /** Something was entered. `panels`: where its point lies, once it is whole. */
  Type.Object({
    kind: Type.Literal('entered'),
    characteristicId: Type.String(),
    subgroup: Type.Integer(),
    at: When,
    values: Type.Array(Type.Number()),
    isInTolerance: Type.Boolean(),
    openValues: Type.Integer(),
    panels: Type.Array(Type.Object({ name: PanelName, value: NumberOrNull, center: NumberOrNull, lower: NumberOrNull, upper: NumberOrNull })),
    signals: Type.Array(SignalView),
    isLocked: Type.Boolean(),
  }),
  /** Read it again. */
  Type.Object({
    kind: Type.Literal('changed'),
    characteristicId: Type.Optional(Type.String()),
    what: Type.Enum(['definition', 'limits', 'marks', 'correction', 'import', 'gauge', 'catalogue', 'study', 'sampling']),
  }),
])
export type QualityNews = Static<typeof QualityNews>
