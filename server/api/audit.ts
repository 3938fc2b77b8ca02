/** The audit log over the API: who did what from where, chained and signed. */
import { type Static, Type } from 'typebox'
import { route } from './route.ts'
import { ReasonField } from './versions.ts'

const When = Type.String({ format: 'date-time' })
const tag = 'audit'
const closed = { additionalProperties: false }

/** How the command line calls itself in its requests. */
export const CLI_AGENT = 'cellwright-cli'

/** Where something was done from. */
export const AuditOrigin = Type.Object({
  /** Network address of the browser or program. */
  address: Type.Optional(Type.String()),
  /** Name of the API token. */
  token: Type.Optional(Type.String()),
  /** The window of the operator's panel, by its id. */
  panel: Type.Optional(Type.String()),
  /** The command line. */
  client: Type.Optional(Type.Enum(['cli'])),
})
export type AuditOrigin = Static<typeof AuditOrigin>

export const AuditEntry = Type.Object({
  /** Its place in the chain. */
  seq: Type.Integer(),
  id: Type.String(),
  at: When,
  who: Type.String(),
  whoId: Type.Optional(Type.String()),
  /** How they came in: session, token, panel, pin, editor, runtime, system, … */
  via: Type.String(),
  origin: Type.Optional(AuditOrigin),
  action: Type.String(),
  target: Type.Optional(Type.String()),
  detail: Type.Optional(Type.Unknown()),
  hash: Type.String(),
})
export type AuditEntry = Static<typeof AuditEntry>

/** Narrows what is listed or exported. */
const AuditFilter = {
  who: Type.Optional(Type.String({ maxLength: 80, description: 'Part of the name' })),
  action: Type.Optional(Type.String({ maxLength: 100, description: 'Part of the action' })),
  actions: Type.Optional(Type.String({ maxLength: 8000, description: 'Any of these actions, whole, with commas between them' })),
  target: Type.Optional(Type.String({ maxLength: 200, description: 'Part of the subject' })),
  /** Anywhere: person, action, subject, where from, details. */
  search: Type.Optional(Type.String({ maxLength: 100 })),
  from: Type.Optional(When),
  to: Type.Optional(When),
}
export const listAudit = route({
  id: 'listAudit',
  method: 'get',
  path: '/api/audit',
  access: 'audit.view',
  tag,
  summary: 'Who did what from where, newest first.',
  query: Type.Object({
    ...AuditFilter,
    /** Older than the entry at this place. */
    before: Type.Optional(Type.Integer({ minimum: 1 })),
    limit: Type.Integer({ minimum: 1, maximum: 500, default: 100 }),
  }),
  response: Type.Array(AuditEntry),
})
export const exportAudit = route({
  id: 'exportAudit',
  method: 'get',
  path: '/api/audit/export',
  access: 'audit.view',
  tag,
  rawResponse: true,
  summary: 'The audit log as a file, oldest first: JSON lines, with which the chain can be verified anywhere, or CSV.',
  query: Type.Object({ ...AuditFilter, format: Type.Enum(['jsonl', 'csv'], { default: 'jsonl' }) }),
  response: Type.Unknown(),
})

/** Where the chain ends. */
export const AuditHead = Type.Object({ seq: Type.Integer(), hash: Type.String(), signature: Type.Union([Type.String(), Type.Null()]) })
export type AuditHead = Static<typeof AuditHead>
/** What retention removed: the chain goes on behind `upTo`, from `hash`. */
export const AuditCheckpoint = Type.Object({
  upTo: Type.Integer(),
  hash: Type.String(),
  removed: Type.Integer(),
  firstAt: When,
  lastAt: When,
  by: Type.String(),
  byId: Type.Union([Type.String(), Type.Null()]),
  reason: Type.String(),
  at: When,
  signature: Type.String(),
})
export type AuditCheckpoint = Static<typeof AuditCheckpoint>

/** The first thing that is wrong with the chain. */
export const AuditBreak = Type.Object({
  kind: Type.Enum([
    'changed',
    'missing',
    'unlinked',
    'cut-off',
    'beyond-head',
    'rolled-back',
    'head-signature',
    'checkpoint-signature',
    'other-key',
    'repaired',
  ]),
  /** The first place in the chain that it concerns. */
  seq: Type.Integer(),
  id: Type.Optional(Type.String()),
  message: Type.String(),
  /** For the words of a page. */
  params: Type.Record(Type.String(), Type.Union([Type.String(), Type.Number()])),
})
export type AuditBreak = Static<typeof AuditBreak>
export const AuditVerdict = Type.Object({
  isWhole: Type.Boolean(),
  /** Absent where all is well. */
  problem: Type.Optional(AuditBreak),
  /** Entries looked at. */
  checked: Type.Integer(),
  first: Type.Optional(Type.Integer()),
  /** The end of the chain: note it down, and no later one can do without it. */
  last: Type.Optional(Type.Object({ seq: Type.Integer(), hash: Type.String() })),
  checkpoints: Type.Integer(),
  /** Of the key that signs. */
  fingerprint: Type.Optional(Type.String()),
  at: When,
})
export type AuditVerdict = Static<typeof AuditVerdict>

export const verifyAudit = route({
  id: 'verifyAudit',
  method: 'post',
  path: '/api/audit/verify',
  access: 'audit.view',
  tag,
  summary: 'Goes through the whole chain; says the first entry that is wrong, and what is wrong with it.',
  body: Type.Object(
    {
      /** An end of the chain that was noted down earlier: it still has to be in it. */
      expect: Type.Optional(Type.Object({ seq: Type.Integer({ minimum: 1 }), hash: Type.String({ pattern: '^[0-9a-f]{64}$' }) }, closed)),
    },
    { ...closed, default: {} },
  ),
  response: AuditVerdict,
})

const AgeDays = Type.Union([Type.Integer({ minimum: 30, maximum: 36_500 }), Type.Null()])
export const AuditState = Type.Object({
  entries: Type.Integer(),
  oldestAt: Type.Optional(When),
  head: Type.Object({ seq: Type.Integer(), hash: Type.String() }),
  fingerprint: Type.String(),
  /** Of this gateway, since it started. */
  lastVerdict: Type.Optional(AuditVerdict),
  checkpoints: Type.Array(AuditCheckpoint),
  /** Days; null: everything is kept. */
  maxAgeDays: AgeDays,
  setBy: Type.Optional(Type.String()),
  setAt: Type.Optional(When),
})
export type AuditState = Static<typeof AuditState>
export const getAuditState = route({
  id: 'getAuditState',
  method: 'get',
  path: '/api/audit/state',
  access: 'audit.view',
  tag,
  summary: 'How long the audit log is kept, where its chain ends, and what came of the last verification.',
  response: AuditState,
})
export const setAuditRetention = route({
  id: 'setAuditRetention',
  method: 'put',
  path: '/api/audit/retention',
  access: 'audit.keep',
  tag,
  summary: 'Says for how many days the audit log is kept; null keeps everything. What is older is removed, and a signed checkpoint stays in its place.',
  body: Type.Object({ maxAgeDays: AgeDays, ...ReasonField }, closed),
  response: AuditState,
})
