/** Tables of quality: characteristics, measurements, gauges, studies, lots, inspections, documents. Append-only but for heads (migrations 026 to 029). */
import type { ColumnType, Generated, JSONColumnType } from 'kysely'
import type {
  CharacteristicDefinition,
  DocumentKind,
  GaugeDefinition,
  GivenLimits,
  InspectionForms,
  InspectionPlanDefinition,
  InspectionResult,
  InspectionState,
  Lot,
  SamplingDefinition,
  SamplingPlanView,
  StudyDefinition,
} from '../../api/quality/index.ts'
import type { NullableJson, NullableTimestamp, Timestamp } from './columns.ts'

export interface QualityTables {
  /** Append-only, as everything of quality is but `characteristic`; the database refuses everything else. */
  measurement: {
    id: string
    /** Whose program the run had done last, or as it was entered; null: nobody knows. */
    machineId: string | null
    /** The name at that time. */
    characteristic: string
    /** Null: from before there was a list, and of another nominal or unit than the name's newest. */
    characteristicId: string | null
    /** Of the definition that it was judged by. */
    revision: number | null
    /** Place among the values of its characteristic, and the point of the chart that it is in: from 1. */
    seq: number | null
    subgroup: number | null
    value: number
    /** Of counts: of how many. */
    size: number | null
    nominal: number | null
    lower: number | null
    upper: number | null
    unit: string
    isInTolerance: boolean
    /** (entryId, place) is unique: the same entry twice is one. */
    entryId: string | null
    place: number | null
    source: Generated<'flow' | 'form' | 'gauge' | 'import'>
    runId: string | null
    nodeId: string | null
    workOrder: string | null
    partSerial: string | null
    lot: string | null
    program: string | null
    tool: string | null
    by: string | null
    byId: string | null
    comment: string | null
    flags: Generated<string[]>
    gaugeId: string | null
    gaugeCalibratedAt: NullableTimestamp
    gaugeDueAt: NullableTimestamp
    /** When it was measured. */
    at: Timestamp
    enteredAt: Generated<Date>
  }
  /** Where each characteristic stands; all of it follows from the rows of the tables below. Whoever locks the row may enter. */
  characteristic: {
    id: string
    revision: number
    name: string
    part: string | null
    /** Name, unit and nominal, where a flow gave it. */
    inlineKey: string | null
    isRetired: Generated<boolean>
    definition: JSONColumnType<CharacteristicDefinition>
    origin: 'person' | 'flow' | 'earlier'
    /** The node that gave it. */
    fromNode: string | null
    seq: Generated<number>
    subgroup: Generated<number>
    openValues: Generated<number>
    lastAt: NullableTimestamp
    lastValue: number | null
    lastSize: number | null
    lastInTolerance: boolean | null
    lastBy: string | null
    lastMeasuredAt: NullableTimestamp
    limitId: string | null
    /** Ids of the signals that wait for a cause or an action. */
    openSignals: ColumnType<string[], string | undefined, string>
    /** Counted up with whatever changes points that are there: corrections, exclusions, limits. */
    changes: Generated<number>
    createdAt: Timestamp
  }
  characteristicRevision: {
    characteristicId: string
    revision: number
    definition: JSONColumnType<CharacteristicDefinition>
    origin: 'person' | 'flow' | 'earlier'
    by: string
    byId: string | null
    reason: string
    at: Generated<Date>
  }
  /** The newest (`n`) counts; what was entered stays in `measurement`. */
  measurementCorrection: {
    id: string
    n: Generated<number>
    characteristicId: string
    measurementId: string
    subgroup: number
    value: number
    size: number | null
    isInTolerance: boolean
    reason: string
    by: string
    byId: string | null
    at: Generated<Date>
  }
  measurementMark: {
    id: string
    n: Generated<number>
    characteristicId: string
    subgroup: number
    kind: 'exclude' | 'include' | 'comment' | 'cause' | 'action'
    signalId: string | null
    /** Of the catalogue. */
    entryId: string | null
    title: string | null
    text: string | null
    by: string
    byId: string | null
    at: Generated<Date>
  }
  qualitySignal: {
    id: string
    n: Generated<number>
    characteristicId: string
    subgroup: number
    chart: string
    rule: string
    text: string
    subgroups: JSONColumnType<number[]>
    side: 'above' | 'below' | null
    value: number
    lower: number | null
    center: number | null
    upper: number | null
    limitId: string | null
    asks: 'nothing' | 'cause' | 'cause-and-action'
    at: Generated<Date>
  }
  /** From `validFrom` on, until others begin; the newest (`n`) of those that begin at the same time counts. */
  controlLimit: {
    id: string
    n: Generated<number>
    characteristicId: string
    phase: string
    validFrom: Timestamp
    /** The first point that they are for, where they begin with one. */
    fromSubgroup: number | null
    source: 'data' | 'given'
    given: JSONColumnType<GivenLimits>
    basis: ColumnType<{ from: number; to: number; points: number } | null, string | null, never>
    revision: number
    by: string
    byId: string | null
    reason: string
    at: Generated<Date>
  }
  gaugeRevision: {
    gaugeId: string
    revision: number
    name: string
    isRetired: boolean
    definition: JSONColumnType<GaugeDefinition>
    by: string
    byId: string | null
    reason: string
    at: Generated<Date>
  }
  gaugeCalibration: {
    id: string
    n: Generated<number>
    gaugeId: string
    calibratedAt: Timestamp
    dueAt: Timestamp
    passed: boolean
    certificate: string | null
    lab: string | null
    comment: string | null
    by: string
    byId: string | null
    at: Generated<Date>
  }
  /** Causes and actions: the newest revision of each counts. */
  qualityCatalogue: {
    entryId: string
    revision: number
    kind: 'cause' | 'action'
    code: string | null
    title: string
    isRetired: boolean
    by: string
    byId: string | null
    reason: string | null
    at: Generated<Date>
  }
  /** Append-only, as the next five are. */
  gageStudyRevision: {
    studyId: string
    revision: number
    name: string
    definition: JSONColumnType<StudyDefinition>
    by: string
    byId: string | null
    reason: string
    at: Generated<Date>
  }
  /** Of each place (appraiser, trial, part) the newest (`n`) counts; a `reason` says why it took the place of the one before. */
  gageReading: {
    id: string
    n: Generated<number>
    studyId: string
    entryId: string
    part: string
    appraiser: string
    trial: number
    value: number
    source: 'form' | 'gauge' | 'import' | 'flow'
    reason: string | null
    by: string
    byId: string | null
    runId: string | null
    at: Generated<Date>
  }
  /** (studyId, place) is unique. `summary` is the result as it was then. */
  gageStudyEvent: {
    id: string
    studyId: string
    place: number
    kind: 'closed' | 'reopened'
    verdict: 'accepted' | 'conditional' | 'rejected' | null
    revision: number
    readings: number
    summary: NullableJson
    text: string
    by: string
    byId: string | null
    at: Generated<Date>
  }
  samplingPlanRevision: {
    planId: string
    revision: number
    name: string
    isRetired: boolean
    definition: JSONColumnType<SamplingDefinition>
    by: string
    byId: string | null
    reason: string
    at: Generated<Date>
  }
  /** (planId, number, submission) is unique. */
  sampledLot: {
    id: string
    n: Generated<number>
    planId: string
    revision: number
    number: string
    submission: number
    entryId: string
    size: number
    sampling: JSONColumnType<Lot['sampling']>
    comment: string | null
    workOrder: string | null
    runId: string | null
    nodeId: string | null
    by: string
    byId: string | null
    at: Generated<Date>
  }
  /** The series of a plan by place, unique; `state` is how the switching rules stand after it. */
  samplingEvent: {
    id: string
    planId: string
    place: number
    kind: 'judged' | 'corrected' | 'withdrawn' | 'set' | 'changed'
    lotId: string | null
    entryId: string | null
    nonconforming: number | null
    defects: JSONColumnType<{ kind: string; count: number }[] | null>
    isAccepted: boolean | null
    counts: Generated<boolean>
    state: JSONColumnType<SamplingPlanView['state']>
    switchReason: string | null
    text: string | null
    runId: string | null
    by: string
    byId: string | null
    at: Generated<Date>
  }
  inspectionPlan: {
    id: string
    revision: number
    part: string
    definition: JSONColumnType<InspectionPlanDefinition>
    isRetired: Generated<boolean>
    by: string
    changedAt: Timestamp
  }
  inspectionPlanRevision: {
    planId: string
    revision: number
    definition: JSONColumnType<InspectionPlanDefinition>
    by: string
    byId: string | null
    reason: string
    at: Generated<Date>
  }
  inspection: {
    id: string
    number: string
    planId: string
    planRevision: number
    state: InspectionState
    revision: number
    part: string
    partName: string
    isFirstArticle: boolean
    serials: string[]
    lot: string | null
    quantity: number
    workOrder: string | null
    forms: JSONColumnType<InspectionForms>
    /** What a search looks through, in small letters. */
    words: string
    key: string
    runId: string | null
    nodeId: string | null
    isTold: Generated<boolean>
    /** Results as they were when it was verified. */
    signed: ColumnType<InspectionResult[] | null, string | null | undefined, string | null>
    verifiedById: string | null
    openedBy: string
    openedById: string | null
    openedAt: Timestamp
    changedAt: Timestamp
  }
  /** Append-only; the newest (`n`) of a balloon and a part counts. */
  inspectionResult: {
    id: string
    n: Generated<number>
    inspectionId: string
    balloon: string
    piece: number
    measurementId: string | null
    /** Of attributes; of a measured one its measurement says it. */
    isConforming: boolean | null
    text: string | null
    tooling: string | null
    nonconformance: string | null
    by: string
    byId: string | null
    at: Generated<Date>
  }
  inspectionAct: {
    inspectionId: string
    revision: number
    act: string
    forms: ColumnType<InspectionForms | null, string | null | undefined, never>
    reason: string | null
    by: string
    byId: string | null
    at: Generated<Date>
  }
  /** Documents of quality: where each stands; all of it follows from its revisions. Never removed, and `number`, `kind` and `key` never change. */
  qualityDocument: {
    id: string
    kind: DocumentKind
    number: string
    state: string
    /** In that state. */
    since: Generated<Date>
    revision: number
    content: JSONColumnType<object>
    /** All that is written in it, in small letters, for the search. */
    words: string
    machineId: string | null
    /** The nearest day of what is to be done, `2026-03-31`. */
    dueOn: string | null
    isFinal: Generated<boolean>
    releases: Generated<number>
    /** Who asked for the decision that is waited for. */
    askedBy: string | null
    askedById: string | null
    /** Once for each: of a flow's node with the key of its message, or of a page. */
    key: string
    runId: string | null
    nodeId: string | null
    /** Flows that wait for its disposition were told. */
    isTold: Generated<boolean>
    openedBy: string
    openedById: string | null
    openedAt: Generated<Date>
    changedAt: Generated<Date>
  }
  /** Append-only. */
  qualityDocumentRevision: {
    documentId: string
    revision: number
    state: string
    /** `open`, `save`, or the move that it was. */
    act: string
    content: JSONColumnType<object>
    by: string
    byId: string | null
    reason: string | null
    at: Generated<Date>
  }
  /** Append-only: what was proposed of an offset and what became of it (server/quality/offset-corrections). */
  offsetCorrection: {
    id: string
    n: Generated<number>
    target: string
    /** (proposalId, kind) is unique; of what is no proposal it is the row's own id. */
    proposalId: string
    kind: 'seen' | 'proposed' | 'applied' | 'found' | 'refused' | 'lapsed' | 'moved' | 'reset'
    characteristicId: string
    /** The newest point of the characteristic at that time. */
    place: number
    byMm: number | null
    fromMm: number | null
    toMm: number | null
    answer: NullableJson
    text: string | null
    by: string
    runId: string | null
    nodeId: string | null
    at: Generated<Date>
  }
  /** The last number given, by what stands around it. */
  qualityNumber: { scope: string; last: number }
  /** Patterns that a person has set. */
  qualityNumbering: { kind: DocumentKind; pattern: string }
}
