/** Working together on flows: drafts that do not run, who else is here, the deploy that is under way. Browser-safe. */
import { type Static, Type } from 'typebox'
import { FlowTestOutcome } from './flow-tests.ts'
import { FlowNode } from './flows.ts'
import { route } from './route.ts'

const When = Type.String({ format: 'date-time' })
const NodeId = Type.String({ minLength: 1, maxLength: 100 })
const tag = 'flows'

/** What the flows of a draft are next to the version that it began from. */
export const FlowChanges = Type.Object(
  {
    /** New and changed objects. */
    put: Type.Array(FlowNode, { maxItems: 50_000 }),
    removed: Type.Array(NodeId, { maxItems: 50_000 }),
    /** Every id in its order, where that is another one than the base's with what is new at the end. */
    order: Type.Optional(Type.Array(NodeId, { maxItems: 50_000 })),
  },
  { additionalProperties: false },
)
export type FlowChanges = Static<typeof FlowChanges>

/** The version a draft began from; no version: no flows at all. */
const DraftBase = Type.Object(
  { rev: Type.String({ maxLength: 100 }), versionId: Type.Optional(Type.String({ maxLength: 100 })) },
  { additionalProperties: false },
)

export const FlowDraft = Type.Object({
  base: DraftBase,
  changes: FlowChanges,
  /** Grows with every save. */
  revision: Type.Integer({ minimum: 1 }),
  at: When,
})
export type FlowDraft = Static<typeof FlowDraft>
export const getDraft = route({
  id: 'getDraft',
  method: 'get',
  path: '/api/flows/draft',
  access: 'flows.deploy',
  tag,
  summary: 'What the caller has drawn and not deployed; null when there is nothing.',
  response: Type.Object({ draft: Type.Union([FlowDraft, Type.Null()]) }),
})
export const saveDraft = route({
  id: 'saveDraft',
  method: 'put',
  path: '/api/flows/draft',
  access: 'flows.deploy',
  tag,
  maxBodyBytes: 20_000_000,
  summary: 'Keeps what the caller has drawn. It does not run. Passwords in it are left out.',
  body: Type.Object(
    {
      base: DraftBase,
      changes: FlowChanges,
      /** The revision that this one follows, 0 for the first: another window of the same person is not written over. */
      after: Type.Integer({ minimum: 0 }),
    },
    { additionalProperties: false },
  ),
  response: Type.Object({ revision: Type.Integer(), at: When }),
  errors: ['draft-stale'],
})
export const dropDraft = route({
  id: 'dropDraft',
  method: 'delete',
  path: '/api/flows/draft',
  access: 'flows.deploy',
  tag,
  summary: 'Forgets what the caller has drawn, unless it was saved again since `after`.',
  query: Type.Object({ after: Type.Integer({ minimum: 0 }) }),
  response: Type.Object({}),
  errors: ['draft-stale'],
})

/** Somebody who has the designer open, once for every window. */
export const Present = Type.Object({
  client: Type.String(),
  name: Type.String(),
  userId: Type.String(),
  /** The tab or subflow that is shown. */
  place: Type.Optional(NodeId),
  /** What is selected. */
  nodes: Type.Array(NodeId),
  /** Whose form is open. */
  editing: Type.Optional(NodeId),
  /** What is changed and not deployed; of many the first. */
  changed: Type.Array(NodeId),
  /** How much is changed in all. */
  changes: Type.Integer(),
  since: When,
})
export type Present = Static<typeof Present>
const Client = Type.String({ pattern: '^[0-9a-f]{16,64}$' })
/** How often a window says that it is still there, and when it counts as gone. */
export const PRESENCE_EVERY_MS = 10_000
export const PRESENCE_GONE_MS = 25_000
export const PRESENCE_MAX_CHANGED = 500
export const tellPresence = route({
  id: 'tellPresence',
  method: 'put',
  path: '/api/flows/presence/:client',
  access: 'flows.view',
  tag,
  summary: 'Tells the others what one looks at and works on; to be said again every ten seconds.',
  params: Type.Object({ client: Client }),
  body: Type.Object(
    {
      place: Type.Optional(NodeId),
      nodes: Type.Array(NodeId, { maxItems: 100 }),
      editing: Type.Optional(NodeId),
      changed: Type.Array(NodeId, { maxItems: PRESENCE_MAX_CHANGED }),
      changes: Type.Integer({ minimum: 0 }),
    },
    { additionalProperties: false },
  ),
  response: Type.Object({}),
})
export const leavePresence = route({
  id: 'leavePresence',
  method: 'delete',
  path: '/api/flows/presence/:client',
  access: 'flows.view',
  tag,
  summary: 'Tells the others that one is gone.',
  params: Type.Object({ client: Client }),
  response: Type.Object({}),
})

/** How far a deploy is. `waiting`: another one is before it; `testing`: the flow tests run that have to pass; `undoing`: it did not start, what ran before is put back. */
export const DeployStage = Type.Enum(['waiting', 'checking', 'testing', 'saving', 'starting', 'running', 'refused', 'undoing', 'undone'])
export type DeployStage = Static<typeof DeployStage>
export const DeployProgress = Type.Object({
  id: Type.String(),
  by: Type.String(),
  kind: Type.String(),
  stage: DeployStage,
  nodes: Type.Integer(),
  startedAt: When,
  /** When the stage began. */
  at: When,
  comment: Type.Optional(Type.String()),
  /** Why it was refused or undone. */
  text: Type.Optional(Type.String()),
  /** How the tests stand, while they run and after. */
  tests: Type.Optional(Type.Array(FlowTestOutcome)),
})
export type DeployProgress = Static<typeof DeployProgress>
