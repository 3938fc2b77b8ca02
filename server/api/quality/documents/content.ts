/** What stands in the documents of quality: nonconformance reports, CAPA, 8D, control plans. Browser-safe. */
import { type Static, Type } from 'typebox'
import { MachineId } from '../../../../nodes/motion/machine.ts'

const closed = { additionalProperties: false }
const Short = (maxLength = 120) => Type.Optional(Type.String({ maxLength }))
const Words = (maxLength = 4000) => Type.Optional(Type.String({ maxLength }))
/** A day, `2026-03-31`; until its end by the server's clock. */
const Day = Type.String({ pattern: '^\\d{4}-\\d{2}-\\d{2}$', description: 'A day, e.g. 2026-03-31' })
const Count = Type.Integer({ minimum: 0, maximum: 10_000_000 })
/** Tells rows of a document apart while they are edited. */
const RowId = Type.String({ minLength: 1, maxLength: 40 })

export const DOCUMENT_KINDS = ['ncr', 'capa', '8d', 'control-plan'] as const
export type DocumentKind = (typeof DOCUMENT_KINDS)[number]

/** What a document is based on. */
export const EVIDENCE_KINDS = ['measurement', 'signal', 'study', 'lot', 'report', 'document', 'run', 'characteristic'] as const
export const Evidence = Type.Object(
  { kind: Type.Enum([...EVIDENCE_KINDS]), id: Type.String({ minLength: 1, maxLength: 100 }), text: Type.String({ maxLength: 300 }) },
  closed,
)
export type Evidence = Static<typeof Evidence>

/** What every document says of itself. */
const common = {
  title: Type.String({ minLength: 3, maxLength: 200 }),
  part: Short(),
  partRevision: Short(40),
  /** Who sees to it. */
  owner: Short(),
  /** When it is to be done. */
  dueOn: Type.Optional(Day),
  links: Type.Array(Evidence, { maxItems: 100, default: [] }),
}

export const DISPOSITIONS = ['use-as-is', 'rework', 'repair', 'scrap', 'return'] as const
export type Disposition = (typeof DISPOSITIONS)[number]
/** What becomes of some of the parts. */
export const DispositionRow = Type.Object(
  { id: RowId, what: Type.Enum([...DISPOSITIONS]), quantity: Count, instruction: Words(1000) },
  { ...closed, description: 'What becomes of so many of the parts' },
)
export type DispositionRow = Static<typeof DispositionRow>

export const FOUND_IN = ['incoming', 'in-process', 'final', 'customer', 'audit'] as const
export const SEVERITIES = ['minor', 'major', 'critical'] as const

/** A nonconformance report: what is not as required, how many, where they are, what becomes of them. */
export const NcrContent = Type.Object(
  {
    ...common,
    foundIn: Type.Enum([...FOUND_IN], { default: 'in-process' }),
    severity: Type.Enum([...SEVERITIES], { default: 'minor' }),
    machineId: Type.Optional(MachineId),
    operation: Short(),
    workOrder: Short(64),
    lot: Short(),
    serials: Type.Array(Type.String({ minLength: 1, maxLength: 120 }), { maxItems: 500, default: [] }),
    /** Where it was found, and where the parts are now. */
    where: Short(300),
    requirement: Words(),
    found: Words(),
    /** How many are not as required, and how many may be. */
    quantity: Type.Optional(Count),
    suspect: Type.Optional(Count),
    containment: Words(),
    dispositions: Type.Array(DispositionRow, { maxItems: 10, default: [] }),
    justification: Words(),
    /** What was done with the parts in the end. */
    carriedOut: Words(),
  },
  closed,
)
export type NcrContent = Static<typeof NcrContent>

/** Something that somebody does until a day. */
export const DocumentAction = Type.Object(
  { id: RowId, what: Type.String({ maxLength: 1000 }), owner: Short(), dueOn: Type.Optional(Day), doneOn: Type.Optional(Day), result: Words(1000) },
  closed,
)
export type DocumentAction = Static<typeof DocumentAction>
const Actions = Type.Array(DocumentAction, { maxItems: 50, default: [] })
const Whys = Type.Array(Type.String({ maxLength: 500 }), { maxItems: 7, default: [] })

export const CAUSE_GROUPS = ['people', 'machine', 'material', 'method', 'measurement', 'environment'] as const

/** A corrective or preventive action: the cause, what is done about it, whether that helped. */
export const CapaContent = Type.Object(
  {
    ...common,
    type: Type.Enum(['corrective', 'preventive'], { default: 'corrective' }),
    machineId: Type.Optional(MachineId),
    problem: Words(),
    whys: Whys,
    causeGroup: Type.Optional(Type.Enum([...CAUSE_GROUPS])),
    rootCause: Words(),
    actions: Actions,
    /** What shows that it helped, when that is looked at, and what was seen. */
    criterion: Words(1000),
    checkOn: Type.Optional(Day),
    checked: Words(),
  },
  closed,
)
export type CapaContent = Static<typeof CapaContent>

/** A problem solved in the eight disciplines, with D0 before them. */
export const EightDContent = Type.Object(
  {
    ...common,
    customer: Short(),
    machineId: Type.Optional(MachineId),
    /** D0: what had to be done at once. */
    emergency: Words(),
    /** D1 */
    team: Type.Array(Type.Object({ id: RowId, name: Type.String({ maxLength: 120 }), role: Short() }, closed), { maxItems: 30, default: [] }),
    /** D2 */
    what: Words(),
    where: Short(300),
    since: Type.Optional(Day),
    quantity: Type.Optional(Count),
    /** D3 */
    containment: Actions,
    /** D4: why it happened, and why nobody saw it. */
    whys: Whys,
    rootCause: Words(),
    escapeCause: Words(),
    /** D5, with the result that it is verified by; D6 is when they are done. */
    corrective: Actions,
    verification: Words(),
    /** D6 */
    validation: Words(),
    /** D7 */
    prevention: Actions,
    /** D8 */
    closing: Words(),
  },
  closed,
)
export type EightDContent = Static<typeof EightDContent>

export const ControlPlanRow = Type.Object(
  {
    id: RowId,
    operation: Short(),
    process: Short(200),
    machineId: Type.Optional(MachineId),
    characteristic: Type.String({ maxLength: 200 }),
    /** The one that it was made from, as it was then. */
    characteristicId: Short(64),
    characteristicRevision: Type.Optional(Type.Integer({ minimum: 1 })),
    of: Type.Enum(['product', 'process'], { default: 'product' }),
    /** Special characteristic: SC, CC, a symbol. */
    special: Short(20),
    specification: Short(200),
    evaluation: Short(200),
    sample: Short(40),
    frequency: Short(),
    control: Short(300),
    reaction: Words(1000),
    owner: Short(),
  },
  closed,
)
export type ControlPlanRow = Static<typeof ControlPlanRow>

export const PLAN_PHASES = ['prototype', 'pre-launch', 'production'] as const
/** What is watched of a part, how, how often, and what to do when it is not as it should be. */
export const ControlPlanContent = Type.Object(
  {
    ...common,
    phase: Type.Enum([...PLAN_PHASES], { default: 'production' }),
    team: Short(300),
    rows: Type.Array(ControlPlanRow, { maxItems: 300, default: [] }),
  },
  closed,
)
export type ControlPlanContent = Static<typeof ControlPlanContent>

export const CONTENTS = { ncr: NcrContent, capa: CapaContent, '8d': EightDContent, 'control-plan': ControlPlanContent } as const satisfies Record<
  DocumentKind,
  unknown
>
export interface ContentOf {
  ncr: NcrContent
  capa: CapaContent
  '8d': EightDContent
  'control-plan': ControlPlanContent
}
/** A document of any kind, told apart by `kind`. */
export type KindAndContent = { [K in DocumentKind]: { kind: K; content: ContentOf[K] } }[DocumentKind]
