/** Gauges and their calibrations. */
import { type Static, Type } from 'typebox'
import { route } from '../route.ts'
import { Reason } from './characteristics.ts'

const tag = 'quality'
const closed = { additionalProperties: false }
const When = Type.String({ format: 'date-time' })
const Short = (maxLength = 120) => Type.String({ maxLength })
const Id = Type.Object({ id: Type.String({ maxLength: 64 }) })

export const GaugeDefinition = Type.Object(
  {
    /** As it is marked: what people call it by. */
    name: Type.String({ minLength: 1, maxLength: 120 }),
    kind: Type.Optional(Short()),
    maker: Type.Optional(Short()),
    serial: Type.Optional(Short()),
    unit: Type.Optional(Short(20)),
    /** Smallest step that it shows, in its unit. */
    resolution: Type.Optional(Type.Number({ exclusiveMinimum: 0 })),
    place: Type.Optional(Short()),
    /** Connection that it is read through. */
    connectionId: Type.Optional(Short(64)),
    /** Of an interface with several gauges: the one that is this. */
    channel: Type.Optional(Short(20)),
    /** How long a calibration holds, in days; proposes the next due date. */
    intervalDays: Type.Optional(Type.Integer({ minimum: 1, maximum: 10_000 })),
    isRetired: Type.Boolean({ default: false }),
  },
  closed,
)
export type GaugeDefinition = Static<typeof GaugeDefinition>

export const Calibration = Type.Object({
  id: Type.String(),
  /** When it was calibrated, and until when that holds. */
  at: When,
  dueAt: When,
  passed: Type.Boolean(),
  certificate: Type.Optional(Type.String()),
  /** Whoever calibrated it. */
  lab: Type.Optional(Type.String()),
  comment: Type.Optional(Type.String()),
  by: Type.String(),
  enteredAt: When,
})
export type Calibration = Static<typeof Calibration>

/** How its calibration stands: `failed` counts until a later one passes. */
export const GAUGE_STATES = ['good', 'due-soon', 'overdue', 'failed', 'never'] as const
export const Gauge = Type.Object({
  id: Type.String(),
  revision: Type.Integer(),
  definition: GaugeDefinition,
  state: Type.Enum([...GAUGE_STATES]),
  /** The newest. */
  calibration: Type.Optional(Calibration),
})
export type Gauge = Static<typeof Gauge>

export const listGauges = route({
  id: 'listGauges',
  method: 'get',
  path: '/api/quality/gauges',
  access: 'quality.view',
  tag,
  summary: 'The gauges with how their calibration stands, by name.',
  query: Type.Object({ retired: Type.Boolean({ default: false }) }),
  response: Type.Array(Gauge),
})
export const getGauge = route({
  id: 'getGauge',
  method: 'get',
  path: '/api/quality/gauges/:id',
  access: 'quality.view',
  tag,
  summary: 'One gauge with its calibrations and the revisions of its definition, newest first.',
  params: Id,
  response: Type.Object({
    gauge: Gauge,
    calibrations: Type.Array(Calibration),
    revisions: Type.Array(Type.Object({ revision: Type.Integer(), definition: GaugeDefinition, by: Type.String(), reason: Type.String(), at: When })),
  }),
  errors: ['gauge-not-found'],
})
export const createGauge = route({
  id: 'createGauge',
  method: 'post',
  path: '/api/quality/gauges',
  access: 'quality.edit',
  tag,
  summary: 'Adds a gauge.',
  body: Type.Object({ definition: GaugeDefinition, reason: Type.Optional(Reason) }, closed),
  response: Gauge,
  status: 201,
  errors: ['gauge-exists', 'connection-not-found'],
})
export const changeGauge = route({
  id: 'changeGauge',
  method: 'put',
  path: '/api/quality/gauges/:id',
  access: 'quality.edit',
  tag,
  summary: 'Changes a gauge: a new revision. Refused when somebody else changed it meanwhile.',
  params: Id,
  body: Type.Object({ definition: GaugeDefinition, revision: Type.Integer({ minimum: 1 }), reason: Reason }, closed),
  response: Gauge,
  errors: ['gauge-not-found', 'gauge-changed', 'gauge-exists', 'connection-not-found'],
})
export const addCalibration = route({
  id: 'addCalibration',
  method: 'post',
  path: '/api/quality/gauges/:id/calibrations',
  access: 'quality.edit',
  tag,
  summary: 'Notes a calibration of a gauge.',
  params: Id,
  body: Type.Object(
    {
      at: When,
      /** Left out: by the interval of the gauge. */
      dueAt: Type.Optional(When),
      passed: Type.Boolean(),
      certificate: Type.Optional(Short()),
      lab: Type.Optional(Short()),
      comment: Type.Optional(Short(500)),
    },
    closed,
  ),
  response: Gauge,
  status: 201,
  errors: ['gauge-not-found', 'calibration-reversed', 'due-date-missing', 'calibration-ahead'],
})
