/** Gauge studies: how much of what is measured is the gauge, and how far it is off. Plan, readings one by one, result, verdict of a person. */
import { type Static, Type } from 'typebox'
import { route } from '../route.ts'
import { Reason } from './characteristics.ts'
import { ReportForm } from './reports.ts'

const tag = 'quality'
const closed = { additionalProperties: false }
const When = Type.String({ format: 'date-time' })
const Short = (maxLength = 120) => Type.String({ minLength: 1, maxLength })
const Id = Type.Object({ id: Type.String({ maxLength: 64 }) })
/** Made by whoever enters, once for each entry: the same id again is the same entry. */
const EntryId = Type.String({ pattern: '^[A-Za-z0-9_.-]{8,80}$' })
const Name = Short(60)

/** Every appraiser measures every part in every trial: repeatability and reproducibility. */
const Crossed = Type.Object(
  {
    kind: Type.Literal('crossed'),
    parts: Type.Array(Name, { minItems: 2, maxItems: 100, uniqueItems: true }),
    appraisers: Type.Array(Name, { minItems: 2, maxItems: 20, uniqueItems: true }),
    trials: Type.Integer({ minimum: 2, maximum: 20, default: 3 }),
    method: Type.Enum(['average-and-range', 'anova'], { default: 'anova' }),
    /** Of the analysis of variance: what parts and appraisers are compared with. */
    errorTerm: Type.Enum(['interaction', 'equipment'], { default: 'interaction' }),
    /** Of the analysis of variance: above this p the interaction is taken into the equipment; 0 never. */
    poolingAlpha: Type.Number({ minimum: 0, maximum: 1, default: 0.05 }),
    /** Of average and range: K1 to K3 exact, or to four decimals as AIAG prints them. */
    constants: Type.Enum(['exact', 'aiag'], { default: 'exact' }),
    ndcFactor: Type.Enum(['sqrt2', '1.41'], { default: 'sqrt2' }),
    /** Standard deviations that the tolerance is compared with. */
    spread: Type.Number({ exclusiveMinimum: 0, maximum: 12, default: 6 }),
  },
  closed,
)
/** Parts whose values are known, each measured several times: bias, and with several of them linearity. */
const Bias = Type.Object(
  {
    kind: Type.Literal('bias'),
    parts: Type.Array(Type.Object({ name: Name, reference: Type.Number() }, closed), { minItems: 1, maxItems: 50 }),
    appraiser: Name,
    trials: Type.Integer({ minimum: 2, maximum: 100, default: 10 }),
    confidence: Type.Number({ exclusiveMinimum: 0, exclusiveMaximum: 1, default: 0.95 }),
    /** Six standard deviations of the process: bias and linearity are given as a part of it too. */
    processVariation: Type.Optional(Type.Number({ exclusiveMinimum: 0 })),
  },
  closed,
)
export const StudyDesign = Type.Union([Crossed, Bias])
export type StudyDesign = Static<typeof StudyDesign>

export const StudyDefinition = Type.Object(
  {
    name: Short(),
    /** The gauge as it is marked. */
    gauge: Short(),
    gaugeId: Type.Optional(Type.String({ maxLength: 64 })),
    characteristic: Short(),
    characteristicId: Type.Optional(Type.String({ maxLength: 64 })),
    unit: Type.String({ maxLength: 20, default: 'mm' }),
    decimals: Type.Integer({ minimum: 0, maximum: 9, default: 3 }),
    /** Width of the tolerance: upper less lower limit. */
    toleranceWidth: Type.Optional(Type.Number({ exclusiveMinimum: 0 })),
    design: StudyDesign,
    /** From when on the gauge is good, and when it is not: AIAG MSA's 10 %, 30 % and 5 categories, or what the customer asks. */
    limits: Type.Object(
      {
        /** Of %GRR: below it is acceptable, up to the second one conditional. */
        acceptablePercent: Type.Number({ exclusiveMinimum: 0, maximum: 100, default: 10 }),
        unacceptablePercent: Type.Number({ exclusiveMinimum: 0, maximum: 100, default: 30 }),
        ndc: Type.Integer({ minimum: 1, maximum: 100, default: 5 }),
        /** What %GRR is a part of. */
        of: Type.Enum(['study', 'tolerance'], { default: 'study' }),
        /** Where they come from. */
        source: Type.String({ minLength: 1, maxLength: 200, default: 'AIAG MSA, 4th edition' }),
      },
      closed,
    ),
  },
  closed,
)
export type StudyDefinition = Static<typeof StudyDefinition>

export const STUDY_STATES = ['planned', 'measuring', 'measured', 'closed'] as const
export const STUDY_VERDICTS = ['accepted', 'conditional', 'rejected'] as const
export const READING_SOURCES = ['form', 'gauge', 'import', 'flow'] as const

/** How far a study is. */
export const Study = Type.Object({
  id: Type.String(),
  revision: Type.Integer(),
  definition: StudyDefinition,
  state: Type.Enum([...STUDY_STATES]),
  readings: Type.Integer(),
  /** That it needs. */
  of: Type.Integer(),
  /** As it was closed last. */
  closing: Type.Optional(Type.Object({ verdict: Type.Enum([...STUDY_VERDICTS]), text: Type.String(), by: Type.String(), at: When, revision: Type.Integer() })),
  /** The last time that something was said of it. */
  at: When,
})
export type Study = Static<typeof Study>

/** One reading as it counts. */
export const StudyReading = Type.Object({
  id: Type.String(),
  part: Type.String(),
  appraiser: Type.String(),
  trial: Type.Integer(),
  value: Type.Number(),
  source: Type.Enum([...READING_SOURCES]),
  by: Type.String(),
  at: When,
  /** What stood there before, oldest first, with the reasons of the corrections. */
  corrected: Type.Optional(Type.Array(Type.Object({ value: Type.Number(), reason: Type.String(), by: Type.String(), at: When }))),
})
export type StudyReading = Static<typeof StudyReading>

export const VARIATION_SOURCES = ['gage-rr', 'repeatability', 'reproducibility', 'appraiser', 'interaction', 'part', 'total'] as const
const NumberOrNull = Type.Union([Type.Number(), Type.Null()])
const AnovaRow = Type.Object({
  source: Type.Enum(['part', 'appraiser', 'interaction', 'equipment', 'total']),
  df: Type.Number(),
  ss: Type.Number(),
  ms: NumberOrNull,
  f: NumberOrNull,
  p: NumberOrNull,
})
const Coefficient = Type.Object({ value: Type.Number(), standardError: Type.Number(), t: NumberOrNull, p: NumberOrNull })

const CrossedResult = Type.Object({
  kind: Type.Literal('crossed'),
  method: Type.Enum(['average-and-range', 'anova']),
  lines: Type.Array(
    Type.Object({
      source: Type.Enum([...VARIATION_SOURCES]),
      variance: Type.Number(),
      standardDeviation: Type.Number(),
      contributionPercent: Type.Number(),
      studyPercent: Type.Number(),
      tolerancePercent: NumberOrNull,
    }),
  ),
  /** Of what the limits are set to. */
  grrPercent: Type.Number(),
  ndcExact: NumberOrNull,
  ndc: Type.Union([Type.Integer(), Type.Null()]),
  /** Sources whose estimate was below 0 and was set to 0. */
  setToZero: Type.Array(Type.Enum([...VARIATION_SOURCES])),
  table: Type.Optional(Type.Array(AnovaRow)),
  /** The interaction taken into the equipment. */
  pooledTable: Type.Optional(Type.Array(AnovaRow)),
  /** Of average and range. */
  ranges: Type.Optional(
    Type.Object({
      meanRange: Type.Number(),
      appraiserRange: Type.Number(),
      partRange: Type.Number(),
      k1: Type.Number(),
      k2: Type.Number(),
      k3: Type.Number(),
    }),
  ),
  /** By the limits of the study; a person decides. */
  proposal: Type.Enum([...STUDY_VERDICTS]),
})
const BiasResult = Type.Object({
  kind: Type.Literal('bias'),
  confidence: Type.Number(),
  lines: Type.Array(
    Type.Object({
      part: Type.String(),
      reference: Type.Number(),
      count: Type.Integer(),
      mean: Type.Number(),
      bias: Type.Number(),
      standardDeviation: Type.Number(),
      t: NumberOrNull,
      p: NumberOrNull,
      lower: Type.Number(),
      upper: Type.Number(),
      isAcceptable: Type.Boolean(),
    }),
  ),
  bias: Type.Number(),
  percentOfProcess: NumberOrNull,
  /** With two reference values or more. */
  linearity: Type.Optional(
    Type.Object({
      slope: Coefficient,
      intercept: Coefficient,
      s: Type.Number(),
      df: Type.Number(),
      rSquaredPercent: NumberOrNull,
      band: Type.Array(Type.Object({ reference: Type.Number(), bias: Type.Number(), lower: Type.Number(), upper: Type.Number() })),
      isAcceptable: Type.Boolean(),
      linearity: NumberOrNull,
      percentLinearity: Type.Number(),
    }),
  ),
  proposal: Type.Enum([...STUDY_VERDICTS]),
})
export const StudyResult = Type.Union([CrossedResult, BiasResult])
export type StudyResult = Static<typeof StudyResult>

export const StudyView = Type.Object({
  study: Study,
  readings: Type.Array(StudyReading),
  /** Where the next ones go: parts in random order, anew for each appraiser and trial. Of every appraiser the ones that are missing, in order. */
  missing: Type.Array(Type.Object({ appraiser: Type.String(), trial: Type.Integer(), part: Type.String() })),
  /** When every reading is there. */
  result: Type.Optional(StudyResult),
  /** Why there is no result although every reading is there. `code` is the engine's. */
  problem: Type.Optional(Type.Object({ code: Type.String(), text: Type.String() })),
  revisions: Type.Array(Type.Object({ revision: Type.Integer(), definition: StudyDefinition, by: Type.String(), reason: Type.String(), at: When })),
  events: Type.Array(
    Type.Object({
      kind: Type.Enum(['closed', 'reopened']),
      verdict: Type.Optional(Type.Enum([...STUDY_VERDICTS])),
      revision: Type.Integer(),
      text: Type.String(),
      by: Type.String(),
      at: When,
    }),
  ),
})
export type StudyView = Static<typeof StudyView>

export const listStudies = route({
  id: 'listStudies',
  method: 'get',
  path: '/api/quality/studies',
  access: 'quality.view',
  tag,
  summary: 'The gauge studies with how far they are, newest first.',
  response: Type.Array(Study),
})
export const getStudy = route({
  id: 'getStudy',
  method: 'get',
  path: '/api/quality/studies/:id',
  access: 'quality.view',
  tag,
  summary: 'One gauge study: readings, what is missing in the order in which it is to be measured, the result, and what was said of it.',
  params: Id,
  response: StudyView,
  errors: ['study-not-found'],
})
export const createStudy = route({
  id: 'createStudy',
  method: 'post',
  path: '/api/quality/studies',
  access: 'quality.edit',
  tag,
  summary: 'Plans a gauge study.',
  body: Type.Object({ definition: StudyDefinition, reason: Type.Optional(Reason) }, closed),
  response: Study,
  status: 201,
  errors: ['study-exists', 'study-plan-invalid'],
})
export const changeStudy = route({
  id: 'changeStudy',
  method: 'put',
  path: '/api/quality/studies/:id',
  access: 'quality.edit',
  tag,
  summary: 'Changes the plan of a study: a new revision. Parts, appraisers and trials stay once there is a reading; a closed study stays as it is.',
  params: Id,
  body: Type.Object({ definition: StudyDefinition, revision: Type.Integer({ minimum: 1 }), reason: Reason }, closed),
  response: Study,
  errors: ['study-not-found', 'study-changed', 'study-closed', 'study-has-readings', 'study-exists', 'study-plan-invalid'],
})
export const addStudyReading = route({
  id: 'addStudyReading',
  method: 'post',
  path: '/api/quality/studies/:id/readings',
  access: 'quality.enter',
  tag,
  summary: 'Keeps one reading of a study at its place, and answers when it is stored for good.',
  params: Id,
  body: Type.Object(
    {
      entryId: EntryId,
      appraiser: Name,
      trial: Type.Integer({ minimum: 1, maximum: 100 }),
      part: Name,
      value: Type.Number(),
      /** As the gauge says; refused when it is not that of the study. */
      unit: Type.Optional(Type.String({ maxLength: 20 })),
      source: Type.Enum(['form', 'gauge'], { default: 'form' }),
    },
    closed,
  ),
  response: Type.Object({ reading: StudyReading, readings: Type.Integer(), of: Type.Integer() }),
  status: 201,
  errors: ['study-not-found', 'study-closed', 'study-place-unknown', 'study-place-taken', 'unit-differs', 'value-invalid', 'entry-id-used'],
})
export const importStudyReadings = route({
  id: 'importStudyReadings',
  method: 'post',
  path: '/api/quality/studies/:id/import',
  access: 'quality.edit',
  tag,
  summary: 'Takes readings from CSV with the columns part, appraiser, trial, value (bias: part, trial, value): all rows or none.',
  params: Id,
  body: Type.Object(
    {
      csv: Type.String({ minLength: 1, maxLength: 500_000 }),
      /** Only looks: nothing is kept. */
      isTrial: Type.Boolean({ default: false }),
    },
    closed,
  ),
  response: Type.Object({
    /** Readings that are new. */
    added: Type.Integer(),
    /** That were there with the same value. */
    known: Type.Integer(),
    problems: Type.Array(Type.Object({ line: Type.Integer(), text: Type.String() })),
  }),
  errors: ['study-not-found', 'study-closed', 'csv-invalid'],
})
export const correctStudyReading = route({
  id: 'correctStudyReading',
  method: 'post',
  path: '/api/quality/study-readings/:id/corrections',
  access: 'quality.enter',
  tag,
  summary: 'Puts a reading right that was entered wrong: a new row with its reason; what was entered stays.',
  params: Id,
  body: Type.Object({ entryId: EntryId, value: Type.Number(), reason: Reason }, closed),
  response: StudyReading,
  status: 201,
  errors: ['study-reading-not-found', 'study-closed', 'study-reading-corrected', 'value-invalid', 'entry-id-used'],
})
export const closeStudy = route({
  id: 'closeStudy',
  method: 'post',
  path: '/api/quality/studies/:id/closing',
  access: 'quality.edit',
  tag,
  summary: 'Closes a study with the verdict of a person.',
  params: Id,
  body: Type.Object(
    {
      verdict: Type.Enum([...STUDY_VERDICTS]),
      text: Type.String({ minLength: 3, maxLength: 2000, description: 'What follows from it' }),
      revision: Type.Integer({ minimum: 1 }),
    },
    closed,
  ),
  response: Study,
  errors: ['study-not-found', 'study-changed', 'study-closed', 'study-incomplete', 'study-no-result'],
})
export const reopenStudy = route({
  id: 'reopenStudy',
  method: 'post',
  path: '/api/quality/studies/:id/reopening',
  access: 'quality.edit',
  tag,
  summary: 'Opens a closed study again, with the reason. What was said when it was closed stays.',
  params: Id,
  body: Type.Object({ reason: Reason }, closed),
  response: Study,
  errors: ['study-not-found', 'study-open'],
})
export const getStudyReport = route({
  id: 'getStudyReport',
  method: 'get',
  path: '/api/quality/studies/:id/report',
  access: 'quality.view',
  tag,
  summary: 'The report of a study as PDF.',
  params: Id,
  query: Type.Object({ language: ReportForm.language, paper: ReportForm.paper }),
  response: Type.Unknown({ description: 'application/pdf' }),
  rawResponse: true,
  errors: ['study-not-found', 'reports-busy'],
})
export const exportStudy = route({
  id: 'exportStudy',
  method: 'get',
  path: '/api/quality/studies/:id/readings.csv',
  access: 'quality.view',
  tag,
  summary: 'The readings of a study as CSV: what the import and the command line read.',
  params: Id,
  response: Type.Unknown({ description: 'text/csv' }),
  rawResponse: true,
  errors: ['study-not-found'],
})
