/** Inspections of parts by a plan, up to the decision: first-article inspections with the forms of AS9102, and plain ones. */
import { type Static, Type } from 'typebox'
import { MachineId } from '../../../../nodes/motion/machine.ts'
import { route } from '../../route.ts'
import { NumberOrNull, Reason } from '../characteristics.ts'
import { ReportForm } from '../reports.ts'
import { InspectionForms } from './forms.ts'
import { InspectionPlanDefinition } from './plan.ts'

const tag = 'quality'
const closed = { additionalProperties: false }
const When = Type.String({ format: 'date-time' })
const Id = Type.Object({ id: Type.String({ maxLength: 64 }) })
const Short = (maxLength = 120) => Type.String({ minLength: 1, maxLength })
const OnceId = Type.String({ pattern: '^[A-Za-z0-9_.-]{8,80}$' })

// --- plans

export const InspectionPlan = Type.Object({
  id: Type.String(),
  /** Grows with each change. Inspections keep the one that they began with. */
  revision: Type.Integer(),
  definition: InspectionPlanDefinition,
  by: Type.String(),
  at: When,
})
export type InspectionPlan = Static<typeof InspectionPlan>
export const InspectionPlanRevision = Type.Object({
  revision: Type.Integer(),
  definition: InspectionPlanDefinition,
  by: Type.String(),
  reason: Type.String(),
  at: When,
})

export const listInspectionPlans = route({
  id: 'listInspectionPlans',
  method: 'get',
  path: '/api/quality/inspection-plans',
  access: 'quality.view',
  tag,
  summary: 'The inspection plans, by part.',
  query: Type.Object({ retired: Type.Boolean({ default: false }) }),
  response: Type.Array(InspectionPlan),
})
export const getInspectionPlan = route({
  id: 'getInspectionPlan',
  method: 'get',
  path: '/api/quality/inspection-plans/:id',
  access: 'quality.view',
  tag,
  summary: 'One inspection plan with every revision of it, newest first.',
  params: Id,
  response: Type.Object({ plan: InspectionPlan, revisions: Type.Array(InspectionPlanRevision) }),
  errors: ['inspection-plan-not-found'],
})
export const createInspectionPlan = route({
  id: 'createInspectionPlan',
  method: 'post',
  path: '/api/quality/inspection-plans',
  access: 'quality.edit',
  tag,
  summary: 'Adds an inspection plan.',
  body: Type.Object({ definition: InspectionPlanDefinition, reason: Type.Optional(Reason) }, closed),
  response: InspectionPlan,
  status: 201,
  errors: ['inspection-plan-exists', 'inspection-plan-invalid', 'characteristic-not-found'],
})
export const changeInspectionPlan = route({
  id: 'changeInspectionPlan',
  method: 'put',
  path: '/api/quality/inspection-plans/:id',
  access: 'quality.edit',
  tag,
  summary: 'Changes an inspection plan: a new revision. Refused when somebody else changed it meanwhile.',
  params: Id,
  body: Type.Object({ definition: InspectionPlanDefinition, revision: Type.Integer({ minimum: 1 }), reason: Reason }, closed),
  response: InspectionPlan,
  errors: ['inspection-plan-not-found', 'inspection-plan-changed', 'inspection-plan-exists', 'inspection-plan-invalid', 'characteristic-not-found'],
})

// --- inspections

export const INSPECTION_STATES = ['open', 'verified', 'accepted', 'rejected', 'withdrawn'] as const
export type InspectionState = (typeof INSPECTION_STATES)[number]
/** `verify`: all is there and as it is said. `accept`, `reject`: what becomes of it. `reopen`: back from verified to open. */
export const INSPECTION_MOVES = ['verify', 'accept', 'reject', 'reopen', 'withdraw'] as const
export type InspectionMove = (typeof INSPECTION_MOVES)[number]

const Lack = Type.Union([
  Type.Object({ what: Type.Literal('result'), balloon: Type.String(), piece: Type.Integer() }),
  Type.Object({ what: Type.Literal('nonconformance'), balloon: Type.String(), piece: Type.Integer() }),
  Type.Object({ what: Type.Literal('form-1'), field: Type.String() }),
  Type.Object({ what: Type.Literal('form-2'), row: Type.Integer(), name: Type.String(), field: Type.String() }),
  Type.Object({ what: Type.Literal('serial'), piece: Type.Integer() }),
])

/** What was found at a balloon of a part. */
export const InspectionResult = Type.Object({
  balloon: Type.String(),
  /** Which part, from 1. */
  piece: Type.Integer(),
  isConforming: Type.Boolean(),
  /** Of a measured one: the measurement behind it, and what it says now. */
  measurementId: Type.Optional(Type.String()),
  value: Type.Optional(Type.Number()),
  isCorrected: Type.Optional(Type.Boolean()),
  /** Somebody entered it here, or it was measured of this serial number elsewhere since the inspection began. */
  origin: Type.Enum(['entered', 'collected']),
  text: Type.Optional(Type.String()),
  tooling: Type.Optional(Type.String()),
  nonconformance: Type.Optional(Type.String()),
  by: Type.Optional(Type.String()),
  at: When,
})
export type InspectionResult = Static<typeof InspectionResult>

/** What was done with an inspection, oldest first. */
export const InspectionAct = Type.Object({
  revision: Type.Integer(),
  act: Type.Enum(['open', 'forms', ...INSPECTION_MOVES]),
  by: Type.String(),
  reason: Type.Optional(Type.String()),
  at: When,
})
export type InspectionAct = Static<typeof InspectionAct>

const Summary = {
  id: Type.String(),
  /** `FAIR-2026-0001`, `INS-2026-0001`. */
  number: Type.String(),
  state: Type.Enum([...INSPECTION_STATES]),
  /** Grows with each act. */
  revision: Type.Integer(),
  planId: Type.String(),
  planRevision: Type.Integer(),
  part: Type.String(),
  partName: Type.String(),
  isFirstArticle: Type.Boolean(),
  serials: Type.Array(Type.String()),
  lot: Type.Optional(Type.String()),
  quantity: Type.Integer(),
  workOrder: Type.Optional(Type.String()),
  openedBy: Type.String(),
  openedAt: When,
  changedAt: When,
}
export const InspectionSummary = Type.Object(Summary)
export type InspectionSummary = Static<typeof InspectionSummary>

/** A characteristic, as a form shows it. */
const Measured = Type.Object({
  id: Type.String(),
  name: Type.String(),
  unit: Type.String(),
  decimals: Type.Integer(),
  nominal: NumberOrNull,
  lower: NumberOrNull,
  upper: NumberOrNull,
  gaugeId: Type.Optional(Type.String()),
  /** What an entry of it has to give besides the value. */
  asks: Type.Array(Type.String()),
  isCount: Type.Boolean(),
})

export const Inspection = Type.Object({
  ...Summary,
  plan: InspectionPlanDefinition,
  characteristics: Type.Array(Measured),
  forms: InspectionForms,
  /** Of signed inspections, as they were when somebody verified them. */
  results: Type.Array(InspectionResult),
  lacks: Type.Array(Lack),
  /** How many results there are to be. */
  needed: Type.Integer(),
  acts: Type.Array(InspectionAct),
  /** Balloons whose measurement was corrected after somebody had put their name to it. */
  changedSince: Type.Array(Type.Object({ balloon: Type.String(), piece: Type.Integer(), value: Type.Optional(Type.Number()) })),
  /** What the caller may do now, and why not, by code. */
  moves: Type.Array(
    Type.Object({ move: Type.Enum([...INSPECTION_MOVES]), whyNot: Type.Optional(Type.Enum(['incomplete', 'right', 'same-person', 'in-person'])) }),
  ),
})
export type Inspection = Static<typeof Inspection>

export const listInspections = route({
  id: 'listInspections',
  method: 'get',
  path: '/api/quality/inspections',
  access: 'quality.view',
  tag,
  summary: 'Inspections, newest first.',
  query: Type.Object({
    /** Only those that are not decided. */
    open: Type.Boolean({ default: false }),
    planId: Type.Optional(Short(64)),
    /** Part of its number, part, serial number, lot or work order. */
    search: Type.Optional(Type.String({ maxLength: 120 })),
    before: Type.Optional(Short(64)),
    limit: Type.Integer({ minimum: 1, maximum: 500, default: 100 }),
  }),
  response: Type.Array(InspectionSummary),
})
export const getInspection = route({
  id: 'getInspection',
  method: 'get',
  path: '/api/quality/inspections/:id',
  access: 'quality.view',
  tag,
  summary: 'An inspection with its results, its forms, and what it still lacks.',
  params: Id,
  response: Inspection,
  errors: ['inspection-not-found'],
})

/** What is inspected. */
export const InspectionSubject = {
  planId: Short(64),
  /** Of each part, in their order. */
  serials: Type.Array(Short(), { maxItems: 1000, uniqueItems: true, default: [] }),
  lot: Type.Optional(Short()),
  quantity: Type.Integer({ minimum: 1, maximum: 1000, default: 1 }),
  workOrder: Type.Optional(Short()),
}
export const startInspection = route({
  id: 'startInspection',
  method: 'post',
  path: '/api/quality/inspections',
  access: 'quality.enter',
  tag,
  summary: 'Begins an inspection by a plan.',
  body: Type.Object({ /** Once for each inspection: the same key again is the same one. */ key: OnceId, ...InspectionSubject }, closed),
  response: Inspection,
  status: 201,
  errors: ['inspection-plan-not-found', 'inspection-plan-retired', 'serials-too-many'],
})
export const addInspectionResult = route({
  id: 'addInspectionResult',
  method: 'post',
  path: '/api/quality/inspections/:id/results',
  access: 'quality.enter',
  tag,
  summary: 'Keeps what was found at a balloon: a measured value, a measurement that is there, or a verdict. The newest counts.',
  params: Id,
  body: Type.Object(
    {
      /** Once for each result: the same id again is the same one. */
      resultId: OnceId,
      balloon: Short(20),
      piece: Type.Integer({ minimum: 1, maximum: 1000, default: 1 }),
      /** Of a measured balloon: it is entered as a measurement of its characteristic. */
      value: Type.Optional(Type.Number()),
      /** Of a count: of how many. */
      size: Type.Optional(Type.Number({ exclusiveMinimum: 0 })),
      gaugeId: Type.Optional(Short(64)),
      machineId: Type.Optional(MachineId),
      program: Type.Optional(Short(200)),
      tool: Type.Optional(Short()),
      /** Instead of a value: one that was measured already. */
      measurementId: Type.Optional(Short(64)),
      /** Of an attribute. */
      isConforming: Type.Optional(Type.Boolean()),
      text: Type.Optional(Short(500)),
      tooling: Type.Optional(Short(200)),
      nonconformance: Type.Optional(Short(80)),
    },
    closed,
  ),
  response: Inspection,
  status: 201,
  errors: [
    'inspection-not-found',
    'inspection-signed',
    'balloon-not-found',
    'result-missing',
    'result-id-used',
    'measurement-not-found',
    'measurement-of-another',
    'characteristic-locked',
    'value-invalid',
    'field-missing',
    'serial-measured',
    'gauge-overdue',
  ],
})
export const saveInspectionForms = route({
  id: 'saveInspectionForms',
  method: 'put',
  path: '/api/quality/inspections/:id/forms',
  access: 'quality.enter',
  tag,
  summary: 'Fills in forms 1 and 2 of a first-article inspection. Refused when somebody else changed them meanwhile.',
  params: Id,
  body: Type.Object({ forms: InspectionForms, revision: Type.Integer({ minimum: 1 }) }, closed),
  response: Inspection,
  errors: ['inspection-not-found', 'inspection-signed', 'inspection-changed'],
})
export const moveInspection = route({
  id: 'moveInspection',
  method: 'post',
  path: '/api/quality/inspections/:id/moves',
  access: 'quality.enter',
  tag,
  summary: 'Signs an inspection, accepts or rejects it (with quality.approve), opens it again, or withdraws it.',
  params: Id,
  body: Type.Object({ move: Type.Enum([...INSPECTION_MOVES]), revision: Type.Integer({ minimum: 1 }), reason: Type.Optional(Reason) }, closed),
  response: Inspection,
  errors: [
    'inspection-not-found',
    'inspection-changed',
    'move-not-possible',
    'inspection-incomplete',
    'reason-missing',
    'own-signature',
    'approve-in-person',
    'not-allowed',
  ],
})
export const getInspectionReport = route({
  id: 'getInspectionReport',
  method: 'get',
  path: '/api/quality/inspections/:id/report',
  access: 'quality.view',
  tag,
  summary: 'An inspection as PDF (the three forms of AS9102) or its results as CSV.',
  params: Id,
  query: Type.Object(ReportForm),
  response: Type.Unknown({ description: 'application/pdf or text/csv' }),
  rawResponse: true,
  errors: ['inspection-not-found', 'reports-busy'],
})
