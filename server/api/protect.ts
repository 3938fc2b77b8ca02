/** Flows whose changes take a second person, and the changes that wait for one. */
import { type Static, Type } from 'typebox'
import { Flows } from './flows.ts'
import { route } from './route.ts'

const When = Type.String({ format: 'date-time' })
const tag = 'flows'
const closed = { additionalProperties: false }
const Why = Type.String({ minLength: 3, maxLength: 500 })

export const FlowProtection = Type.Object({
  /** A flow's tab, or a subflow. */
  flowId: Type.String(),
  name: Type.String(),
  by: Type.String(),
  at: When,
  /** False: the flow was removed since. */
  isThere: Type.Boolean(),
})
export type FlowProtection = Static<typeof FlowProtection>

export const ChangeRequest = Type.Object({
  id: Type.String(),
  /** `unprotect`: that a flow is not protected any more takes two as well. */
  kind: Type.Enum(['deploy', 'unprotect']),
  /** `failed`: approved, and did not start; what ran before runs again. `replaced`: its author asked for another one. */
  state: Type.Enum(['open', 'approved', 'deployed', 'refused', 'withdrawn', 'replaced', 'failed']),
  author: Type.String(),
  at: When,
  reason: Type.Optional(Type.String()),
  /** The protected flows that it changes. */
  flows: Type.Array(Type.Object({ id: Type.String(), name: Type.String() })),
  changes: Type.Object({ added: Type.Integer(), removed: Type.Integer(), changed: Type.Integer() }),
  hasCredentials: Type.Boolean(),
  /** The flows have changed since it was asked for: it cannot be approved any more, its author has to ask again. */
  isStale: Type.Boolean(),
  /** Why its tests do not have to pass. */
  untested: Type.Optional(Type.String()),
  decidedBy: Type.Optional(Type.String()),
  decidedAt: Type.Optional(When),
  decidedWhy: Type.Optional(Type.String()),
  versionId: Type.Optional(Type.String()),
  /** Whoever asks is its author. */
  isOwn: Type.Boolean(),
  /** Why whoever asks may not decide; absent where they may. */
  mayNot: Type.Optional(Type.Enum(['decided', 'own', 'right', 'in-person', 'stale'])),
})
export type ChangeRequest = Static<typeof ChangeRequest>

const FlowParams = Type.Object({ flowId: Type.String({ maxLength: 100 }) })
export const listProtected = route({
  id: 'listProtected',
  method: 'get',
  path: '/api/flow-protection',
  access: 'flows.view',
  tag,
  summary: 'Flows whose changes take a second person.',
  response: Type.Array(FlowProtection),
})
export const protectFlow = route({
  id: 'protectFlow',
  method: 'put',
  path: '/api/flow-protection/:flowId',
  access: 'flows.protect',
  tag,
  summary: 'Protects a flow or subflow: from now on a deploy that changes it waits for a second person.',
  params: FlowParams,
  response: FlowProtection,
  errors: ['flow-not-found'],
})
export const unprotectFlow = route({
  id: 'unprotectFlow',
  method: 'post',
  path: '/api/flow-protection/:flowId/end',
  access: 'flows.protect',
  tag,
  summary: 'Asks that a flow is not protected any more; a second person has to approve.',
  params: FlowParams,
  body: Type.Object({ reason: Why }, closed),
  response: ChangeRequest,
  errors: ['flow-not-protected', 'request-needs-person'],
})

const RequestParams = Type.Object({ requestId: Type.String({ maxLength: 100 }) })
export const listChangeRequests = route({
  id: 'listChangeRequests',
  method: 'get',
  path: '/api/change-requests',
  access: 'flows.view',
  tag,
  summary: 'Changes of protected flows that people asked for, newest first.',
  query: Type.Object({ state: Type.Optional(Type.Enum(['open', 'decided'])), limit: Type.Integer({ minimum: 1, maximum: 200, default: 50 }) }),
  response: Type.Array(ChangeRequest),
})
export const getChangeRequest = route({
  id: 'getChangeRequest',
  method: 'get',
  path: '/api/change-requests/:requestId',
  access: 'flows.view',
  tag,
  summary: 'One request, the flows as they would be deployed, and those it began from. `hash` is to be given with the approval.',
  params: RequestParams,
  response: Type.Object({ request: ChangeRequest, hash: Type.Optional(Type.String()), flows: Flows, base: Flows }),
  errors: ['request-not-found'],
})
const decisionErrors = ['request-not-found', 'request-decided', 'own-request', 'approve-in-person'] as const
export const approveChange = route({
  id: 'approveChange',
  method: 'post',
  path: '/api/change-requests/:requestId/approve',
  access: 'flows.approve',
  tag,
  summary: 'Approves what somebody else asked for, and deploys just that. Only somebody who is signed in themselves may; never its author.',
  params: RequestParams,
  body: Type.Object({ hash: Type.Optional(Type.String({ maxLength: 64 })), comment: Type.Optional(Type.String({ maxLength: 500 })) }, closed),
  response: ChangeRequest,
  errors: [...decisionErrors, 'request-stale', 'request-changed', 'deploy-failed', 'flow-tests-failed', 'node-type-not-allowed'],
})
export const refuseChange = route({
  id: 'refuseChange',
  method: 'post',
  path: '/api/change-requests/:requestId/refuse',
  access: 'flows.approve',
  tag,
  summary: 'Refuses what somebody else asked for, and says why.',
  params: RequestParams,
  body: Type.Object({ reason: Why }, closed),
  response: ChangeRequest,
  errors: [...decisionErrors],
})
export const withdrawChange = route({
  id: 'withdrawChange',
  method: 'post',
  path: '/api/change-requests/:requestId/withdraw',
  access: 'flows.view',
  tag,
  summary: 'Takes back what one asked for oneself.',
  params: RequestParams,
  response: ChangeRequest,
  errors: ['request-not-found', 'request-decided', 'not-own-request'],
})
