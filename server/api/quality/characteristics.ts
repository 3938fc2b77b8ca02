/** Characteristics: what is measured of a part, how it is judged and charted. Each change is a revision with its author and reason. */
import { type Static, Type } from 'typebox'
import { MachineId } from '../../../nodes/motion/machine.ts'
import { route } from '../route.ts'
import { ChartPlan } from './chart-plan.ts'
import { SignalView } from './signals.ts'

const tag = 'quality'
const closed = { additionalProperties: false }
const When = Type.String({ format: 'date-time' })
const Id = Type.Object({ id: Type.String({ maxLength: 64 }) })
const Short = (maxLength = 120) => Type.String({ maxLength })
export const Reason = Type.String({ minLength: 3, maxLength: 500, description: 'Why, in the words of whoever does it' })
/** A number or nothing: a tolerance may be open on one side. */
export const NumberOrNull = Type.Union([Type.Number(), Type.Null()])

/** What may be asked of whoever measures. */
export const ENTRY_FIELDS = ['serial', 'lot', 'machine', 'program', 'tool'] as const
/** What has to be given before the next measurement may be entered. */
export const ANSWERS = ['nothing', 'cause', 'cause-and-action'] as const

/** When it is due: each so many minutes, or each so many parts that its machine has finished. */
export const SamplingRule = Type.Object({ every: Type.Enum(['minutes', 'parts']), count: Type.Integer({ minimum: 1, maximum: 100_000 }) }, closed)
export type SamplingRule = Static<typeof SamplingRule>

/** What a person says of a characteristic. */
export const CharacteristicDefinition = Type.Object(
  {
    name: Type.String({ minLength: 1, maxLength: 120, description: 'What is measured, e.g. bore diameter' }),
    part: Type.Optional(Short()),
    partRevision: Type.Optional(Short(40)),
    /** Number of the balloon on the drawing, or its place. */
    feature: Type.Optional(Short()),
    operation: Type.Optional(Short()),
    /** At which it is made, where it is always the same. */
    machineId: Type.Optional(MachineId),
    unit: Type.String({ maxLength: 20, default: 'mm' }),
    decimals: Type.Integer({ minimum: 0, maximum: 9, default: 3 }),
    /** Null for counts. */
    nominal: NumberOrNull,
    /** The limits of the tolerance themselves, not deviations; null: open on that side. A value on a limit is in tolerance. */
    lower: NumberOrNull,
    upper: NumberOrNull,
    chart: ChartPlan,
    /** Values come from this gauge, unless an entry says otherwise. */
    gaugeId: Type.Optional(Short(64)),
    /** What becomes of a measurement with a gauge whose calibration is overdue, failed or missing. */
    overdueGauge: Type.Enum(['flag', 'refuse'], { default: 'flag' }),
    sampling: Type.Optional(SamplingRule),
    /** What an entry has to give. */
    asks: Type.Array(Type.Enum([...ENTRY_FIELDS]), { maxItems: ENTRY_FIELDS.length, uniqueItems: true, default: [] }),
    /** A part is measured once: a serial number that was measured already is refused. */
    uniqueSerials: Type.Boolean({ default: false }),
    /** What has to be said after a signal of the chart, and after a value out of tolerance; until then nothing more can be entered. */
    afterSignal: Type.Enum([...ANSWERS], { default: 'nothing' }),
    afterOutOfTolerance: Type.Enum([...ANSWERS], { default: 'nothing' }),
    /** Not measured any more: it keeps its history, and no entry is taken. */
    isRetired: Type.Boolean({ default: false }),
  },
  closed,
)
export type CharacteristicDefinition = Static<typeof CharacteristicDefinition>

/** When the next one is due. */
export const Due = Type.Object({ isDue: Type.Boolean(), at: Type.Optional(When), partsSince: Type.Optional(Type.Integer()) })
export type Due = Static<typeof Due>

/** A characteristic, as it is now. */
export const Characteristic = Type.Object({
  id: Type.String(),
  /** Grows with each change of the definition. */
  revision: Type.Integer(),
  definition: CharacteristicDefinition,
  /** Where the newest revision came from: a person, the node of a flow that gives it inline, or measurements from before there was a list. */
  origin: Type.Enum(['person', 'flow', 'earlier']),
  /** Values measured, and points of the chart, in all. */
  measured: Type.Integer(),
  points: Type.Integer(),
  /** How many values the newest subgroup still waits for; 0 when the next value begins one. */
  openValues: Type.Integer(),
  last: Type.Optional(
    Type.Object({ at: When, value: Type.Number(), size: Type.Optional(Type.Number()), isInTolerance: Type.Boolean(), by: Type.Optional(Type.String()) }),
  ),
  /** The control limits that hold now; without any the chart judges nothing yet. */
  limitId: Type.Optional(Type.String()),
  /** Signals that wait for a cause or an action: no entry until then. */
  openSignals: Type.Array(SignalView),
  isLocked: Type.Boolean(),
  due: Type.Optional(Due),
})
export type Characteristic = Static<typeof Characteristic>

/** A definition as it was. */
export const CharacteristicRevision = Type.Object({
  revision: Type.Integer(),
  definition: CharacteristicDefinition,
  origin: Type.Enum(['person', 'flow', 'earlier']),
  by: Type.String(),
  reason: Type.String(),
  at: When,
})
export type CharacteristicRevision = Static<typeof CharacteristicRevision>

export const listQualityCharacteristics = route({
  id: 'listQualityCharacteristics',
  method: 'get',
  path: '/api/quality/characteristics',
  access: 'quality.view',
  tag,
  summary: 'The characteristics with how they are: by part and name.',
  query: Type.Object({
    /** Part of the name, the part or the feature. */
    search: Type.Optional(Short()),
    machineId: Type.Optional(Short(64)),
    /** Also those that are not measured any more. */
    retired: Type.Boolean({ default: false }),
    limit: Type.Integer({ minimum: 1, maximum: 5000, default: 2000 }),
  }),
  response: Type.Array(Characteristic),
})
export const getCharacteristic = route({
  id: 'getCharacteristic',
  method: 'get',
  path: '/api/quality/characteristics/:id',
  access: 'quality.view',
  tag,
  summary: 'One characteristic with every revision of its definition, newest first.',
  params: Id,
  response: Type.Object({ characteristic: Characteristic, revisions: Type.Array(CharacteristicRevision) }),
  errors: ['characteristic-not-found'],
})
export const createCharacteristic = route({
  id: 'createCharacteristic',
  method: 'post',
  path: '/api/quality/characteristics',
  access: 'quality.edit',
  tag,
  summary: 'Adds a characteristic.',
  body: Type.Object({ definition: CharacteristicDefinition, reason: Type.Optional(Reason) }, closed),
  response: Characteristic,
  status: 201,
  errors: ['characteristic-exists', 'tolerance-reversed', 'chart-not-fitting', 'gauge-not-found'],
})
export const changeCharacteristic = route({
  id: 'changeCharacteristic',
  method: 'put',
  path: '/api/quality/characteristics/:id',
  access: 'quality.edit',
  tag,
  summary: 'Changes a characteristic: a new revision. Refused when somebody else changed it meanwhile.',
  params: Id,
  body: Type.Object(
    { definition: CharacteristicDefinition, revision: Type.Integer({ minimum: 1, description: 'That the change is based on' }), reason: Reason },
    closed,
  ),
  response: Characteristic,
  errors: [
    'characteristic-not-found',
    'characteristic-changed',
    'characteristic-exists',
    'unit-fixed',
    'chart-not-fitting',
    'tolerance-reversed',
    'gauge-not-found',
  ],
})
