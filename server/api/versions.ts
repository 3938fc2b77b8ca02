/** Versions over the API: every deploy, panel change, template import and setting in one list. */
import { type Static, Type } from 'typebox'
import { route } from './route.ts'

const When = Type.String({ format: 'date-time' })
const tag = 'versions'

export const VERSION_KINDS = ['flow', 'panel', 'template', 'machine', 'connection', 'queue', 'trigger', 'flow-test', 'setting'] as const
export const VersionKind = Type.Enum([...VERSION_KINDS])
export type VersionKind = Static<typeof VersionKind>
/** Flows have versions of their own (flows.ts); the others are kept by `server/versions`. */
export type VersionedKind = Exclude<VersionKind, 'flow'>

const Label = Type.String({ maxLength: 60 })

/** Why somebody changes something: stands in its version. In the body of whatever route changes a thing that has versions. */
export const ReasonField = { reason: Type.Optional(Type.String({ maxLength: 500, description: 'Why, for the version of it' })) }

export const VersionEntry = Type.Object({
  id: Type.String(),
  kind: VersionKind,
  /** What it is a version of: `main` for the flows, else the panel, template, machine, setting, … */
  subject: Type.String(),
  /** Counted up for each subject. */
  number: Type.Integer(),
  /** In the words of whoever kept it; pages have their own for what they know. */
  title: Type.String(),
  author: Type.String(),
  at: When,
  reason: Type.Optional(Type.String()),
  label: Type.Optional(Type.String()),
  /** Of flows: how it came out. */
  state: Type.Optional(Type.Enum(['deployed', 'failed', 'restored'])),
  /** Of flows: why it failed, or was deployed without its tests. */
  text: Type.Optional(Type.String()),
  /** Of flows: who approved it, where that was asked for. */
  approvedBy: Type.Optional(Type.String()),
  /** Of flows. */
  changes: Type.Optional(Type.Object({ added: Type.Integer(), removed: Type.Integer(), changed: Type.Integer() })),
  /** The version whose content it has put back. */
  restoredFrom: Type.Optional(Type.String()),
  /** It is what counts now. */
  isCurrent: Type.Boolean(),
  /** Whoever asks may put it back. */
  mayRestore: Type.Boolean(),
})
export type VersionEntry = Static<typeof VersionEntry>

export const listHistory = route({
  id: 'listHistory',
  method: 'get',
  path: '/api/history',
  access: 'session',
  tag,
  summary: 'Every deploy, panel change, template import and change of a setting that you may see, newest first.',
  query: Type.Object({
    kind: Type.Optional(VersionKind),
    subject: Type.Optional(Type.String({ maxLength: 200 })),
    author: Type.Optional(Type.String({ maxLength: 80 })),
    /** In reason, label, author and title. */
    search: Type.Optional(Type.String({ maxLength: 100 })),
    labelled: Type.Optional(Type.Boolean()),
    /** Older than this version. */
    before: Type.Optional(Type.String({ maxLength: 100 })),
    limit: Type.Integer({ minimum: 1, maximum: 200, default: 50 }),
  }),
  response: Type.Array(VersionEntry),
  errors: ['version-not-found'],
})
const VersionParams = Type.Object({ versionId: Type.String({ maxLength: 100 }) })
export const getHistoryEntry = route({
  id: 'getHistoryEntry',
  method: 'get',
  path: '/api/history/:versionId',
  access: 'session',
  tag,
  summary: 'One version with its content, and that of the version before it.',
  params: VersionParams,
  response: Type.Object({
    version: VersionEntry,
    content: Type.Unknown(),
    before: Type.Optional(Type.Object({ id: Type.String(), number: Type.Integer(), content: Type.Unknown() })),
  }),
  errors: ['version-not-found'],
})
export const labelVersion = route({
  id: 'labelVersion',
  method: 'patch',
  path: '/api/history/:versionId',
  access: 'session',
  tag,
  summary: 'Gives a version a label, to find it again; an empty one takes it away. Takes the right to restore it.',
  params: VersionParams,
  body: Type.Object({ label: Label }, { additionalProperties: false }),
  response: VersionEntry,
  errors: ['version-not-found'],
})
export const restoreVersion = route({
  id: 'restoreVersion',
  method: 'post',
  path: '/api/history/:versionId/restore',
  access: 'session',
  tag,
  summary: 'Puts an older content back, as a new version and by the same checks as any change of it.',
  params: VersionParams,
  body: Type.Object({ reason: Type.Optional(Type.String({ maxLength: 500 })) }, { additionalProperties: false, default: {} }),
  response: Type.Object({ ok: Type.Literal(true) }),
  errors: ['version-not-found', 'version-current', 'version-not-restorable', 'version-removed', 'change-requested'],
})
