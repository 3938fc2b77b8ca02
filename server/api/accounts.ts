/** Sessions of people, links by which they choose a password, their removal, and the roles that a shop makes. Browser-safe. */
import { type Static, Type } from 'typebox'
import { CAPABILITIES, type Capability, ROLE_NAMES, type Role, RoleId } from './access.ts'
import { ApiToken, Password } from './people.ts'
import { route } from './route.ts'

const When = Type.String({ format: 'date-time' })
const Done = Type.Object({ ok: Type.Literal(true) })
const tag = 'people'
const UserParams = Type.Object({ userId: Type.String({ maxLength: 100 }) })
export const SessionParams = Type.Object({ sessionId: Type.String({ maxLength: 100 }) })

/** A browser in which somebody is signed in. */
export const SessionView = Type.Object({
  id: Type.String(),
  /** What the browser says of itself (User-Agent); absent before it was seen. */
  agent: Type.Optional(Type.String()),
  address: Type.Optional(Type.String()),
  /** A PIN or a badge opens no more than the operator's rights. */
  method: Type.String(),
  since: When,
  /** Exact to a minute. */
  lastSeenAt: Type.Optional(When),
  endsAt: When,
  /** The one that asks. */
  isCurrent: Type.Boolean(),
  /** They have left the panel. */
  isLocked: Type.Boolean(),
})
export type SessionView = Static<typeof SessionView>

export const listSessions = route({
  id: 'listSessions',
  method: 'get',
  path: '/api/accounts/:userId/sessions',
  access: 'accounts.manage',
  tag,
  summary: 'Where a person is signed in.',
  params: UserParams,
  response: Type.Array(SessionView),
  errors: ['account-not-found'],
})
export const endSessions = route({
  id: 'endSessions',
  method: 'delete',
  path: '/api/accounts/:userId/sessions',
  access: 'accounts.manage',
  tag,
  summary: 'Signs a person out everywhere, at once.',
  params: UserParams,
  response: Type.Object({ ended: Type.Integer() }),
  errors: ['account-not-found', 'person-has-more'],
})
export const endSession = route({
  id: 'endSession',
  method: 'delete',
  path: '/api/accounts/:userId/sessions/:sessionId',
  access: 'accounts.manage',
  tag,
  summary: 'Ends one session of a person, at once.',
  params: Type.Object({ ...UserParams.properties, ...SessionParams.properties }),
  response: Done,
  errors: ['account-not-found', 'session-not-found', 'person-has-more'],
})

export const listTokensOf = route({
  id: 'listTokensOf',
  method: 'get',
  path: '/api/accounts/:userId/tokens',
  access: 'accounts.manage',
  tag,
  summary: 'The API tokens of a person that count, never their text.',
  params: UserParams,
  response: Type.Array(ApiToken),
  errors: ['account-not-found'],
})
export const revokeTokenOf = route({
  id: 'revokeTokenOf',
  method: 'delete',
  path: '/api/accounts/:userId/tokens/:tokenId',
  access: 'accounts.manage',
  tag,
  summary: 'Revokes an API token of a person, at once.',
  params: Type.Object({ ...UserParams.properties, tokenId: Type.String({ maxLength: 100 }) }),
  response: Done,
  errors: ['account-not-found', 'token-not-found', 'person-has-more'],
})

export const makePasswordLink = route({
  id: 'makePasswordLink',
  method: 'post',
  path: '/api/accounts/:userId/password-link',
  access: 'accounts.manage',
  tag,
  summary: 'Makes a link by which a person chooses a password, once and within three days. The password they had counts no more, and their sessions end.',
  params: UserParams,
  response: Type.Object({
    /** Shown this once. The part behind `#` reaches no log. */
    path: Type.String(),
    endsAt: When,
  }),
  status: 201,
  errors: ['account-not-found', 'own-account', 'person-has-more', 'last-admin'],
})
const Code = Type.String({ minLength: 20, maxLength: 100 })
export const lookAtPasswordLink = route({
  id: 'lookAtPasswordLink',
  method: 'post',
  path: '/api/auth/password-link',
  access: 'public',
  tag,
  summary: 'Whose link it is.',
  body: Type.Object({ code: Code }, { additionalProperties: false }),
  response: Type.Object({ userName: Type.String(), name: Type.String() }),
  errors: ['link-invalid'],
})
export const usePasswordLink = route({
  id: 'usePasswordLink',
  method: 'post',
  path: '/api/auth/password-link/use',
  access: 'public',
  tag,
  summary: 'Chooses a password by a link, which then counts no more.',
  body: Type.Object({ code: Code, password: Password }, { additionalProperties: false }),
  response: Type.Object({ userName: Type.String() }),
  errors: ['link-invalid'],
})

export const removeAccount = route({
  id: 'removeAccount',
  method: 'delete',
  path: '/api/accounts/:userId',
  access: 'accounts.manage',
  tag,
  summary:
    'Removes a person. Somebody who has never done anything is removed wholly; of others everything about them goes, and what they have done keeps its number. The audit log and the history keep the names of their time.',
  params: UserParams,
  response: Type.Object({ removed: Type.Enum(['wholly', 'made-anonymous']) }),
  errors: ['account-not-found', 'own-account', 'last-admin', 'person-has-more'],
})

const CapabilityName = Type.Unsafe<Capability>({ type: 'string', enum: Object.keys(CAPABILITIES) })
export const RoleView = Type.Object({
  id: RoleId,
  /** Of ours: the id. */
  name: Type.String(),
  isOurs: Type.Boolean(),
  /** The role of ours whose operator panels it gets. */
  basedOn: Type.Unsafe<Role>({ type: 'string', enum: ROLE_NAMES }),
  capabilities: Type.Array(CapabilityName),
  by: Type.Optional(Type.String()),
  at: Type.Optional(When),
})
export type RoleView = Static<typeof RoleView>
const RoleBody = Type.Object(
  {
    name: Type.String({ minLength: 1, maxLength: 60, pattern: '^[^\\u0000-\\u001f\\u007f]*\\S[^\\u0000-\\u001f\\u007f]*$' }),
    basedOn: Type.Unsafe<Role>({ type: 'string', enum: ROLE_NAMES }),
    capabilities: Type.Array(CapabilityName, { maxItems: 100, uniqueItems: true }),
  },
  { additionalProperties: false },
)
const RoleParams = Type.Object({ roleId: RoleId })

export const listRoles = route({
  id: 'listRoles',
  method: 'get',
  path: '/api/roles',
  access: 'session',
  tag,
  summary: 'The roles there are, ours and those of the shop, and what each may do.',
  response: Type.Array(RoleView),
})
export const addRole = route({
  id: 'addRole',
  method: 'post',
  path: '/api/roles',
  access: 'accounts.manage',
  tag,
  summary: 'Makes a role. It never lets people do what its maker may not.',
  body: RoleBody,
  response: RoleView,
  status: 201,
  errors: ['role-too-wide', 'role-name-taken'],
})
export const changeRole = route({
  id: 'changeRole',
  method: 'put',
  path: '/api/roles/:roleId',
  access: 'accounts.manage',
  tag,
  summary: 'Changes a role of the shop. It counts at once, for everybody who is signed in too.',
  params: RoleParams,
  body: RoleBody,
  response: RoleView,
  errors: ['role-not-found', 'role-too-wide', 'role-name-taken'],
})
export const removeRole = route({
  id: 'removeRole',
  method: 'delete',
  path: '/api/roles/:roleId',
  access: 'accounts.manage',
  tag,
  summary: 'Removes a role that nobody and no token has.',
  params: RoleParams,
  response: Done,
  errors: ['role-not-found', 'role-in-use', 'role-too-wide'],
})
