/** Entering what was measured, and putting right what was entered wrong. */
import { type Static, Type } from 'typebox'
import { MachineId } from '../../../nodes/motion/machine.ts'
import { route } from '../route.ts'
import { NumberOrNull, Reason } from './characteristics.ts'
import { SignalView } from './signals.ts'

const tag = 'quality'
const closed = { additionalProperties: false }
const When = Type.String({ format: 'date-time' })
const Short = (maxLength = 120) => Type.String({ minLength: 1, maxLength })

/** Where a value came from. */
export const ENTRY_SOURCES = ['flow', 'form', 'gauge', 'import'] as const

/** What is known of a measurement besides its value. */
const Circumstances = {
  /** When it was measured, if that was not just now. */
  at: Type.Optional(When),
  serial: Type.Optional(Short()),
  lot: Type.Optional(Short()),
  machineId: Type.Optional(MachineId),
  program: Type.Optional(Short(200)),
  tool: Type.Optional(Short()),
  /** Whoever measured, if it was not the person who is signed in. */
  operator: Type.Optional(Short()),
  workOrder: Type.Optional(Short()),
  /** Instead of the gauge of the characteristic. */
  gaugeId: Type.Optional(Short(64)),
}

/** One entry: a value, the values of a subgroup, or a count. */
export const Entry = Type.Object(
  {
    /** Made by whoever enters, once for each entry: the same id again is the same entry, and answers what the first did. */
    entryId: Type.String({ pattern: '^[A-Za-z0-9_.-]{8,80}$' }),
    characteristicId: Short(64),
    /** Several make a subgroup of their own, at most 100; one goes into the subgroup that is open. For charts of counts: one count. */
    values: Type.Array(Type.Number(), { minItems: 1, maxItems: 100 }),
    /** For charts of counts: of how many parts, or how much was looked at. */
    size: Type.Optional(Type.Number({ exclusiveMinimum: 0 })),
    /** As the gauge says; refused when it is not that of the characteristic. */
    unit: Type.Optional(Type.String({ maxLength: 20 })),
    /** `import`: measured elsewhere; it is taken while the characteristic waits for a cause, and its signals ask for nothing. */
    source: Type.Enum(['form', 'gauge', 'import'], { default: 'form' }),
    comment: Type.Optional(Short(500)),
    ...Circumstances,
  },
  closed,
)
export type Entry = Static<typeof Entry>

/** Something is odd about a measurement that was taken all the same. */
export const ENTRY_FLAGS = [
  'clock-backwards',
  'clock-ahead',
  'gauge-overdue',
  'gauge-uncalibrated',
  'gauge-failed',
  'gauge-unknown',
  'other-tolerance',
  'serial-again',
] as const
export const EntryFlag = Type.Object({ code: Type.Enum([...ENTRY_FLAGS]), text: Type.String() })
export type EntryFlag = Static<typeof EntryFlag>

/** What became of an entry. */
export const EntryResult = Type.Object({
  entryId: Type.String(),
  characteristicId: Type.String(),
  /** It had been entered before; nothing was added. */
  isRepeat: Type.Boolean(),
  /** Its values with what was judged of each. `text` is in English: `bore diameter 10.012 mm, within 10.000 +0.020/-0.000`. */
  measurements: Type.Array(
    Type.Object({ id: Type.String(), value: Type.Number(), isInTolerance: Type.Boolean(), deviation: Type.Optional(Type.Number()), text: Type.String() }),
  ),
  isInTolerance: Type.Boolean(),
  /** The point of the chart that they are in. */
  subgroup: Type.Integer(),
  /** Values that this point still waits for. */
  openValues: Type.Integer(),
  /** What the chart and the tolerance say of it. */
  signals: Type.Array(SignalView),
  flags: Type.Array(EntryFlag),
  /** A cause or an action has to be given before the next entry. */
  isLocked: Type.Boolean(),
})
export type EntryResult = Static<typeof EntryResult>

export const enterMeasurement = route({
  id: 'enterMeasurement',
  method: 'post',
  path: '/api/quality/entries',
  access: 'quality.enter',
  tag,
  summary: 'Keeps what was measured, judges it, and answers when it is stored for good.',
  body: Entry,
  response: EntryResult,
  status: 201,
  errors: [
    'characteristic-not-found',
    'characteristic-retired',
    'characteristic-locked',
    'value-invalid',
    'unit-differs',
    'size-missing',
    'field-missing',
    'serial-measured',
    'gauge-not-found',
    'gauge-overdue',
    'entry-id-used',
  ],
})

/** One value, with what was known when it was measured. */
export const Measurement = Type.Object({
  id: Type.String(),
  entryId: Type.Optional(Type.String()),
  /** Its place among the values of its characteristic. */
  seq: Type.Integer(),
  subgroup: Type.Integer(),
  at: When,
  /** As it counts: corrected, where it was. */
  value: Type.Number(),
  size: Type.Optional(Type.Number()),
  unit: Type.String(),
  nominal: NumberOrNull,
  lower: NumberOrNull,
  upper: NumberOrNull,
  isInTolerance: Type.Boolean(),
  source: Type.Enum([...ENTRY_SOURCES]),
  serial: Type.Optional(Type.String()),
  lot: Type.Optional(Type.String()),
  machineId: Type.Optional(Type.String()),
  program: Type.Optional(Type.String()),
  tool: Type.Optional(Type.String()),
  workOrder: Type.Optional(Type.String()),
  runId: Type.Optional(Type.String()),
  by: Type.Optional(Type.String()),
  gaugeId: Type.Optional(Type.String()),
  /** Calibrated when, and due when, as it was known then. */
  gaugeCalibratedAt: Type.Optional(When),
  gaugeDueAt: Type.Optional(When),
  comment: Type.Optional(Type.String()),
  flags: Type.Array(Type.Enum([...ENTRY_FLAGS])),
  /** Revision of the definition that it was judged by. */
  revision: Type.Integer(),
  /** What was entered at first, and each correction, oldest first; absent where nothing was corrected. */
  corrections: Type.Optional(
    Type.Array(
      Type.Object({
        id: Type.String(),
        from: Type.Number(),
        value: Type.Number(),
        size: Type.Optional(Type.Number()),
        reason: Type.String(),
        by: Type.String(),
        at: When,
      }),
    ),
  ),
})
export type Measurement = Static<typeof Measurement>

const MeasurementChoice = Type.Object({
  /** Of one point of the chart. */
  subgroup: Type.Optional(Type.Integer()),
  serial: Type.Optional(Short()),
  lot: Type.Optional(Short()),
  /** Older than this place. */
  before: Type.Optional(Type.Integer({ minimum: 1 })),
  limit: Type.Integer({ minimum: 1, maximum: 1000, default: 100 }),
})
export type MeasurementChoice = Static<typeof MeasurementChoice>

export const listMeasurements = route({
  id: 'listMeasurements',
  method: 'get',
  path: '/api/quality/characteristics/:id/measurements',
  access: 'quality.view',
  tag,
  summary: 'What was measured of a characteristic with all that is known of it, newest first.',
  params: Type.Object({ id: Type.String({ maxLength: 64 }) }),
  query: MeasurementChoice,
  response: Type.Array(Measurement),
  errors: ['characteristic-not-found'],
})

export const correctMeasurement = route({
  id: 'correctMeasurement',
  method: 'post',
  path: '/api/quality/measurements/:id/corrections',
  access: 'quality.enter',
  tag,
  summary: 'Puts a value right that was entered wrong: a new row with its reason; what was entered stays.',
  params: Type.Object({ id: Type.String({ maxLength: 64 }) }),
  body: Type.Object(
    {
      /** Once for each correction: the same id again is the same correction. */
      correctionId: Type.String({ pattern: '^[A-Za-z0-9_.-]{8,80}$' }),
      value: Type.Number(),
      size: Type.Optional(Type.Number({ exclusiveMinimum: 0 })),
      reason: Reason,
    },
    closed,
  ),
  response: Measurement,
  status: 201,
  errors: ['measurement-not-found', 'measurement-by-name', 'value-invalid'],
})
