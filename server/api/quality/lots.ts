/** Acceptance sampling by attributes: plans, lots with what was found in them, and how severely the next lot is inspected. */
import { type Static, Type } from 'typebox'
import { AQLS, EDITIONS, INSPECTION_LEVELS, SEVERITIES } from '../../../nodes/quality/engine/sampling/contract.ts'
import { route } from '../route.ts'
import { Reason } from './characteristics.ts'

const tag = 'quality'
const closed = { additionalProperties: false }
const When = Type.String({ format: 'date-time' })
const Short = (maxLength = 120) => Type.String({ minLength: 1, maxLength })
const Id = Type.Object({ id: Type.String({ maxLength: 64 }) })
/** Made by whoever enters, once for each entry: the same id again is the same entry. */
const EntryId = Type.String({ pattern: '^[A-Za-z0-9_.-]{8,80}$' })

export const SamplingDefinition = Type.Object(
  {
    name: Short(),
    part: Type.Optional(Short()),
    supplier: Type.Optional(Short()),
    /** What is looked at, and how: for whoever inspects. */
    instruction: Type.Optional(Type.String({ maxLength: 1000 })),
    edition: Type.Enum([...EDITIONS], { default: 'ansi-z1.4' }),
    level: Type.Enum([...INSPECTION_LEVELS], { default: 'II' }),
    aql: Type.Enum([...AQLS]),
    /** What is counted: nonconforming items, or nonconformities, of which an item can have several. AQLs above 10 are for those alone. */
    counts: Type.Enum(['items', 'nonconformities'], { default: 'items' }),
    /** Production is steady and the responsible authority agrees: reduced inspection may begin. */
    allowsReduced: Type.Boolean({ default: false }),
    /** Lots rejected on tightened inspection, until inspection is discontinued. */
    discontinueAfter: Type.Integer({ minimum: 1, maximum: 20, default: 5 }),
    /** Kinds of nonconformity that are offered. */
    defects: Type.Array(Short(80), { maxItems: 40, uniqueItems: true, default: [] }),
    isRetired: Type.Boolean({ default: false }),
  },
  closed,
)
export type SamplingDefinition = Static<typeof SamplingDefinition>

/** Where the switching rules are (nodes/quality/engine/sampling). */
const Switching = Type.Object({
  severity: Type.Enum([...SEVERITIES]),
  recent: Type.Array(Type.Boolean()),
  acceptedInRow: Type.Integer(),
  rejectedOnTightened: Type.Integer(),
  score: Type.Integer(),
  isDiscontinued: Type.Boolean(),
})
export const SWITCH_REASONS = [
  'two-of-five-rejected',
  'five-accepted',
  'ten-accepted',
  'score-reached',
  'rejected-on-reduced',
  'between-accept-and-reject',
  'rejected-too-often-on-tightened',
] as const

/** Why inspection is as severe as it is: by a rule, after a lot, or because a person said so. Absent while it never changed. */
const SeverityChange = Type.Object({
  reason: Type.Optional(Type.Enum([...SWITCH_REASONS])),
  lotNumber: Type.Optional(Type.String()),
  /** What the person said. */
  text: Type.Optional(Type.String()),
  by: Type.String(),
  at: When,
})

export const SamplingPlanView = Type.Object({
  id: Type.String(),
  revision: Type.Integer(),
  definition: SamplingDefinition,
  state: Switching,
  change: Type.Optional(SeverityChange),
  /** Grows with all that is said of the plan's lots. */
  place: Type.Integer(),
  lots: Type.Integer(),
  /** Lots that wait for their result. */
  openLots: Type.Integer(),
  rejectedLots: Type.Integer(),
  lastAt: Type.Optional(When),
})
export type SamplingPlanView = Static<typeof SamplingPlanView>

const Defect = Type.Object({ kind: Short(80), count: Type.Integer({ minimum: 1, maximum: 1_000_000 }) }, closed)

/** What was found. */
const Finding = {
  nonconforming: Type.Integer({ minimum: 0, maximum: 10_000_000 }),
  /** By kind, where it is known; a kind is there once. */
  defects: Type.Array(Defect, { maxItems: 40, default: [] }),
}

export const LOT_STATES = ['open', 'accepted', 'rejected', 'withdrawn'] as const
export const Lot = Type.Object({
  id: Type.String(),
  planId: Type.String(),
  planName: Type.String(),
  revision: Type.Integer(),
  number: Type.String(),
  /** 1 as it came first, 2 when it comes again after it was sorted or mended, and so on. */
  submission: Type.Integer(),
  size: Type.Integer(),
  /** As it was when the lot was begun. */
  sampling: Type.Object({
    codeLetter: Type.String(),
    planLetter: Type.String(),
    severity: Type.Enum([...SEVERITIES]),
    level: Type.Enum([...INSPECTION_LEVELS]),
    aql: Type.Number(),
    sample: Type.Integer(),
    isWholeLot: Type.Boolean(),
    accept: Type.Integer(),
    reject: Type.Integer(),
  }),
  state: Type.Enum([...LOT_STATES]),
  /** As it counts: corrected, where it was. */
  result: Type.Optional(
    Type.Object({
      nonconforming: Type.Integer(),
      defects: Type.Array(Defect),
      /** Whether the switching rules counted it: only what came first, inspected as severely as the series was then. */
      counts: Type.Boolean(),
      /** What it changed. */
      switchReason: Type.Optional(Type.Enum([...SWITCH_REASONS])),
      severityAfter: Type.Enum([...SEVERITIES]),
      isDiscontinued: Type.Boolean(),
      comment: Type.Optional(Type.String()),
      by: Type.String(),
      at: When,
    }),
  ),
  /** Earlier results that were corrected, oldest first, with the reason of the correction. */
  corrected: Type.Array(Type.Object({ nonconforming: Type.Integer(), reason: Type.String(), by: Type.String(), at: When })),
  withdrawn: Type.Optional(Type.Object({ reason: Type.String(), by: Type.String(), at: When })),
  comment: Type.Optional(Type.String()),
  workOrder: Type.Optional(Type.String()),
  runId: Type.Optional(Type.String()),
  by: Type.String(),
  at: When,
})
export type Lot = Static<typeof Lot>

export const listSamplingPlans = route({
  id: 'listSamplingPlans',
  method: 'get',
  path: '/api/quality/sampling',
  access: 'quality.view',
  tag,
  summary: 'The sampling plans with how severely the next lot of each is inspected, by name.',
  query: Type.Object({ retired: Type.Boolean({ default: false }) }),
  response: Type.Array(SamplingPlanView),
})
export const getSamplingPlan = route({
  id: 'getSamplingPlan',
  method: 'get',
  path: '/api/quality/sampling/:id',
  access: 'quality.view',
  tag,
  summary: 'One sampling plan with the changes of its severity and its revisions, newest first.',
  params: Id,
  response: Type.Object({
    plan: SamplingPlanView,
    changes: Type.Array(Type.Intersect([SeverityChange, Type.Object({ severity: Type.Enum([...SEVERITIES]), isDiscontinued: Type.Boolean() })])),
    revisions: Type.Array(Type.Object({ revision: Type.Integer(), definition: SamplingDefinition, by: Type.String(), reason: Type.String(), at: When })),
  }),
  errors: ['sampling-plan-not-found'],
})
export const createSamplingPlan = route({
  id: 'createSamplingPlan',
  method: 'post',
  path: '/api/quality/sampling',
  access: 'quality.edit',
  tag,
  summary: 'Adds a sampling plan; its series begins with normal inspection.',
  body: Type.Object({ definition: SamplingDefinition, reason: Type.Optional(Reason) }, closed),
  response: SamplingPlanView,
  status: 201,
  errors: ['sampling-plan-exists', 'aql-for-counts'],
})
export const changeSamplingPlan = route({
  id: 'changeSamplingPlan',
  method: 'put',
  path: '/api/quality/sampling/:id',
  access: 'quality.edit',
  tag,
  summary: 'Changes a sampling plan: a new revision. Another AQL, level or standard begins the counting of the switching rules anew, as severely as before.',
  params: Id,
  body: Type.Object({ definition: SamplingDefinition, revision: Type.Integer({ minimum: 1 }), reason: Reason }, closed),
  response: SamplingPlanView,
  errors: ['sampling-plan-not-found', 'sampling-plan-changed', 'sampling-plan-exists', 'aql-for-counts'],
})
export const setSeverity = route({
  id: 'setSeverity',
  method: 'post',
  path: '/api/quality/sampling/:id/severity',
  access: 'quality.edit',
  tag,
  summary: 'Says how severely the next lot is inspected, with the reason. A discontinued series begins again with tightened inspection only.',
  params: Id,
  body: Type.Object(
    {
      severity: Type.Enum([...SEVERITIES]),
      reason: Reason,
      /** As the plan stood when this was decided. */
      place: Type.Integer({ minimum: 0 }),
    },
    closed,
  ),
  response: SamplingPlanView,
  errors: ['sampling-plan-not-found', 'sampling-moved-on', 'severity-not-allowed'],
})
export const beginLot = route({
  id: 'beginLot',
  method: 'post',
  path: '/api/quality/sampling/:id/lots',
  access: 'quality.enter',
  tag,
  summary: 'Takes a lot up for inspection and says how many items to take, and from how many nonconforming on it is rejected.',
  params: Id,
  body: Type.Object(
    {
      entryId: EntryId,
      number: Short(80),
      size: Type.Integer({ minimum: 2, maximum: 100_000_000 }),
      /** The lot was rejected before, then sorted or mended, and comes again: it does not count for the switching rules. */
      isResubmission: Type.Boolean({ default: false }),
      comment: Type.Optional(Type.String({ maxLength: 500 })),
      workOrder: Type.Optional(Short()),
    },
    closed,
  ),
  response: Lot,
  status: 201,
  errors: ['sampling-plan-not-found', 'sampling-plan-retired', 'sampling-discontinued', 'lot-exists', 'lot-not-rejected', 'entry-id-used'],
})
const LotChoice = Type.Object({
  planId: Type.Optional(Type.String({ maxLength: 64 })),
  state: Type.Optional(Type.Enum([...LOT_STATES])),
  number: Type.Optional(Type.String({ maxLength: 80 })),
  before: Type.Optional(Type.String({ maxLength: 64, description: 'Id of a lot: only those that were begun before it' })),
  limit: Type.Integer({ minimum: 1, maximum: 500, default: 100 }),
})
export type LotChoice = Static<typeof LotChoice>
export const listLots = route({
  id: 'listLots',
  method: 'get',
  path: '/api/quality/lots',
  access: 'quality.view',
  tag,
  summary: 'Lots that were sampled, newest first.',
  query: LotChoice,
  response: Type.Array(Lot),
})
export const getLot = route({
  id: 'getLot',
  method: 'get',
  path: '/api/quality/lots/:id',
  access: 'quality.view',
  tag,
  summary: 'One lot.',
  params: Id,
  response: Lot,
  errors: ['lot-not-found'],
})
export const judgeLot = route({
  id: 'judgeLot',
  method: 'post',
  path: '/api/quality/lots/:id/result',
  access: 'quality.enter',
  tag,
  summary: 'Keeps what was found in the sample of a lot, accepts or rejects it, and moves the switching rules on.',
  params: Id,
  body: Type.Object({ entryId: EntryId, ...Finding, comment: Type.Optional(Type.String({ maxLength: 500 })) }, closed),
  response: Lot,
  status: 201,
  errors: ['lot-not-found', 'lot-judged', 'lot-withdrawn', 'finding-invalid', 'sampling-discontinued', 'entry-id-used'],
})
export const correctLot = route({
  id: 'correctLot',
  method: 'post',
  path: '/api/quality/lots/:id/corrections',
  access: 'quality.edit',
  tag,
  summary:
    'Puts a result right that was entered wrong: a new row with its reason. The switching rules follow where nothing came after it; otherwise they stay, and a person may set the severity.',
  params: Id,
  body: Type.Object({ entryId: EntryId, ...Finding, reason: Reason }, closed),
  response: Lot,
  status: 201,
  errors: ['lot-not-found', 'lot-open', 'lot-withdrawn', 'finding-invalid', 'entry-id-used'],
})
export const withdrawLot = route({
  id: 'withdrawLot',
  method: 'post',
  path: '/api/quality/lots/:id/withdrawal',
  access: 'quality.enter',
  tag,
  summary: 'Takes an open lot back that was begun by mistake, with the reason. It counts for nothing.',
  params: Id,
  body: Type.Object({ reason: Reason }, closed),
  response: Lot,
  errors: ['lot-not-found', 'lot-judged', 'lot-withdrawn'],
})
export const exportLots = route({
  id: 'exportLots',
  method: 'get',
  path: '/api/quality/lots.csv',
  access: 'quality.view',
  tag,
  summary: 'The lots of a plan, or of all, as CSV: oldest first.',
  query: Type.Object({ planId: Type.Optional(Type.String({ maxLength: 64 })) }),
  response: Type.Unknown({ description: 'text/csv' }),
  rawResponse: true,
})
