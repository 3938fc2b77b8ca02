/** What the process behind a characteristic can do and did: Cp, Cpk, Pp, Ppk, Cpm with intervals, histogram and probability plot. */
import { type Static, Type } from 'typebox'
import { route } from '../route.ts'
import { NumberOrNull } from './characteristics.ts'
import { PointsOfStudy } from './charts.ts'

const When = Type.String({ format: 'date-time' })
const ESTIMATORS = ['rbar', 'sbar', 'pooled', 'pooled-unbiased', 'mr-mean', 'mr-median'] as const

const Index = Type.Object({
  value: Type.Number(),
  /** The interval of this confidence, two sides. */
  lower: Type.Number(),
  upper: Type.Number(),
  confidence: Type.Number(),
  df: Type.Number(),
})
/** Null: it needs the limit that is not there, or a target. */
const IndexOrNull = Type.Union([Index, Type.Null()])
/** Parts per million; null for a side without a limit. */
const OutOfTolerance = Type.Object({ below: NumberOrNull, above: NumberOrNull, total: Type.Number() })
const SigmaLevels = Type.Object({ lower: NumberOrNull, upper: NumberOrNull, bench: Type.Number() })
const Spread = Type.Object({ sigma: Type.Number(), df: Type.Number() })

const Indices = Type.Object({
  within: Type.Object({ sigma: Type.Number(), df: Type.Number(), estimator: Type.Enum([...ESTIMATORS]) }),
  overall: Spread,
  cp: IndexOrNull,
  cpl: IndexOrNull,
  cpu: IndexOrNull,
  cpk: Index,
  cpm: IndexOrNull,
  pp: IndexOrNull,
  ppl: IndexOrNull,
  ppu: IndexOrNull,
  ppk: Index,
  cpmOverall: IndexOrNull,
  observedPpm: OutOfTolerance,
  /** If the values are normally distributed. */
  expectedWithinPpm: OutOfTolerance,
  expectedOverallPpm: OutOfTolerance,
  sigmaLevelWithin: SigmaLevels,
  sigmaLevelOverall: SigmaLevels,
})

export const CapabilityView = Type.Object({
  characteristicId: Type.String(),
  revision: Type.Integer(),
  /** What was reckoned with: excluded points are left out. */
  values: Type.Integer(),
  subgroups: Type.Integer(),
  excluded: Type.Integer(),
  from: Type.Optional(When),
  to: Type.Optional(When),
  mean: NumberOrNull,
  min: NumberOrNull,
  max: NumberOrNull,
  tolerance: Type.Object({ lower: NumberOrNull, upper: NumberOrNull, target: NumberOrNull }),
  /** Absent with a `problem`: too few, all alike, no tolerance, counts. */
  indices: Type.Optional(Indices),
  /** Points of the same range that the rules of the chart have flagged: a process that is not stable has no capability. */
  signals: Type.Integer(),
  /** How normal the values look (Anderson-Darling); absent with fewer than 8. `isBound`: p is below what is said. */
  normality: Type.Optional(Type.Object({ statistic: Type.Number(), adjusted: Type.Number(), p: Type.Number(), isBound: Type.Boolean() })),
  /** A value on an edge belongs to the bar above it. */
  histogram: Type.Optional(Type.Array(Type.Object({ from: Type.Number(), to: Type.Number(), count: Type.Integer() }))),
  /** At most 500 of the values in order, each with the normal score that it should lie at: value = mean + score times standard deviation. */
  normalPlot: Type.Optional(
    Type.Object({ value: Type.Array(Type.Number()), score: Type.Array(Type.Number()), mean: Type.Number(), standardDeviation: Type.Number() }),
  ),
  problem: Type.Optional(Type.Object({ code: Type.String(), message: Type.String() })),
})
export type CapabilityView = Static<typeof CapabilityView>

export const getCapability = route({
  id: 'getCapability',
  method: 'get',
  path: '/api/quality/characteristics/:id/capability',
  access: 'quality.view',
  tag: 'quality',
  summary: 'Capability and performance of a characteristic over a range of points.',
  params: Type.Object({ id: Type.String({ maxLength: 64 }) }),
  query: PointsOfStudy,
  response: CapabilityView,
  errors: ['characteristic-not-found'],
})
