/** Documents of quality over the API: nonconformance reports, CAPA, 8D, control plans. Each change is a revision with who, when and why. */
import { type Static, Type } from 'typebox'
import { route } from '../../route.ts'
import { Reason } from '../characteristics.ts'
import { ReportForm } from '../reports.ts'
import { CapaContent, ControlPlanContent, ControlPlanRow, DOCUMENT_KINDS, EightDContent, EVIDENCE_KINDS, NcrContent } from './content.ts'
import { DOCUMENT_STATES, MOVE_NAMES } from './workflow.ts'

const tag = 'quality'
const closed = { additionalProperties: false }
const When = Type.String({ format: 'date-time' })
const Id = Type.Object({ id: Type.String({ maxLength: 64 }) })
const Kind = Type.Enum([...DOCUMENT_KINDS])
const State = Type.Enum([...DOCUMENT_STATES])
const Name = Type.Enum([...MOVE_NAMES])
const Short = (maxLength = 120) => Type.String({ maxLength })
/** A document's content says of which kind it is only together with `kind`: the server checks the two. */
const AnyContent = Type.Record(Type.String(), Type.Unknown())

/** A document in a list. */
export const DocumentSummary = Type.Object({
  id: Type.String(),
  number: Type.String(),
  kind: Kind,
  state: State,
  /** Since when it is in that state. */
  since: When,
  revision: Type.Integer(),
  title: Type.String(),
  part: Type.Optional(Type.String()),
  machineId: Type.Optional(Type.String()),
  severity: Type.Optional(Type.String()),
  quantity: Type.Optional(Type.Integer()),
  owner: Type.Optional(Type.String()),
  /** The nearest day of all that is to be done; absent where nothing is. */
  dueOn: Type.Optional(Type.String()),
  isOverdue: Type.Boolean(),
  isFinal: Type.Boolean(),
  /** How often it was released: of control plans. */
  releases: Type.Integer(),
  openedBy: Type.String(),
  openedAt: When,
  changedAt: When,
})
export type DocumentSummary = Static<typeof DocumentSummary>

/** Why whoever asks may not make a move that the table has. */
const MAY_NOT = ['right', 'own', 'in-person'] as const
export const DocumentMove = Type.Object({
  move: Name,
  to: State,
  sense: Type.Enum(['on', 'ask', 'yes', 'no', 'back', 'end']),
  asksReason: Type.Boolean(),
  mayNot: Type.Optional(Type.Enum([...MAY_NOT])),
  /** Fields that have to be filled in first. */
  lacks: Type.Array(Type.String()),
})
export type DocumentMove = Static<typeof DocumentMove>

/** What was decided, and by whom. */
export const DocumentDecision = Type.Object({
  move: Name,
  isYes: Type.Boolean(),
  by: Type.String(),
  at: When,
  revision: Type.Integer(),
  reason: Type.Optional(Type.String()),
})

const content = Type.Union([
  Type.Object({ kind: Type.Literal('ncr'), content: NcrContent }),
  Type.Object({ kind: Type.Literal('capa'), content: CapaContent }),
  Type.Object({ kind: Type.Literal('8d'), content: EightDContent }),
  Type.Object({ kind: Type.Literal('control-plan'), content: ControlPlanContent }),
])

export const QualityDocument = Type.Intersect([
  DocumentSummary,
  content,
  Type.Object({
    runId: Type.Optional(Type.String()),
    /** Who asked for the decision that is waited for. */
    askedBy: Type.Optional(Type.String()),
    moves: Type.Array(DocumentMove),
    decisions: Type.Array(DocumentDecision),
    /** Documents that name this one as their evidence. */
    followed: Type.Array(Type.Object({ id: Type.String(), number: Type.String(), kind: Kind, state: State, title: Type.String() })),
    /** Of a control plan: characteristics that have changed since their row was made, by the row's id. */
    outdated: Type.Array(Type.Object({ rowId: Type.String(), revision: Type.Integer(), isRetired: Type.Boolean() })),
  }),
])
export type QualityDocument = Static<typeof QualityDocument>

/** Which documents. */
const choice = {
  kind: Type.Optional(Kind),
  state: Type.Optional(State),
  /** Only those that are not over. */
  open: Type.Boolean({ default: false }),
  overdue: Type.Boolean({ default: false }),
  /** Part of the number, the title, the part, the owner, or anything that is written in it. */
  search: Type.Optional(Short()),
  machineId: Type.Optional(Short(64)),
  /** That have this as their evidence. */
  linkKind: Type.Optional(Type.Enum([...EVIDENCE_KINDS])),
  linkId: Type.Optional(Short(100)),
}
const DocumentChoice = Type.Object(choice)
export type DocumentChoice = Static<typeof DocumentChoice>

export const listDocuments = route({
  id: 'listDocuments',
  method: 'get',
  path: '/api/quality/documents',
  access: 'quality.view',
  tag,
  summary: 'Documents of quality, newest first: nonconformance reports, CAPA, 8D, control plans.',
  query: Type.Object({
    ...choice,
    /** Older than this document. */
    before: Type.Optional(Short(64)),
    limit: Type.Integer({ minimum: 1, maximum: 500, default: 100 }),
  }),
  response: Type.Array(DocumentSummary),
})

export const getDocumentList = route({
  id: 'getDocumentList',
  method: 'get',
  path: '/api/quality/documents-list',
  access: 'quality.view',
  tag,
  summary: 'The list of documents as CSV, newest first: at most 10,000 of them.',
  query: DocumentChoice,
  response: Type.Unknown({ description: 'text/csv' }),
  rawResponse: true,
})

export const listDueDocuments = route({
  id: 'listDueDocuments',
  method: 'get',
  path: '/api/quality/documents-due',
  access: 'quality.view',
  tag,
  summary: 'What is to be done of documents until when: the documents, their actions and effectiveness checks, the nearest first.',
  query: Type.Object({ overdue: Type.Boolean({ default: false }), limit: Type.Integer({ minimum: 1, maximum: 1000, default: 500 }) }),
  response: Type.Array(
    Type.Object({
      id: Type.String(),
      number: Type.String(),
      kind: Kind,
      title: Type.String(),
      of: Type.Enum(['document', 'action', 'check']),
      text: Type.String(),
      owner: Type.Optional(Type.String()),
      dueOn: Type.String(),
      isOverdue: Type.Boolean(),
    }),
  ),
})

export const getDocument = route({
  id: 'getDocument',
  method: 'get',
  path: '/api/quality/documents/:id',
  access: 'quality.view',
  tag,
  summary: 'One document, with the moves that whoever asks may make.',
  params: Id,
  response: QualityDocument,
  errors: ['document-not-found'],
})

export const openDocument = route({
  id: 'openDocument',
  method: 'post',
  path: '/api/quality/documents',
  access: 'quality.enter',
  tag,
  summary: 'Opens a document and gives it its number. The same key is one document. Other kinds than nonconformance reports take quality.edit.',
  body: Type.Object({ kind: Kind, content: AnyContent, key: Type.String({ pattern: '^[A-Za-z0-9_.-]{8,80}$' }), reason: Type.Optional(Reason) }, closed),
  response: QualityDocument,
  status: 201,
  errors: ['not-allowed', 'document-key-used', 'day-invalid'],
})

const Based = { revision: Type.Integer({ minimum: 1, description: 'That the change is based on' }) }
export const saveDocument = route({
  id: 'saveDocument',
  method: 'put',
  path: '/api/quality/documents/:id',
  access: 'quality.enter',
  tag,
  summary: 'Writes in a document: a new revision. Refused when somebody else wrote meanwhile, and for what its state does not let change.',
  params: Id,
  body: Type.Object({ content: AnyContent, ...Based, reason: Type.Optional(Reason) }, closed),
  response: QualityDocument,
  errors: ['document-not-found', 'document-changed', 'document-fixed', 'day-invalid', 'not-allowed'],
})

export const moveDocument = route({
  id: 'moveDocument',
  method: 'post',
  path: '/api/quality/documents/:id/moves',
  access: 'quality.enter',
  tag,
  summary: 'Takes a document to its next state, or decides what somebody else asked for: never one’s own.',
  params: Id,
  body: Type.Object({ move: Name, ...Based, reason: Type.Optional(Reason) }, closed),
  response: QualityDocument,
  errors: [
    'document-not-found',
    'document-changed',
    'document-incomplete',
    'move-not-possible',
    'reason-missing',
    'not-allowed',
    'own-request',
    'approve-in-person',
  ],
})

export const DocumentRevision = Type.Object({
  revision: Type.Integer(),
  state: State,
  /** `open`, `save`, or the move that it was. */
  act: Type.Union([Type.Literal('open'), Type.Literal('save'), Name]),
  by: Type.String(),
  at: When,
  reason: Type.Optional(Type.String()),
})
export type DocumentRevision = Static<typeof DocumentRevision>

export const listDocumentRevisions = route({
  id: 'listDocumentRevisions',
  method: 'get',
  path: '/api/quality/documents/:id/revisions',
  access: 'quality.view',
  tag,
  summary: 'Every revision of a document with who, when and why, newest first.',
  params: Id,
  response: Type.Array(DocumentRevision),
  errors: ['document-not-found'],
})
export const getDocumentRevision = route({
  id: 'getDocumentRevision',
  method: 'get',
  path: '/api/quality/documents/:id/revisions/:revision',
  access: 'quality.view',
  tag,
  summary: 'A document as it was.',
  params: Type.Object({ id: Type.String({ maxLength: 64 }), revision: Type.Integer({ minimum: 1 }) }),
  response: Type.Intersect([DocumentRevision, Type.Object({ content: AnyContent })]),
  errors: ['document-not-found', 'revision-not-found'],
})

export const getDocumentReport = route({
  id: 'getDocumentReport',
  method: 'get',
  path: '/api/quality/documents/:id/report',
  access: 'quality.view',
  tag,
  summary: 'A document as PDF, with its evidence, its decisions and its history.',
  params: Id,
  query: Type.Object({ language: ReportForm.language, paper: ReportForm.paper }),
  response: Type.Unknown({ description: 'application/pdf' }),
  rawResponse: true,
  errors: ['document-not-found', 'reports-busy'],
})

export const proposeControlPlanRows = route({
  id: 'proposeControlPlanRows',
  method: 'get',
  path: '/api/quality/control-plan-rows',
  access: 'quality.view',
  tag,
  summary: 'Rows of a control plan as the characteristics of a part give them; how it is reacted is for people to write.',
  query: Type.Object({ part: Type.String({ minLength: 1, maxLength: 120 }), partRevision: Type.Optional(Short(40)) }),
  response: Type.Array(ControlPlanRow),
})

export const DocumentNumbering = Type.Object({
  kind: Kind,
  pattern: Type.String(),
  /** The number that the next document gets, if nothing else is opened before. */
  next: Type.String(),
})
export type DocumentNumbering = Static<typeof DocumentNumbering>
export const listDocumentNumbering = route({
  id: 'listDocumentNumbering',
  method: 'get',
  path: '/api/quality/document-numbering',
  access: 'quality.view',
  tag,
  summary: 'How documents are numbered, by kind.',
  response: Type.Array(DocumentNumbering),
})
export const setDocumentNumbering = route({
  id: 'setDocumentNumbering',
  method: 'put',
  path: '/api/quality/document-numbering/:kind',
  access: 'quality.edit',
  tag,
  summary: 'Sets how documents of a kind are numbered from now on: {YYYY}, {YY}, {MM} and one {####}. Numbers have no gaps and never come twice.',
  params: Type.Object({ kind: Kind }),
  body: Type.Object({ pattern: Type.String({ minLength: 3, maxLength: 40 }), reason: Type.Optional(Reason) }, closed),
  response: DocumentNumbering,
  errors: ['pattern-invalid'],
})
